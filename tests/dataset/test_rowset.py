"""Sets of rows, against Python's own sets."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import rowset
from fttui.dataset.edits import Change
from fttui.dataset.rowset import RowSet

SETS = st.sets(st.integers(0, 60))


def ranges(rows: RowSet) -> list[tuple[int, int]]:
    return list(rows.ranges())


def assert_sound(rows: RowSet) -> None:
    """The ranges are ascending, not empty, and do not touch."""
    bounds = [bound for pair in rows.ranges() for bound in pair]
    assert bounds == sorted(set(bounds))


@given(st.lists(st.integers(0, 60)))
def test_holds_each_row_once_and_in_order(rows: list[int]) -> None:
    built = RowSet.of(rows)
    assert list(built) == sorted(set(rows))
    assert len(built) == len(set(rows)) and bool(built) == bool(rows)
    assert_sound(built)
    assert RowSet.from_ranges(built.ranges()) == built and hash(RowSet.of(set(rows))) == hash(built)


@pytest.mark.parametrize("combine", [operator.or_, operator.and_, operator.sub, operator.xor])
@given(one=SETS, other=SETS)
def test_combines_as_sets_do(combine: Callable[[Any, Any], Any], one: set[int], other: set[int]) -> None:
    result = combine(RowSet.of(one), RowSet.of(other))
    assert list(result) == sorted(combine(one, other))
    assert_sound(result)


@pytest.mark.parametrize("many", [0, 10_000])
@given(rows=SETS, row=st.integers(0, 61))
def test_finds_rows_and_positions(many: int, rows: set[int], row: int) -> None:
    built, ordered = RowSet.of(rows), sorted(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rowset, "_MANY", many)
        assert len(built) == len(ordered)
    assert (row in built) == (row in rows)
    assert built.position(row) == sum(other < row for other in rows)
    assert [built.at(position) for position in range(len(built))] == ordered
    for position in (-1, len(ordered)):
        with pytest.raises(IndexError):
            built.at(position)


@pytest.mark.parametrize("many", [0, 10_000])
@given(rows=SETS, row=st.integers(0, 60), removed=st.integers(0, 10), inserted=st.integers(0, 10))
def test_follows_an_edit(many: int, rows: set[int], row: int, removed: int, inserted: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rowset, "_MANY", many)
        after = RowSet.of(rows).after(Change(row, removed, inserted))
    assert_sound(after)
    if removed == inserted:
        assert list(after) == sorted(rows)
        return
    document: list[int | None] = list(range(80))
    document[row : row + removed] = [None] * inserted
    assert list(after) == [at for at, old in enumerate(document) if old in rows]


@given(SETS, SETS, SETS)
def test_renumbers_when_rows_go_and_come_in_many_places(rows: set[int], gone: set[int], came: set[int]) -> None:
    left = [row for row in range(140) if row not in gone]
    after = (RowSet.of(rows) - RowSet.of(gone)).closed_over(RowSet.of(gone)).opened_for(RowSet.of(came))
    document: list[int | None] = []
    while left:
        document.append(None if len(document) in came else left.pop(0))
    assert list(after) == [at for at, old in enumerate(document) if old in rows]
    assert_sound(after)


@pytest.mark.parametrize("many", [0, 10_000])
@given(rows=SETS, count=st.integers(0, 70))
def test_says_row_by_row_which_are_in_it(many: int, rows: set[int], count: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rowset, "_MANY", many)
        assert list(RowSet.of(rows).flags(count)) == [row in rows for row in range(count)]


def test_a_run_is_one_range() -> None:
    assert ranges(RowSet.of(range(1000))) == [(0, 1000)] == ranges(RowSet.span(0, 1000))
    assert ranges(RowSet.span(3, 3)) == [] == ranges(RowSet())
    assert ranges(RowSet.span(0, 5) | RowSet.span(5, 9)) == [(0, 9)]
    assert repr(RowSet.of([1, 4, 5])) == "RowSet(1, 4-5)"


@pytest.mark.parametrize("bad", [[(2, 1)], [(0, 0)], [(0, 2), (2, 3)], [(4, 5), (0, 1)]])
def test_refuses_ranges_out_of_order(bad: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="range"):
        RowSet.from_ranges(bad)
