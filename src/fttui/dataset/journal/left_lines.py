"""The lines that a journal holds, or that stand in files beside it."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from pathlib import Path

from fttui.dataset.index import LineIndex, index_file
from fttui.dataset.journal.format import Frame, Kind, read_lines, read_spool
from fttui.dataset.journal.reading import LeftJournal
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader
from fttui.dataset.sources import SpoolSource


class LeftLines:
    """Lines by the numbers that they and their sources have in a journal."""

    def __init__(self, journal: LeftJournal) -> None:
        self._journal = journal
        self._runs: dict[int, list[tuple[int, int, Frame]]] = {}
        self._last: tuple[Frame, list[bytes]] | None = None
        self.spools: dict[int, SpoolSource] = {}

    def learn(self, frame: Frame) -> None:
        """Take note of a ``LINES`` or ``SPOOL`` frame.

        Raises:
            ValueError: It is damaged.
            OSError: The file of a bulk edit cannot be read.
        """
        if frame.kind == Kind.LINES:
            source, first, lines = read_lines(self._journal.payload(frame))
            insort(self._runs.setdefault(source, []), (first, len(lines), frame))
            return
        number, name = read_spool(self._journal.payload(frame))
        if number not in self.spools:
            self.spools[number] = _open_spool(self._journal.path.with_name(name), name)

    def of(self, piece: Piece) -> Iterator[bytes]:
        """Lines with their endings. Raises `ValueError` when they are not there."""
        if (spool := self.spools.get(piece.source)) is not None:
            if piece.start + piece.rows > len(spool.index):
                raise ValueError("lines are missing")
            yield from spool.lines(piece.start, piece.rows)
            return
        start, stop = piece.start, piece.start + piece.rows
        while start < stop:
            first, count, frame = self._run(piece.source, start)
            until = min(stop, first + count)
            yield from self._read(frame)[start - first : until - first]
            start = until

    def _run(self, source: int, line: int) -> tuple[int, int, Frame]:
        runs = self._runs.get(source, [])
        for number in range(bisect_right(runs, line, key=lambda run: run[0]) - 1, -1, -1):
            first, count, _ = runs[number]
            if line < first + count:
                return runs[number]
        raise ValueError("lines are missing")

    def _read(self, frame: Frame) -> list[bytes]:
        if self._last is None or self._last[0] is not frame:
            self._last = frame, read_lines(self._journal.payload(frame))[2]
        return self._last[1]


def _open_spool(path: Path, name: str) -> SpoolSource:
    reader = FileReader(path)
    index = LineIndex()
    for ends, position in index_file(reader):
        index.add(ends, position)
    index.finish()
    return SpoolSource(reader, index, name)
