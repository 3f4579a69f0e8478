"""When the state of a training is saved."""

from __future__ import annotations

from fttui.local.savings import Savings


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_after_the_interval_and_not_before() -> None:
    clock = Clock()
    savings = Savings(20, clock)
    clock.now += 19
    assert not savings.is_due(at_checkpoint=False)
    clock.now += 1
    assert savings.is_due(at_checkpoint=False)
    with savings.saving():
        clock.now += 3
    assert not savings.is_due(at_checkpoint=False)


def test_at_a_checkpoint_unless_saving_would_take_a_large_share_of_the_time() -> None:
    clock = Clock()
    savings = Savings(1000, clock)
    assert savings.is_due(at_checkpoint=True)
    with savings.saving():
        clock.now += 2
    clock.now += 19
    assert not savings.is_due(at_checkpoint=True)
    clock.now += 1
    assert savings.is_due(at_checkpoint=True)


def test_zero_seconds_mean_after_each_step() -> None:
    assert Savings(0, Clock()).is_due(at_checkpoint=False)
