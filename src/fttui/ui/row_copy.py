"""Rows as text for the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.ui.cards import decode_line

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.rowset import RowSet

MOST_BYTES: Final = 1 << 20
"""What a terminal's clipboard is trusted with."""


def as_text(document: Document, rows: RowSet) -> str:
    """The lines of the rows, without characters that a clipboard cannot take (halves of surrogate pairs).

    Raises:
        InputError: They are too long for a clipboard.
    """
    lines: list[str] = []
    size = 0
    for row in rows:
        raw = document.raw(row)
        size += len(raw) + 1
        if size > MOST_BYTES:
            raise InputError(
                f"{len(rows):,} examples are more than the {MOST_BYTES >> 20} MB that a clipboard is trusted with.",
                hint="W saves them as a file.",
            )
        lines.append(decode_line(raw).encode("utf-8", "replace").decode("utf-8"))
    return "\n".join(lines)
