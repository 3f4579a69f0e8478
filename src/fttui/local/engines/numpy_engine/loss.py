"""The training loss: cross-entropy of the next token, with its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.operations import IntArray

_ROWS_AT_ONCE: Final = 256
"""Logits are wide (49,152 numbers a token): 256 rows of SmolLM2's are 50 MB."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well n tokens were predicted."""

    loss: float
    """The sum of -log(probability) of the right tokens."""
    correct: int
    """Tokens that were the likeliest."""
    tokens: int

    def __add__(self, other: Score) -> Score:
        return Score(self.loss + other.loss, self.correct + other.correct, self.tokens + other.tokens)

    @property
    def mean_loss(self) -> float:
        return self.loss / self.tokens

    @property
    def accuracy(self) -> float:
        return self.correct / self.tokens


NOTHING: Final = Score(0.0, 0, 0)


def score(model: LlamaModel, normed: FloatArray, targets: IntArray) -> Score:
    """Score predictions: what the output matrix reads (n, D), and the right tokens (n,)."""
    total = NOTHING
    for start in range(0, len(targets), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        total += _score_rows(model.logits(normed[rows]), targets[rows])
    return total


def score_and_gradient(
    model: LlamaModel, normed: FloatArray, targets: IntArray, weight: float
) -> tuple[Score, FloatArray]:
    """Like `score`, with the gradient (n, D) of ``weight`` times the loss by ``normed``."""
    total = NOTHING
    gradient = np.empty_like(normed)
    for start in range(0, len(targets), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        probabilities = model.logits(normed[rows])
        total += _score_rows(probabilities, targets[rows])  # turns the logits into probabilities
        probabilities[np.arange(len(probabilities)), targets[rows]] -= 1
        gradient[rows] = probabilities @ model.weights.output * weight
    return total, gradient


def _score_rows(logits: FloatArray, targets: IntArray) -> Score:
    """Score (n, V) logits and turn them, in place, into probabilities."""
    every = np.arange(len(targets))
    correct = int((logits.argmax(-1) == targets).sum())
    logits -= logits.max(-1, keepdims=True)
    of_target = logits[every, targets]
    np.exp(logits, out=logits)
    sums = logits.sum(-1, keepdims=True)
    logits /= sums
    losses = np.log(sums[:, 0]) - of_target
    return Score(float(losses.sum(dtype=np.float64)), correct, len(targets))
