"""Edits as values, and the one function that applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from fttui.dataset.pieces import Piece, PieceTable


@dataclass(frozen=True, slots=True)
class Splice:
    """``removed`` rows from ``row`` on give way to the rows of ``pieces``: replace, insert and delete in one."""

    row: int
    removed: int
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """``row`` is taken out and put back so that it stands at ``to``."""

    row: int
    to: int


Edit: TypeAlias = Splice | Move


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit did to the numbering: at ``row``, ``removed`` rows went and ``inserted`` rows came.

    ``gone`` and ``came`` say which lines these were; a move has none, as all lines stay.
    """

    row: int
    removed: int
    inserted: int
    gone: tuple[Piece, ...] = ()
    came: tuple[Piece, ...] = ()


def apply_edit(table: PieceTable, edit: Edit) -> Edit:
    """Change the table; the edit that takes it back. Raises `IndexError` for rows that are not there."""
    if isinstance(edit, Move):
        if not 0 <= edit.to < len(table):
            raise IndexError(f"row {edit.to} of {len(table)}")
        table.splice(edit.to, 0, table.splice(edit.row, 1, ()))
        return Move(edit.to, edit.row)
    removed = table.splice(edit.row, edit.removed, edit.pieces)
    return Splice(edit.row, sum(piece.rows for piece in edit.pieces), removed)


def changes_of(edit: Edit, inverse: Edit) -> list[Change]:
    """The effect of an edit that was made and that ``inverse`` takes back, for whoever keeps something for each row."""
    if isinstance(edit, Move):
        return [Change(edit.row, 1, 0), Change(edit.to, 0, 1)]
    gone = inverse.pieces if isinstance(inverse, Splice) else ()
    return [Change(edit.row, edit.removed, sum(piece.rows for piece in edit.pieces), gone, edit.pieces)]


def row_shown_after(edit: Edit) -> int:
    """The row to show when the edit was just made; it may be one past the last."""
    return edit.to if isinstance(edit, Move) else edit.row


def with_pieces(edit: Edit, change: Callable[[Iterable[Piece]], Iterable[Piece]]) -> Edit:
    """The edit with its pieces exchanged for others of the same rows."""
    return replace(edit, pieces=tuple(change(edit.pieces))) if isinstance(edit, Splice) and edit.pieces else edit
