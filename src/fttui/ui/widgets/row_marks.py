"""What the list shows of one row, and the signs that stand for it in a few fixed cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MARKED: Final = "•"
BROKEN: Final = "✖"
WARNING: Final = "⚠"
CHANGED: Final = "✎"
TAG: Final = "#"
NOTE: Final = "¶"
REVIEWED: Final = "✓"


@dataclass(frozen=True, slots=True)
class RowCells:
    """What the list shows of one row.

    Attributes:
        preview: Any text; it is made safe and put on one line where it is drawn.
        turns: Number of messages, or None where that makes no sense.
        is_changed: Whether the row differs from the saved file.
        problem: Why the row cannot be read as an example; empty when it can.
        is_marked: Whether the row is part of the selection.
        tags: Any texts, in the order in which they are shown.
        is_reviewed: Whether somebody looked at it and accepted it.
        issue: The worst that the checks found.
        has_note: Whether there is a note, also when ``note`` was not asked for.
        note: The note; any text.
    """

    preview: str
    turns: int | None = None
    is_changed: bool = False
    problem: str = ""
    is_marked: bool = False
    tags: tuple[str, ...] = ()
    is_reviewed: bool = False
    issue: Literal["", "error", "warning"] = ""
    has_note: bool = False
    note: str = ""


def signs_of(cells: RowCells) -> tuple[tuple[str, str], ...]:
    """The signs of a row with the style of each, always as many, one cell each: no sign moves another.

    A row with tags and a note shows the tag's sign: its column says the rest.
    """
    issue = "error" if cells.problem else cells.issue
    return (
        (MARKED if cells.is_marked else " ", "marked"),
        (BROKEN if issue == "error" else WARNING if issue == "warning" else " ", issue),
        (CHANGED if cells.is_changed else " ", "changed"),
        (TAG if cells.tags else NOTE if cells.has_note else " ", "tag"),
        (REVIEWED if cells.is_reviewed else " ", "reviewed"),
    )


SIGNS: Final = len(signs_of(RowCells("")))
"""Cells that the signs take."""
