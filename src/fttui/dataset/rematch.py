"""Finding examples again by their content, after the file was changed by another program."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush
from typing import Final

from fttui.dataset.sidecar import hash_of

NOWHERE: Final = -1
_MANY: Final = 10_000
"""Entries from which numpy is worth its import."""
_MANY_EQUAL: Final = 1000
"""Entries with the same content from which each takes the nearest line in turn: all pairs would take too long."""
_ASKED_EVERY: Final = 4096


def hashes_of(lines: Iterable[bytes], cancel: Callable[[], bool]) -> array[int] | None:
    """The hash of each line; None when ``cancel``, asked every few thousand lines, said to stop."""
    hashes = array("Q")
    for number, line in enumerate(lines):
        if not number % _ASKED_EVERY and cancel():
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
    if not left:
        return found
    wanted = defaultdict[int, list[int]](list)
    for entry in left:
        wanted[hashes[entry]].append(entry)
    places: dict[int, list[int]] = {}
    for line, line_hash in enumerate(lines):
        if line_hash in wanted and not taken[line]:
            places.setdefault(line_hash, []).append(line)
    for line_hash, candidates in places.items():
        _match_nearest(wanted[line_hash], rows, candidates, found)
    return found


def _match_in_place(
    rows: array[int], hashes: array[int], lines: array[int], found: array[int], taken: bytearray
) -> list[int]:
    """Match the entries whose line is where it was; those that are left."""
    if len(rows) >= _MANY:
        return _match_many_in_place(rows, hashes, lines, found, taken)
    left = []
    for entry, (row, line_hash) in enumerate(zip(rows, hashes, strict=True)):
        if not line_hash:
            continue
        if row < len(lines) and lines[row] == line_hash and not taken[row]:
            found[entry] = row
            taken[row] = True
        else:
            left.append(entry)
    return left


def _match_many_in_place(
    rows: array[int], hashes: array[int], lines: array[int], found: array[int], taken: bytearray
) -> list[int]:
    """The same, and every line that is there once and was once: what is left is little, where examples differ."""
    import numpy as np

    at, wanted, there = (np.frombuffer(values, dtype=np.uint64) for values in (rows, hashes, lines))
    result = np.frombuffer(found, dtype=np.int64)
    is_taken = np.frombuffer(taken, dtype=np.uint8)
    if not len(there):
        return []
    inside = np.flatnonzero((at < len(there)) & (wanted != 0))
    inside = inside[there[at[inside].astype(np.int64)] == wanted[inside]]
    _, first = np.unique(at[inside], return_index=True)  # of entries with the same row the first
    same = inside[first]
    result[same] = at[same].astype(np.int64)
    is_taken[at[same].astype(np.int64)] = 1
    left = np.flatnonzero((result == NOWHERE) & (wanted != 0))
    free = np.flatnonzero(is_taken == 0)
    hashes_there, line_of, times_there = np.unique(there[free], return_index=True, return_counts=True)
    hashes_left, entry_of, times_left = np.unique(wanted[left], return_index=True, return_counts=True)
    _, one, other = np.intersect1d(hashes_there, hashes_left, assume_unique=True, return_indices=True)
    single = (times_there[one] == 1) & (times_left[other] == 1)
    result[left[entry_of[other[single]]]] = free[line_of[one[single]]]
    is_taken[free[line_of[one[single]]]] = 1
    can_be_found = np.isin(wanted[left], hashes_there[one[~single]])
    return [int(entry) for entry in left[can_be_found]]


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
