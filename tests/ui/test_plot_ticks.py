"""Round numbers for axes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.ui.plot.ticks import nice_step, nice_ticks, short_number, tick_labels


@pytest.mark.parametrize(
    ("span", "count", "step"),
    [(10, 5, 2), (9, 5, 2), (1, 4, 0.5), (100, 10, 10), (101, 10, 20), (0.03, 3, 0.01), (0, 5, 1), (math.inf, 5, 1)],
)
def test_steps_are_one_two_or_five(span: float, count: int, step: float) -> None:
    assert nice_step(span, count) == pytest.approx(step)


def test_ticks_lie_within_and_are_round() -> None:
    assert nice_ticks(0.35, 2.6, 5) == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert nice_ticks(1, 24, 4, whole=True) == [10, 20]
    assert nice_ticks(1, 3, 10, whole=True) == [1, 2, 3]
    assert nice_ticks(3, 1, 5) == []
    assert nice_ticks(math.nan, 1, 5) == []


@given(
    low=st.floats(-1e9, 1e9, allow_nan=False),
    span=st.floats(1e-6, 1e9, allow_nan=False),
    count=st.integers(1, 20),
)
def test_any_axis_has_few_rising_ticks_in_its_range(low: float, span: float, count: int) -> None:
    ticks = nice_ticks(low, low + span, count)
    assert len(ticks) <= count + 1
    assert ticks == sorted(ticks)
    slack = span * 1e-6 + 1e-6
    assert all(low - slack <= tick <= low + span + slack for tick in ticks)


def test_labels_have_the_decimals_of_their_step() -> None:
    assert tick_labels([0.5, 1.0, 1.5]) == ["0.5", "1.0", "1.5"]
    assert tick_labels([0.0, 0.05]) == ["0.00", "0.05"]
    assert tick_labels([1000, 2000]) == ["1,000", "2,000"]
    assert tick_labels([2e7, 4e7]) == ["2e+07", "4e+07"]
    assert tick_labels([]) == []
    assert tick_labels([0.0]) == ["0"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (1.23456, "1.235"),
        (12.345, "12.3"),
        (1234.5, "1,234"),
        (0.0000123, "1.23e-05"),
        (math.nan, "nan"),
    ],
)
def test_values_are_short(value: float, text: str) -> None:
    assert short_number(value) == text
