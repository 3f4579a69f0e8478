"""The order of rows as runs over their sources: a million untouched rows are one piece.

A piece says "so many lines of that source, from this one on". Edits cut and join pieces, so inserting, deleting and
moving cost the same in ten rows and in a million. Pieces are kept in blocks of bounded length, so a row is found, and
an edit made, without walking over all earlier edits. Blocks are never changed, only replaced, so a look at all pieces
as they are now costs nothing but the list of blocks.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import Final, NamedTuple, overload

_BLOCK_PIECES: Final = 256


class Piece(NamedTuple):
    """``rows`` lines of the source numbered ``source``, from its line ``start`` on."""

    source: int
    start: int
    rows: int


class PackedPieces(Sequence[Piece]):
    """Pieces in 24 bytes each. A value once it is made: as few pieces as possible, none of them empty.

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
        if isinstance(pieces, PackedPieces):
            return pieces
        packer = Packer()
        for piece in pieces:
            packer.put(*piece)
        return packer.packed()

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

    def __repr__(self) -> str:
        return f"PackedPieces({[*islice(self, 9)]}{', …' if len(self) > 9 else ''})"


class Packer:
    """Packs pieces that are put one after the other, and joins those that belong together."""

    def __init__(self) -> None:
        self._sources = array("L")
        self._starts = array("Q")
        self._rows = array("Q")
        self._last = self._end = -1

    def put(self, source: int, start: int, rows: int) -> None:
        """Add a piece."""
        if source == self._last and start == self._end:
            self._rows[-1] += rows
        elif rows:
            self._sources.append(source)
            self._starts.append(start)
            self._rows.append(rows)
            self._last = source
        else:
            return
        self._end = start + rows

    def packed(self) -> PackedPieces:
        """What was put. Put nothing afterwards."""
        return PackedPieces(self._sources, self._starts, self._rows)


class RowsLeft:
    """Pieces that are taken from the front, so many rows at a time."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self._pieces = iter(pieces)
        self._source = self._start = self._left = 0

    def take(self, rows: int, into: Packer | None) -> None:
        """Put the next rows there, or leave them out. Raises `IndexError` when there are too few."""
        if 0 < rows < self._left:  # mostly
            if into is not None:
                into.put(self._source, self._start, rows)
            self._start += rows
            self._left -= rows
            return
        while rows:
            if not self._left:
                piece = next(self._pieces, None)
                if piece is None:
                    raise IndexError(f"{rows} rows too few")
                self._source, self._start, self._left = piece
            count = rows if rows < self._left else self._left
            if into is not None:
                into.put(self._source, self._start, count)
            self._start += count
            self._left -= count
            rows -= count

    def take_all(self, into: Packer) -> None:
        """Put all rows there that are left."""
        into.put(self._source, self._start, self._left)
        self._left = 0
        for piece in self._pieces:
            into.put(*piece)


def parted(pieces: Iterable[Piece], ranges: Iterable[tuple[int, int]]) -> tuple[PackedPieces, PackedPieces]:
    """The rows in ``ranges`` (ascending; first row, how many), and the others.

    Raises:
        IndexError: There are no such rows.
    """
    left, within, others = RowsLeft(pieces), Packer(), Packer()
    done = 0
    for start, count in ranges:
        left.take(start - done, others)
        left.take(count, within)
        done = start + count
    left.take_all(others)
    return within.packed(), others.packed()


def only(pieces: Iterable[Piece], ranges: Iterable[tuple[int, int]]) -> PackedPieces:
    """The rows in ``ranges`` (ascending; first row, row after the last). Raises `IndexError` for others."""
    left, within = RowsLeft(pieces), Packer()
    done = 0
    for start, stop in ranges:
        left.take(start - done, None)
        left.take(stop - start, within)
        done = stop
    return within.packed()


def woven(pieces: Iterable[Piece], coming: Iterable[Piece], places: Iterable[tuple[int, int]]) -> PackedPieces:
    """The rows with the ``coming`` ones between them; ``places`` (ascending) says where these stand then, and how many.

    Raises:
        IndexError: There is no such place.
    """
    left, new, woven = RowsLeft(pieces), RowsLeft(coming), Packer()
    done = 0
    for start, count in places:
        left.take(start - done, woven)
        new.take(count, woven)
        done = start + count
    left.take_all(woven)
    return woven.packed()


def exchanged(
    pieces: Iterable[Piece], coming: Iterable[Piece], ranges: Iterable[tuple[int, int]]
) -> tuple[PackedPieces, PackedPieces]:
    """The rows with those in ``ranges`` (ascending; first row, how many) exchanged for ``coming`` ones; and the former.

    Raises:
        IndexError: There are no such rows.
    """
    left, new = RowsLeft(pieces), RowsLeft(coming)
    all_rows, gone = Packer(), Packer()
    done = 0
    for start, count in ranges:
        left.take(start - done, all_rows)
        left.take(count, gone)
        new.take(count, all_rows)
        done = start + count
    left.take_all(all_rows)
    return all_rows.packed(), gone.packed()


class TablePieces(Sequence[Piece]):
    """The pieces of a table as they were at one moment."""

    def __init__(self, blocks: Iterable[PackedPieces]) -> None:
        self.blocks: Final = tuple(blocks)

    def __len__(self) -> int:
        return sum(map(len, self.blocks))

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def __iter__(self) -> Iterator[Piece]:
        return chain.from_iterable(self.blocks)

    @overload
    def __getitem__(self, index: int) -> Piece: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Piece]: ...
    def __getitem__(self, index: int | slice) -> Piece | Sequence[Piece]:
        if isinstance(index, slice):
            return tuple(self)[index]
        at = index + len(self) if index < 0 else index
        for block in self.blocks:
            if 0 <= at < len(block):
                return block[at]
            at -= len(block)
        raise IndexError(f"piece {index} of {len(self)}")


class PieceTable:
    """The rows of a document, in order. Not thread-safe: its document holds the lock."""

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._blocks: list[PackedPieces] = []
        self._counts: list[int] = []
        """The number of rows of each block."""
        self._ends: list[int] = []
        """The number of rows up to and with each block."""
        self.fill(pieces)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[Piece]:
        return chain.from_iterable(self._blocks)

    def pieces(self) -> TablePieces:
        """The pieces as they are now."""
        return TablePieces(self._blocks)

    def locate(self, row: int) -> tuple[int, int]:
        """The source of a row and the line in it. Raises `IndexError` for a row that is not there."""
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        number = bisect_right(self._ends, row)
        within = row - (self._ends[number - 1] if number else 0)
        block = self._blocks[number]
        for at, count in enumerate(block.rows):
            if within < count:
                return block.sources[at], block.starts[at] + within
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
        self._rebuild(first, last + 1, PackedPieces.of(chain(before, pieces, after)))
        return tuple(taken)

    def append(self, piece: Piece) -> None:
        """Add rows after the last."""
        self.splice(len(self), 0, (piece,))

    def fill(self, pieces: Iterable[Piece]) -> None:
        """Have these pieces in the place of all."""
        self._rebuild(0, len(self._blocks), PackedPieces.of(pieces))

    def _rebuild(self, first: int, stop: int, pieces: PackedPieces) -> None:
        """Replace the blocks ``first`` to ``stop`` by ones made of ``pieces``."""
        half = _BLOCK_PIECES // 2
        step = half if len(pieces) > _BLOCK_PIECES else _BLOCK_PIECES
        blocks = [pieces[at : at + step] for at in range(0, len(pieces), step)]
        self._blocks[first:stop] = blocks
        self._counts[first:stop] = [sum(block.rows) for block in blocks]
        self._ends[first:] = accumulate(self._counts[first:], initial=self._ends[first - 1] if first else 0)
        del self._ends[first]


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
