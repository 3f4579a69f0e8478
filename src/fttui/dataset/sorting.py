"""Sorting rows by what a column says of them."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from fttui.dataset.errors import reading_failed
from fttui.dataset.query.columns import Column
from fttui.dataset.query.line import Line
from fttui.dataset.query.walk import blocks_of
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.snapshot import Snapshot

_MANY: Final = 10_000
"""Rows from which on numpy's import is worth its time; and it sorts without holding up other threads."""
_LONGEST_KEY: Final = 64
"""Bytes by which texts are sorted."""


def sort_rows(
    document: Document, column: Column, *, within: RowSet | None, descending: bool, cancelled: Callable[[], bool]
) -> array[int]:
    """The rows in the order of a column's values; rows without a value last, equal ones in the file's order.

    Texts are sorted by their first 64 bytes, capital letters as small ones.

    Args:
        document: The document; rows that are indexed later are not among the sorted ones.
        column: What to sort by.
        within: The rows to sort; None for all.
        descending: Whether the greatest comes first.
        cancelled: Asked every few milliseconds; True ends the work, with no rows at all.

    Raises:
        InputError: The disk failed.
    """
    snapshot = document.snapshot()
    count = len(snapshot)
    rows = RowSet.span(0, count) if within is None else within & RowSet.span(0, count)
    values = column.all_rows(snapshot) if column.all_rows is not None else None
    if isinstance(values, array | bytearray) and len(rows) > _MANY:
        return _sorted_numbers(column, values, rows, descending)
    try:
        keys = [*_keys(snapshot, column, values, rows, cancelled)]
    except OSError as error:
        raise reading_failed(document.path, error) from error
    if cancelled() or len(keys) != len(rows):
        return array("Q")
    numbers = array("Q", rows)
    present = [at for at, key in enumerate(keys) if key is not None]
    absent = [at for at, key in enumerate(keys) if key is None]
    order = _order([keys[at] for at in present], descending)
    return array("Q", [*(numbers[present[at]] for at in order), *(numbers[at] for at in absent)])


def _sorted_numbers(column: Column, values: array[Any] | bytearray, rows: RowSet, descending: bool) -> array[int]:
    """The rows in the order of numbers that are known for all of them."""
    import numpy as np

    numbers = np.frombuffer(array("q", rows), dtype=np.int64)
    keys = np.frombuffer(values, dtype=values.typecode if isinstance(values, array) else np.uint8)[numbers]
    absent = np.zeros(len(keys), dtype=bool)
    if column.missing is not None:
        absent = keys <= column.missing if column.missing < 0 else keys >= column.missing
    present = numbers[~absent]
    order = _argsort(keys[~absent], descending)
    return array("Q", np.concatenate((present[order], numbers[absent])).astype(np.uint64).tobytes())


def _keys(
    snapshot: Snapshot, column: Column, values: Sequence[Any] | None, rows: RowSet, cancelled: Callable[[], bool]
) -> Iterator[Any]:
    """What to compare, for each row: a number or bytes; None where there is no value."""
    if values is not None:
        yield from (_key(column, values[row]) for row in rows)
        return
    if column.of_row is None:
        yield from (None for _ in rows)
        return
    for block in blocks_of(snapshot, rows.ranges()):
        if cancelled():
            return
        for index in range(len(block)):
            yield _key(column, column.of_row(block.row + index, Line(block.raw(index))))
        time.sleep(0)  # let the screen draw


def _key(column: Column, value: Any) -> float | bytes | None:
    if value is None:
        return None
    if column.kind == "number":
        return None if column.is_missing(value) else value
    if column.kind == "flag":
        return int(value)
    text = value if isinstance(value, str) else "\n".join(value if isinstance(value, list | tuple) else sorted(value))
    key = text[:_LONGEST_KEY].casefold().encode("utf-8", "surrogatepass")[:_LONGEST_KEY].rstrip(b"\0")
    return key or None


def _order(keys: list[Any], descending: bool) -> list[int]:
    """The positions of the keys in their order; equal ones stay in theirs."""
    if len(keys) <= _MANY:
        return sorted(range(len(keys)), key=keys.__getitem__, reverse=descending)
    import numpy as np

    values = np.array(keys, dtype=f"S{_LONGEST_KEY}" if isinstance(keys[0], bytes) else np.float64)
    return list(_argsort(values, descending).tolist())


def _argsort(values: Any, descending: bool) -> Any:
    """The positions of a numpy array's values in their order; equal ones stay in theirs."""
    if not descending:
        return values.argsort(kind="stable")
    return (len(values) - 1 - values[::-1].argsort(kind="stable"))[::-1]
