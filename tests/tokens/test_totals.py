"""Totals and distribution."""

from __future__ import annotations

from array import array

import numpy as np
import pytest

from fttui.tokens.rows import BROKEN, RowCounts
from fttui.tokens.sums import Sums, sums_of
from fttui.tokens.totals import distribution, totals_of


def test_totals_leave_broken_lines_out_and_cut_at_the_limit() -> None:
    rows = RowCounts(array("I", [10, BROKEN, 30, 25]), array("I", [4, 0, 6, 5]))
    totals = totals_of(rows, 25)
    assert (totals.examples, totals.broken, totals.tokens, totals.trainable) == (3, 1, 65, 15)
    assert (totals.over_limit, totals.billable, list(totals.counts)) == (1, 60, [10, 30, 25])
    assert sums_of(rows.tokens, rows.trainable, 25) == Sums(3, 1, 65, 15, 60, 1)
    assert totals_of(rows, None).billable == 65


def test_sums_are_added_and_taken_away() -> None:
    a, b = Sums(1, 2, 3, 4, 5, 6), Sums(10, 20, 30, 40, 50, 60)
    assert a.plus(b) == Sums(11, 22, 33, 44, 55, 66)
    assert a.plus(b).plus(b, -1) == a


@pytest.mark.parametrize("size", [1, 2, 3, 10, 101, 1000])
def test_distribution_is_numpys(size: int) -> None:
    counts = array("I", np.random.default_rng(size).integers(0, 5000, size).tolist())
    found = distribution(counts)
    values = np.array(counts)
    assert list(found) == ["min", "p5", "median", "mean", "p95", "max"]
    expected = [values.min(), *np.percentile(values, [5, 50]), values.mean(), np.percentile(values, 95), values.max()]
    assert list(found.values()) == pytest.approx(expected)


def test_no_examples_give_zeros() -> None:
    assert set(distribution(array("I")).values()) == {0}
