"""Checking a whole file at once, for the command line; `fttui.checks.live` is for a file that is being edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fttui.checks.gathering import Gathering
from fttui.checks.model import Issue, Target
from fttui.checks.report import Report, as_issues
from fttui.checks.rows import check_block, kind_of_lines
from fttui.checks.targets import DEFAULT
from fttui.core.errors import FttuiError
from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.reader import FileReader
from fttui.formats.kinds import Kind
from fttui.formats.lines import BOM
from fttui.tokens.rows import lines_starting_in

BLOCK: Final = 1 << 20
"""Bytes that are checked between two looks at whether to stop."""
_HEAD: Final = 4 << 20
"""Bytes in which the records are looked for that tell the kind of a file."""

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
    gathering = Gathering(options.kind or kind_of_lines(bare), options.targets, options.keep)
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
        on_issues: Called with issues of lines that were just found, in the file's order, as long as they are kept.
        cancel: Asked now and then whether to stop.

    Raises:
        InputError: The file cannot be read.
        CheckCancelled: ``cancel`` said so.
    """
    whole = open_whole(path, cancel or (lambda: False))
    if not whole.is_full:
        raise CheckCancelled("Checking was cancelled.")
    file = whole.for_processes()
    try:
        return _check_here(file, options, on_progress, on_issues, cancel)
    except OSError as error:
        raise reading_failed(path, error) from error


def _check_here(
    file: FileReader,
    options: Options,
    on_progress: OnProgress | None,
    on_issues: OnIssues | None,
    cancel: Callable[[], bool] | None,
) -> Report:
    size = file.size
    has_bom = file.read(0, len(BOM)) == BOM
    gathering = Gathering(_kind_of(file, options), options.targets, options.keep)
    for start in range(0, size, BLOCK):
        if cancel is not None and cancel():
            raise CheckCancelled("Checking was cancelled.")
        end = min(start + BLOCK, size)
        lines = lines_starting_in(file, start, end)
        if not start and has_bom and lines:
            lines[0] = lines[0].removeprefix(BOM)
        new = gathering.take(check_block(lines, gathering.look, begins_file=not start, ends_file=end == size))
        if on_issues is not None and new:
            on_issues([issue for placed in new for issue in as_issues(placed, options.targets)])
        if on_progress is not None:
            on_progress(end, size)
    return gathering.report(file.path, size, has_bom=has_bom)


def _kind_of(file: FileReader, options: Options) -> Kind:
    return options.kind or kind_of_lines(lines_starting_in(file, 0, min(_HEAD, file.size)))
