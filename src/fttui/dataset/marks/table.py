"""A number for each line of each source, a few bytes a line, and nothing for stretches that have none."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from fttui.dataset.pieces import Piece

_BITS: Final = 12
_LINES: Final = 1 << _BITS
"""Lines of one chunk: the smallest stretch that costs memory, 16 or 32 KiB."""
_FEW: Final = 16
"""Lines of a piece up to which going through them one by one is quicker."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person said about an example: it stays beside the file, never in it."""

    tags: frozenset[str] = frozenset()
    note: str = ""
    reviewed: bool = False


UNMARKED: Final = Mark()


class MarkPool:
    """Each different mark once, by number; 0 is the one that says nothing."""

    def __init__(self) -> None:
        self.marks: Final = [UNMARKED]
        self._numbers = {UNMARKED: 0}

    def number(self, mark: Mark) -> int:
        """The number of a mark; a new one is taken in."""
        number = self._numbers.setdefault(mark, len(self.marks))
        if number == len(self.marks):
            self.marks.append(mark)
        return number


class LineTable:
    """Numbers by source and line, 0 where none was put. Not thread-safe: its owner holds a lock.

    Lines are kept in chunks that exist from the first number on, so that fifty tags in a million examples cost fifty
    chunks at most, and a million tags 4 bytes each (8 with type code ``Q``).
    """

    def __init__(self, typecode: Literal["I", "Q"]) -> None:
        self._empty: Final = array(typecode, [0]) * _LINES
        self._chunks: dict[tuple[int, int], array[int]] = {}

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def get(self, source: int, line: int) -> int:
        chunk = self._chunks.get((source, line >> _BITS))
        return chunk[line & _LINES - 1] if chunk is not None else 0

    def put(self, source: int, line: int, number: int) -> None:
        self._chunk(source, line >> _BITS)[line & _LINES - 1] = number

    def put_many(self, roots: Iterable[tuple[int, int]], numbers: Iterable[int]) -> None:
        """Put a number for each source and line; 0 changes nothing."""
        last_source = last_number = -1
        chunk = self._empty
        for (source, line), value in zip(roots, numbers, strict=True):
            if value:
                number = line >> _BITS
                if number != last_number or source != last_source:
                    chunk = self._chunk(source, number)
                    last_source, last_number = source, number
                chunk[line & _LINES - 1] = value

    def runs(self, piece: Piece) -> Iterator[tuple[int, array[int]]]:
        """The stretches of a piece that may have numbers: the first line, and the numbers from there on."""
        for number, first, stop in _chunks_of(piece):
            chunk = self._chunks.get((piece.source, number))
            if chunk is not None:
                yield (number << _BITS) + first, chunk[first:stop]

    def all_runs(self) -> Iterator[tuple[int, int, array[int]]]:
        """All stretches that may have numbers: source, first line, numbers."""
        for (source, number), chunk in sorted(self._chunks.items(), key=lambda item: item[0]):
            yield source, number << _BITS, chunk

    def put_run(self, source: int, line: int, numbers: array[int]) -> None:
        """Put numbers from ``line`` on, also where they are 0."""
        for number, first, stop in _chunks_of(Piece(source, line, len(numbers))):
            at = (number << _BITS) + first - line
            self._chunk(source, number)[first:stop] = numbers[at : at + stop - first]

    def change(self, pieces: Iterable[Piece], to: Callable[[int], int]) -> Counter[tuple[int, int]]:
        """Put ``to(number)`` in the place of each number of the pieces: how many changed from what to what.

        Args:
            pieces: The lines.
            to: Called once for each different number.
        """
        new = _Memo(to)
        changed: Counter[tuple[int, int]] = Counter()
        for piece in pieces:
            if piece.rows <= _FEW:
                for line in range(piece.start, piece.start + piece.rows):
                    chunk = self._chunks.get((piece.source, line >> _BITS))
                    old = chunk[line & _LINES - 1] if chunk is not None else 0
                    value = new[old]
                    if value != old:
                        changed[old, value] += 1
                        (self._chunk(piece.source, line >> _BITS) if chunk is None else chunk)[line & _LINES - 1] = (
                            value
                        )
                continue
            for number, first, stop in _chunks_of(piece):
                chunk = self._chunks.get((piece.source, number))
                counts = Counter(chunk[first:stop]) if chunk is not None else Counter({0: stop - first})
                differing = {(old, new[old]): rows for old, rows in counts.items() if old != new[old]}
                if differing:
                    changed.update(differing)
                    chunk = self._chunk(piece.source, number)
                    chunk[first:stop] = array(chunk.typecode, map(new.__getitem__, chunk[first:stop]))
        return changed

    def _chunk(self, source: int, number: int) -> array[int]:
        chunk = self._chunks.get((source, number))
        if chunk is None:
            chunk = self._chunks[source, number] = self._empty[:]
        return chunk


class _Memo(dict[int, int]):
    """A function's results, each worked out once."""

    def __init__(self, function: Callable[[int], int]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, number: int) -> int:
        self[number] = result = self._function(number)
        return result


def _chunks_of(piece: Piece) -> Iterator[tuple[int, int, int]]:
    """The chunks of a piece: number, and the lines within it from the first to before the last."""
    start, stop = piece.start, piece.start + piece.rows
    while start < stop:
        number = start >> _BITS
        until = min(stop, (number + 1) << _BITS)
        yield number, start & _LINES - 1, until - (number << _BITS)
        start = until
