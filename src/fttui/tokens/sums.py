"""Adding up counts that are known line by line, piece by piece."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from fttui.dataset.pieces import Piece
from fttui.tokens.rows import BROKEN, RowCounts


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
    """Counts of the lines of one file and of the lines that were typed since, found by their key in the document.

    A save gives the lines of the file new numbers; `renumber` remembers where each came from, so counts stay where they
    are. Not thread-safe.
    """

    def __init__(self, base: int, added: int) -> None:
        """``base`` and ``added`` are the numbers of the two sources."""
        self._base = base
        self._added = added
        self.file = RowCounts()
        """The file's lines from the first one on, as far as they are counted."""
        self._typed: dict[int, tuple[int, int]] = {}
        self._renumbered: dict[int, tuple[list[Piece], list[int]]] = {}

    def add_typed(self, start: int, counts: RowCounts) -> None:
        """Take the counts of added lines from number ``start`` on."""
        for number, pair in enumerate(zip(counts.tokens, counts.trainable, strict=True), start):
            self._typed[number] = pair

    def renumber(self, pieces: Iterable[Piece], source: int) -> None:
        """Line ``i`` of ``source`` is row ``i`` of ``pieces``."""
        roots = [root for piece in pieces for root in self.roots(piece)]
        self._renumbered[source] = (roots, list(accumulate(root.rows for root in roots)))

    def roots(self, piece: Piece) -> Iterator[Piece]:
        """The same lines under the numbers that they were counted by."""
        if piece.source not in self._renumbered:
            yield piece
            return
        roots, ends = self._renumbered[piece.source]
        start, rows = piece.start, piece.rows
        at = bisect_right(ends, start)
        while rows > 0 and at < len(roots):
            root = roots[at]
            within = start - (ends[at] - root.rows)
            taken = min(root.rows - within, rows)
            yield Piece(root.source, root.start + within, taken)
            start, rows, at = start + taken, rows - taken, at + 1

    def counts(self, root: Piece) -> RowCounts | None:
        """The counts of a root piece; None when some line of it is not counted yet."""
        stop = root.start + root.rows
        if root.source == self._base:
            if stop > len(self.file.tokens):
                return None
            return RowCounts(self.file.tokens[root.start : stop], self.file.trainable[root.start : stop])
        counts = RowCounts()
        for number in range(root.start, stop):
            pair = self._typed.get(number) if root.source == self._added else None
            if pair is None:
                return None
            counts.tokens.append(pair[0])
            counts.trainable.append(pair[1])
        return counts

    def uncounted(self, root: Piece) -> Iterator[int]:
        """The added lines of a root piece that are not counted yet."""
        if root.source == self._added:
            yield from (n for n in range(root.start, root.start + root.rows) if n not in self._typed)
