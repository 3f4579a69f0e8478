"""How one open file is looked at: what is shown and in which order, what is marked, where the cursor stands."""

from __future__ import annotations

from array import array
from collections import deque
from typing import TYPE_CHECKING

from fttui.dataset.rowset import RowSet
from fttui.dataset.view import View

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.edits import Change

NOTHING = RowSet.of(())


class Browse:
    """A view of a document's rows, and the rows marked in it, kept right while the document is edited.

    A document tells of changes in the thread that edits; they are noted there and taken over by `follow`, which the
    thread that draws calls. Everything else belongs to the thread that draws.

    Attributes:
        view: The rows shown, in their order.
        marked: The rows that a person marked.
        query: The text of the filter; empty when all rows are shown.
        sorted_by: The column that the rows are sorted by and whether the greatest comes first; None: as in the file.
        row: The row under the cursor, as last noted.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.view = View.everything(document)
        self.marked = NOTHING
        self.query = ""
        self.sorted_by: tuple[str, bool] | None = None
        self.row = 0
        self._range_from: int | None = None
        self._range_base = NOTHING
        self._changes: deque[Change] = deque()
        self._stop_listening = document.subscribe(self._changes.append)

    def close(self) -> None:
        """Stop following the document."""
        self._stop_listening()

    def follow(self) -> bool:
        """Take over the changes of the document since the last call; whether there were any."""
        had_any = bool(self._changes)
        while self._changes:
            change = self._changes.popleft()
            self.view.after(change)
            self.marked = self.marked.after(change)
            self._range_base = self._range_base.after(change)
            if self._range_from is not None:
                self._range_from = _shifted(self._range_from, change)
        return had_any

    # --- what is shown --------------------------------------------------------------------------------------------

    @property
    def is_everything(self) -> bool:
        """Whether all rows are shown in the order of the file."""
        return self.view.is_everything

    def show_everything(self) -> None:
        """Show all rows in the order of the file."""
        self.query = ""
        self.sorted_by = None
        self.view = View.everything(self.document)

    def show_found(self, query: str, rows: RowSet) -> None:
        """Show only these rows, in the order of the file."""
        self.query = query
        self.sorted_by = None
        self.view = View.filtered(rows)

    def show_sorted(self, column: str, descending: bool, rows: array[int]) -> None:
        """Show rows in this order; what the filter left out stays out."""
        self.sorted_by = (column, descending)
        self.view = View.sorted(rows)

    @property
    def shown(self) -> RowSet:
        """The rows that are shown."""
        return self.view.rows()

    def next_in(self, rows: RowSet, after: int, step: int = 1) -> int | None:
        """The nearest of ``rows`` that is shown, from position ``after`` (not itself) onwards and round the end.

        Args:
            rows: Rows of the document.
            after: A position in the view.
            step: 1 forwards, -1 backwards.
        """
        if not rows or not len(self.view):
            return None
        if not self.view.is_sorted:
            rows = rows & self.shown
            return _next_row(rows, self.view.row_at(min(after, len(self.view) - 1)), step) if rows else None
        count = len(self.view)
        for walked in range(1, count + 1):
            row = self.view.row_at((after + walked * step) % count)
            if row in rows:
                return row
        return None

    # --- what is marked -------------------------------------------------------------------------------------------

    def targets(self, row: int) -> RowSet:
        """What an action works on: the marked rows, or ``row`` when none is marked."""
        return self.marked or RowSet.of((row,))

    def toggle(self, row: int) -> None:
        """Mark a row, or take its mark away."""
        self.end_range()
        self.marked = self.marked ^ RowSet.of((row,))

    def mark_shown(self) -> None:
        """Mark all rows that are shown; when they all are marked, none."""
        self.end_range()
        shown = self.shown
        self.marked = self.marked - shown if not shown - self.marked else self.marked | shown

    def clear_marks(self) -> bool:
        """Take all marks away; whether there were any."""
        had_any = bool(self.marked) or self._range_from is not None
        self.end_range()
        self.marked = NOTHING
        return had_any

    @property
    def is_marking_range(self) -> bool:
        """Whether moving the cursor marks the rows on the way."""
        return self._range_from is not None

    def begin_range(self, row: int) -> None:
        """Mark from this row on, wherever the cursor goes, until `end_range`."""
        self._range_from = row
        self._range_base = self.marked
        self.extend_range(row)

    def extend_range(self, row: int) -> None:
        """The cursor went to ``row`` while a range is marked."""
        if self._range_from is None:
            return
        begin, end = self.view.nearest(self._range_from), self.view.nearest(row)
        self.marked = self._range_base | self.view.rows_between(begin, end)

    def end_range(self) -> None:
        """Keep what is marked; moving the cursor marks no more."""
        self._range_from = None
        self._range_base = NOTHING

    def mark_extent(self, extent: range, before: range) -> None:
        """Mark the positions of ``extent``, which grew or shrank from ``before`` (empty: it has just begun)."""
        if not before:
            self._range_base = self.marked
        self.marked = self._range_base | self.view.rows_between(extent.start, extent.stop - 1)


def _next_row(rows: RowSet, row: int, step: int) -> int:
    if step > 0:
        at = rows.position(row + 1)
        return rows.at(at if at < len(rows) else 0)
    at = rows.position(row)
    return rows.at(at - 1 if at > 0 else len(rows) - 1)


def _shifted(row: int, change: Change) -> int | None:
    """Where a row stands after a change; None when it went."""
    after = RowSet.of((row,)).after(change)
    return after.at(0) if after else None
