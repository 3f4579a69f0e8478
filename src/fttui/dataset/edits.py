"""Edits as values, and what whoever keeps something for each row is told of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from fttui.dataset.pieces import PackedPieces, Piece
from fttui.dataset.rowset import RowSet


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


@dataclass(frozen=True, slots=True)
class Bulk:
    """Many splices at once: ``removed[i]`` rows from ``at[i]`` on give way to ``inserted[i]`` rows of ``pieces``.

    Rows are numbered as before the edit, ascending; no two splices touch. ``pieces`` holds the rows that come, of all
    splices one after the other.
    """

    at: array[int]
    removed: array[int]
    inserted: array[int]
    pieces: PackedPieces


@dataclass(frozen=True, slots=True)
class MoveRows:
    """The rows (``counts[i]`` from ``starts[i]`` on, ascending) are taken out and stand together from ``to`` on.

    With ``is_back`` it is the other way round: the rows from ``to`` on are taken out and stand where ``starts`` says.
    """

    starts: array[int]
    counts: array[int]
    to: int
    is_back: bool = False


Edit: TypeAlias = Splice | Move | Bulk | MoveRows


@dataclass(frozen=True, slots=True)
class BulkRows:
    """Which rows a bulk edit took and put in, those it put other lines in the place of, one for one, apart.

    Attributes:
        removed: Rows that went, numbered as before the edit.
        inserted: Rows that came, numbered as after it.
        replaced: Rows that have another line now, numbered as before the edit.
    """

    removed: RowSet
    inserted: RowSet
    replaced: RowSet


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit did to the numbering: at ``row``, ``removed`` rows went and ``inserted`` rows came.

    ``gone`` and ``came`` say which lines these were; a move has none, as all lines stay. Of a bulk edit only ``gone``
    and ``came`` say anything, and ``bulk`` what it did to the numbering.
    """

    row: int
    removed: int
    inserted: int
    gone: Sequence[Piece] = ()
    came: Sequence[Piece] = ()
    bulk: BulkRows | None = None


def changes_of(edit: Edit, inverse: Edit) -> list[Change]:
    """The effect of an edit that was made and that ``inverse`` takes back, for whoever keeps something for each row."""
    match edit, inverse:
        case Splice(), Splice():
            came = sum(piece.rows for piece in edit.pieces)
            return [Change(edit.row, edit.removed, came, inverse.pieces, edit.pieces)]
        case Move(), _:
            return [Change(edit.row, 1, 0), Change(edit.to, 0, 1)]
        case Bulk(), Bulk():
            return [Change(0, 0, 0, inverse.pieces, edit.pieces, _rows_of_bulk(edit, inverse))]
        case MoveRows(), _:
            spread, together = _ranges(edit.starts, edit.counts), RowSet.span(edit.to, edit.to + sum(edit.counts))
            taken, put = (together, spread) if edit.is_back else (spread, together)
            return [Change(0, 0, 0, bulk=BulkRows(taken, put, RowSet()))]
    raise AssertionError("an edit is taken back by one of its own kind")


def row_shown_after(edit: Edit) -> int:
    """The row to show when the edit was just made; it may be one past the last."""
    match edit:
        case Move():
            return edit.to
        case Bulk():
            return edit.at[0]
        case MoveRows():
            return edit.starts[0] if edit.is_back else edit.to
    return edit.row


def with_pieces(edit: Edit, change: Callable[[Iterable[Piece]], Iterable[Piece]]) -> Edit:
    """The edit with its pieces exchanged for others of the same rows."""
    if isinstance(edit, Splice) and edit.pieces:
        return replace(edit, pieces=tuple(change(edit.pieces)))
    if isinstance(edit, Bulk) and edit.pieces:
        return replace(edit, pieces=PackedPieces.of(change(edit.pieces)))
    return edit


def _rows_of_bulk(edit: Bulk, inverse: Bulk) -> BulkRows:
    def ranges(starts: array[int], counts: array[int], *, are_replaced: bool) -> RowSet:
        each = zip(starts, counts, edit.removed, edit.inserted, strict=True)
        return RowSet.from_ranges(
            (start, start + count) for start, count, out, came in each if count and (out == came) is are_replaced
        )

    return BulkRows(
        removed=ranges(edit.at, edit.removed, are_replaced=False),
        inserted=ranges(inverse.at, edit.inserted, are_replaced=False),
        replaced=ranges(edit.at, edit.removed, are_replaced=True),
    )


def _ranges(starts: array[int], counts: array[int]) -> RowSet:
    return RowSet.from_ranges((start, start + count) for start, count in zip(starts, counts, strict=True))
