"""Edits applied to the order of the rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate

from fttui.dataset.edits import Bulk, Edit, Move, MoveRows, Splice
from fttui.dataset.pieces import PackedPieces, Piece, PieceTable, RowsLeft


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
    rows, coming = RowsLeft(table), RowsLeft(edit.pieces)
    new: list[Piece] = []
    gone: list[Piece] = []
    done = 0
    for at, out, into in zip(edit.at, edit.removed, edit.inserted, strict=True):
        rows.take(at - done, new.append)
        rows.take(out, gone.append)
        coming.take(into, new.append)
        done = at + out
    rows.take_all(new)
    table.fill(new)
    shifts = accumulate(map(int.__sub__, edit.inserted, edit.removed), initial=0)
    after = array("Q", map(int.__add__, edit.at, shifts))
    return Bulk(after, edit.inserted, edit.removed, PackedPieces.of(gone))


def _move_rows(table: PieceTable, edit: MoveRows) -> None:
    kept: list[Piece] = []
    moved: list[Piece] = []
    total = sum(edit.counts)
    rows = RowsLeft(table)
    done = 0
    together = ((edit.to, total),)
    apart = zip(edit.starts, edit.counts, strict=True)
    taken, put = (together, apart) if edit.is_back else (apart, together)
    for start, count in taken:
        rows.take(start - done, kept.append)
        rows.take(count, moved.append)
        done = start + count
    rows.take_all(kept)
    table.fill(_merged(RowsLeft(kept), RowsLeft(moved), put))


def _merged(kept: RowsLeft, moved: RowsLeft, places: Iterable[tuple[int, int]]) -> list[Piece]:
    """The kept rows with the moved ones between them, so many at each place."""
    new: list[Piece] = []
    done = 0
    for start, count in places:
        kept.take(start - done, new.append)
        moved.take(count, new.append)
        done = start + count
    kept.take_all(new)
    return new
