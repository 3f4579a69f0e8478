"""The order of rows through the steps of a journal, without a file: to know which lines rows were that had marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from fttui.dataset.applying import apply_edit
from fttui.dataset.edits import Edit
from fttui.dataset.history import Direction, History
from fttui.dataset.journal_format import Frame, Kind, read_edits, read_marks
from fttui.dataset.journal_reading import LeftJournal
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.rebase import Rebase
from fttui.dataset.rowset import RowSet

_ENDLESS: Final = 1 << 60
"""Rows of a file whose number is not known; they come after all others, as rows do that an index finds."""


class Marking(NamedTuple):
    """A change of marks of some lines."""

    lines: tuple[Piece, ...]
    change: Mapping[str, Any]


@dataclass(slots=True)
class Ghost:
    """Where the rows of a file are, edit by edit.

    Attributes:
        table: The rows.
        marked: What was said about which lines, in that order.
    """

    base: int
    table: PieceTable
    history: History
    marked: list[Marking]

    @classmethod
    def of_file(cls, base: int) -> Ghost:
        """The rows of a file that nobody has edited."""
        return cls(base, PieceTable([Piece(base, 0, _ENDLESS)]), History(), [])

    def run(self, journal: LeftJournal, frames: Iterable[Frame]) -> None:
        """Make these steps. Raises `ValueError` or `IndexError` when they do not fit."""
        for frame in frames:
            match frame.kind:
                case Kind.STEP:
                    edits = read_edits(journal.payload(frame))
                    self.history.record(reversed(self._apply(edits)))
                case Kind.UNDO:
                    self._travel("undo")
                case Kind.REDO:
                    self._travel("redo")
                case Kind.MARKS:
                    rows, change = read_marks(journal.payload(frame))
                    self.marked.append(Marking(tuple(lines_of(self.table, rows)), change))

    def saved_as(self, base: int, meanwhile: int) -> None:
        """The rows, as they were so many steps ago, became the file of that number."""
        for _ in range(meanwhile):
            self._travel("undo")
        rebase = Rebase(tuple(self.table), base)
        self.marked = [Marking(tuple(rebase(marking.lines)), marking.change) for marking in self.marked]
        self.base, self.table, self.history = base, PieceTable([Piece(base, 0, _ENDLESS)]), History()

    def marks_of_file(self) -> Iterator[tuple[RowSet, Mapping[str, Any]]]:
        """What was said about the rows of the file, numbered as they are in it."""
        for lines, change in self.marked:
            ranges: list[tuple[int, int]] = []
            for start, count in sorted((piece.start, piece.rows) for piece in lines if piece.source == self.base):
                first = ranges.pop()[0] if ranges and ranges[-1][1] == start else start
                ranges.append((first, start + count))
            if ranges:
                yield RowSet.from_ranges(ranges), change

    def _apply(self, edits: Iterable[Edit]) -> list[Edit]:
        return [apply_edit(self.table, edit) for edit in edits]

    def _travel(self, direction: Direction) -> None:
        step = self.history.next(direction)
        if step is None:
            raise ValueError("a step is missing")
        self.history.travelled(direction, self._apply(step.edits))


def lines_of(table: PieceTable, rows: RowSet) -> Iterator[Piece]:
    """The lines that rows are, in order."""
    pieces = iter(table)
    piece, first = next(pieces, None), 0
    for start, stop in rows.ranges():
        while start < stop:
            if piece is None:
                raise IndexError(f"row {start} of {first}")
            end = first + piece.rows
            if end <= start:
                piece, first = next(pieces, None), end
                continue
            until = min(stop, end)
            yield Piece(piece.source, piece.start + start - first, until - start)
            start = until


def ghost_at(journal: LeftJournal, start: int) -> Ghost:
    """The rows as they were in the file when that part of a journal began, with what was said about them before."""
    ghost = Ghost.of_file(journal.parts[0].base)
    for number, part in enumerate(journal.parts[: start + 1]):
        if number and (part.is_saved or number == start):
            ghost.saved_as(part.base, part.restated)
        if number < start:
            is_continued = number and not part.is_saved
            ghost.run(journal, part.not_restated() if is_continued else part.frames)
    return ghost
