"""How many rows have each mark: counted when somebody asks, then kept up to date edit by edit."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from fttui.dataset.edits import Change
from fttui.dataset.marks.row_roots import all_roots, roots_of
from fttui.dataset.marks.table import LineTable
from fttui.dataset.pieces import Piece

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_COUNTED_AT_ONCE: Final = 4096
"""Rows of an edit whose marks are counted while it is made; after a bigger one all are counted when somebody asks."""


class MarkCounts:
    """Counts by the number of the mark. Not thread-safe: its owner holds `Document.standing_still` and a lock."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._counts: Counter[int] | None = None

    def of(self, marks: LineTable) -> Counter[int]:
        """The rows that have each mark."""
        if self._counts is None:
            self._counts = Counter()
            for _, root in all_roots(self._document) if marks else ():
                self._count(marks, root, 1)
        return self._counts

    def forget(self) -> None:
        """All must be counted again."""
        self._counts = None

    def changed(self, changed: Counter[tuple[int, int]]) -> None:
        """So many rows got another mark, by the numbers of the old and the new one."""
        if self._counts is not None:
            for (old, new), rows in changed.items():
                self._counts[old] -= rows
                self._counts[new] += rows

    def edited(self, marks: LineTable, change: Change) -> None:
        """Rows came and went."""
        if self._counts is None:
            return
        if sum(piece.rows for piece in (*change.gone, *change.came)) > _COUNTED_AT_ONCE:
            self._counts = None
            return
        for pieces, sign in ((change.gone, -1), (change.came, 1)):
            for piece in pieces:
                for root in roots_of(self._document, piece):
                    self._count(marks, root, sign)

    def _count(self, marks: LineTable, root: Piece, sign: int) -> None:
        assert self._counts is not None
        for _, values in marks.runs(root):
            for number, rows in Counter(values).items():
                self._counts[number] += sign * rows
