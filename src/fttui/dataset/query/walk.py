"""The lines of a snapshot in blocks of about a megabyte: one read and many lines at a time."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from fttui.dataset.errors import FileDamagedError
from fttui.dataset.sources import IndexedSource, Source

if TYPE_CHECKING:
    from fttui.dataset.query.needles import Needle
    from fttui.dataset.snapshot import Snapshot

_BLOCK: Final = 1 << 20
_BATCH: Final = 256
"""Lines put together to a block where they do not follow one another in the file."""
_LONG: Final = 32
"""Lines that must follow one another in the file to be read as blocks of their own."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that follow one another: their lines are ``data[starts[i] - base : starts[i + 1] - base]``.

    Attributes:
        row: The number of the first row.
        data: The lines with their endings.
        starts: Where each line begins, and the last ends.
        base: The number in ``starts`` at which ``data`` begins.
    """

    row: int
    data: bytes
    starts: array[int]
    base: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def index_at(self, position: int) -> int:
        """Which of the rows the byte at a position of ``data`` belongs to."""
        return bisect_right(self.starts, position + self.base) - 1

    def start_of(self, index: int) -> int:
        """Where the line of a row begins in ``data``."""
        return self.starts[index] - self.base

    def end_of(self, index: int) -> int:
        """Where the line of a row ends in ``data``."""
        return self.starts[index + 1] - self.base

    def raw(self, index: int) -> bytes:
        """The line of a row, without its ending."""
        return self.data[self.start_of(index) : self.end_of(index)].rstrip(b"\r\n")


def blocks_of(snapshot: Snapshot, ranges: Iterable[tuple[int, int]]) -> Iterator[Block]:
    """The lines of some rows: ranges (first row, row after the last) in ascending order. Raises `OSError`."""
    lines: list[bytes] = []
    first = size = 0
    for source, number, count, row in _runs(snapshot, ranges):
        is_long = isinstance(source, IndexedSource) and count >= _LONG
        if lines and (is_long or row != first + len(lines)):
            yield _joined(first, lines)
            lines, size = [], 0
        if isinstance(source, IndexedSource) and is_long:
            yield from _file_blocks(source, number, count, row)
            continue
        for line in source.lines(number, count):
            first = first if lines else row
            lines.append(line)
            size += len(line)
            row += 1
            if len(lines) >= _BATCH or size >= _BLOCK:
                yield _joined(first, lines)
                lines, size = [], 0
    if lines:
        yield _joined(first, lines)


def rows_with(block: Block, needle: Needle | None) -> Iterator[int]:
    """Which rows of a block have a text, as indices in it; all of them when there is none to look for."""
    if needle is None:
        yield from range(len(block))
        return
    data = needle.data_of(block.data)
    at = 0
    while (found := needle.next(data, at)) is not None:
        index = block.index_at(found[0])
        yield index
        at = block.end_of(index)


def _runs(snapshot: Snapshot, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[Source, int, int, int]]:
    """The runs of lines behind some ranges of rows: source, first line, how many, and the row of the first."""
    pieces = iter(snapshot.pieces)
    piece = None
    first = stop_of_piece = 0
    for start, stop in ranges:
        while start < stop:
            while start >= stop_of_piece:
                piece = next(pieces, None)
                if piece is None:
                    return
                first, stop_of_piece = stop_of_piece, stop_of_piece + piece.rows
            assert piece is not None
            until = min(stop, stop_of_piece)
            yield snapshot.sources[piece.source], piece.start + start - first, until - start, start
            start = until


def _joined(row: int, lines: list[bytes]) -> Block:
    return Block(row, b"".join(lines), array("Q", accumulate(map(len, lines), initial=0)), 0)


def _file_blocks(source: IndexedSource, number: int, count: int, row: int) -> Iterator[Block]:
    offsets = source.index.offsets
    stop = number + count
    while number < stop:
        base = offsets[number]
        until = min(max(bisect_right(offsets, base + _BLOCK, number, stop + 1) - 1, number + 1), stop)
        data = source.reader.read(base, offsets[until] - base)
        if len(data) < offsets[until] - base:
            raise FileDamagedError(source.reader.path)
        yield Block(row, data, offsets[number : until + 1], base)
        row += until - number
        number = until
