"""Where rows stand after they were saved."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fttui.dataset.edits import Edit, with_pieces
from fttui.dataset.pieces import Piece


class _Runs(NamedTuple):
    """The lines of one source that were saved: runs of them, and the row that the first of each became."""

    starts: array[int]
    counts: array[int]
    rows: array[int]


class Rebase:
    """Where the rows of a saved snapshot stand in the file that was written: row ``n`` is its line ``n``."""

    def __init__(self, saved: Iterable[Piece], source: int) -> None:
        self._source = source
        self._edits: dict[int, tuple[Edit, Edit]] = {}
        """What edits became, by the identity of each, which is held so that it stays its own."""
        self._runs: dict[int, _Runs] = {}
        row = 0
        for number, start, count in saved:
            runs = self._runs.get(number)
            if runs is None:
                runs = self._runs[number] = _Runs(array("Q"), array("Q"), array("Q"))
            runs.starts.append(start)
            runs.counts.append(count)
            runs.rows.append(row)
            row += count
        for number, runs in self._runs.items():
            if any(map(int.__gt__, runs.starts, runs.starts[1:])):
                order = sorted(zip(*runs, strict=True))
                self._runs[number] = _Runs(*(array("Q", column) for column in zip(*order, strict=True)))

    def edit(self, edit: Edit) -> Edit:
        """The edit with its pieces taken from the new file. Remembered, as one of many rows takes long."""
        found = self._edits.get(id(edit))
        if found is None:
            found = self._edits[id(edit)] = edit, with_pieces(edit, self)
        return found[1]

    def __call__(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same rows, taken from the new file as far as they were saved to it."""
        for piece in pieces:
            runs = self._runs.get(piece[0])
            if runs is None:
                yield piece
            else:
                yield from self._map(piece, runs)

    def _map(self, piece: Piece, runs: _Runs) -> Iterator[Piece]:
        source, start, count = piece
        stop = start + count
        number = max(bisect_right(runs.starts, start) - 1, 0)
        while start < stop and number < len(runs.starts):
            first = runs.starts[number]
            end = first + runs.counts[number]
            if first >= stop:
                break
            if end > start:
                if start < first:
                    yield Piece(source, start, first - start)
                    start = first
                until = min(stop, end)
                yield Piece(self._source, runs.rows[number] + start - first, until - start)
                start = until
            number += 1
        if start < stop:
            yield Piece(source, start, stop - start)
