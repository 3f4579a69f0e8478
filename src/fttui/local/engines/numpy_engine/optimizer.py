"""AdamW, the course of the learning rate, and the clipping of gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray

_NUMBERS_IN_CACHE: Final = 1 << 15


class AdamW:
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101, algorithm 2).

    Args:
        parameters: (P,), changed in place by `step`.

    Attributes:
        mean, square: The moments of the gradients so far, (P,).
        steps: Steps taken.
    """

    def __init__(
        self,
        parameters: FloatArray,
        *,
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
    ) -> None:
        self._parameters = parameters
        self._decay = weight_decay
        self._betas = betas
        self._epsilon = epsilon
        self.mean = np.zeros_like(parameters)
        self.square = np.zeros_like(parameters)
        self.steps = 0

    def step(self, gradient: FloatArray, learning_rate: float) -> None:
        """Take one step against ``gradient`` (P,), which is used up."""
        first, second = self._betas
        self.steps += 1
        root_of_correction = math.sqrt(1 - second**self.steps)
        size = learning_rate * root_of_correction / (1 - first**self.steps)
        epsilon = self._epsilon * root_of_correction
        for part in _parts(len(gradient)):
            own, mean, square = gradient[part], self.mean[part], self.square[part]
            mean *= first
            mean += own * (1 - first)
            np.square(own, out=own)
            own *= 1 - second
            square *= second
            square += own
            root = np.sqrt(square, out=own)
            root += epsilon
            np.divide(mean, root, out=root)
            root *= size
            if self._decay:
                self._parameters[part] *= 1 - learning_rate * self._decay
            self._parameters[part] -= root


def clip(gradient: FloatArray, most: float) -> float:
    """Scale a gradient in place so that its norm is at most ``most``; return the norm it had.

    Returns:
        Infinity or no number where the gradient is out of bounds; it stays as it is then.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        norm = math.sqrt(sum(float(np.square(gradient[part]).sum(dtype=np.float64)) for part in _parts(len(gradient))))
    if math.isfinite(norm) and norm > most:
        gradient *= most / norm
    return norm


def _parts(count: int) -> Iterator[slice]:
    """Neighbours that go through all operations together, so that they stay in the processor's cache."""
    for start in range(0, count, _NUMBERS_IN_CACHE):
        yield slice(start, start + _NUMBERS_IN_CACHE)


def learning_rate_at(step: int, total_steps: int, *, highest: float, warm_up: float, final: float) -> float:
    """The learning rate of a step: rising in a straight line, then falling in one.

    Args:
        step: From 1.
        warm_up: Share of the steps in which it rises; the first of them already learns.
        final: What is left at the last step, as a share of ``highest``.
    """
    rising = max(1, round(total_steps * warm_up))
    if step <= rising:
        return highest * step / rising
    done = (step - rising) / max(1, total_steps - rising)
    return highest * (1 - (1 - final) * done)
