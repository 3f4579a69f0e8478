"""Adding up counts that are known line by line, piece by piece."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from fttui.dataset.line_keys import LineKeys, are_many, gathered
from fttui.dataset.pieces import Piece
from fttui.tokens.rows import BROKEN, RowCounts

UNKNOWN: Final = BROKEN - 1
"""Stands in the counts of rows for a line that is not counted yet."""


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


class LineCounts(LineKeys):
    """Counts of the lines of all sources of a document, found by their key: 8 bytes a line.

    A save gives the lines of the file new numbers; `renumber` remembers where each came from, so counts stay where they
    are. Changes are not thread-safe; `by_row` may run beside them, and then has some of them.
    """

    def __init__(self, base: int) -> None:
        """``base`` is the number of the file as a source, whose lines are counted from the first one on."""
        super().__init__()
        self.file = RowCounts()
        self._sources = {base: self.file}

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

    def settle(self, source: int) -> None:
        """Give the lines of a renumbered source counts of their own, if all are known: it is quicker from then on."""
        origins = self.origins(source)
        rows = self.by_row(origins or ())
        if origins is not None and UNKNOWN not in rows.tokens:
            self._sources[source] = rows
            self.forget(source)

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
        if are_many(pieces):
            tokens, trainable = gathered(pieces, self._columns_of, (UNKNOWN, 0))
            return RowCounts(tokens, trainable)
        lines = {source: self._all_of(source) for source in set(map(itemgetter(0), pieces))}
        rows = RowCounts()
        for source, start, count in pieces:
            own = lines[source]
            tokens = own.tokens[start : start + count]
            rows.tokens.extend(tokens)
            rows.trainable.extend(own.trainable[start : start + len(tokens)])
            _extend(rows, count - len(tokens))
        return rows

    def _columns_of(self, source: int) -> tuple[array[int], array[int]]:
        own = self._all_of(source)
        tokens = own.tokens[:]  # first, and once: the other array may be ahead of it
        return tokens, own.trainable[: len(tokens)]

    def _all_of(self, source: int) -> RowCounts:
        """The counts of all lines of a source, as far as there are any."""
        own = self._sources.get(source)
        if own is None:
            origins = self.origins(source)
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
