"""The changes of a document as rows of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.formats.chat import preview_of
from fttui.formats.lines import parse_line
from fttui.ui.cards import decode_line
from fttui.ui.widgets.table_list import Cell, Column, TableRow

if TYPE_CHECKING:
    from fttui.dataset.changes import RowChange
    from fttui.dataset.document import Document

COLUMNS: Final = (Column("line", 9, right=True), Column("change", 8), Column("example"))
MOST_SHOWN: Final = 5_000
"""Changes that the table shows; more are only counted."""
_TONES: Final = {"changed": "busy", "added": "good", "deleted": "bad", "moved": "muted"}
_PREVIEW: Final = 2_000


def lines_of(document: Document, change: RowChange) -> tuple[bytes | None, bytes | None]:
    """The line as it is saved and as it is now; None where it is not there."""
    before = None if change.saved_row is None else document.saved_raw(change.saved_row)
    after = None if change.row is None else document.raw(change.row)
    return before, after


def table_row(document: Document, number: int, change: RowChange) -> TableRow:
    """One change: where, what, and the beginning of the example."""
    before, after = lines_of(document, change)
    line = change.row if change.row is not None else change.saved_row
    cells = (
        Cell(f"{(line or 0) + 1:,}"),
        Cell(change.kind, _TONES[change.kind]),
        Cell(_preview(after if after is not None else before or b"")),
    )
    return TableRow(str(number), cells)


def _preview(raw: bytes) -> str:
    parsed = parse_line(raw)
    return preview_of(parsed.value) if isinstance(parsed.value, dict) else decode_line(raw[:_PREVIEW])


def summary(changes: list[RowChange]) -> str:
    """``3 changed, 1 added, 2 deleted``."""
    counts = {kind: sum(change.kind == kind for change in changes) for kind in _TONES}
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count) or "nothing"


def revert(document: Document, change: RowChange) -> None:
    """Take one change back, as an edit that can be undone.

    Raises:
        InputError: A moved example, which has no single place to go back to.
    """
    if change.kind == "added" and change.row is not None:
        document.delete(change.row)
    elif change.kind == "changed" and change.row is not None:
        document.restore(change.row)
    elif change.kind == "deleted" and change.saved_row is not None:
        document.bring_back(change.saved_row)
    else:
        raise InputError("A moved example has no one place to go back to.", hint="Undo takes the move back.")
