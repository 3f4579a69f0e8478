"""Where the lines of a file begin: 8 bytes a line, a gigabyte in well under a second, in plain Python."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import accumulate, islice
from typing import Final, Protocol

BLOCK: Final = 4 << 20
"""Bytes read at a time. Each read gives up the interpreter lock, which a busy screen may hold for 5 ms: not too few."""
_STEP: Final = 16_384
"""Lines between two chances for another thread to run (about a millisecond)."""


class Readable(Protocol):
    """A file read by position (`fttui.dataset.reader.FileReader`)."""

    def read(self, offset: int, size: int) -> bytes: ...


class Fillable(Readable, Protocol):
    """A file that may not be there to its end yet."""

    def fill(self, position: int, cancel: Callable[[], bool]) -> None: ...


class LineIndex:
    """Where each line begins and the last ends: line ``i``, its ending included, is ``[offsets[i], offsets[i + 1])``.

    It grows as bytes are fed to it; a line counts when its line feed was seen, or at `finish`.
    """

    __slots__ = ("end", "ends_with_newline", "offsets")

    def __init__(self, start: int = 0) -> None:
        """``start`` is where the first line begins, 3 after a byte order mark."""
        self.offsets = array("Q", [start])
        self.end = start
        self.ends_with_newline = True
        """Whether the last line has its line feed; known after `finish` (nothing at all: True)."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def feed(self, block: bytes) -> array[int]:
        """Take the next bytes; the ends of the lines that end in them, which are added to ``offsets`` too."""
        ends = line_ends(block, self.end)
        self.add(ends, self.end + len(block))
        return ends

    def add(self, ends: array[int], position: int) -> None:
        """Take line ends found elsewhere, and the position up to which they were looked for."""
        self.offsets.extend(ends)
        self.end = position

    def finish(self) -> None:
        """There is no more: the rest is a line, if there is any."""
        self.ends_with_newline = self.end == self.offsets[-1]
        if not self.ends_with_newline:
            self.offsets.append(self.end)


def line_ends(block: bytes, start: int) -> array[int]:
    r"""The position after each ``\n`` in ``block``, whose first byte is at ``start``.

    The loop runs in C: the lengths of the lines, summed up. A line across two blocks is never put together, so a line
    of a gigabyte costs no memory.
    """
    ends = array("Q")
    sums = accumulate(map(len, BytesIO(block)), initial=start)
    next(sums)
    while True:
        before = len(ends)
        ends.extend(islice(sums, _STEP))
        if len(ends) == before:
            break
    if ends and not block.endswith(b"\n"):
        ends.pop()
    return ends


def index_file(
    reader: Fillable, *, start: int = 0, stop: int | None = None, cancel: Callable[[], bool] = lambda: False
) -> Iterator[tuple[array[int], int]]:
    """Find the line ends of a file in batches: the positions after each line feed, and the position reached.

    Args:
        reader: The file; one that is still filling is waited for, and filled, from here.
        start: Where to begin reading.
        stop: Where to end, or None for the end of the file.
        cancel: Asked before each block; True ends the work.
    """
    position = start
    while not cancel():
        size = BLOCK if stop is None else min(BLOCK, stop - position)
        if size > 0:
            reader.fill(position, cancel)
        block = reader.read(position, size) if size > 0 else b""
        if not block:
            break
        ends = line_ends(block, position)
        position += len(block)
        yield ends, position
