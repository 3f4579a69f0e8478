"""Writing a document, and making the written file the base of what is open."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fttui.core.atomic import write_atomic
from fttui.dataset.errors import FileDamagedError, saving_failed
from fttui.dataset.index import LineIndex
from fttui.dataset.pieces import Piece
from fttui.dataset.snapshot import Snapshot

MUST_CLOSE: Final = os.name == "nt"
"""Whether a file must be closed before another is renamed over it."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What was written: where, how many rows, how many bytes."""

    path: Path
    rows: int
    size: int


def write_snapshot(
    snapshot: Snapshot, path: Path, *, mode: int | None, before_rename: Callable[[], None]
) -> tuple[SaveResult, LineIndex]:
    """Write the rows to ``path``, all or nothing; what was written, and where its lines begin.

    Raises:
        InputError: Nothing was changed on disk; says why.
    """
    index = LineIndex(start=len(snapshot.bom))
    rows = len(snapshot)

    def chunks() -> Iterator[bytes]:
        if snapshot.bom:
            yield snapshot.bom
        for chunk in snapshot.chunks():
            index.feed(chunk)
            yield chunk
        index.finish()
        if len(index) != rows:  # the file below us is not what it was when it was indexed
            raise FileDamagedError(path)
        before_rename()

    try:
        size = write_atomic(path, chunks(), mode=mode)
    except OSError as error:
        raise saving_failed(path, error) from error
    return SaveResult(path, rows, size), index


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
