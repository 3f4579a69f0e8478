"""What differs between the rows as they are and the file as it was saved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from fttui.dataset.pieces import Piece
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import FileSource, IndexedSource, ReadAhead

ChangeKind: TypeAlias = Literal["changed", "added", "deleted", "moved"]


class RowChange(NamedTuple):
    """A row that is not as it was saved.

    Attributes:
        kind: An example that was changed (and perhaps moved) is ``changed``.
        row: Where it is now; None for a deleted one.
        saved_row: Where it was in the file; None for an added one.
    """

    kind: ChangeKind
    row: int | None
    saved_row: int | None


def row_changes(
    snapshot: Snapshot,
    roots: Callable[[Piece], Iterable[tuple[Piece, Piece]]],
    saved_lines: Callable[[Piece], Iterable[tuple[int | None, int]]],
) -> Iterator[RowChange]:
    """The differences, in the order of the rows; deleted examples where they were.

    Args:
        snapshot: The rows.
        roots: The examples of the lines of a piece, in runs.
        saved_lines: The lines of the saved file that belong to a piece of examples, in runs: first line (None: there
            are no such lines) and how many.

    Raises:
        OSError: The disk failed.
    """
    file = snapshot.sources[snapshot.base]
    assert isinstance(file, FileSource)
    runs = list(_runs(snapshot, roots, saved_lines))
    settled = _settled(runs)
    lines = _Lines(snapshot, file)
    missing = list(_missing(runs, len(file.index)))
    told = 0
    for number, run in enumerate(runs):
        if number in settled:
            while told < len(missing) and missing[told] < run.saved_row:
                yield RowChange("deleted", None, missing[told])
                told += 1
        yield from _of_run(run, snapshot.base, lines, is_moved=number not in settled)
    for saved_row in missing[told:]:
        yield RowChange("deleted", None, saved_row)


def place_of_saved(
    snapshot: Snapshot,
    roots: Callable[[Piece], Iterable[tuple[Piece, Piece]]],
    saved_lines: Callable[[Piece], Iterable[tuple[int | None, int]]],
    saved_row: int,
) -> int | None:
    """Where a deleted line of the file belongs: behind the nearest line before it that is still there, else before
    the nearest after it. None: the example is there. The arguments are those of `row_changes`."""
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    for row, first, (_, _, count) in _runs(snapshot, roots, saved_lines):
        if first < 0:
            continue
        if first <= saved_row < first + count:
            return None
        if first < saved_row:
            before = max(before or (-1, 0), (first + count - 1, row + count))
        else:
            after = (first, row) if after is None else min(after, (first, row))
    nearest = before or after
    return len(snapshot) if nearest is None else nearest[1]


class _Run(NamedTuple):
    """Rows that follow one another both here and in the file; ``saved_row`` is -1 when the file has none of them."""

    row: int
    saved_row: int
    piece: Piece


def _runs(
    snapshot: Snapshot,
    roots: Callable[[Piece], Iterable[tuple[Piece, Piece]]],
    saved_lines: Callable[[Piece], Iterable[tuple[int | None, int]]],
) -> Iterator[_Run]:
    row = 0
    for piece in snapshot.pieces:
        if piece.source == snapshot.base:
            yield _Run(row, piece.start, piece)
            row += piece.rows
            continue
        for part, root in roots(piece):
            start = part.start
            for line, count in saved_lines(root):
                yield _Run(row, -1 if line is None else line, Piece(piece.source, start, count))
                row += count
                start += count


class _Lines:
    """The lines to compare, read ahead on both sides."""

    def __init__(self, snapshot: Snapshot, file: FileSource) -> None:
        self._sources = {
            number: ReadAhead(source) if isinstance(source, IndexedSource) else source
            for number, source in snapshot.sources.items()
        }
        self._saved = ReadAhead(file)

    def now_and_saved(self, run: _Run) -> Iterator[tuple[bytes, bytes]]:
        """Each line of a run as it is, and as it was saved."""
        source, start, count = run.piece
        return zip(self._sources[source].lines(start, count), self._saved.lines(run.saved_row, count), strict=True)


def _of_run(run: _Run, base: int, lines: _Lines, *, is_moved: bool) -> Iterator[RowChange]:
    row, saved_row, (source, _, count) = run
    if saved_row < 0:
        yield from (RowChange("added", row + at, None) for at in range(count))
    elif source == base:
        if is_moved:
            yield from (RowChange("moved", row + at, saved_row + at) for at in range(count))
    else:
        for at, (line, saved) in enumerate(lines.now_and_saved(run)):
            if line.rstrip(b"\r\n") != saved.rstrip(b"\r\n"):
                yield RowChange("changed", row + at, saved_row + at)
            elif is_moved:
                yield RowChange("moved", row + at, saved_row + at)


def _missing(runs: list[_Run], count: int) -> Iterator[int]:
    """The rows of the file that no run has."""
    done = 0
    for saved_row, rows in sorted((run.saved_row, run.piece.rows) for run in runs if run.saved_row >= 0):
        yield from range(done, saved_row)
        done = saved_row + rows
    yield from range(done, count)


def _settled(runs: list[_Run]) -> Collection[int]:
    """The numbers of runs of the file that were not moved: the most rows that stand in the order of the file."""
    saved = [number for number, run in enumerate(runs) if run.saved_row >= 0]
    order = sorted(saved, key=lambda number: runs[number].saved_row)
    if order == saved:
        return range(len(runs)) if len(saved) == len(runs) else set(saved)
    rank = {number: at for at, number in enumerate(order)}
    strands: list[list[int]] = []  # runs that follow one another in both orders belong together
    for number in saved:
        if strands and rank[strands[-1][-1]] + 1 == rank[number]:
            strands[-1].append(number)
        else:
            strands.append([number])
    weights = [sum(runs[number].piece.rows for number in strand) for strand in strands]
    kept = heaviest_ascending([rank[strand[0]] for strand in strands], weights)
    return {number for at in kept for number in strands[at]}


def heaviest_ascending(values: Sequence[int], weights: Sequence[int]) -> list[int]:
    """The places of an ascending selection of unequal ``values`` that weighs as much as any."""
    ranks = {value: at for at, value in enumerate(sorted(values), start=1)}
    best: list[tuple[int, int]] = [(0, -1)] * (len(values) + 1)  # a Fenwick tree: weight, last place
    before: list[int] = []
    top = (0, -1)
    for place, (value, weight) in enumerate(zip(values, weights, strict=True)):
        at = ranks[value]
        found, node = (0, -1), at
        while node:
            found = max(found, best[node])
            node &= node - 1
        before.append(found[1])
        mine = (found[0] + weight, place)
        top = max(top, mine)
        while at < len(best):
            best[at] = max(best[at], mine)
            at += at & -at
    kept: list[int] = []
    place = top[1]
    while place >= 0:
        kept.append(place)
        place = before[place]
    return kept[::-1]
