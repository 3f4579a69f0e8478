"""Where the lines of a document come from: the file on disk, and what was typed since."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, Protocol

from fttui.dataset.errors import FileDamagedError
from fttui.dataset.index import LineIndex
from fttui.dataset.reader import FileReader

ADDED: Final = 0
"""The number of the source in memory; files and spool files are numbered from 1, each with a number of its own."""
_CHUNK: Final = 1 << 20


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
        offsets = self.index.offsets
        stop = start + count
        position, end = offsets[start], offsets[stop]
        last = b""
        while position < end:
            last = self._read(position, min(_CHUNK, end - position))
            position += len(last)
            yield last
        if stop == len(self.index) and not self.index.ends_with_newline:
            yield terminated(last[-1:], newline)[1:]

    def size_of(self, start: int, count: int) -> int:
        return self.index.offsets[start + count] - self.index.offsets[start]

    def _read(self, offset: int, size: int) -> bytes:
        data = self.reader.read(offset, size)
        if len(data) < size:
            raise FileDamagedError(self.reader.path)
        return data


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
