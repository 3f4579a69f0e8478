"""``fttui check --fix`` and ``--diff``: a mended copy, and what would be different in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import InputError
from fttui.core.text import one_line

if TYPE_CHECKING:
    from fttui.checks.file_fixing import Mended, Wanted
    from fttui.checks.report import Report
    from fttui.checks.run import Options
    from fttui.cli.progress import Progress

_CONTEXT: Final = 3
"""Equal lines around a difference."""
_PACKED: Final = (".gz", ".zst", ".bz2", ".xz")


def mend(
    path: Path,
    report: Report,
    options: Options,
    progress: Progress,
    *,
    only: Sequence[str],
    necessary: bool,
    out: Path | None,
    in_place: bool,
    as_diff: bool,
) -> tuple[Report, Path, dict[str, Any]]:
    """Write the mended copy of a file, or say what would be different.

    Returns:
        What is found in the file that is there afterwards, that file, and what the document says beside its issues.

    Raises:
        InputError: ``out`` is the file itself, or something cannot be read or written.
    """
    from fttui.checks.file_fixing import Wanted, fix_file

    wanted = Wanted(frozenset(only) if only else None, not necessary)
    if as_diff:
        return report, path, _preview(path, report, options, wanted, progress)
    place = _place_for(path, out, in_place)
    done = fix_file(
        path,
        place,
        options,
        wanted.only,
        wanted.recommended,
        report=report,
        copies=out is not None,
        on_progress=progress.advance,
    )
    if done.path is None:
        return report, path, {"output": None, "fixed": {}, "deleted": 0}
    return done.report, done.path, {"output": str(done.path), "fixed": done.fixed, "deleted": done.deleted}


def _place_for(path: Path, out: Path | None, in_place: bool) -> Path:
    """Where the mended copy goes: never over a file that nobody named."""
    from fttui.dataset.reader import same_file

    if in_place:
        return path
    if out is not None:
        if same_file(path, out):
            raise InputError(
                f"{one_line(str(out))} is the file itself; nothing was written.", hint="-i mends it in place."
            )
        return out
    packing = path.suffix if path.suffix.lower() in _PACKED else ""
    inner = Path(path.name.removesuffix(packing))
    number = 1
    while True:
        ending = "_fixed" if number == 1 else f"_fixed_{number}"
        place = path.with_name(f"{inner.stem}{ending}{inner.suffix or '.jsonl'}{packing}")
        if not os.path.lexists(place):
            return place
        number += 1


def _preview(path: Path, report: Report, options: Options, wanted: Wanted, progress: Progress) -> dict[str, Any]:
    from fttui.checks.file_fixing import mended

    with mended(path, options, wanted, report=report, on_progress=progress.advance) as new:
        diff = list(unified_diff(path, new))
        return {"output": None, "fixed": dict(new.fixed), "deleted": new.deleted, "diff": diff}


def unified_diff(path: Path, new: Mended) -> Iterator[str]:
    """The differences between a file and its mended version, as ``diff -u`` writes them: exact, line by line.

    A line of the one is compared with what became of it in the other, so a file of any size takes one look.
    """
    if not new.fixed:
        return
    name = str(path)
    yield f"--- {name}"
    yield f"+++ {name} (mended)"
    hunk = _Hunk()
    for number, (before, after) in enumerate(_pairs(path, new)):
        if before == after:
            yield from hunk.equal(before or "")
        else:
            hunk.change(number, before, after)
    yield from hunk.end()


def _pairs(path: Path, new: Mended) -> Iterator[tuple[str | None, str | None]]:
    """Each line of the file, and what became of it; None: it is gone."""
    from fttui.checks.file_fixing import lines_of
    from fttui.dataset.filling import open_whole

    after = zip(new.kept, lines_of(open_whole(new.file), 0), strict=False)
    row, line = next(after, (-1, b""))
    for number, before in enumerate(lines_of(open_whole(path), 0)):
        if number == row:
            yield _text(before), _text(line)
            row, line = next(after, (-1, b""))
        else:
            yield _text(before), None


def _text(line: bytes) -> str:
    from fttui.formats.lines import decode_line

    text = decode_line(line)
    return text.removesuffix("\n") if text.endswith("\n") else f"{text}\n\\ No newline at end of file"


class _Hunk:
    """Lines that differ, with a few equal ones around them."""

    def __init__(self) -> None:
        self._before: list[str] = []  # equal lines that a change may follow
        self._lines: list[str] = []
        self._start = 0
        self._shift = 0  # lines that are fewer after the hunks that were printed
        self._equal = 0  # equal lines at the end of the hunk

    def equal(self, line: str) -> Iterator[str]:
        """Take a line that both have; gives the hunk when that is over."""
        if not self._lines:
            self._before = [*self._before, line][-_CONTEXT:]
            return
        self._lines.append(f" {line}")
        self._equal += 1
        if self._equal > 2 * _CONTEXT:
            rest = [text[1:] for text in self._lines[-_CONTEXT:]]
            yield from self.end()
            self._before = rest

    def change(self, number: int, before: str | None, after: str | None) -> None:
        """Take a line that changed; ``number`` is its row in the file."""
        if not self._lines:
            self._start = number - len(self._before)
            self._lines = [f" {line}" for line in self._before]
        self._before = []
        self._equal = 0
        if before is not None:
            self._lines.append(f"-{before}")
        if after is not None:
            self._lines.append(f"+{after}")

    def end(self) -> Iterator[str]:
        """The hunk, if there is one; equal lines beyond its context are left out."""
        if not self._lines:
            return
        if self._equal > _CONTEXT:
            del self._lines[len(self._lines) - (self._equal - _CONTEXT) :]
        old = sum(not line.startswith("+") for line in self._lines)
        new = sum(not line.startswith("-") for line in self._lines)
        first = self._start + 1
        yield f"@@ -{first},{old} +{first - self._shift if new else max(first - self._shift - 1, 0)},{new} @@"
        yield from self._lines
        self._shift += old - new
        self._lines, self._equal = [], 0
