"""Curves from events, whatever providers write into them."""

from __future__ import annotations

import math
from typing import Any

from fttui.jobs.curves import Curves, curves_of
from fttui.jobs.objects import event_of


def curves(*data: dict[str, Any]) -> Curves:
    return curves_of([event_of({"id": str(n), "type": "metrics", "data": d}) for n, d in enumerate(data)])


def test_curves() -> None:
    found = curves(
        {"step": 2, "total_steps": 4, "train_loss": 1.5, "valid_loss": 2.0},
        {"step": 1, "total_steps": 4, "train_loss": 2, "train_mean_token_accuracy": 0.25},
        {"step": 3, "train_loss": "0.5", "valid_loss": 1.9, "full_valid_loss": 1.8},
    )
    assert found.train == ((1, 2.0), (2, 1.5), (3, 0.5))
    assert found.valid == ((2, 2.0), (3, 1.8))
    assert found.full_valid == ((3, 1.8),)
    assert found.accuracy == ((1, 0.25),)
    assert found.total_steps == 4


def test_what_is_no_point() -> None:
    nothing = curves(
        {},
        {"train_loss": 1.0},
        {"step": None, "train_loss": 1.0},
        {"step": "one", "train_loss": 1.0},
        {"step": float("nan"), "train_loss": 1.0},
        {"step": -3, "train_loss": 1.0},
        {"step": 1, "train_loss": -1, "valid_loss": None, "total_steps": "many"},
        {"step": 2, "train_loss": "", "valid_loss": True},
        {"step": 3, "train_loss": [1]},
        {"step": 4, "train_loss": 10**400},
        {"step": 5, "train_mean_reward": 0.5},
    )
    assert nothing == Curves()


def test_a_loss_that_is_no_number_is_a_point() -> None:
    """JSON has no NaN: a provider sends null, a string, or what Python calls NaN."""
    found = curves(
        {"step": 1, "train_loss": None}, {"step": 2, "train_loss": "NaN"}, {"step": 3, "train_loss": math.inf}
    )
    assert [step for step, loss in found.train if not math.isfinite(loss)] == [1, 2, 3]


def test_the_last_word_about_a_step_counts() -> None:
    assert curves({"step": 1, "train_loss": 3}, {"step": 1, "train_loss": 2}).train == ((1, 2.0),)
