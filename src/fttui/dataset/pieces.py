"""The order of rows as runs over their sources: a million untouched rows are one piece.

A piece says "so many lines of that source, from this one on". Edits cut and join pieces, so inserting, deleting and
moving cost the same in ten rows and in a million. Pieces are kept in blocks of bounded length, so a row is found, and
an edit made, without walking over all earlier edits.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Final, NamedTuple, overload

_BLOCK_PIECES: Final = 256


class Piece(NamedTuple):
    """``rows`` lines of the source numbered ``source``, from its line ``start`` on."""

    source: int
    start: int
    rows: int


class PackedPieces(Sequence[Piece]):
    """Pieces in 20 bytes each, for the edits of a million rows. A value once it is made.

    Attributes:
        sources: The source of each piece.
        starts: Its first line there.
        rows: How many lines it has.
    """

    __slots__ = ("rows", "sources", "starts")

    def __init__(self, sources: array[int], starts: array[int], rows: array[int]) -> None:
        """Use `of`, or give arrays of type L, Q and Q and of one length."""
        self.sources = sources
        self.starts = starts
        self.rows = rows

    @classmethod
    def of(cls, pieces: Iterable[Piece]) -> PackedPieces:
        """The same rows in as few pieces as possible."""
        sources, starts, rows = array("L"), array("Q"), array("Q")
        last, end = -1, -1
        for source, start, count in pieces:
            if source == last and start == end:
                rows[-1] += count
            elif count:
                sources.append(source)
                starts.append(start)
                rows.append(count)
                last = source
            else:
                continue
            end = start + count
        return cls(sources, starts, rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Piece]:
        return map(Piece, self.sources, self.starts, self.rows)

    @overload
    def __getitem__(self, index: int) -> Piece: ...
    @overload
    def __getitem__(self, index: slice) -> PackedPieces: ...
    def __getitem__(self, index: int | slice) -> Piece | PackedPieces:
        if isinstance(index, slice):
            return PackedPieces(self.sources[index], self.starts[index], self.rows[index])
        return Piece(self.sources[index], self.starts[index], self.rows[index])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PackedPieces):
            return NotImplemented
        return (self.sources, self.starts, self.rows) == (other.sources, other.starts, other.rows)

    __hash__ = None  # type: ignore[assignment]


class PieceTable:
    """The rows of a document, in order. Not thread-safe: its document holds the lock."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._blocks: list[list[Piece]] = []
        self._counts: list[int] = []
        """The number of rows of each block."""
        self._ends: list[int] = []
        """The number of rows up to and with each block."""
        self.fill(list(pieces))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Piece]:
        for block in self._blocks:
            yield from block

    def locate(self, row: int) -> tuple[int, int]:
        """The source of a row and the line in it. Raises `IndexError` for a row that is not there."""
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        number = bisect_right(self._ends, row)
        within = row - (self._ends[number - 1] if number else 0)
        for source, start, count in self._blocks[number]:
            if within < count:
                return source, start + within
            within -= count
        raise AssertionError("the row counts of the blocks are wrong")

    def splice(self, row: int, removed: int, pieces: Iterable[Piece]) -> tuple[Piece, ...]:
        """Put ``pieces`` in the place of ``removed`` rows from ``row`` on; what was there."""
        if row < 0 or removed < 0 or row + removed > len(self):
            raise IndexError(f"rows {row} to {row + removed} of {len(self)}")
        last_block = max(len(self._blocks) - 1, 0)
        first = max(bisect_right(self._ends, row) - 1, 0)  # with a block on each side, so that small blocks join
        last = min(bisect_right(self._ends, row + removed) + 1, last_block)
        within = row - (self._ends[first - 1] if first else 0)
        span = [piece for block in self._blocks[first : last + 1] for piece in block]
        before, rest = _cut(span, within)
        taken, after = _cut(rest, removed)
        self._rebuild(first, last + 1, [*before, *pieces, *after])
        return tuple(taken)

    def append(self, piece: Piece) -> None:
        """Add rows after the last."""
        self.splice(len(self), 0, (piece,))

    def fill(self, pieces: list[Piece]) -> None:
        """Have these pieces in the place of all."""
        self._rebuild(0, len(self._blocks), pieces)

    def _rebuild(self, first: int, stop: int, pieces: list[Piece]) -> None:
        """Replace the blocks ``first`` to ``stop`` by ones made of ``pieces``."""
        joined = _join(pieces)
        half = _BLOCK_PIECES // 2
        step = half if len(joined) > _BLOCK_PIECES else _BLOCK_PIECES
        blocks = [joined[at : at + step] for at in range(0, len(joined), step)]
        self._blocks[first:stop] = blocks
        self._counts[first:stop] = [sum(piece.rows for piece in block) for block in blocks]
        self._ends[first:] = accumulate(self._counts[first:], initial=self._ends[first - 1] if first else 0)
        del self._ends[first]


class RowsLeft:
    """Pieces that are taken from the front, so many rows at a time."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = iter(pieces)
        self._source = self._start = self._left = 0

    def take(self, rows: int, put: Callable[[Piece], object]) -> None:
        """Give the next rows to ``put``. Raises `IndexError` when there are too few."""
        while rows > 0:
            if not self._left:
                piece = next(self._pieces, None)
                if piece is None:
                    raise IndexError(f"{rows} rows too few")
                if piece[2] <= rows:
                    rows -= piece[2]
                    put(piece)
                    continue
                self._source, self._start, self._left = piece
            count = min(rows, self._left)
            put(Piece(self._source, self._start, count))
            self._start += count
            self._left -= count
            rows -= count

    def skip(self, rows: int) -> None:
        """Leave out the next rows. Raises `IndexError` when there are too few."""
        self.take(rows, lambda piece: None)

    def take_all(self, into: list[Piece]) -> None:
        """Give all rows that are left."""
        head = (Piece(self._source, self._start, self._left),) if self._left else ()
        into.extend(chain(head, self._pieces))


def _cut(pieces: list[Piece], rows: int) -> tuple[list[Piece], list[Piece]]:
    """The pieces of the first ``rows`` rows, and the others."""
    for at, (source, start, count) in enumerate(pieces):
        if rows < count:
            if not rows:
                return pieces[:at], pieces[at:]
            head, tail = Piece(source, start, rows), Piece(source, start + rows, count - rows)
            return [*pieces[:at], head], [tail, *pieces[at + 1 :]]
        rows -= count
    return pieces, []


def _join(pieces: list[Piece]) -> list[Piece]:
    """The same rows in as few pieces as possible."""
    joined: list[Piece] = []
    for piece in pieces:
        if not piece.rows:
            continue
        if joined:
            last = joined[-1]
            if last.source == piece.source and last.start + last.rows == piece.start:
                joined[-1] = Piece(last.source, last.start, last.rows + piece.rows)
                continue
        joined.append(piece)
    return joined
