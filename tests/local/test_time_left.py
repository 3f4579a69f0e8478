"""How long a training is said to take."""

from __future__ import annotations

import pytest

from fttui.local.time_left import TimeLeft


def test_the_measurement_counts_until_the_steps_tell_more() -> None:
    time_left = TimeLeft(10, 100.0)
    assert time_left.after_step(1.0) == pytest.approx(90)
    assert time_left.after_step(1.0) == pytest.approx(80)
    assert time_left.after_step(1.0) == pytest.approx(7)


def test_without_a_measurement_the_first_step_counts() -> None:
    assert TimeLeft(10, 0.0).after_step(2.0) == pytest.approx(18)


def test_nothing_is_left_after_the_last_step() -> None:
    time_left = TimeLeft(2, 10.0)
    time_left.after_step(1.0)
    assert time_left.after_step(1.0) == 0


def test_it_is_told_once_it_can_be_trusted_and_then_at_each_half() -> None:
    time_left = TimeLeft(10_000, 0.0)
    told = [left for left in (time_left.after_step(1.0) for _ in range(10_000)) if time_left.is_worth_telling(left)]
    assert told == [9_997, 4_998, 2_499, 1_249, 624, 312, 156, 78]


def test_a_short_training_is_told_of_once() -> None:
    time_left = TimeLeft(50, 0.0)
    told = [left for left in (time_left.after_step(1.0) for _ in range(50)) if time_left.is_worth_telling(left)]
    assert told == [47]
