"""What a query asks of a row besides its text, and what rows are sorted by."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from fttui.dataset.query.line import Line
from fttui.dataset.query.needles import is_caseless
from fttui.dataset.query.patterns import Pattern
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.snapshot import Snapshot

Kind = Literal["number", "text", "flag", "set"]
_MANY: Final = 10_000
"""Values from which on numpy's import is worth its time."""


@dataclass(frozen=True)
class Test:
    """What a value must be: there at all, within bounds, the same as a text, or with a text or pattern in it.

    Attributes:
        low: The least number, or None.
        high: The greatest number, or None.
        is_open: Whether ``low`` and ``high`` themselves are out.
        text: The text that is looked for, empty for any.
        pattern: The regular expression that is looked for instead.
        is_exact: Whether the text must be all of the value.
        wanted: Of a flag: whether it must be up.
    """

    __test__ = False  # pytest would take it for tests

    low: float | None = None
    high: float | None = None
    is_open: bool = False
    text: str = ""
    pattern: Pattern | None = None
    is_exact: bool = False
    wanted: bool = True

    def holds_number(self, value: float) -> bool:
        """Whether a number is within the bounds."""
        if self.is_open:
            return (self.low is None or value > self.low) and (self.high is None or value < self.high)
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def holds_text(self, value: str) -> bool:
        """Whether a text is, or has in it, what is looked for. Raises `TooSlowError`."""
        if self.pattern is not None:
            return self.pattern.is_in(value)
        if not self.text:
            return bool(value)
        if is_caseless(self.text):
            value = value.lower()
        return value == self.text if self.is_exact else self.text in value


@dataclass(frozen=True)
class Column:
    """Something that each row has: a number, a text (or several), a flag, or a set of names.

    Attributes:
        name: As it is typed before the colon.
        help: What it is, for a list of all columns.
        kind: What its values are. None is no value; it matches nothing and is sorted last.
        of_row: The value of one row, from its number and its line.
        all_rows: The values of all rows at once, in their order; where it is given it is used first.
        rows_with: All rows for which a test holds; used before the other two. None: it cannot tell.
        missing: The number in ``all_rows`` (or any beyond it, if it is negative: below) that stands for no value.
        is_in_line: Whether a text is found in the line itself, so that lines without it need not be parsed.
    """

    name: str
    help: str
    kind: Kind
    of_row: Callable[[int, Line], Any] | None = None
    all_rows: Callable[[Snapshot], Sequence[Any]] | None = None
    rows_with: Callable[[Snapshot, Test], RowSet | None] | None = None
    missing: int | None = None
    is_in_line: bool = False

    def holds(self, test: Test, value: Any) -> bool:
        """Whether a value of this column passes a test."""
        if value is None:
            return False
        if self.kind == "flag":
            return bool(value) == test.wanted
        if self.kind == "number":
            return not self.is_missing(value) and test.holds_number(value)
        if isinstance(value, str):
            return test.holds_text(value)
        return any(test.holds_text(item) for item in value)

    def is_missing(self, value: float) -> bool:
        """Whether a number of ``all_rows`` stands for none."""
        if self.missing is None:
            return False
        return value <= self.missing if self.missing < 0 else value >= self.missing

    def rows_that(self, test: Test, snapshot: Snapshot) -> RowSet | None:
        """All rows that pass a test, without reading a line; None when lines must be read for it."""
        if self.rows_with is not None:
            rows = self.rows_with(snapshot, test)
            if rows is not None:
                return rows
        if self.all_rows is None:
            return None
        values = self.all_rows(snapshot)
        if self.kind == "number" and isinstance(values, array) and len(values) >= _MANY:
            return _where(self, test, values)
        return RowSet.of(row for row, value in enumerate(values) if self.holds(test, value))


def rows_of_mask(mask: Any) -> RowSet:
    """The rows at which a numpy array of booleans is true."""
    import numpy as np

    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return RowSet.from_ranges(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _where(column: Column, test: Test, values: array[Any]) -> RowSet:
    import numpy as np

    numbers = np.frombuffer(values, dtype=np.dtype(values.typecode))
    mask = np.ones(len(numbers), dtype=bool)
    if test.low is not None:
        mask &= numbers > test.low if test.is_open else numbers >= test.low
    if test.high is not None:
        mask &= numbers < test.high if test.is_open else numbers <= test.high
    if column.missing is not None:
        mask &= numbers > column.missing if column.missing < 0 else numbers < column.missing
    return rows_of_mask(mask)


def column_map(columns: Iterable[Column]) -> dict[str, Column]:
    """The columns by name."""
    return {column.name: column for column in columns}
