"""Finding examples again by their content, after the file was changed by another program."""

from __future__ import annotations

import time
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import Final

from fttui.dataset.marks.sidecar import NOWHERE, follow_each_other, hash_of

_MANY: Final = 10_000
"""Entries from which numpy is worth its import."""
_MANY_EQUAL: Final = 1000
"""Entries with the same content from which each takes the nearest line in turn: all pairs would take too long."""
_ASKED_EVERY: Final = 1024
"""Lines between two chances for another thread to run."""


def hashes_of(lines: Iterable[bytes], cancel: Callable[[], bool]) -> array[int] | None:
    """The hash of each line; None when ``cancel``, asked every few thousand lines, said to stop."""
    hashes = array("Q")
    for number, line in enumerate(lines):
        if not number % _ASKED_EVERY:
            time.sleep(0)
            if cancel():
                return None
        hashes.append(hash_of(line))
    return hashes


def rematch(rows: array[int], hashes: array[int], lines: array[int]) -> array[int]:
    """Which line each entry is now: the one with its hash that is nearest to its row, each line at most once.

    Args:
        rows: Where each entry was; the entries that come first have the first choice among lines equally near.
        hashes: The hash of each entry's line; 0 is not known and found nowhere.
        lines: The hash of each line of the file.

    Returns:
        A line for each entry, or `NOWHERE`.
    """
    found = array("q", [NOWHERE]) * len(rows)
    taken = bytearray(len(lines))
    left = _match_in_place(rows, hashes, lines, found, taken)
    if left and len(left) >= _MANY and len(lines):
        left = _match_single(left, hashes, lines, found, taken)
    if not left:
        return found
    wanted = defaultdict[int, list[int]](list)
    for entry in left:
        wanted[hashes[entry]].append(entry)
    places: dict[int, list[int]] = {}
    for line, line_hash in enumerate(lines):
        if not line % _ASKED_EVERY:
            time.sleep(0)
        if line_hash in wanted and not taken[line]:
            places.setdefault(line_hash, []).append(line)
    for line_hash, candidates in places.items():
        _match_nearest(wanted[line_hash], rows, candidates, found)
    return found


def _match_in_place(
    rows: array[int], hashes: array[int], lines: array[int], found: array[int], taken: bytearray
) -> array[int]:
    """Match the entries whose line is where it was; those that are left."""
    left = array("q")
    for start in range(0, len(rows), _ASKED_EVERY):
        time.sleep(0)
        some, wanted = rows[start : start + _ASKED_EVERY], hashes[start : start + _ASKED_EVERY]
        first, stop = some[0], some[0] + len(some)
        if wanted == lines[first:stop] and follow_each_other(some) and all(wanted) and not any(taken[first:stop]):
            found[start : start + len(some)] = array("q", some)
            taken[first:stop] = b"\1" * len(some)
            continue
        for entry, (row, line_hash) in enumerate(zip(some, wanted, strict=True), start):
            if not line_hash:
                continue
            if row < len(lines) and lines[row] == line_hash and not taken[row]:
                found[entry] = row
                taken[row] = True
            else:
                left.append(entry)
    return left


def _match_single(
    entries: array[int], hashes: array[int], lines: array[int], found: array[int], taken: bytearray
) -> array[int]:
    """Match each entry whose line is there once and was once: few are left, where examples differ. Many entries."""
    import numpy as np

    wanted, there = (np.frombuffer(values, dtype=np.uint64) for values in (hashes, lines))
    result = np.frombuffer(found, dtype=np.int64)
    is_taken = np.frombuffer(taken, dtype=np.uint8)
    left = np.frombuffer(entries, dtype=np.int64)
    free = np.flatnonzero(is_taken == 0)
    hashes_there, line_of, times_there = np.unique(there[free], return_index=True, return_counts=True)
    hashes_left, entry_of, times_left = np.unique(wanted[left], return_index=True, return_counts=True)
    _, one, other = np.intersect1d(hashes_there, hashes_left, assume_unique=True, return_indices=True)
    single = (times_there[one] == 1) & (times_left[other] == 1)
    result[left[entry_of[other[single]]]] = free[line_of[one[single]]]
    is_taken[free[line_of[one[single]]]] = 1
    can_be_found = np.isin(wanted[left], hashes_there[one[~single]])
    return array("q", left[can_be_found].tobytes())


def _match_nearest(entries: list[int], rows: array[int], places: list[int], found: array[int]) -> None:
    """Match entries of one hash with the lines of that hash, the nearest pair first."""
    after = list(range(len(places) + 1))  # leads from a place to the nearest free one from it on
    before = list(range(len(places) + 1))  # the same for the free ones before it, counted from 1

    def root(links: list[int], at: int) -> int:
        while links[at] != at:
            links[at] = links[links[at]]
            at = links[at]
        return at

    def nearest(entry: int) -> tuple[int, int, int] | None:
        """Distance, entry, and number of the nearest free place."""
        row = rows[entry]
        at = bisect_left(places, row)
        following, preceding = root(after, at), root(before, at) - 1
        options = []
        if preceding >= 0:
            options.append((row - places[preceding], entry, preceding))
        if following < len(places):
            options.append((places[following] - row, entry, following))
        return min(options, default=None)

    def take(entry: int, number: int) -> None:
        found[entry] = places[number]
        after[number] = number + 1
        before[number + 1] = number

    if len(entries) > _MANY_EQUAL:
        for entry in sorted(entries, key=rows.__getitem__):
            option = nearest(entry)
            if option is not None:
                take(entry, option[2])
        return
    queue = [option for entry in entries if (option := nearest(entry)) is not None]
    heapify(queue)
    while queue:
        _, entry, number = heappop(queue)
        if after[number] == number:  # free
            take(entry, number)
        elif (option := nearest(entry)) is not None:
            heappush(queue, option)
