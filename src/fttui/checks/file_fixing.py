"""Mending a whole file: line by line, what needs no fix byte for byte, checked anew until nothing is left to mend."""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from fttui.checks.fixing import fix_line, is_wanted
from fttui.checks.report import Report
from fttui.checks.run import CheckCancelled, OnProgress, Options, check_file
from fttui.checks.table import FilePlan, file_fixes, record_fixes, rules
from fttui.core.atomic import write_atomic
from fttui.core.errors import InputError
from fttui.core.paths import cache_dir, make
from fttui.dataset.errors import name_of, reading_failed, saving_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.packed import packed_for
from fttui.dataset.reader import FileReader, stamp_of
from fttui.dataset.style import FileStyle
from fttui.formats.lines import BOM, parse_exact
from fttui.formats.style import JsonStyle, dump_line, style_of

MOST_PASSES: Final = 20
"""How often a file is gone through; a usual one needs one pass, and one more for each fix of all its records."""
_READ: Final = 4 << 20
_SAMPLE: Final = 256 << 10
"""Bytes from which the style of the file's JSON is learnt."""
_LOOK_EVERY: Final = 1024
"""Lines between two looks at whether to stop."""

Edit = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be mended: the rules (None: all), and whether fixes go too that are only recommended."""

    only: Collection[str] | None = None
    recommended: bool = True

    def has(self, rule: str) -> bool:
        """Whether the fix of a rule is wanted, and there is one."""
        return is_wanted(rules()[rule], self.only, self.recommended)


@dataclass(slots=True)
class Mended:
    """A mended file, not in its place yet.

    Attributes:
        file: What it holds: a temporary file; the original where nothing was mended.
        report: What is found in it.
        fixed: How often each rule was mended.
        kept: For each line, the row of the original that it was.
        lines: Lines of the original.
    """

    file: Path
    report: Report
    kept: array[int]
    lines: int
    fixed: Counter[str] = field(default_factory=Counter)

    @property
    def deleted(self) -> int:
        """Lines of the original that are gone."""
        return self.lines - len(self.kept)


@dataclass(frozen=True, slots=True)
class FixReport:
    """What became of a file.

    Attributes:
        path: What was written; None when nothing was.
        fixed: How often each rule was mended.
        deleted: Lines that are gone.
        written: Lines that were written.
        report: What is found in what was written.
    """

    path: Path | None
    fixed: dict[str, int]
    deleted: int
    written: int
    report: Report


def fix_file(
    path: Path,
    out: Path,
    options: Options,
    only: Collection[str] | None = None,
    recommended: bool = True,
    *,
    report: Report | None = None,
    copies: bool = True,
    on_progress: OnProgress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> FixReport:
    """Write the mended ``path`` to ``out``, all or nothing, compressed as its name says; both may be the same file.

    Args:
        path: The file, which may be compressed.
        out: Where to write.
        options: For whom it is to be right.
        only: The rules to mend; None: all that have a fix.
        recommended: Whether fixes go too that are only good to have.
        report: What was found in ``path``, where that is known.
        copies: Whether ``out`` is written where there is nothing to mend.
        on_progress: Called with the bytes done and the bytes of one pass.
        cancel: Asked now and then whether to stop.

    Raises:
        InputError: The file cannot be read, or ``out`` not be written, or ``path`` changed while it was mended.
        CheckCancelled: ``cancel`` said so; nothing was written.
    """
    before = stamp_of(path)
    with mended(path, options, Wanted(only, recommended), report=report, on_progress=on_progress, cancel=cancel) as new:
        if not (new.fixed or copies):
            return FixReport(None, {}, 0, 0, new.report)
        if stamp_of(path) != before:
            raise _changed(path)
        try:
            write_atomic(out, packed_for(out, _chunks(open_whole(new.file))))
        except OSError as error:
            raise saving_failed(out, error) from error
        return FixReport(out, dict(new.fixed), new.deleted, len(new.kept), new.report)


@contextmanager
def mended(
    path: Path,
    options: Options,
    wanted: Wanted,
    *,
    report: Report | None = None,
    on_progress: OnProgress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Iterator[Mended]:
    """The mended file as long as the block runs; arguments and errors as `fix_file`."""
    report = report or check_file(path, options, on_progress=on_progress, cancel=cancel)
    options = Options(options.targets, report.kind, options.model, options.keep)  # mended records may look like others
    state = Mended(path, report, array("Q", range(report.lines)), report.lines)
    useless: set[str] = set()
    with tempfile.TemporaryDirectory(dir=make(cache_dir()), ignore_cleanup_errors=True) as folder:
        for number in range(MOST_PASSES):
            step = _next_pass(state.report, wanted, useless)
            if step is None:
                break
            file = Path(folder) / f"{number}.jsonl"
            fixed = _Writer(state, step, wanted, on_progress, cancel).write(file)
            useless.update(step.rules - fixed.keys())
            if not fixed:
                continue
            if state.file != path:
                state.file.unlink()
            state.file = file
            state.fixed += fixed
            state.report = check_file(file, options, on_progress=on_progress, cancel=cancel)
        yield state


@dataclass(slots=True)
class _Pass:
    """What is mended in one go through the file.

    Attributes:
        records: Rules that are mended in a record, or in its line.
        rows: For each row whether it breaks one of them.
        plans: What the rules about the whole file have done.
        edit: The rule whose plan changes every record: one at a time, for the next one looks at what the last one did.
    """

    records: frozenset[str]
    rows: bytearray
    plans: dict[str, FilePlan]
    edit: str | None

    @property
    def rules(self) -> frozenset[str]:
        """All that it mends."""
        return self.records.union(self.plans)


def _next_pass(report: Report, wanted: Wanted, useless: Collection[str]) -> _Pass | None:
    """First what is mended in records, with what is deleted; then, one after the other, what changes all of them."""
    names = [rule for rule in report.counts if rule not in useless and wanted.has(rule)]
    records = frozenset(name for name in names if name in record_fixes())
    plans = {name: file_fixes()[name](report.facts, report.targets) for name in names if name in file_fixes()}
    edits = [name for name, plan in plans.items() if plan.edit is not None]
    edit = edits[0] if edits and not records else None
    plans = {name: plan for name, plan in plans.items() if plan.edit is None or name == edit}
    if not records and not plans:
        return None
    rows = bytearray(report.lines)
    for name in records:
        for row in report.rows_of(name):
            rows[row] = 1
    return _Pass(records, rows, plans, edit)


class _Writer:
    """Writes one pass."""

    def __init__(
        self,
        state: Mended,
        step: _Pass,
        wanted: Wanted,
        on_progress: OnProgress | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self._state = state
        self._step = step
        self._wanted = wanted
        self._on_progress = on_progress
        self._cancel = cancel
        self._fixed: Counter[str] = Counter()
        self._plans = tuple(step.plans)
        self._gone = bytearray(state.report.lines)  # for each row 0, or the number of the plan by which it goes
        for number, name in enumerate(self._plans, 1):
            for row in step.plans[name].delete:
                self._gone[row] = number

    def write(self, file: Path) -> Counter[str]:
        """Write the lines to ``file``; how often each rule was mended. The state's rows follow."""
        reader = open_whole(self._state.file)
        try:
            with file.open("wb", buffering=1 << 20) as out:
                self._write(reader, out)
        except OSError as error:
            raise reading_failed(self._state.file, error) from error
        return +self._fixed

    def _write(self, reader: FileReader, out: BinaryIO) -> None:
        if reader.size != self._state.report.facts.size:
            raise _changed(self._state.file)
        start = self._write_bom(reader, out)
        style = FileStyle(lambda: reader.read(start, _SAMPLE).splitlines()).of_file()
        edit = self._step.plans[self._step.edit].edit if self._step.edit else None
        rows = array("Q")
        position = start
        for row, line in enumerate(lines_of(reader, start)):
            position += len(line)
            if not row % _LOOK_EVERY:
                self._look_up(position, reader.size)
            if self._gone[row]:
                self._fixed[self._plans[self._gone[row] - 1]] += 1
                continue
            if self._step.rows[row]:
                line = self._fixed_line(line, row, style)
            if edit is not None:
                line = self._edited(line, edit, style)
            out.write(line)
            rows.append(self._state.kept[row])
        if self._fixed:
            self._state.kept = rows

    def _write_bom(self, reader: FileReader, out: BinaryIO) -> int:
        """Write the byte order mark that is wanted; where the lines begin that are read."""
        has_bom = reader.read(0, len(BOM)) == BOM
        wanted = has_bom
        for name, plan in self._step.plans.items():
            if plan.bom is not None and plan.bom != wanted:
                wanted = plan.bom
                self._fixed[name] += 1
        out.write(BOM if wanted else b"")
        return len(BOM) if has_bom else 0

    def _look_up(self, done: int, size: int) -> None:
        if self._cancel is not None and self._cancel():
            raise CheckCancelled("Mending was cancelled; nothing was written.")
        if self._on_progress is not None:
            self._on_progress(done, size)

    def _fixed_line(self, line: bytes, row: int, style: JsonStyle) -> bytes:
        report, wanted = self._state.report, self._wanted
        line, done = fix_line(
            line, report.kind, report.targets, wanted.only, wanted.recommended, row=row + 1, style=style
        )
        self._fixed.update(done)
        return line

    def _edited(self, line: bytes, edit: Edit, style: JsonStyle) -> bytes:
        body = line.rstrip(b"\r\n")
        parsed = parse_exact(body)
        if not isinstance(parsed.value, dict) or parsed.repeated:
            return line
        look = style_of(body, style)
        before = dump_line(parsed.value, look)
        edit(parsed.value)
        after = dump_line(parsed.value, look)
        if before == after:
            return line
        assert self._step.edit is not None
        self._fixed[self._step.edit] += 1
        return after + line[len(body) :]


def _changed(path: Path) -> InputError:
    return InputError(f"{name_of(path)} was changed while it was mended; nothing was written.")


def lines_of(reader: FileReader, start: int) -> Iterator[bytes]:
    """All lines with their endings."""
    rest: list[bytes] = []
    for block in _chunks(reader, start):
        for line in BytesIO(block):
            if line.endswith(b"\n"):
                yield b"".join([*rest, line]) if rest else line
                rest = []
            else:
                rest.append(line)
    if rest:
        yield b"".join(rest)


def _chunks(reader: FileReader, start: int = 0) -> Iterator[bytes]:
    while block := reader.read(start, _READ):
        yield block
        start += len(block)
