"""AdamW, the course of the learning rate, and the clipping of gradients."""

from __future__ import annotations

import math

import numpy as np

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray


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
        self.mean += (1 - first) * (gradient - self.mean)
        self.square *= second
        np.square(gradient, out=gradient)
        gradient *= 1 - second
        self.square += gradient
        size = learning_rate * math.sqrt(1 - second**self.steps) / (1 - first**self.steps)
        epsilon = self._epsilon * math.sqrt(1 - second**self.steps)
        root = np.sqrt(self.square, out=gradient)
        root += epsilon
        if self._decay:
            self._parameters *= 1 - learning_rate * self._decay
        self._parameters -= size * (self.mean / root)


def clip(gradient: FloatArray, most: float) -> float:
    """Scale a gradient in place so that its norm is at most ``most``; return the norm it had."""
    norm = float(np.sqrt(np.square(gradient).sum(dtype=np.float64)))
    if norm > most:
        gradient *= most / norm
    return norm


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
