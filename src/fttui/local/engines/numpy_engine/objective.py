"""What a training minimises: a mean over terms, whose derivative by each token's loss is all that the pass needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from fttui.local.engines.numpy_engine.batches import EncodedExample, EncodedPair
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.loss import Predictions, Score

Example = TypeVar("Example", bound=EncodedExample | EncodedPair, contravariant=True)


class Objective(Protocol[Example]):
    """For examples of one kind."""

    def prepare(self, examples: Sequence[Example]) -> None:
        """Compute what the other methods need to know of these examples."""

    def terms(self, examples: Sequence[Example]) -> int:
        """What the loss is a mean over: so many things."""

    def factors(self, examples: Sequence[Example], predictions: Predictions) -> FloatArray:
        """The derivative of the sum of the terms by the loss of each predicted token of the examples, (n,)."""

    def score(self, examples: Sequence[Example], predictions: Predictions) -> Score:
        """How well the examples were predicted."""


class TokenObjective:
    """The mean loss of all trained tokens."""

    def prepare(self, examples: Sequence[EncodedExample]) -> None:
        pass

    def terms(self, examples: Sequence[EncodedExample]) -> int:
        return sum(example.trained_tokens for example in examples)

    def factors(self, examples: Sequence[EncodedExample], predictions: Predictions) -> FloatArray:
        return np.ones(len(predictions.losses))

    def score(self, examples: Sequence[EncodedExample], predictions: Predictions) -> Score:
        return Score.of_tokens(predictions)
