"""Adding up counts that are known line by line, piece by piece."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

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


class LineCounts:
    """Counts of the lines of all sources of a document, found by their key: 8 bytes a line.

    A save gives the lines of the file new numbers; `renumber` remembers where each came from, so counts stay where they
    are. Changes are not thread-safe; `by_row` may run beside them, and then has some of them.
    """

    def __init__(self, base: int) -> None:
        """``base`` is the number of the file as a source, whose lines are counted from the first one on."""
        self.file = RowCounts()
        self._sources = {base: self.file}
        self._renumbered: dict[int, tuple[Sequence[Piece], list[int]]] = {}

    def add(self, source: int, start: int, counts: RowCounts) -> None:
        """Take the counts of the lines of a source from number ``start`` on."""
        own = self._sources.setdefault(source, RowCounts())
        missing = start - len(own.tokens)
        if missing > 0:
            own.trainable.extend(array("I", bytes(4 * missing)))
            own.tokens.extend(array("I", (UNKNOWN,)) * missing)
        stop = start + len(counts.tokens)
        own.tokens[start:stop] = counts.tokens
        own.trainable[start:stop] = counts.trainable

    def renumber(self, pieces: Sequence[Piece], source: int) -> None:
        """Line ``i`` of ``source`` is row ``i`` of ``pieces``."""
        self._renumbered[source] = (pieces, list(accumulate(piece.rows for piece in pieces)))

    def settle(self, source: int) -> None:
        """Give the lines of a renumbered source counts of their own, if all are known: it is quicker from then on."""
        pieces, _ = self._renumbered[source]
        rows = self.by_row(pieces)
        if UNKNOWN not in rows.tokens:
            self._sources[source] = rows
            del self._renumbered[source]

    def roots(self, piece: Piece) -> Iterator[Piece]:
        """The same lines under the numbers that they were counted by."""
        known = self._renumbered.get(piece.source)
        if known is None:
            yield piece
            return
        origins, ends = known
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

    def uncounted(self, root: Piece) -> Iterator[int]:
        """The lines of a root piece that are not counted yet."""
        own = self._sources.get(root.source)
        known = len(own.tokens) if own is not None else 0
        for number in range(root.start, root.start + root.rows):
            if own is None or number >= known or own.tokens[number] == UNKNOWN:
                yield number

    def by_row(self, pieces: Iterable[Piece]) -> RowCounts:
        """The counts of the lines of these pieces one after the other, `UNKNOWN` where there are none yet.

        A million rows take 5 ms in one piece, and 0.3 s in as many pieces.
        """
        rows = RowCounts()
        tokens, trainable = rows.tokens, rows.trainable
        for piece in pieces:
            for source, start, count in (piece,) if piece[0] not in self._renumbered else self.roots(piece):
                own = self._sources.get(source, _NOTHING)
                if count == 1 and start < len(own.tokens):
                    tokens.append(own.tokens[start])
                    trainable.append(own.trainable[start])
                    continue
                found = own.tokens[start : start + count]
                missing = count - len(found)
                tokens.extend(found)
                trainable.extend(own.trainable[start : start + len(found)])
                if missing:
                    tokens.extend(array("I", (UNKNOWN,)) * missing)
                    trainable.extend(array("I", bytes(4 * missing)))
        return rows


_NOTHING: Final = RowCounts()
