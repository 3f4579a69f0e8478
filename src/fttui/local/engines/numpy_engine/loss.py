"""The loss of each predicted token: cross-entropy, with its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.operations import IntArray

_NUMBERS_AT_ONCE: Final = 128 * 49_152
"""Logits are wide (49,152 numbers a token in SmolLM2): 128 rows of them are 25 MB."""
_NUMBERS_IN_CACHE: Final = 1 << 18
"""What goes through the steps of a softmax together."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """How n tokens were predicted."""

    losses: FloatArray  # (n,), -log(probability) of the right tokens, in nats
    correct: np.ndarray[tuple[int], np.dtype[np.bool_]]  # (n,), whether they were the likeliest

    @classmethod
    def joined(cls, parts: Sequence[Predictions]) -> Predictions:
        """Of several batches, one behind the other."""
        return cls(np.concatenate([part.losses for part in parts]), np.concatenate([part.correct for part in parts]))


@dataclass(frozen=True, slots=True)
class Score:
    """How well some examples were predicted."""

    loss: float
    """A sum of ``terms``."""
    terms: int
    """Tokens; pairs, where pairs are compared."""
    correct: int
    """Tokens that were the likeliest."""
    tokens: int
    won: int = 0
    """Pairs whose preferred answer has the higher reward."""
    margin: float = 0.0
    """The sum of how much higher it is."""

    @classmethod
    def of_tokens(cls, predictions: Predictions) -> Score:
        losses = predictions.losses
        count = len(losses)
        return cls(float(losses.sum(dtype=np.float64)), count, int(predictions.correct.sum()), count)

    def __add__(self, other: Score) -> Score:
        return Score(*(mine + others for mine, others in zip(astuple(self), astuple(other), strict=True)))

    @property
    def mean_loss(self) -> float:
        return self.loss / self.terms

    @property
    def accuracy(self) -> float:
        return self.correct / self.tokens


NOTHING: Final = Score(0.0, 0, 0, 0)


def predict(
    output: FloatArray, normed: FloatArray, targets: IntArray, *, with_gradient: bool
) -> tuple[Predictions, FloatArray | None]:
    """Score predictions.

    Args:
        output: The output matrix (V, D).
        normed: What it reads, (n, D).
        targets: The right tokens, (n,).

    Returns:
        The predictions, and the gradient of each row's loss by the row of ``normed``, (n, D).
    """
    losses = np.empty(len(targets), normed.dtype)
    correct = np.empty(len(targets), bool)
    gradient = np.empty_like(normed) if with_gradient else None
    at_once = max(1, _NUMBERS_AT_ONCE // len(output))
    for start in range(0, len(targets), at_once):
        rows = slice(start, start + at_once)
        logits = normed[rows] @ output.T
        losses[rows], correct[rows], sums = _exponentials(logits, targets[rows])
        if gradient is not None:  # probabilities @ output - output[target]; divided by the sums where it is narrow
            gradient[rows] = logits @ output
            gradient[rows] /= sums[:, None]
            gradient[rows] -= output[targets[rows]]
    return Predictions(losses, correct), gradient


def _exponentials(logits: FloatArray, targets: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Losses, hits and sums, (n,) each, of (n, V) logits, which become exp(logit - the highest of its row)."""
    losses, sums = np.empty((2, len(targets)), logits.dtype)
    correct = np.empty(len(targets), bool)
    at_once = max(1, _NUMBERS_IN_CACHE // logits.shape[1])
    for start in range(0, len(targets), at_once):
        rows = slice(start, start + at_once)
        part, right = logits[rows], targets[rows]
        every = np.arange(len(part))
        likeliest = part.argmax(-1)
        correct[rows] = likeliest == right
        part -= part[every, likeliest][:, None]
        of_right = part[every, right]
        np.exp(part, out=part)
        sums[rows] = part.sum(-1)
        losses[rows] = np.log(sums[rows]) - of_right
    return losses, correct, sums
