"""The order of rows through the steps of a journal, without a file: to know which examples marks were set on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from fttui.dataset.applying import apply_edit
from fttui.dataset.edits import Bulk, Edit, Splice
from fttui.dataset.history import Direction, History
from fttui.dataset.journal.format import Frame, Kind, read_edits, read_marks, read_spool
from fttui.dataset.journal.reading import LeftJournal
from fttui.dataset.marks.changes import HeldChanges
from fttui.dataset.origins import Origins
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.rowset import RowSet

_ENDLESS: Final = 1 << 60
"""Rows of a file whose number is not known; they come after all others, as rows do that an index finds."""


class Marking(NamedTuple):
    """A change of marks of some examples."""

    roots: tuple[Piece, ...]
    change: Mapping[str, Any]


@dataclass(slots=True)
class Ghost:
    """Where the rows of a file are, edit by edit.

    Attributes:
        base: The number of the file.
        table: The rows.
        marked: What was said about which examples, in that order.
    """

    base: int
    table: PieceTable
    history: History = field(default_factory=History)
    origins: Origins = field(default_factory=Origins)
    marked: list[Marking] = field(default_factory=list)
    _spools: set[int] = field(default_factory=set)
    _held: HeldChanges = field(default_factory=HeldChanges)
    _made: list[list[Edit]] = field(default_factory=list)
    """What takes back each step, undo and redo since the file was saved."""

    @classmethod
    def of_file(cls, base: int) -> Ghost:
        """The rows of a file that nobody has edited."""
        return cls(base, PieceTable([Piece(base, 0, _ENDLESS)]))

    def run(self, journal: LeftJournal, frames: Iterable[Frame]) -> None:
        """Make these steps. Raises `ValueError` or `IndexError` when they do not fit."""
        for frame in frames:
            match frame.kind:
                case Kind.STEP:
                    self.history.record(reversed(self._make(read_edits(journal.payload(frame)))))
                case Kind.UNDO:
                    self._travel("undo")
                case Kind.REDO:
                    self._travel("redo")
                case Kind.SPOOL:
                    number, _ = read_spool(journal.payload(frame))
                    if number not in self._spools:  # a later part names it again
                        self._spools.add(number)
                        self.origins.add_spool(number)
                case Kind.MARKS:
                    rows, change = read_marks(journal.payload(frame))
                    if not self._held.hold(rows, change):
                        self._mark(rows, change)

    def saved_as(self, base: int, meanwhile: int) -> None:
        """The rows, as they were so many steps ago, became the file of that number."""
        for inverses in self._made[len(self._made) - meanwhile :][::-1]:
            self._apply(reversed(inverses))
        self._made.clear()
        self.origins.add_file(base, self.origins.runs_of(self.table))
        self.base, self.table, self.history = base, PieceTable([Piece(base, 0, _ENDLESS)]), History()

    def line_now(self, source: int, line: int) -> int | None:
        """Which line of the file the example is that was this line of an earlier one; None when it is gone."""
        first, _ = next(self.origins.lines_of(self.base, Piece(*self.origins.root(source, line), 1)))
        return first

    def marks_of_file(self) -> Iterator[tuple[RowSet, Mapping[str, Any]]]:
        """What was said about the rows of the file, numbered as they are in it."""
        for roots, change in self.marked:
            lines = (line for root in roots for line in self.origins.lines_of(self.base, root))
            ranges: list[tuple[int, int]] = []
            for start, count in sorted((start, count) for start, count in lines if start is not None):
                first = ranges.pop()[0] if ranges and ranges[-1][1] == start else start
                ranges.append((first, start + count))
            if ranges:
                yield RowSet.from_ranges(ranges), change

    def _mark(self, rows: RowSet, change: Mapping[str, Any]) -> None:
        roots = (root for piece in lines_of(self.table, rows) for _, root in self.origins.roots(piece))
        self.marked.append(Marking(tuple(roots), change))

    def _make(self, edits: Sequence[Edit]) -> list[Edit]:
        inverses: list[Edit] = []
        for part, changes in self._held.parts(edits):
            inverses += self._apply(part)
            for rows, change in changes:
                self._mark(rows, change)
        self._made.append(inverses)
        return inverses

    def _apply(self, edits: Iterable[Edit]) -> list[Edit]:
        inverses = []
        for edit in edits:
            inverse = apply_edit(self.table, edit)
            inverses.append(inverse)
            match edit, inverse:
                case Splice(), Splice() if edit.removed and edit.removed == inverse.removed:
                    self.origins.adopt(self.origins.adoptions(edit.pieces, inverse.pieces))
                case Bulk(), Bulk() if edit.removed == edit.inserted:
                    self.origins.adopt(self.origins.adoptions(edit.pieces, inverse.pieces))
        return inverses

    def _travel(self, direction: Direction) -> None:
        step = self.history.next(direction)
        if step is None:
            raise ValueError("a step is missing")
        self.history.travelled(direction, self._make(step.edits))


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
