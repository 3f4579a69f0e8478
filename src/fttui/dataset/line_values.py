"""A number for each line of a document, found by the line's key: 4 bytes a line."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain, groupby
from operator import itemgetter
from typing import Final

from fttui.dataset.pieces import Piece

UNKNOWN: Final = 2**32 - 1
"""Stands for the number of a line that has none yet."""
_MANY_PIECES: Final = 10_000


class LineValues:
    """Numbers below `UNKNOWN` for the lines of all sources of a document.

    A save gives the lines of the file new keys; `renumber` remembers where each came from, so numbers stay where they
    are. Changes are not thread-safe; `by_row` may run beside them, and then has some of them.
    """

    def __init__(self, base: int) -> None:
        """``base`` is the number of the file as a source, whose lines get numbers from the first one on."""
        self.file = array("I")
        self._sources = {base: self.file}
        self._renumbered: dict[int, Sequence[Piece]] = {}
        self._ends: dict[int, array[int]] = {}
        """Where each of the pieces of a renumbered source ends, once somebody asked for a line of it."""

    def add(self, source: int, first: int, values: array[int]) -> None:
        """Give numbers to the lines of a source from ``first`` on."""
        own = self._sources.setdefault(source, array("I"))
        _extend(own, first + len(values) - len(own))
        own[first : first + len(values)] = values

    def copy(self, originals: Sequence[Piece], copies: Sequence[Piece]) -> None:
        """Lines have copies (piece by piece, of the same length), which have the same numbers; unknown ones stay so."""
        for original, other in zip(originals, copies, strict=True):
            if original != other:
                self.add(other.source, other.start, self.by_row([original]))

    def renumber(self, pieces: Sequence[Piece], source: int) -> None:
        """Line ``i`` of ``source`` is row ``i`` of ``pieces``."""
        if len(pieces) < _MANY_PIECES:  # or else a row after a hundred saves would be looked for a hundred times
            pieces = [root for piece in pieces for root in self.roots(piece)]
        self._renumbered[source] = pieces

    def roots(self, piece: Piece) -> Iterator[Piece]:
        """The same lines under the keys that they have their numbers by."""
        origins = self._renumbered.get(piece.source)
        if origins is None:
            yield piece
            return
        ends = self._ends.get(piece.source)
        if ends is None:
            ends = self._ends[piece.source] = array("Q", accumulate(map(itemgetter(2), origins)))
        _, start, rows = piece
        at = bisect_right(ends, start)
        while rows > 0 and at < len(ends):
            origin = origins[at]
            within = start - (ends[at] - origin.rows)
            taken = min(origin.rows - within, rows)
            yield from self.roots(Piece(origin.source, origin.start + within, taken))
            start, rows, at = start + taken, rows - taken, at + 1

    def value(self, key: tuple[int, int]) -> int:
        """The number of a line, or `UNKNOWN`."""
        for source, number, _ in self.roots(Piece(*key, 1)):
            own = self._sources.get(source)
            if own is not None and number < len(own):
                return own[number]
        return UNKNOWN

    def unknown(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """Those of these lines that have no number, in runs, under the keys by which they are to get one."""
        for root in chain.from_iterable(map(self.roots, pieces)):
            at = root.start
            for is_known, run in groupby(self.by_row([root]), lambda value: value != UNKNOWN):
                rows = sum(1 for _ in run)
                if not is_known:
                    yield Piece(root.source, at, rows)
                at += rows

    def by_row(self, pieces: Sequence[Piece]) -> array[int]:
        """The numbers of these lines one after the other.

        A million rows take 5 ms in one piece, and 0.3 s in as many pieces.
        """
        if len(pieces) >= _MANY_PIECES:
            return _gathered(pieces, self._all_of)
        lines = {source: self._all_of(source) for source in set(map(itemgetter(0), pieces))}
        rows = array("I")
        for source, start, count in pieces:
            values = lines[source][start : start + count]
            rows.extend(values)
            _extend(rows, count - len(values))
        return rows

    def _all_of(self, source: int) -> array[int]:
        """The numbers of all lines of a source, as far as there are any."""
        own = self._sources.get(source)
        if own is None:
            origins = self._renumbered.get(source)
            own = array("I") if origins is None else self.by_row(origins)
        return own


def _extend(values: array[int], rows: int) -> None:
    """Add lines that have no number yet."""
    if rows > 0:
        values.extend(array("I", (UNKNOWN,)) * rows)


def _gathered(pieces: Sequence[Piece], all_of: Callable[[int], array[int]]) -> array[int]:
    """What `LineValues.by_row` gives, for so many pieces that loading numpy is worth it."""
    import numpy as np

    table = np.fromiter(chain.from_iterable(pieces), np.int64, 3 * len(pieces)).reshape(-1, 3)
    sources, starts, counts = table[:, 0], table[:, 1], table[:, 2]
    parts = []
    base = np.zeros(len(pieces), np.int64)
    at = 0
    for source in np.unique(sources):
        own = all_of(int(source))
        of_source = sources == source
        length = int((starts + counts)[of_source].max())
        values = np.array(own[:length], np.uint32)
        parts += [values, np.full(length - len(values), UNKNOWN, np.uint32)]
        base[of_source] = at
        at += length
    firsts = np.cumsum(counts) - counts
    places = np.repeat(starts + base - firsts, counts)
    places += np.arange(len(places))
    return array("I", np.concatenate(parts)[places].tobytes())
