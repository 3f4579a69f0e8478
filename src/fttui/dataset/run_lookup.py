"""Where runs of lines went: a million of them in arrays, found by bisection."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fttui.dataset.pieces import Piece


class _Runs(NamedTuple):
    """Runs of lines of one source, ascending: the first line of each, how many, and the place of the first."""

    starts: array[int]
    counts: array[int]
    places: array[int]


class RunLookup:
    """The places of lines, each of which has one at most."""

    def __init__(self, runs: Iterable[tuple[Piece, int]]) -> None:
        """``runs`` are pieces with the place of the first line of each; the others follow it."""
        self._sources: dict[int, _Runs] = {}
        unordered: set[int] = set()
        last, ends = -1, {-1: 0}
        of_source = _Runs(array("Q"), array("Q"), array("Q"))
        for (source, start, count), place in runs:
            if source != last:
                of_source = self._sources.setdefault(source, _Runs(array("Q"), array("Q"), array("Q")))
                last = source
            if start < ends.get(source, 0):
                unordered.add(source)
            ends[source] = start + count
            of_source.starts.append(start)
            of_source.counts.append(count)
            of_source.places.append(place)
        for source in unordered:
            columns = zip(*sorted(zip(*self._sources[source], strict=True)), strict=True)
            self._sources[source] = _Runs(*(array("Q", column) for column in columns))

    def runs(self, piece: Piece) -> Iterator[tuple[int | None, int]]:
        """The places of a piece's lines, in order and in runs: the first one (None: they have none) and how many."""
        source, start, count = piece
        of_source = self._sources.get(source)
        if of_source is None:
            yield None, count
            return
        starts, counts, places = of_source
        stop = start + count
        number = max(bisect_right(starts, start) - 1, 0)
        while start < stop and number < len(starts) and starts[number] < stop:
            first, end = starts[number], starts[number] + counts[number]
            if end > start:
                if start < first:
                    yield None, first - start
                    start = first
                until = min(stop, end)
                yield places[number] + start - first, until - start
                start = until
            number += 1
        if start < stop:
            yield None, stop - start
