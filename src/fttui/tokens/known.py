"""Which lines of a file have counts already: those that it had when it was counted before, wherever they are now."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

from fttui.dataset.index import Readable
from fttui.tokens.parts import add_parts
from fttui.tokens.rows import BlockCounts, RowCounts, Stretch, bytes_starting_in, digest_of
from fttui.tokens.worker import Block

BLOCK: Final = 512 << 10
"""Bytes of one request: about 35 ms of counting."""
_MOST_MISTAKEN: Final = 2_000
"""So many lines may look like the first of a known stretch in vain (0.3 ms each); then the rest is counted anew."""


def blocks_of(size: int, start: int = 0) -> Iterator[Block]:
    """The blocks of a file from ``start`` up to ``size`` bytes, in order."""
    return (Block(at, min(at + BLOCK, size)) for at in range(start, size, BLOCK))


def parts_of(
    file: Readable, size: int, before: BlockCounts, cancel: Callable[[], bool]
) -> Iterator[BlockCounts | Block]:
    """The file in order: counts for lines that are known, blocks for those that are to be counted.

    Each stretch that was counted ``before`` is expected behind the one before it. Where it is not, lines came, went or
    were changed, and from there each line is held against the first lines of the stretches that have not come yet.
    Reads what is known once (0.6 s for a gigabyte). Stops when ``cancel`` says so.
    """
    return _Comparison(file, size, before).parts(cancel)


class _Comparison:
    def __init__(self, file: Readable, size: int, before: BlockCounts) -> None:
        self._file = file
        self._size = size
        self._before = before
        self._stretches = before.stretches
        self._heads: dict[int, list[int]] = {}
        self._first_lines = []
        self._mistaken = 0
        line = 0
        for number, stretch in enumerate(self._stretches):
            self._heads.setdefault(stretch.head, []).append(number)
            self._first_lines.append(line)
            line += stretch.lines

    def parts(self, cancel: Callable[[], bool]) -> Iterator[BlockCounts | Block]:
        at = expected = 0
        while at < self._size and not cancel():
            if expected < len(self._stretches) and self._is_at(self._stretches[expected], at):
                yield self._counts(expected, at)
                at += self._stretches[expected].size
                expected += 1
                continue
            found = self._look_on(at, expected, cancel)
            yield from blocks_of(self._size if found is None else found[0], at)
            if found is None:
                return
            at, expected = found

    def _is_at(self, stretch: Stretch, at: int) -> bool:
        """Whether the lines of the stretch are the ones that begin at ``at``."""
        end = at + stretch.size
        if end > self._size:
            return False
        data = self._file.read(at, stretch.size)
        return (data.endswith(b"\n") or end == self._size) and digest_of(data) == stretch.digest

    def _counts(self, number: int, at: int) -> BlockCounts:
        stretch, first = self._stretches[number], self._first_lines[number]
        lines = slice(first, first + stretch.lines)
        moved = Stretch(at, stretch.size, stretch.lines, stretch.digest, stretch.head, stretch.parts)
        return BlockCounts(self._before.tokens[lines], self._before.trainable[lines], stretch.parts, (moved,))

    def _look_on(self, at: int, expected: int, cancel: Callable[[], bool]) -> tuple[int, int] | None:
        """Where a stretch from ``expected`` on begins, and which; None when none does."""
        while at < self._size and not cancel():
            at, data = bytes_starting_in(self._file, at, min(at + BLOCK, self._size))
            with memoryview(data) as view:
                start = 0
                while start < len(data):
                    end = data.find(b"\n", start) + 1 or len(data)
                    for number in self._heads.get(zlib.crc32(view[start:end]), ()):
                        if number < expected:
                            continue
                        if self._is_at(self._stretches[number], at + start):
                            return at + start, number
                        self._mistaken += 1
                        if self._mistaken > _MOST_MISTAKEN:
                            return None
                    start = end
            at += len(data)
        return None


def whole_of(before: BlockCounts) -> BlockCounts:
    """The counts of a file that is still as it was, with its parts added up."""
    whole = RowCounts()
    for stretch in before.stretches:
        add_parts(whole.parts, stretch.parts)
    return BlockCounts(before.tokens, before.trainable, whole.parts, before.stretches)
