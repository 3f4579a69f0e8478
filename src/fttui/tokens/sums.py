"""Adding up counts that are known line by line, piece by piece."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import itemgetter
from typing import Final

from fttui.dataset.pieces import Piece
from fttui.tokens.rows import BROKEN, RowCounts

UNKNOWN: Final = BROKEN - 1
"""Stands in the counts of rows for a line that is not counted yet."""
_MANY_PIECES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Sums:
    """The numbers of some lines; see `fttui.tokens.totals.FileTotals` for what each means."""

    examples: int = 0
    broken: int = 0
    tokens: int = 0
    trainable: int = 0
    billable: int = 0
    over_limit: int = 0

    def plus(self, other: Sums, sign: int = 1) -> Sums:
        """Both together, or these without the others (``sign`` −1)."""
        return Sums(
            self.examples + sign * other.examples,
            self.broken + sign * other.broken,
            self.tokens + sign * other.tokens,
            self.trainable + sign * other.trainable,
            self.billable + sign * other.billable,
            self.over_limit + sign * other.over_limit,
        )


def sums_of(tokens: array[int], trainable: array[int], limit: int | None) -> Sums:
    """Add up lines (20 ms for a million); a count may be `BROKEN`."""
    broken = tokens.count(BROKEN)
    total = sum(tokens) - broken * BROKEN
    too_long: list[int] = []
    if limit is not None and tokens and (broken or max(tokens) > limit):
        too_long = [count for count in tokens if limit < count < BROKEN]
    billable = total - sum(too_long) + len(too_long) * (limit or 0)
    return Sums(len(tokens) - broken, broken, total, sum(trainable), billable, len(too_long))


class LineCounts:
    """Counts of the lines of all sources of a document, found by their key: 8 bytes a line.

    A save gives the lines of the file new numbers; `renumber` remembers where each came from, so counts stay where they
    are. Changes are not thread-safe; `by_row` may run beside them, and then has some of them.
    """

    def __init__(self, base: int) -> None:
        """``base`` is the number of the file as a source, whose lines are counted from the first one on."""
        self.file = RowCounts()
        self._sources = {base: self.file}
        self._renumbered: dict[int, Sequence[Piece]] = {}
        self._ends: dict[int, array[int]] = {}
        """Where each of the pieces of a renumbered source ends, once somebody asked for a line of it."""

    def add(self, source: int, numbers: Sequence[int], counts: RowCounts) -> None:
        """Take the counts of the lines of a source that have these numbers."""
        own = self._sources.setdefault(source, RowCounts())
        if not numbers:
            return
        _extend(own, max(numbers) + 1 - len(own.tokens))
        if isinstance(numbers, range):
            own.tokens[numbers.start : numbers.stop] = counts.tokens
            own.trainable[numbers.start : numbers.stop] = counts.trainable
            return
        for at, number in enumerate(numbers):
            own.tokens[number] = counts.tokens[at]
            own.trainable[number] = counts.trainable[at]

    def copy(self, originals: Sequence[Piece], copies: Sequence[Piece]) -> None:
        """Lines have copies (piece by piece, of the same length), which have the same counts; unknown ones stay so."""
        changed = [(one, other) for one, other in zip(originals, copies, strict=True) if one != other]
        rows = self.by_row([one for one, _ in changed])
        at = 0
        for source, run in _joined(other for _, other in changed):
            part = slice(at, at := at + len(run))
            self.add(source, run, RowCounts(rows.tokens[part], rows.trainable[part]))

    def renumber(self, pieces: Sequence[Piece], source: int) -> None:
        """Line ``i`` of ``source`` is row ``i`` of ``pieces``."""
        if len(pieces) < _MANY_PIECES:  # or else a row after a hundred saves would be looked for a hundred times
            pieces = [root for piece in pieces for root in self.roots(piece)]
        self._renumbered[source] = pieces

    def settle(self, source: int) -> None:
        """Give the lines of a renumbered source counts of their own, if all are known: it is quicker from then on."""
        rows = self.by_row(self._renumbered[source])
        if UNKNOWN not in rows.tokens:
            self._sources[source] = rows
            del self._renumbered[source]
            self._ends.pop(source, None)

    def roots(self, piece: Piece) -> Iterator[Piece]:
        """The same lines under the numbers that they were counted by."""
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

    def counts(self, root: Piece) -> RowCounts | None:
        """The counts of a root piece; None when some line of it is not counted yet."""
        own = self._sources.get(root.source)
        stop = root.start + root.rows
        if own is None or stop > len(own.tokens):
            return None
        tokens = own.tokens[root.start : stop]
        return None if UNKNOWN in tokens else RowCounts(tokens, own.trainable[root.start : stop])

    def sums(self, piece: Piece, limit: int | None) -> Sums | None:
        """The numbers of a piece; None when some line of it is not counted yet."""
        total = Sums()
        for root in self.roots(piece):
            counts = self.counts(root)
            if counts is None:
                return None
            total = total.plus(sums_of(counts.tokens, counts.trainable, limit))
        return total

    def uncounted(self, root: Piece) -> Iterator[int]:
        """The lines of a root piece that are not counted yet."""
        own = self._sources.get(root.source)
        known = len(own.tokens) if own is not None else 0
        for number in range(root.start, root.start + root.rows):
            if own is None or number >= known or own.tokens[number] == UNKNOWN:
                yield number

    def by_row(self, pieces: Sequence[Piece]) -> RowCounts:
        """The counts of the lines of these pieces one after the other, `UNKNOWN` where there are none yet.

        A million rows take 10 ms in one piece, and 0.3 s in as many pieces.
        """
        if len(pieces) >= _MANY_PIECES:
            return _gathered(pieces, self._all_of)
        lines = {source: self._all_of(source) for source in set(map(itemgetter(0), pieces))}
        rows = RowCounts()
        for source, start, count in pieces:
            own = lines[source]
            tokens = own.tokens[start : start + count]
            rows.tokens.extend(tokens)
            rows.trainable.extend(own.trainable[start : start + len(tokens)])
            _extend(rows, count - len(tokens))
        return rows

    def _all_of(self, source: int) -> RowCounts:
        """The counts of all lines of a source, as far as there are any."""
        own = self._sources.get(source)
        if own is None:
            origins = self._renumbered.get(source)
            own = self._sources.get(source, RowCounts()) if origins is None else self.by_row(origins)
        return own


def _joined(pieces: Iterable[Piece]) -> Iterator[tuple[int, range]]:
    """Source and lines of pieces, those together that follow one another."""
    now: tuple[int, range] | None = None
    for source, start, rows in pieces:
        if now is not None and (source, start) == (now[0], now[1].stop):
            now = (source, range(now[1].start, start + rows))
            continue
        if now is not None:
            yield now
        now = (source, range(start, start + rows))
    if now is not None:
        yield now


def _extend(counts: RowCounts, rows: int) -> None:
    """Add rows that are not counted yet."""
    if rows > 0:
        counts.trainable.extend(array("I", (0,)) * rows)  # first: who reads beside goes by the other's length
        counts.tokens.extend(array("I", (UNKNOWN,)) * rows)


def _gathered(pieces: Sequence[Piece], all_of: Callable[[int], RowCounts]) -> RowCounts:
    """What `LineCounts.by_row` gives, for so many pieces that loading numpy is worth it."""
    import numpy as np

    table = np.fromiter(chain.from_iterable(pieces), np.int64, 3 * len(pieces)).reshape(-1, 3)
    sources, starts, counts = table[:, 0], table[:, 1], table[:, 2]
    tokens_parts, trainable_parts = [], []
    base = np.zeros(len(pieces), np.int64)
    at = 0
    for source in np.unique(sources):
        own = all_of(int(source))
        of_source = sources == source
        length = int((starts + counts)[of_source].max())
        tokens = np.array(own.tokens[:length], np.uint32)
        trainable = np.zeros(length, np.uint32)
        trainable[: len(tokens)] = own.trainable[: len(tokens)]
        tokens_parts += [tokens, np.full(length - len(tokens), UNKNOWN, np.uint32)]
        trainable_parts.append(trainable)
        base[of_source] = at
        at += length
    firsts = np.cumsum(counts) - counts
    places = np.repeat(starts + base - firsts, counts)
    places += np.arange(len(places))
    return RowCounts(
        array("I", np.concatenate(tokens_parts)[places].tobytes()),
        array("I", np.concatenate(trainable_parts)[places].tobytes()),
    )
