"""What is said about curves, and that healthy ones are left alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from fttui.jobs.advice import Advice, advise
from fttui.jobs.curves import Curves, Point


def points(losses: Sequence[float], every: int = 1) -> tuple[Point, ...]:
    return tuple(((n + 1) * every, loss) for n, loss in enumerate(losses))


def falling(n: int, start: float = 3.0, end: float = 0.3, noise: float = 0.2) -> list[float]:
    """A healthy training: down, with the noise of single examples."""
    return [end + (start - end) * math.exp(-4 * i / n) + noise * math.sin(7.0 * i) for i in range(n)]


def kinds(curves: Curves) -> list[str]:
    return [remark.kind for remark in advise(curves)]


@pytest.mark.parametrize(
    "curves",
    [
        Curves(),
        Curves(train=points([2.0])),
        Curves(train=points([2.0, 2.5, 1.9, 3.0])),
        Curves(train=points(falling(40))),
        Curves(train=points(falling(400, noise=0.5)), full_valid=points([1.5, 1.2, 1.1, 1.12], 100)),
        Curves(train=points(falling(40)), valid=points([2.0, 1.5, 1.4, 1.3, 1.31, 1.25], 5)),
        Curves(train=points([0.02, 0.03, 0.01] * 10)),
        Curves(train=points(falling(40)), full_valid=points([1.5], 10)),
    ],
    ids=["none", "one step", "short", "falling", "long", "validated", "learnt before", "one epoch"],
)
def test_nothing_to_say(curves: Curves) -> None:
    assert advise(curves) == []


def test_overfitting_names_the_best_epoch() -> None:
    curves = Curves(train=points(falling(40)), full_valid=points([1.5, 1.2, 1.3, 1.6], 10))
    assert advise(curves) == [
        Advice(
            "overfitting",
            20,
            "The validation loss rose from 1.20 to 1.60 after step 20: the checkpoint there is the best so far.",
        )
    ]


def test_overfitting_is_seen_through_the_noise_of_batches() -> None:
    noisy = [1.5, 1.2, 1.4, 1.1, 1.3, 1.0, 1.6, 1.3, 1.8, 1.5, 2.0, 1.7]
    assert kinds(Curves(valid=points(noisy, 5))) == ["overfitting"]
    assert kinds(Curves(valid=points([1.5, 1.2, 1.0, 0.9, 1.3, 0.8, 0.7, 0.9], 5))) == []


def test_divergence() -> None:
    up = [*falling(30), *(0.5 * 1.2**i for i in range(15))]
    (remark,) = advise(Curves(train=points(up)))
    assert remark.kind == "divergence"
    assert 25 <= remark.step <= 36
    assert "lower the learning rate" in remark.message
    assert kinds(Curves(train=points([1.0] * 5 + [4.0] * 10))) == ["divergence"]


def test_no_learning_only_when_there_was_time_to_learn() -> None:
    flat = points([2.0, 2.1, 1.9, 2.05] * 5)
    assert kinds(Curves(train=flat)) == ["no-learning"]
    assert kinds(Curves(train=flat, total_steps=20)) == ["no-learning"]
    assert kinds(Curves(train=flat, total_steps=1000)) == []


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_nan_is_the_only_thing_said(bad: float) -> None:
    curves = Curves(train=points([3.0] * 12 + [bad, bad]), full_valid=points([1.0, 5.0], 6))
    assert [(remark.kind, remark.step) for remark in advise(curves)] == [("nan", 13)]
