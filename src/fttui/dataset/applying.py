"""Edits applied to the order of the rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace

from fttui.dataset.edits import Bulk, Edit, Move, MoveRows, Splice
from fttui.dataset.pieces import PieceTable, exchanged, parted, woven


def apply_edit(table: PieceTable, edit: Edit) -> Edit:
    """Change the table; the edit that takes it back. Raises `IndexError` for rows that are not there."""
    match edit:
        case Move():
            if not 0 <= edit.to < len(table):
                raise IndexError(f"row {edit.to} of {len(table)}")
            table.splice(edit.to, 0, table.splice(edit.row, 1, ()))
            return Move(edit.to, edit.row)
        case Bulk():
            return _apply_bulk(table, edit)
        case MoveRows():
            _move_rows(table, edit)
            return replace(edit, is_back=not edit.is_back)
    removed = table.splice(edit.row, edit.removed, edit.pieces)
    return Splice(edit.row, sum(piece.rows for piece in edit.pieces), removed)


def _apply_bulk(table: PieceTable, edit: Bulk) -> Bulk:
    if edit.removed == edit.inserted:
        rows, gone = exchanged(table, edit.pieces, zip(edit.at, edit.removed, strict=True))
        table.fill(rows)
        return replace(edit, pieces=gone)
    gone, kept = parted(table, zip(edit.at, edit.removed, strict=True))
    after = array("Q", _rows_after(edit))
    table.fill(woven(kept, edit.pieces, zip(after, edit.inserted, strict=True)) if edit.pieces else kept)
    return Bulk(after, edit.inserted, edit.removed, gone)


def _rows_after(edit: Bulk) -> Iterator[int]:
    """Where each splice is, numbered as after the edit."""
    shift = 0
    for at, out, came in zip(edit.at, edit.removed, edit.inserted, strict=True):
        yield at + shift
        shift += came - out


def _move_rows(table: PieceTable, edit: MoveRows) -> None:
    together = ((edit.to, sum(edit.counts)),)
    apart = zip(edit.starts, edit.counts, strict=True)
    taken, put = (together, apart) if edit.is_back else (apart, together)
    moved, kept = parted(table, taken)
    table.fill(woven(kept, moved, put))
