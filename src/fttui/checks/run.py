"""Checking a whole file at once, for the command line; `fttui.checks.live.live` is for a file that is being edited."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from fttui.checks.gathering import Gathering
from fttui.checks.model import Issue, Target
from fttui.checks.pool import CheckingPool
from fttui.checks.report import Report
from fttui.checks.rows import BlockChecks, check_block, kind_of_lines
from fttui.checks.targets import DEFAULT
from fttui.checks.whole.file_marks import as_issues
from fttui.checks.worker import Block, check_in
from fttui.core.errors import FttuiError
from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.in_order import InOrder
from fttui.dataset.reader import FileReader
from fttui.formats.kinds import Kind
from fttui.formats.lines import BOM
from fttui.tokens.rows import lines_starting_in

PROCESSES: Final = 2
BLOCK: Final = 1 << 20
"""Bytes of one request: about 20 ms."""
HEAD: Final = 4 << 20
"""Bytes in which the records are looked for that tell the kind of a file."""
_FIRST_BLOCK: Final = 64 << 10
_SMALL: Final = 4 << 20
"""Files up to this size are checked sooner than a process starts."""
_LOOK_S: Final = 0.1

OnProgress = Callable[[int, int], None]
OnIssues = Callable[[list[Issue]], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What to check for.

    Attributes:
        targets: For whom issues are told; the rules of all targets are looked at in any case.
        kind: What the records are meant to be; None: what most of the first ones are.
        model: The model whose limit counts; None: the one that each target names.
        keep: Issues of each rule that are kept with their words; all are counted.
    """

    targets: tuple[Target, ...] = (DEFAULT,)
    kind: Kind | None = None
    model: str | None = None
    keep: int = 1000


class CheckCancelled(FttuiError):
    """Checking was stopped because it was asked to."""

    exit_code = 130


def check_lines(lines: Sequence[bytes], options: Options) -> Report:
    """Check lines, with or without their line feeds, as if they were a file."""
    size = sum(map(len, lines))
    bare = [line.removesuffix(b"\n") for line in lines]
    has_bom = bool(bare) and bare[0].startswith(BOM)
    if has_bom:
        bare[0] = bare[0].removeprefix(BOM)
    gathering = Gathering(options.kind or kind_of_lines(bare), options.targets, options.keep, options.model)
    gathering.take(check_block(bare, gathering.look, begins_file=True, ends_file=True))
    return gathering.report(None, size, has_bom=has_bom)


def check_file(
    path: Path,
    options: Options,
    *,
    on_progress: OnProgress | None = None,
    on_issues: OnIssues | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Report:
    """Check every line of ``path``, also of a compressed file.

    Args:
        path: The file.
        options: What to check for.
        on_progress: Called with the bytes done and the bytes of the file.
        on_issues: Called with issues of lines that were just found, in the file's order, as long as they are kept;
            later where what was read does not look like JSON lines.
        cancel: Asked now and then whether to stop.

    Raises:
        InputError: The file cannot be read.
        CheckCancelled: ``cancel`` said so.
    """
    whole = open_whole(path, cancel or (lambda: False))
    if not whole.is_full:
        raise _cancelled()
    file = whole.for_processes()
    run = _Run(file, options, on_progress, on_issues, cancel or (lambda: False))
    try:
        report = run.here() if file.size <= _SMALL else run.in_processes()
    except BrokenPipeError:
        raise  # of whoever prints the issues: nobody reads them any more
    except OSError as error:
        raise reading_failed(path, error) from error
    return replace(report, path=path)


class _Run:
    """One check of a file."""

    def __init__(
        self,
        file: FileReader,
        options: Options,
        on_progress: OnProgress | None,
        on_issues: OnIssues | None,
        cancel: Callable[[], bool],
    ) -> None:
        self._file = file
        self._size = file.size
        self._targets = options.targets
        self._on_progress = on_progress
        self._on_issues = on_issues
        self._cancel = cancel
        self._untold: list[Issue] = []
        self._has_bom = file.read(0, len(BOM)) == BOM
        self._blocks = list(blocks_of(self._size))
        kind = options.kind or kind_of_lines(lines_starting_in(file, 0, min(HEAD, self._size)))
        self._gathering = Gathering(kind, options.targets, options.keep, options.model)

    def here(self) -> Report:
        """Check in this process."""
        for block in self._blocks:
            self._look_up(block.start)
            self._take(check_in(self._file, block, self._gathering.look))
        return self._report()

    def in_processes(self) -> Report:
        """Check in two other processes, which are gone when this returns."""
        answers: SimpleQueue[tuple[int, BlockChecks | FttuiError]] = SimpleQueue()
        pool = CheckingPool(self._file, lambda: self._gathering.look, processes=PROCESSES, in_background=False)
        in_order = InOrder[BlockChecks]()
        in_order.expect(len(self._blocks))
        done = 0
        try:
            for number, block in enumerate(self._blocks):
                pool.submit(block, partial(_put, answers, number))
            while not in_order.are_all_taken:
                self._look_up(done)
                try:
                    number, answer = answers.get(timeout=_LOOK_S)
                except Empty:
                    continue
                if isinstance(answer, FttuiError):
                    raise answer
                done += self._blocks[number].end - self._blocks[number].start
                for checks in in_order.in_order(number, answer):
                    self._take(checks)
        finally:
            pool.close()
        return self._report()

    def _look_up(self, done: int) -> None:
        """Tell how far it is, and stop if somebody wants that."""
        if self._cancel():
            raise _cancelled()
        if self._on_progress is not None:
            self._on_progress(done, self._size)

    def _take(self, block: BlockChecks) -> None:
        new = self._gathering.take(block)
        if self._on_issues is not None:
            self._untold += (issue for placed in new for issue in as_issues(placed, self._targets))
            if self._untold and self._gathering.looks_like_lines:
                self._on_issues(self._untold)
                self._untold = []

    def _report(self) -> Report:
        self._look_up(self._size)
        report = self._gathering.report(None, self._size, has_bom=self._has_bom)
        left = [issue for issue in self._untold if issue.rule not in report.file_marks.hidden]
        if self._on_issues is not None and left:
            self._on_issues(left)
        return report


def blocks_of(size: int) -> Iterator[Block]:
    """The blocks of a file of ``size`` bytes, in order: the first ones are small, so that first issues come soon."""
    start = 0
    length = _FIRST_BLOCK
    while start < size:
        end = min(start + length, size)
        yield Block(start, end, size)
        start, length = end, min(2 * length, BLOCK)


def _put(
    answers: SimpleQueue[tuple[int, BlockChecks | FttuiError]], number: int, answer: BlockChecks | FttuiError
) -> None:
    answers.put((number, answer))


def _cancelled() -> CheckCancelled:
    return CheckCancelled("Checking was cancelled.")
