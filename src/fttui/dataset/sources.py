"""Where the lines of a document come from: the file on disk, and what was typed since."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from fttui.dataset.errors import FileDamagedError
from fttui.dataset.index import LineIndex
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader

ADDED: Final = 0
"""The number of the source in memory; files and spool files are numbered from 1, each with a number of its own."""
_CHUNK: Final = 1 << 20
_NEAR: Final = 1 << 18
"""Bytes between two steps of a walk up to which it is worth reading them too."""


class Source(Protocol):
    """Numbered lines that never change (there may come more)."""

    def line(self, number: int) -> bytes:
        """One line with its ending. Raises `OSError` when the disk does."""

    def lines(self, start: int, count: int) -> Iterator[bytes]:
        """Lines with their endings."""

    def chunks(self, start: int, count: int, newline: bytes) -> Iterator[bytes]:
        """The bytes of these lines; a line without a line feed is given one."""

    def size_of(self, start: int, count: int) -> int:
        """The bytes of these lines."""


def walk(pieces: Iterable[Piece], sources: Mapping[int, Source]) -> Iterator[bytes]:
    """The lines of these rows with their endings. Raises `OSError` when the disk does."""
    ahead = {number: ReadAhead(source) for number, source in sources.items() if isinstance(source, IndexedSource)}
    for number, start, count in pieces:
        near = ahead.get(number)
        if near is None:
            yield from sources[number].lines(start, count)
        elif count == 1:
            yield near.line(start)
        else:
            yield from near.lines(start, count)


def terminated(line: bytes, newline: bytes) -> bytes:
    """The line with a line feed at its end: its own, or ``newline``."""
    if line.endswith(b"\n"):
        return line
    return line + (b"\n" if line.endswith(b"\r") else newline)


class IndexedSource:
    """The lines of an open file, read when they are asked for."""

    def __init__(self, reader: FileReader, index: LineIndex) -> None:
        self.reader = reader
        self.index = index

    def line(self, number: int) -> bytes:
        offsets = self.index.offsets
        return self.reader.read(offsets[number], offsets[number + 1] - offsets[number])

    def lines(self, start: int, count: int) -> Iterator[bytes]:
        offsets = self.index.offsets
        stop = start + count
        while start < stop:
            base = offsets[start]
            until = min(max(bisect_right(offsets, base + _CHUNK, start, stop + 1) - 1, start + 1), stop)
            data = self._read(base, offsets[until] - base)
            for number in range(start, until):
                yield data[offsets[number] - base : offsets[number + 1] - base]
            start = until

    def chunks(self, start: int, count: int, newline: bytes) -> Iterator[bytes]:
        last = b""
        for last in self.raw_chunks(start, count):
            yield last
        if start + count == len(self.index) and not self.index.ends_with_newline:
            yield terminated(last[-1:], newline)[1:]

    def raw_chunks(self, start: int, count: int) -> Iterator[bytes]:
        """The bytes of these lines as they stand in the file."""
        position, end = self.index.offsets[start], self.index.offsets[start + count]
        while position < end:
            data = self._read(position, min(_CHUNK, end - position))
            position += len(data)
            yield data

    def size_of(self, start: int, count: int) -> int:
        return self.index.offsets[start + count] - self.index.offsets[start]

    def _read(self, offset: int, size: int) -> bytes:
        data = self.reader.read(offset, size)
        if len(data) < size:
            raise FileDamagedError(self.reader.path)
        return data


class ReadAhead:
    """Reads lines of an indexed file for somebody who goes through it in small steps: one read for many of them.

    Not thread-safe: each walk has its own.
    """

    def __init__(self, source: IndexedSource) -> None:
        self._source = source
        self._data = b""
        self._at = self._end = 0

    def line(self, number: int) -> bytes:
        """One line with its ending."""
        offsets = self._source.index.offsets
        first, end = offsets[number], offsets[number + 1]
        if first < self._at or end > self._end:
            self._read(first, end)
        return self._data[first - self._at : end - self._at]

    def lines(self, start: int, count: int) -> Iterator[bytes]:
        """Lines with their endings, as `IndexedSource.lines` gives them."""
        offsets = self._source.index.offsets
        if offsets[start + count] - offsets[start] > _NEAR:
            yield from self._source.lines(start, count)
        else:
            for number in range(start, start + count):
                yield self.line(number)

    def bytes_of(self, start: int, count: int) -> bytes:
        """The bytes of a few lines, as they stand in the file."""
        offsets = self._source.index.offsets
        first, end = offsets[start], offsets[start + count]
        if first < self._at or end > self._end:
            self._read(first, end)
        return self._data[first - self._at : end - self._at]

    def _read(self, first: int, end: int) -> None:
        """Read up to ``end`` at least, and beyond it when the last read was just before."""
        is_near = 0 <= first - self._end <= _NEAR
        data = self._source.reader.read(first, max(end - first, _CHUNK if is_near else 0))
        if len(data) < end - first:
            raise FileDamagedError(self._source.reader.path)
        self._data, self._at, self._end = data, first, first + len(data)


class FileSource(IndexedSource):
    """The lines of the file that is edited, as it was opened or saved."""


class SpoolSource(IndexedSource):
    """The lines of a bulk edit, in a file of their own."""

    def __init__(self, reader: FileReader, index: LineIndex, name: str) -> None:
        """``name`` is the file's, by which a journal finds it again."""
        super().__init__(reader, index)
        self.name = name


class AddedLines:
    """Lines that are not in the file: edited and new ones, in memory, each with its ending."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: bytes) -> int:
        """Keep a line; its number."""
        self._lines.append(line)
        return len(self._lines) - 1

    def line(self, number: int) -> bytes:
        return self._lines[number]

    def lines(self, start: int, count: int) -> Iterator[bytes]:
        return iter(self._lines[start : start + count])

    def chunks(self, start: int, count: int, newline: bytes) -> Iterator[bytes]:
        for line in self.lines(start, count):
            yield terminated(line, newline)

    def size_of(self, start: int, count: int) -> int:
        return sum(map(len, self.lines(start, count)))
