"""Wilson's interval against values from the literature and against its own definition."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.evals.statistics import Z_95, wilson_interval


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [
        (0, 20, 0.0, 0.1611),
        (11, 20, 0.3421, 0.7418),
        (18, 20, 0.6990, 0.9721),
        (15, 20, 0.5313, 0.8881),
        (
            81,
            263,
            0.2553,
            0.3662,
        ),  # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I
        (15, 148, 0.0624, 0.1605),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
        (20, 20, 0.8389, 1.0),
    ],
)
def test_known_intervals(passed: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(passed, n) == pytest.approx((low, high), abs=5e-5)


def test_nothing_tried_says_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 5000), st.data())
def test_it_is_what_it_says(n: int, data: st.DataObject) -> None:
    """Each end is a share p at which the observed share is exactly `Z_95` standard errors of p away."""
    passed = data.draw(st.integers(0, n))
    share = passed / n
    low, high = wilson_interval(passed, n)
    assert 0 <= low <= share <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert abs(share - end) / math.sqrt(end * (1 - end) / n) == pytest.approx(Z_95, rel=1e-6)
