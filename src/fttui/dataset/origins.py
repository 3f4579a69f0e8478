"""Which example a line belongs to: an identity that stays through edits, moves, undo and saves.

An example is named by the line that it was when it was first seen, as (source, line). A line of an edit belongs to the
example it was an edit of; a line of a saved file to the example that was saved there. All others are their own.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

from fttui.dataset.pieces import Piece
from fttui.dataset.run_lookup import RunLookup
from fttui.dataset.sources import ADDED

_KEPT: Final = 8
"""Sources whose examples are known after their lines were let go of."""


class RootRuns:
    """Runs of lines of one source and the examples they belong to. Lines in no run are their own examples."""

    __slots__ = ("_lines", "_roots", "_rows", "_sources", "_starts")

    def __init__(self) -> None:
        self._starts = array("Q")
        self._rows = array("Q")
        self._sources = array("L")
        self._roots = array("Q")
        self._lines: RunLookup | None = None

    @property
    def end(self) -> int:
        """The line after the last that has an example."""
        return self._starts[-1] + self._rows[-1] if self._starts else 0

    def put(self, start: int, root: Piece) -> None:
        """The lines from ``start`` on, which come after all that are known, belong to the examples ``root``."""
        self._lines = None
        if (
            self._starts
            and self.end == start
            and self._sources[-1] == root.source
            and self._roots[-1] + self._rows[-1] == root.start
        ):
            self._rows[-1] += root.rows
            return
        self._starts.append(start)
        self._rows.append(root.rows)
        self._sources.append(root.source)
        self._roots.append(root.start)

    def extend(self, others: RootRuns) -> None:
        """Put the runs of other lines of the source that come after all that are known; leave out the rest."""
        for start, source, root, rows in zip(others._starts, others._sources, others._roots, others._rows, strict=True):
            if start >= self.end:
                self.put(start, Piece(source, root, rows))

    def runs(self, piece: Piece) -> Iterator[tuple[Piece, Piece]]:
        """The lines of a piece, in order, with the examples they belong to."""
        source, start, count = piece
        stop = start + count
        number = max(bisect_right(self._starts, start) - 1, 0)
        while start < stop and number < len(self._starts):
            first = self._starts[number]
            end = first + self._rows[number]
            if end <= start:
                number += 1
                continue
            if first >= stop:
                break
            if start < first:
                own = Piece(source, start, first - start)
                yield own, own
                start = first
            until = min(stop, end)
            root = Piece(self._sources[number], self._roots[number] + start - first, until - start)
            yield Piece(source, start, until - start), root
            start = until
            number += 1
        if start < stop:
            own = Piece(source, start, stop - start)
            yield own, own

    def lines_of(self, root: Piece) -> Iterator[tuple[int | None, int]]:
        """The lines that belong to a piece of examples, in runs: the first (None: there are none), and how many."""
        if self._lines is None:
            roots = map(Piece, self._sources, self._roots, self._rows)
            self._lines = RunLookup(zip(roots, self._starts, strict=True))
        return self._lines.runs(root)


class Adoptions(NamedTuple):
    """The examples of lines: of spool files, by source, and of lines in memory."""

    runs: dict[int, RootRuns]
    typed: dict[int, tuple[int, int]]


class Origins:
    """The examples behind the lines of all sources. The rows' lock is held for each change."""

    def __init__(self) -> None:
        self._typed: dict[int, tuple[int, int]] = {}
        """The examples of the lines in memory, which come in no order."""
        self._runs: dict[int, RootRuns] = {}
        self._spools: set[int] = set()

    def root(self, source: int, line: int) -> tuple[int, int]:
        """The example that a line belongs to."""
        if source == ADDED:
            return self._typed.get(line, (source, line))
        runs = self._runs.get(source)
        if runs is None:
            return source, line
        _, root = next(runs.runs(Piece(source, line, 1)))
        return root.source, root.start

    def roots(self, piece: Piece) -> Iterator[tuple[Piece, Piece]]:
        """Runs of the lines of a piece with the examples that they belong to."""
        if piece.source == ADDED:
            for line in range(piece.start, piece.start + piece.rows):
                source, number = self._typed.get(line, (ADDED, line))
                yield Piece(ADDED, line, 1), Piece(source, number, 1)
        elif (runs := self._runs.get(piece.source)) is None:
            yield piece, piece
        else:
            yield from runs.runs(piece)

    def lines_of(self, source: int, root: Piece) -> Iterator[tuple[int | None, int]]:
        """The lines of a file that belong to a piece of examples, in runs: the first (or None), and how many."""
        runs = self._runs.get(source)
        if runs is not None:
            yield from runs.lines_of(root)
        else:  # a file as it was opened
            yield (root.start if root.source == source else None), root.rows

    def add_spool(self, source: int) -> None:
        """Lines of this source are edits: see `adopt`."""
        self._runs[source] = RootRuns()
        self._spools.add(source)

    def adoptions(self, new: Iterable[Piece], old: Iterable[Piece]) -> Adoptions:
        """The examples of lines that give way to others, one for one, by those others; to be given to `adopt`.

        It takes long for many rows, and needs no lock.
        """
        roots = (root for piece in old for _, root in self.roots(piece))
        left = Piece(0, 0, 0)
        found = Adoptions({}, {})
        for source, start, count in new:
            runs = found.runs.setdefault(source, RootRuns()) if source in self._spools else None
            stop = start + count
            while start < stop:
                number, first, rows = left if left.rows else next(roots)
                taken = min(rows, stop - start)
                if runs is not None and start >= runs.end:
                    runs.put(start, Piece(number, first, taken))
                elif source == ADDED:
                    found.typed.update((start + at, (number, first + at)) for at in range(taken))
                left = Piece(number, first + taken, rows - taken)
                start += taken
        return found

    def adopt(self, adoptions: Adoptions) -> None:
        """Lines that were made for an edit belong to the examples whose lines they took the place of.

        Lines that have an example keep it: an edit that puts an earlier line back changes nothing.
        """
        for line, root in adoptions.typed.items():
            self._typed.setdefault(line, root)
        for source, runs in adoptions.runs.items():
            if self._runs[source].end:
                self._runs[source].extend(runs)
            else:
                self._runs[source] = runs

    def runs_of(self, pieces: Iterable[Piece]) -> RootRuns:
        """The examples of the lines of a file that these rows were written to."""
        runs = RootRuns()
        at = 0
        for piece in pieces:
            for _, root in self.roots(piece):
                runs.put(at, root)
                at += root.rows
        return runs

    def add_file(self, source: int, runs: RootRuns) -> None:
        """The lines of this source belong to these examples."""
        self._runs[source] = runs

    def forget_all_but(self, sources: Collection[int]) -> None:
        """The lines of other sources are asked for no more, but for those of snapshots that somebody still reads."""
        kept = {*sources, *sorted(self._runs)[-_KEPT:]}
        self._runs = {source: runs for source, runs in self._runs.items() if source in kept}
