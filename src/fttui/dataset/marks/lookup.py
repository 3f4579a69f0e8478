"""From numbers in a table by identity back to the rows that have them. Hold `Document.standing_still` meanwhile."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from fttui.dataset.marks.row_roots import all_roots
from fttui.dataset.marks.table import LineTable

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_MANY: Final = 10_000
"""Rows from which on numpy's import is worth its time."""


def ranges_with(document: Document, table: LineTable, numbers: set[int]) -> Iterator[tuple[int, int]]:
    """The ranges of rows that have one of these numbers, 0 not among them."""
    if not numbers or not table:
        return
    start = stop = -1
    for row, root in all_roots(document):
        for line, values in table.runs(root):
            for found in _positions(values, numbers, row + line - root.start):
                if found != stop:
                    if start >= 0:
                        yield start, stop
                    start = found
                stop = found + 1
    if start >= 0:
        yield start, stop


def flags_with(document: Document, table: LineTable, fits: bytes) -> bytearray:
    """A byte for each row: what ``fits`` has in the place of the row's number; 0 where no number was put."""
    flags = bytearray(len(document))
    chosen = _chosen_by_numpy if len(flags) >= _MANY else _chosen
    for row, root in all_roots(document) if table else ():
        for line, values in table.runs(root):
            at = row + line - root.start
            flags[at : at + len(values)] = chosen(fits, values)
    return flags


def row_with(document: Document, table: LineTable, number: int) -> int | None:
    """The first row that has a number; None when there is none."""
    return next((start for start, _ in ranges_with(document, table, {number})), None)


def _chosen(fits: bytes, places: array[int]) -> bytes:
    return bytes(map(fits.__getitem__, places))


def _chosen_by_numpy(fits: bytes, places: array[int]) -> bytes:
    import numpy as np

    chosen = np.frombuffer(fits, dtype=np.uint8)[np.frombuffer(places, dtype=f"u{places.itemsize}")]
    return bytes(chosen)


def _positions(values: array[int], numbers: set[int], first: int) -> Iterable[int]:
    """Where in ``values`` one of the numbers is, counted from ``first``."""
    if numbers.isdisjoint(values):
        return ()
    return (first + at for at, value in enumerate(values) if value in numbers)
