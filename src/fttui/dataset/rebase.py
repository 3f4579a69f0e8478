"""Where rows stand after they were saved."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from fttui.dataset.pieces import Piece


class Rebase:
    """Where the rows of a saved snapshot stand in the file that was written: row ``n`` is its line ``n``."""

    def __init__(self, saved: tuple[Piece, ...], source: int) -> None:
        self._source = source
        at = 0
        runs: list[tuple[Piece, int]] = []
        for piece in saved:
            runs.append((piece, at))
            at += piece.rows
        runs.sort()
        self._runs = runs
        self._keys = [(piece.source, piece.start) for piece, _ in runs]

    def __call__(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same rows, taken from the new file as far as they were saved to it."""
        for piece in pieces:
            yield from self._map(piece)

    def _map(self, piece: Piece) -> Iterator[Piece]:
        source, start, count = piece
        stop = start + count
        number = max(bisect_right(self._keys, (source, start)) - 1, 0)
        while start < stop and number < len(self._runs):
            run, at = self._runs[number]
            number += 1
            if (run.source, run.start + run.rows) <= (source, start):
                continue
            if (run.source, run.start) >= (source, stop):
                break
            if start < run.start:
                yield Piece(source, start, run.start - start)
                start = run.start
            until = min(stop, run.start + run.rows)
            yield Piece(self._source, at + start - run.start, until - start)
            start = until
        if start < stop:
            yield Piece(source, start, stop - start)
