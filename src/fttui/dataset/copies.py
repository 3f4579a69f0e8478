"""Telling which new rows are copies of the rows above them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Final

from fttui.dataset.edits import Change
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import FileSource

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_COMPARED: Final = 1024
"""Rows of one edit that are compared with the rows above them; of more it is taken for granted that they are copies."""


class CopyWatch:
    """Looks at each change of a document. A row is a copy when its line is new and equals the line above it.

    Not thread-safe; hold `Document.standing_still`.

    Attributes:
        is_on: Whether copies are looked for.
    """

    def __init__(self, document: Document) -> None:
        self.is_on = True
        self._document = document
        self._newest: dict[int, int] = {}
        """By source, the last line that ever came: undo and redo bring no new ones, but for lines that a save copied.

        These belong to the examples that they are copies of.
        """

    def none(self, change: Change) -> Collection[int]:
        """Take note of a change of which nothing needs to be known."""
        for piece in change.came:
            last = piece.start + piece.rows - 1
            self._newest[piece.source] = max(last, self._newest.get(piece.source, -1))
        return ()

    def after(self, change: Change, wanted: Callable[[], RowSet]) -> Collection[int]:
        """The rows that a change has made as copies of ``wanted`` rows, numbered as they are now."""
        new: Sequence[int] = ()
        if self.is_on and any(
            self._is_new_line(piece.source, piece.start) for piece in change.came
        ):  # else it is undo or redo
            inserted = _inserted(change)
            new = [row for row in inserted if self._is_new(row)] if len(inserted) == 1 else _alone(inserted)
        self.none(change)
        if not new:
            return ()
        originals = wanted() & RowSet.from_ranges((row - 1, row) for row in new if row)
        copies = [row + 1 for row in originals]
        document = self._document
        if len(copies) > _COMPARED:
            return copies
        return [row for row in copies if document.raw(row) == document.raw(row - 1)]

    def _is_new(self, row: int) -> bool:
        return self._is_new_line(*self._document.key(row))

    def _is_new_line(self, source: int, line: int) -> bool:
        if line <= self._newest.get(source, -1):
            return False
        piece = Piece(source, line, 1)
        _, root = next(self._document.roots(piece))
        return root == piece and not isinstance(self._document.source(source), FileSource)


def _inserted(change: Change) -> RowSet:
    """The rows that came and take no other row's place, numbered as they are now."""
    if change.bulk is not None:
        return change.bulk.inserted
    if change.removed or not change.came:
        return RowSet()
    return RowSet.span(change.row, change.row + change.inserted)


def _alone(rows: RowSet) -> Sequence[int]:
    """The rows that stand between others."""
    return [start for start, stop in rows.ranges() if stop == start + 1]
