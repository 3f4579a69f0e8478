"""The rows that a list shows, in the order in which it shows them: all of them, those of a filter, or sorted ones."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol

from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fttui.dataset.document import Document
    from fttui.dataset.edits import Change

_MANY: Final = 10_000
"""Rows from which on numpy's import is worth its time."""


class View:
    """Positions (from 0, as shown) to rows (as numbered in the document) and back; it follows edits by `after`.

    It is changed by one thread, and may be read by others meanwhile: each change takes effect at once and as a whole.
    """

    def __init__(self, order: _Order) -> None:
        """See `everything`, `filtered` and `sorted`."""
        self._order = order

    @classmethod
    def everything(cls, document: Document) -> View:
        """All rows in the file's order, also those that come later."""
        return cls(_Everything(document))

    @classmethod
    def filtered(cls, rows: RowSet) -> View:
        """Some rows in the file's order."""
        return cls(_Filtered(rows))

    @classmethod
    def sorted(cls, rows: Iterable[int]) -> View:
        """These rows in this order; each at most once."""
        if isinstance(rows, array) and rows.itemsize == 8:
            return cls(_Sorted(array("q", rows.tobytes())))
        return cls(_Sorted(array("q", rows)))

    @property
    def is_everything(self) -> bool:
        """Whether positions are row numbers."""
        return isinstance(self._order, _Everything)

    @property
    def is_sorted(self) -> bool:
        """Whether the rows stand in another order than in the file."""
        return isinstance(self._order, _Sorted)

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[int]:
        """The rows in the order shown."""
        return iter(self._order)

    def row_at(self, position: int) -> int:
        """The row shown at a position. Raises `IndexError` when there is none."""
        return self._order.row_at(position)

    def position_of(self, row: int) -> int | None:
        """Where a row is shown, or None when it is not."""
        return self._order.position_of(row)

    def nearest(self, row: int) -> int:
        """The position of the row, or else of the next row in the file that is shown, or else of the last before it.

        0 when nothing is shown.
        """
        return self._order.nearest(row)

    def rows(self) -> RowSet:
        """The rows that are shown."""
        return self._order.rows()

    def rows_between(self, first: int, last: int) -> RowSet:
        """The rows shown from position ``first`` to ``last``, both included, in either order; beyond the ends: none."""
        first, last = max(min(first, last), 0), min(max(first, last), len(self) - 1)
        return self._order.rows_between(first, last + 1)

    def flags(self, count: int) -> bytearray:
        """A byte for each of the first ``count`` rows of the document: 1 for those shown, 0 for the others."""
        return self._order.flags(count)

    def find(self, flags: bytearray, wanted: int, start: int) -> int | None:
        """The first position from ``start`` on whose row has the byte ``wanted``; None: there is none.

        Args:
            flags: A byte for each row of the document; no row has the wanted one that is not shown.
            wanted: The byte.
            start: A position.
        """
        return self._order.find(flags, wanted, start) if start < len(self) else None

    def add(self, rows: RowSet) -> None:
        """Show further rows (a search found them): in the file's order, or of a sorted view at the end."""
        self._order = self._order.with_rows(rows)

    def after(self, change: Change) -> None:
        """Follow an edit: removed rows go, rows are renumbered, new ones are shown beside the row they follow."""
        self._order = self._order.after(change)


class _Order(Protocol):
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[int]: ...
    def row_at(self, position: int) -> int: ...
    def position_of(self, row: int) -> int | None: ...
    def nearest(self, row: int) -> int: ...
    def rows(self) -> RowSet: ...
    def rows_between(self, start: int, stop: int) -> RowSet: ...
    def flags(self, count: int) -> bytearray: ...
    def find(self, flags: bytearray, wanted: int, start: int) -> int | None: ...
    def with_rows(self, rows: RowSet) -> _Order: ...
    def after(self, change: Change) -> _Order: ...


class _Everything:
    def __init__(self, document: Document) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def row_at(self, position: int) -> int:
        if not 0 <= position < len(self):
            raise IndexError(f"position {position} of {len(self)}")
        return position

    def position_of(self, row: int) -> int | None:
        return row if 0 <= row < len(self) else None

    def nearest(self, row: int) -> int:
        return max(min(row, len(self) - 1), 0)

    def rows(self) -> RowSet:
        return RowSet.span(0, len(self))

    def rows_between(self, start: int, stop: int) -> RowSet:
        return RowSet.span(start, stop)

    def flags(self, count: int) -> bytearray:
        return self.rows().flags(count)

    def find(self, flags: bytearray, wanted: int, start: int) -> int | None:
        row = flags.find(wanted, start)
        return row if row >= 0 else None

    def with_rows(self, rows: RowSet) -> _Order:
        return self

    def after(self, change: Change) -> _Order:
        return self


class _Filtered:
    def __init__(self, rows: RowSet) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def row_at(self, position: int) -> int:
        return self._rows.at(position)

    def position_of(self, row: int) -> int | None:
        return self._rows.position(row) if row in self._rows else None

    def nearest(self, row: int) -> int:
        return max(min(self._rows.position(row), len(self) - 1), 0)

    def rows(self) -> RowSet:
        return self._rows

    def rows_between(self, start: int, stop: int) -> RowSet:
        if start >= stop:
            return RowSet()
        return self._rows & RowSet.span(self._rows.at(start), self._rows.at(stop - 1) + 1)

    def flags(self, count: int) -> bytearray:
        return self._rows.flags(count)

    def find(self, flags: bytearray, wanted: int, start: int) -> int | None:
        row = flags.find(wanted, self._rows.at(start))
        return self._rows.position(row) if row >= 0 else None

    def with_rows(self, rows: RowSet) -> _Order:
        return _Filtered(self._rows | rows)

    def after(self, change: Change) -> _Order:
        return _Filtered(self._rows.after(change) | _came(change))


class _Sorted:
    def __init__(self, rows: array[int]) -> None:
        self._rows = rows
        self._positions: array[int] | None = None
        """The position of each row up to the last one shown (-1: not shown), once somebody asks."""

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def row_at(self, position: int) -> int:
        if position < 0:
            raise IndexError(f"position {position}")
        return self._rows[position]

    def position_of(self, row: int) -> int | None:
        positions = self._inverse()
        position = positions[row] if 0 <= row < len(positions) else -1
        return position if position >= 0 else None

    def nearest(self, row: int) -> int:
        positions = self._inverse()
        row = min(max(row, 0), len(positions))
        ways = (range(row, len(positions)), range(row - 1, -1, -1))
        return next((positions[at] for way in ways for at in way if positions[at] >= 0), 0)

    def rows(self) -> RowSet:
        return RowSet.of(self._rows)

    def rows_between(self, start: int, stop: int) -> RowSet:
        return RowSet.of(self._rows[start:stop])

    def flags(self, count: int) -> bytearray:
        flags = bytearray(count)
        if len(self._rows) < _MANY:
            for row in self._rows:
                if row < count:
                    flags[row] = 1
            return flags
        import numpy as np

        rows = np.frombuffer(self._rows, dtype=np.int64)
        if rows.max(initial=-1) >= count:
            rows = rows[rows < count]
        np.frombuffer(flags, dtype=np.uint8)[rows] = 1
        return flags

    def find(self, flags: bytearray, wanted: int, start: int) -> int | None:
        if len(self._rows) < _MANY:
            positions = range(start, len(self._rows))
            return next((at for at in positions if flags[self._rows[at]] == wanted), None)
        import numpy as np

        rows = np.frombuffer(self._rows, dtype=np.int64)[start:]
        fits = np.frombuffer(flags, dtype=np.uint8)[rows] == wanted
        first = int(fits.argmax())
        return start + first if fits[first] else None

    def with_rows(self, rows: RowSet) -> _Order:
        new = rows - self.rows()
        return _Sorted(self._rows + array("q", new))

    def after(self, change: Change) -> _Order:
        came = _came(change)
        rows = _renumbered(self._rows, _gone(change), came)
        return _Sorted(_with_followers(rows, came) if came else rows)

    def _inverse(self) -> array[int]:
        if self._positions is None:
            self._positions = _positions_in(self._rows)
        return self._positions


def _gone(change: Change) -> RowSet:
    """The rows that an edit took out, as they were numbered before; none when it replaced row for row."""
    if change.bulk is not None:
        return change.bulk.removed
    is_replacement = change.removed == change.inserted
    return RowSet() if is_replacement else RowSet.span(change.row, change.row + change.removed)


def _came(change: Change) -> RowSet:
    """The rows that an edit put in, as they are numbered after it."""
    if change.bulk is not None:
        return change.bulk.inserted
    is_replacement = change.removed == change.inserted
    return RowSet() if is_replacement else RowSet.span(change.row, change.row + change.inserted)


def _renumbered(rows: array[int], gone: RowSet, came: RowSet) -> array[int]:
    """Each row's new number, in the same order, without those that are gone."""
    gone_at, gone_ends = _bounds(gone)
    # where each run of new rows stands among the rows that were there, and how many new ones there are with it
    came_at, came_ends = _bounds(came)
    came_at = [start - before for start, before in zip(came_at, [0, *came_ends], strict=False)]
    if len(rows) >= _MANY:
        return _renumbered_many(rows, gone, (gone_at, gone_ends), (came_at, came_ends))
    result = array("q")
    for row in rows:
        if row in gone:
            continue
        number = bisect_right(gone_at, row)
        row -= gone_ends[number - 1] if number else 0
        number = bisect_right(came_at, row)
        result.append(row + (came_ends[number - 1] if number else 0))
    return result


def _bounds(rows: RowSet) -> tuple[list[int], list[int]]:
    """The first row of each range, and how many rows there are up to and with it."""
    starts, ends, total = [], [], 0
    for start, stop in rows.ranges():
        total += stop - start
        starts.append(start)
        ends.append(total)
    return starts, ends


def _renumbered_many(
    rows: array[int], gone: RowSet, gone_steps: tuple[list[int], list[int]], came_steps: tuple[list[int], list[int]]
) -> array[int]:
    import numpy as np

    numbers = np.frombuffer(rows, dtype=np.int64)
    if gone:
        starts, ends = np.array(gone_steps[0]), np.array([0, *gone_steps[1]])
        stops = starts + np.diff(ends)
        inside = _steps_taken(starts, numbers) != _steps_taken(stops, numbers)
        numbers = np.delete(numbers, np.flatnonzero(inside))
        numbers = numbers - _sums_at(starts, ends, numbers)
    if came_steps[0]:
        numbers = numbers + _sums_at(np.array(came_steps[0]), np.array([0, *came_steps[1]]), numbers)
    return array("q", numbers.tobytes())


def _steps_taken(steps: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.integer[Any] | np.bool_]:
    """How many of the steps, which ascend, are at each number or below it."""
    import numpy as np

    # the edit of one row is the usual one, and a comparison five times quicker than searching
    return numbers >= steps[0] if len(steps) == 1 else np.searchsorted(steps, numbers, side="right")


def _sums_at(steps: NDArray[np.int64], sums: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each number the sum after as many of the steps as it has taken."""
    taken = _steps_taken(steps, numbers)
    sum_at: NDArray[np.int64] = taken * sums[1] if len(steps) == 1 else sums[taken]
    return sum_at


def _with_followers(rows: array[int], came: RowSet) -> array[int]:
    """The rows with each run of new ones after the nearest row above it that is shown; at the front if none is."""
    positions = _positions_in(rows)
    followers: dict[int, list[int]] = {}
    above, searched = -1, 0  # the position of the nearest row above, and the row up to which it was looked for
    for start, stop in came.ranges():
        for row in range(min(start, len(positions)) - 1, searched - 1, -1):
            if positions[row] >= 0:
                above = positions[row]
                break
        searched = max(searched, start)
        followers.setdefault(above, []).extend(range(start, stop))
    result = array("q")
    done = 0
    for position in sorted(followers):
        result.extend(rows[done : position + 1])
        result.extend(followers[position])
        done = position + 1
    result.extend(rows[done:])
    return result


def _positions_in(rows: array[int]) -> array[int]:
    if len(rows) >= _MANY:
        import numpy as np

        shown = np.frombuffer(rows, dtype=np.int64)
        numbers = np.full(int(shown.max(initial=-1)) + 1, -1, dtype=np.int64)
        numbers[shown] = np.arange(len(rows))
        return array("q", numbers.tobytes())
    positions = array("q", [-1]) * (max(rows, default=-1) + 1)
    for position, row in enumerate(rows):
        positions[row] = position
    return positions
