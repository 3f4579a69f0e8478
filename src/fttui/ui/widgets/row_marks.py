"""What the list shows of one row, where that comes from, and the signs that stand for it in a few fixed cells."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, Protocol

MARKED: Final = "•"
BROKEN: Final = "✖"
WARNING: Final = "⚠"
CHANGED: Final = "✎"
TAG: Final = "#"
NOTE: Final = "¶"
REVIEWED: Final = "✓"
SIGNS: Final = 5
"""Cells that the signs take."""
_NO_SIGNS: Final = ((" " * SIGNS, ""),)
_ONLY_REVIEWED: Final = ((" " * (SIGNS - 1), ""), (REVIEWED, "reviewed"))


class RowCells(NamedTuple):
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


class RowSource(Protocol):
    """Where the rows come from; each call must be quick, it happens while the list is drawn.

    Positions are from 0 to below the length; a source whose rows are fewer than that by now gives empty cells.
    """

    @property
    def revision(self) -> int:
        """Another number after every change of what is shown, but for growth and counts."""

    def __len__(self) -> int: ...

    def row_at(self, position: int) -> int:
        """The row that is shown at a position."""

    def position_of(self, row: int) -> int | None:
        """Where a row is shown; None when it is not."""

    def cells(self, position: int) -> RowCells:
        """What is shown of one row."""

    def tokens(self, position: int) -> int | None:
        """Tokens of one row, or None while they are not known."""

    def trained(self, position: int) -> int | None:
        """Tokens of one row that are trained on; asked only when that is shown."""

    def size(self, position: int) -> int | None:
        """Bytes of one row's line; asked only when that is shown."""


def signs_of(cells: RowCells) -> tuple[tuple[str, str], ...]:
    """The signs of a row with the style of each, always `SIGNS` cells: no sign moves another.

    A row with tags and a note shows the tag's sign: its column says the rest.
    """
    if not (cells.is_marked or cells.problem or cells.issue or cells.is_changed or cells.tags or cells.has_note):
        return _ONLY_REVIEWED if cells.is_reviewed else _NO_SIGNS  # nearly all rows: a page of them is one key
    issue = "error" if cells.problem else cells.issue
    return (
        (MARKED if cells.is_marked else " ", "marked"),
        (BROKEN if issue == "error" else WARNING if issue == "warning" else " ", issue),
        (CHANGED if cells.is_changed else " ", "changed"),
        (TAG if cells.tags else NOTE if cells.has_note else " ", "tag"),
        (REVIEWED if cells.is_reviewed else " ", "reviewed"),
    )
