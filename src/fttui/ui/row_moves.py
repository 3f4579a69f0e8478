"""Rows that go from one open file to another, with what hangs on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.rowset import RowSet

_MOST_MARKS: Final = 50_000
"""Rows whose tags go along one by one; more go without."""


def move_rows_to(
    document: Document, marks: Marks | None, rows: RowSet, other: Document, other_marks: Marks | None
) -> None:
    """Put the rows at the end of ``other``, with their tags and notes, then delete them here.

    In this order: whatever goes wrong in between, no example is lost.

    Raises:
        InputError: One of the files is read-only, or the disk failed.
    """
    if document.is_read_only:  # found out before the other file has them: else they would be in both
        raise InputError(document.read_only_reason, hint="y copies them.")
    at = len(other)
    hanging = [marks.of(row) for row in rows] if marks is not None and len(rows) <= _MOST_MARKS else []
    other.insert_lines(at, (document.raw(row) for row in rows))
    if other_marks is not None:
        from fttui.dataset.rowset import RowSet

        for number, mark in enumerate(hanging):
            for tag in sorted(mark.tags):
                other_marks.tag(RowSet.of((at + number,)), tag, True)
            if mark.note:
                other_marks.note(at + number, mark.note)
    document.delete_rows(rows)
