"""The rows of a rule about the whole file, as a set."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.checks.live.file import _as_set
from fttui.dataset.rowset import RowSet


@given(st.lists(st.integers(0, 60)), st.booleans())
def test_rows_in_any_order_are_a_set(rows: list[int], is_ordered: bool) -> None:
    rows = sorted(rows) if is_ordered else rows
    assert _as_set(array("I", rows)) == RowSet.of(rows)


@pytest.mark.parametrize("rows", [[], [0], [3, 3, 4, 9]])
def test_a_few_rows(rows: list[int]) -> None:
    assert [*_as_set(array("I", rows))] == sorted(set(rows))
