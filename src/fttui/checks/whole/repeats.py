"""Rows whose hashes come twice."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_AT_A_TIME: Final = 10_000
"""Pairs that are made Python's numbers at a time, which take ten times the memory."""


def duplicates(wholes: array[int]) -> Iterator[tuple[int, int]]:
    """Each row that has the hash of an earlier one, with the first that has it; ascending. A hash of 0 is none."""
    yield from _pairs(*_later(_numbers(wholes)))


def contradictions(questions: array[int], wholes: array[int]) -> Iterator[tuple[int, int]]:
    """Each row whose question was asked before, with the first row that asks it; ascending, without duplicates."""
    import numpy as np

    rows, firsts = _later(_numbers(questions))
    if len(rows):
        is_new = ~np.isin(rows, _later(_numbers(wholes))[0], assume_unique=True)
        yield from _pairs(rows[is_new], firsts[is_new])


def _numbers(hashes: array[int]) -> NDArray[np.uint64]:
    import numpy as np  # takes 0.1 s to load

    return np.frombuffer(hashes, dtype=np.uint64) if hashes else np.empty(0, np.uint64)


def _later(hashes: NDArray[np.uint64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The rows whose hash an earlier row has, ascending, and for each the first such row."""
    import numpy as np

    candidates = _repeated(hashes)
    hashes = hashes[candidates]
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    begins = np.ones(len(ordered), dtype=bool)
    begins[1:] = ordered[1:] != ordered[:-1]
    first_of = order[np.maximum.accumulate(np.where(begins, np.arange(len(ordered)), 0))] if len(ordered) else order
    again = ~begins
    rows, firsts = candidates[order[again]], candidates[first_of[again]]
    ascending = np.argsort(rows)
    return rows[ascending], firsts[ascending]


def _repeated(hashes: NDArray[np.uint64]) -> NDArray[Any]:
    """The rows whose hash another row has too, ascending: mostly few, so that what follows takes little memory."""
    import numpy as np

    ordered = np.sort(hashes)
    twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    twice = twice[twice != 0]
    del ordered
    if not len(twice):
        return np.empty(0, np.intp)
    near = np.searchsorted(twice, hashes)
    near[near == len(twice)] = 0
    return np.flatnonzero(twice[near] == hashes)


def _pairs(rows: NDArray[Any], firsts: NDArray[Any]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(rows), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        yield from zip(rows[part].tolist(), firsts[part].tolist(), strict=True)
