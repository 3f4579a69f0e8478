"""What "auto" means."""

from __future__ import annotations

from typing import Any

import pytest

from fttui.local.hyperparameters import (
    AUTOMATIC_BETA,
    BASE_LEARNING_RATE,
    DPO_LEARNING_RATE,
    as_numbers,
    automatic_batch_size,
    resolve,
)


@pytest.mark.parametrize("auto", [{}, {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}])
def test_auto_and_absent_are_the_same(auto: dict[str, Any]) -> None:
    options = resolve(12, auto)
    assert options.epochs == 8
    assert options.batch_size == automatic_batch_size(12)
    assert options.learning_rate == BASE_LEARNING_RATE


def test_chosen_numbers_are_taken() -> None:
    options = resolve(12, {"n_epochs": 5, "batch_size": 7, "learning_rate_multiplier": 0.5, "other": 1})
    assert (options.epochs, options.batch_size) == (5, 7)
    assert options.learning_rate == BASE_LEARNING_RATE / 2


def test_batches_grow_with_the_file() -> None:
    sizes = [automatic_batch_size(n) for n in (1, 12, 60, 500, 10_000)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1] <= 8


def test_preference_pairs_have_a_rate_and_a_beta_of_their_own() -> None:
    options = resolve(12, {"beta": "auto"}, "dpo")
    assert (options.method, options.beta, options.learning_rate) == ("dpo", AUTOMATIC_BETA, DPO_LEARNING_RATE)
    assert resolve(12, {"beta": 0.5, "learning_rate_multiplier": 2}, "dpo").beta == 0.5


def test_a_job_shows_numbers_for_what_was_automatic() -> None:
    shown = {"n_epochs": 8, "batch_size": 3, "learning_rate_multiplier": 1.0}
    assert as_numbers(12, {"batch_size": 3}, "supervised") == shown
    assert as_numbers(12, {"batch_size": 3}, "dpo") == {**shown, "n_epochs": 3, "beta": AUTOMATIC_BETA}
