"""Which rows: a selection, the rows a filter keeps, the rows of a bulk edit. A million rows in a run are one range."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, pairwise, starmap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fttui.dataset.edits import Change

_MANY: Final = 10_000
"""Ranges from which on numpy's import is worth its time."""
# whether a row is in the result, by: in neither, only the first, only the second, both
_OR: Final = (False, True, True, True)
_AND: Final = (False, False, False, True)
_SUB: Final = (False, True, False, False)
_XOR: Final = (False, True, True, False)


class RowSet:
    """Unique row numbers (from 0) in ascending order, held as ranges that do not touch. A value: it never changes.

    Combining a big set with a few rows costs what the ranges about these rows cost, and a copy.
    """

    __slots__ = ("_ends", "_starts", "_stops")

    def __init__(self) -> None:
        """No rows; see `of`, `span` and `from_ranges`."""
        self._starts = array("Q")
        self._stops = array("Q")
        self._ends: array[int] | None = None
        """How many rows there are up to and with each range, once somebody asks."""

    @classmethod
    def _of_arrays(cls, starts: array[int], stops: array[int]) -> RowSet:
        rows = cls()
        rows._starts, rows._stops = starts, stops
        return rows

    @classmethod
    def of(cls, rows: Iterable[int]) -> RowSet:
        """These rows, in any order, with or without duplicates."""
        if isinstance(rows, RowSet):
            return rows
        ordered = sorted(set(rows))
        if not ordered:
            return cls()
        breaks = [(last, first) for last, first in pairwise(ordered) if first != last + 1]
        starts = array("Q", [ordered[0], *(first for _, first in breaks)])
        stops = array("Q", [*(last + 1 for last, _ in breaks), ordered[-1] + 1])
        return cls._of_arrays(starts, stops)

    @classmethod
    def from_ranges(cls, ranges: Iterable[tuple[int, int]]) -> RowSet:
        """The rows of ranges (first row, row after the last), ascending, not empty and not touching.

        Raises:
            ValueError: They are not.
        """
        starts, stops = array("Q"), array("Q")
        end = -1
        for start, stop in ranges:
            if not end < start < stop:
                raise ValueError(f"the range {start} to {stop} after {end}")
            starts.append(start)
            stops.append(stop)
            end = stop
        return cls._of_arrays(starts, stops)

    @classmethod
    def span(cls, start: int, stop: int) -> RowSet:
        """The rows from ``start`` up to and without ``stop``; none when there are none between."""
        return cls.from_ranges([(start, stop)] if start < stop else ())

    # --- reading ----------------------------------------------------------------------------------------------------

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The runs of rows: first row, row after the last."""
        return zip(self._starts, self._stops, strict=True)

    def __len__(self) -> int:
        return self._totals()[-1] if self._starts else 0

    def __bool__(self) -> bool:
        return bool(self._starts)

    def __iter__(self) -> Iterator[int]:
        return chain.from_iterable(starmap(range, self.ranges()))

    def __contains__(self, row: object) -> bool:
        if not isinstance(row, int):
            return False
        number = bisect_right(self._starts, row) - 1
        return number >= 0 and row < self._stops[number]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowSet):
            return NotImplemented
        return self._starts == other._starts and self._stops == other._stops

    def __hash__(self) -> int:
        return hash((self._starts.tobytes(), self._stops.tobytes()))

    def __repr__(self) -> str:
        head = ", ".join(f"{a}-{b - 1}" if b > a + 1 else f"{a}" for a, b in [*zip(self._starts[:9], self._stops[:9])])  # noqa: B905
        return f"RowSet({head}{', …' if len(self._starts) > 9 else ''})"

    def at(self, position: int) -> int:
        """The row that has ``position`` rows of the set before it. Raises `IndexError` when there is none."""
        if not 0 <= position < len(self):
            raise IndexError(f"row {position} of {len(self)}")
        ends = self._totals()
        number = bisect_right(ends, position)
        return self._stops[number] - (ends[number] - position)

    def position(self, row: int) -> int:
        """How many rows of the set are below ``row``, which need not be in it."""
        number = bisect_left(self._starts, row)  # ranges that begin below
        if not number:
            return 0
        return self._totals()[number - 1] - max(self._stops[number - 1] - row, 0)

    def flags(self, count: int) -> bytearray:
        """A byte for each of the first ``count`` rows: 1 for those of the set, 0 for the others."""
        rows = self._between(0, count)
        if not rows or len(rows._starts) < _MANY:
            flags = bytearray(count)
            for start, stop in rows.ranges():
                flags[start:stop] = b"\1" * (stop - start)
            return flags[:count]
        import numpy as np

        turns = np.zeros(max(count, rows._stops[-1]) + 1, dtype=np.int8)
        turns[np.frombuffer(rows._starts, dtype=np.int64)] = 1
        turns[np.frombuffer(rows._stops, dtype=np.int64)] = -1  # ranges do not touch: none begins where one ends
        return bytearray(turns.cumsum(dtype=np.int8)[:count])

    def _totals(self) -> array[int]:
        if self._ends is None:
            self._ends = _running_totals(self._starts, self._stops)
        return self._ends

    # --- combining --------------------------------------------------------------------------------------------------

    def __or__(self, other: RowSet) -> RowSet:
        return self._with(other, _OR) if len(other._starts) <= len(self._starts) else other._with(self, _OR)

    def __xor__(self, other: RowSet) -> RowSet:
        return self._with(other, _XOR) if len(other._starts) <= len(self._starts) else other._with(self, _XOR)

    def __and__(self, other: RowSet) -> RowSet:
        if not self or not other:
            return RowSet()
        low, high = max(self._starts[0], other._starts[0]), min(self._stops[-1], other._stops[-1])
        return _merged(self._between(low, high), other._between(low, high), _AND)

    def __sub__(self, other: RowSet) -> RowSet:
        if not self or not other:
            return self
        return self._with(other._between(self._starts[0], self._stops[-1]), _SUB)

    def _with(self, other: RowSet, keep: tuple[bool, ...]) -> RowSet:
        """Combine with rows beside which all rows of this set stay."""
        if not other:
            return self
        first, last = self._touching(other._starts[0], other._stops[-1])
        middle = _merged(self._of_arrays(self._starts[first:last], self._stops[first:last]), other, keep)
        return self._of_arrays(
            self._starts[:first] + middle._starts + self._starts[last:],
            self._stops[:first] + middle._stops + self._stops[last:],
        )

    def _between(self, low: int, high: int) -> RowSet:
        """The ranges, uncut, that have rows from ``low`` to ``high`` or touch them."""
        first, last = self._touching(low, high)
        return (
            self
            if last - first == len(self._starts)
            else self._of_arrays(self._starts[first:last], self._stops[first:last])
        )

    def _touching(self, low: int, high: int) -> tuple[int, int]:
        first = bisect_left(self._stops, low)
        return first, max(bisect_right(self._starts, high), first)

    # --- following edits --------------------------------------------------------------------------------------------

    def after(self, change: Change) -> RowSet:
        """The same rows as they are numbered after an edit. Removed rows drop out, inserted ones do not join.

        Rows that others take the place of one for one (an edited row) stay.
        """
        if change.bulk is not None:
            removed = change.bulk.removed
            return (self - removed).closed_over(removed).opened_for(change.bulk.inserted)
        if change.removed == change.inserted:
            return self
        rows = self
        if change.removed:
            gone = RowSet.span(change.row, change.row + change.removed)
            rows = (rows - gone).closed_over(gone)
        return rows.opened_for(RowSet.span(change.row, change.row + change.inserted))

    def closed_over(self, gone: RowSet) -> RowSet:
        """The rows, of which none is in ``gone``, renumbered when those rows are taken out."""
        if not gone:
            return self
        first = bisect_left(self._starts, gone._starts[0])
        starts, stops = self._starts[:first], self._stops[:first]
        if len(gone._starts) == 1:
            later, ends = (_shifted(bounds[first:], -len(gone)) for bounds in (self._starts, self._stops))
            if stops and later and stops[-1] == later[0]:
                del stops[-1], later[0]
            return self._of_arrays(starts + later, stops + ends)
        holes = [*zip(gone._starts, gone._totals(), strict=True)]
        at, shift = 0, 0
        for start, stop in zip(self._starts[first:], self._stops[first:], strict=True):
            while at < len(holes) and holes[at][0] < start:
                shift = holes[at][1]
                at += 1
            if stops and stops[-1] == start - shift:
                stops[-1] = stop - shift
            else:
                starts.append(start - shift)
                stops.append(stop - shift)
        return self._of_arrays(starts, stops)

    def opened_for(self, came: RowSet) -> RowSet:
        """The rows renumbered when room is made for the rows ``came``, as they are numbered then."""
        if not came:
            return self
        first = bisect_right(self._stops, came._starts[0])
        starts, stops = self._starts[:first], self._stops[:first]
        if len(came._starts) == 1:
            later, ends = self._starts[first:], self._stops[first:]
            if later and later[0] < came._starts[0]:  # parted
                starts.append(later[0])
                stops.append(came._starts[0])
                later[0] = came._starts[0]
            return self._of_arrays(starts + _shifted(later, len(came)), stops + _shifted(ends, len(came)))
        gaps = [*came.ranges()]
        at, shift = 0, 0
        for start, stop in zip(self._starts[first:], self._stops[first:], strict=True):
            while start < stop:
                while at < len(gaps) and gaps[at][0] <= start + shift:
                    shift += gaps[at][1] - gaps[at][0]
                    at += 1
                until = min(stop, gaps[at][0] - shift) if at < len(gaps) else stop
                starts.append(start + shift)
                stops.append(until + shift)
                start = until
        return self._of_arrays(starts, stops)


def _running_totals(starts: array[int], stops: array[int]) -> array[int]:
    if len(starts) < _MANY:
        return array("Q", accumulate(stop - start for start, stop in zip(starts, stops, strict=True)))
    import numpy as np

    return array("Q", (np.frombuffer(stops, dtype=np.int64) - np.frombuffer(starts, dtype=np.int64)).cumsum().tobytes())


def _shifted(rows: array[int], by: int) -> array[int]:
    if len(rows) < _MANY:
        return array("Q", [row + by for row in rows])
    import numpy as np

    return array("Q", (np.frombuffer(rows, dtype=np.int64) + by).tobytes())


def _merged(one: RowSet, other: RowSet, keep: tuple[bool, ...]) -> RowSet:
    """Walk over the bounds of both sets' ranges; ``keep`` says by membership in each what is in the result."""
    bounds = [
        *(bound * 2 for bound in chain(one._starts, one._stops)),
        *(bound * 2 + 1 for bound in chain(other._starts, other._stops)),
    ]
    bounds.sort()  # a merge of runs that are sorted already
    result: list[int] = []
    state, is_in = 0, False
    for bound in bounds:
        state ^= 1 + (bound & 1)
        if keep[state] is is_in:
            continue
        is_in = not is_in
        row = bound >> 1
        if result and result[-1] == row:  # in and out at one place
            result.pop()
        else:
            result.append(row)
    return RowSet._of_arrays(array("Q", result[::2]), array("Q", result[1::2]))
