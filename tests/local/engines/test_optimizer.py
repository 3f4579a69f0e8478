"""AdamW by the book, the course of the learning rate, clipping."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from fttui.local.engines.numpy_engine.optimizer import AdamW, clip, learning_rate_at


def _adamw_by_the_book(start: list[float], gradients: list[list[float]], rate: float, decay: float) -> list[float]:
    """Algorithm 2 of arXiv:1711.05101, number by number."""
    values = []
    for place, value in enumerate(start):
        mean = square = 0.0
        for t, gradient in enumerate((g[place] for g in gradients), start=1):
            mean = 0.9 * mean + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient**2
            mean_hat, square_hat = mean / (1 - 0.9**t), square / (1 - 0.999**t)
            value -= rate * mean_hat / (math.sqrt(square_hat) + 1e-8) + rate * decay * value
        values.append(value)
    return values


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adamw_is_the_one_of_the_paper(decay: float) -> None:
    start = [1.0, -2.0, 0.0, 3.0]
    gradients = [[0.5, -1.0, 1e-4, 0.0], [0.1, 2.0, 0.0, 0.0], [-3.0, 0.3, 1e-6, 5.0]]
    parameters = np.array(start)
    optimizer = AdamW(parameters, weight_decay=decay)
    for gradient in gradients:
        optimizer.step(np.array(gradient), 0.01)
    np.testing.assert_allclose(parameters, _adamw_by_the_book(start, gradients, 0.01, decay), rtol=1e-9, atol=1e-12)


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [learning_rate_at(step, 40, highest=2.0, warm_up=0.1, final=0.1) for step in range(1, 41)]
    assert rates[:4] == [0.5, 1.0, 1.5, 2.0]
    assert all(later < earlier for earlier, later in pairwise(rates[3:]))
    assert rates[-1] == pytest.approx(0.2)


@pytest.mark.parametrize("total", [1, 2, 3])
def test_few_steps_learn_too(total: int) -> None:
    rates = [learning_rate_at(step, total, highest=1.0, warm_up=0.05, final=0.1) for step in range(1, total + 1)]
    assert rates[0] == 1.0
    assert min(rates) > 0


def test_a_large_gradient_is_clipped_and_a_small_one_stays() -> None:
    gradient = np.array([3.0, 4.0])
    assert clip(gradient, 1.0) == 5.0
    np.testing.assert_allclose(gradient, [0.6, 0.8])
    assert clip(gradient, 2.0) == pytest.approx(1.0)
    np.testing.assert_allclose(gradient, [0.6, 0.8])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [1e30, np.inf, np.nan])
def test_a_gradient_out_of_bounds_stays_and_nothing_is_said(value: float) -> None:
    gradient = np.array([1.0, value], np.float32)
    before = gradient.copy()
    assert not math.isfinite(clip(gradient, 1.0))
    np.testing.assert_array_equal(gradient, before)
