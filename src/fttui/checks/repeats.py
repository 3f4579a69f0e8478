"""Rows whose hashes come twice."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def duplicates(wholes: array[int]) -> Iterator[tuple[int, int]]:
    """Each row that has the hash of an earlier one, with the first that has it; ascending. A hash of 0 is none."""
    yield from _pairs(*_later(_numbers(wholes)))


def contradictions(questions: array[int], wholes: array[int]) -> Iterator[tuple[int, int]]:
    """Each row whose question was asked before, with the first row that asks it; ascending, without duplicates."""
    rows, firsts = _later(_numbers(questions))
    known = set(_later(_numbers(wholes))[0].tolist()) if len(rows) else set()
    yield from ((row, first) for row, first in _pairs(rows, firsts) if row not in known)


def _numbers(hashes: array[int]) -> NDArray[np.uint64]:
    import numpy as np  # takes 0.1 s to load

    return np.frombuffer(hashes, dtype=np.uint64) if hashes else np.empty(0, np.uint64)


def _later(hashes: NDArray[np.uint64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The rows whose hash an earlier row has, ascending, and for each the first such row."""
    import numpy as np

    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    begins = np.ones(len(ordered), dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    first_of = order[np.maximum.accumulate(np.where(begins, np.arange(len(ordered)), 0))] if len(ordered) else order
    again = ~begins & (ordered != 0)
    rows, firsts = order[again], first_of[again]
    ascending = np.argsort(rows)
    return rows[ascending], firsts[ascending]


def _pairs(rows: NDArray[Any], firsts: NDArray[Any]) -> Iterator[tuple[int, int]]:
    return zip(rows.tolist(), firsts.tolist(), strict=True)
