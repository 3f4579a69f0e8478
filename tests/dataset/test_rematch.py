"""Examples found again by content, against a brute-force search for the nearest pairs."""

from __future__ import annotations

from array import array
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.dataset.marks import rematch as rematch_module
from fttui.dataset.marks.rematch import NOWHERE, hashes_of, rematch
from fttui.dataset.marks.sidecar import hash_of

ENTRIES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), max_size=10)
LINES = st.lists(st.integers(1, 4), max_size=10)


def found(entries: list[tuple[int, int]], lines: list[int]) -> list[int]:
    rows, hashes = (array("Q", (entry[at] for entry in entries)) for at in (0, 1))
    return list(rematch(rows, hashes, array("Q", lines)))


def nearest_pairs(entries: list[tuple[int, int]], lines: list[int]) -> list[int]:
    """All pairs of one content, the nearest first; then the first entry, then the first line."""
    pairs = sorted(
        (abs(row - line), entry, line)
        for (entry, (row, wanted)), (line, there) in product(enumerate(entries), enumerate(lines))
        if wanted and wanted == there
    )
    result = [NOWHERE] * len(entries)
    for _, entry, line in pairs:
        if result[entry] == NOWHERE and line not in result:
            result[entry] = line
    return result


@given(ENTRIES, LINES)
def test_the_nearest_pairs_are_found(entries: list[tuple[int, int]], lines: list[int]) -> None:
    assert found(entries, lines) == nearest_pairs(entries, lines)


@settings(max_examples=300)
@given(ENTRIES, LINES)
def test_many_are_found_in_the_same_way(entries: list[tuple[int, int]], lines: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rematch_module, "_MANY", 0)
        assert found(entries, lines) == nearest_pairs(entries, lines)


@given(ENTRIES, LINES)
def test_of_very_many_equal_ones_as_many_are_found_and_each_line_once(
    entries: list[tuple[int, int]], lines: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rematch_module, "_MANY_EQUAL", 0)
        result = found(entries, lines)
    taken = [line for line in result if line != NOWHERE]
    assert len(taken) == len(set(taken)) == sum(line != NOWHERE for line in nearest_pairs(entries, lines))
    for (row, wanted), line in zip(entries, result, strict=True):
        assert line == NOWHERE or lines[line] == wanted
        if wanted and row < len(lines) and lines[row] == wanted:
            assert row in taken  # who stayed where it was keeps its line


def test_the_nearest_pair_comes_first_in_a_block_that_moved() -> None:
    entries = [(row, 7) for row in range(3)]
    assert found(entries, [1, 1, 1, 7, 7, 7]) == [5, 4, 3]  # the nearest pair first: row 2 and line 3


def test_lines_are_alike_whatever_their_ending() -> None:
    hashes = hashes_of([b"{}\n", b"{}\r\n", b"{}", b"{ }\n"], lambda: False)
    assert hashes is not None
    assert len(set(hashes)) == 2
    assert hashes[0] == hashes[1] == hashes[2] == hash_of(b"{}")


def test_hashing_stops_when_it_is_told_to() -> None:
    asked: list[int] = []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 2

    assert hashes_of((b"%d\n" % number for number in range(1_000_000)), cancel) is None
    assert len(asked) == 3
