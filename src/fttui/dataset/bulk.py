"""Edits of many rows at once as values: what to apply for each thing that is done to a selection."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import repeat

from fttui.dataset.edits import Bulk, Edit, Move, MoveRows, Splice
from fttui.dataset.pieces import PackedPieces, Piece
from fttui.dataset.rowset import RowSet


def deletion(rows: RowSet) -> Edit:
    """Take these rows out."""
    starts, counts = _packed(rows)
    if len(starts) == 1:
        return Splice(starts[0], counts[0])
    return Bulk(starts, counts, _zeros(len(starts)), PackedPieces.of(()))


def insertion_below_each(rows: RowSet, copies: Iterable[Piece]) -> Edit:
    """Put one row of ``copies`` below each of these rows."""
    at = array("Q", (row + 1 for row in rows))
    return Bulk(at, _zeros(len(at)), array("Q", repeat(1, len(at))), PackedPieces.of(copies))


def replacement(rows: RowSet, pieces: Iterable[Piece]) -> Edit:
    """Put the rows of ``pieces`` in the place of these, one for one."""
    starts, counts = _packed(rows)
    if len(rows) == 1:
        return Splice(starts[0], 1, tuple(pieces))
    return Bulk(starts, counts, counts, PackedPieces.of(pieces))


def gathering(rows: RowSet, to: int) -> Edit | None:
    """Have these rows stand together from ``to`` on; None when they do."""
    starts, counts = _packed(rows)
    if len(starts) == 1 and starts[0] == to:
        return None
    if len(rows) == 1:
        return Move(starts[0], to)
    return MoveRows(starts, counts, to)


def pieces_in_order(file: Piece, kept_apart: Sequence[tuple[int, Piece]]) -> list[Piece]:
    """The lines of a spool file with those between them that could not be put there, as (place among all, line)."""
    pieces: list[Piece] = []
    done = taken = 0
    for place, piece in kept_apart:
        if place > done:
            pieces.append(Piece(file.source, file.start + taken, place - done))
            taken += place - done
        pieces.append(piece)
        done = place + 1
    if taken < file.rows:
        pieces.append(Piece(file.source, file.start + taken, file.rows - taken))
    return pieces


def _packed(rows: RowSet) -> tuple[array[int], array[int]]:
    starts, counts = array("Q"), array("Q")
    for start, stop in rows.ranges():
        starts.append(start)
        counts.append(stop - start)
    return starts, counts


def _zeros(count: int) -> array[int]:
    return array("Q", bytes(8 * count))
