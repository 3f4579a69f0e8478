"""Sets of rows that the screen leads to: changed, broken, unreviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.tokens.live import LiveTotals


def changed_rows(document: Document) -> RowSet:
    """Rows that were changed or are new since the file was opened or saved."""
    ranges: list[tuple[int, int]] = []
    with document.standing_still():
        base, pieces = document.base, document.snapshot().pieces
    at = 0
    for piece in pieces:
        if piece.source != base:
            if ranges and ranges[-1][1] == at:
                ranges[-1] = (ranges[-1][0], at + piece.rows)
            else:
                ranges.append((at, at + piece.rows))
        at += piece.rows
    return RowSet.from_ranges(ranges)


def broken_rows(document: Document, totals: LiveTotals | None) -> RowSet:
    """Rows that are no examples, as far as the file is counted."""
    if totals is None:
        return RowSet.of(row for row in range(min(len(document), 2_000)) if document.parsed(row).error is not None)
    from fttui.tokens.rows import BROKEN

    counts = totals.by_row(document.snapshot())
    found: list[int] = []
    at = -1
    for _ in range(counts.count(BROKEN)):
        at = counts.index(BROKEN, at + 1)
        found.append(at)
    return RowSet.of(found)


def unreviewed_rows(document: Document, marks: Marks) -> RowSet:
    """Rows that nobody has marked as reviewed."""
    return RowSet.span(0, len(document)) - marks.rows_with(reviewed=True)
