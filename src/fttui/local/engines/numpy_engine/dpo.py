"""Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290, equation 7).

    loss = -log σ(β · ((log π(y⁺) - log π₀(y⁺)) - (log π(y⁻) - log π₀(y⁻))))

with y⁺ the preferred answer and y⁻ the other one, π the model in training and π₀ the one that training starts from; the
logarithms are sums over an answer's tokens. β · (log π - log π₀) is an answer's reward.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.backward import evaluate_all
from fttui.local.engines.numpy_engine.batches import EncodedPair, batches_of
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.loss import Predictions, Score
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.parallel import Workers


def chat_records(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A preference record as two chats, with the preferred answer and with the other; only those are trained on.

    Raises:
        FttuiError: It is none.
    """
    asked = record.get("input")
    asked = asked if isinstance(asked, Mapping) else {}
    messages = asked.get("messages")
    answers = [record.get(key) for key in ("preferred_output", "non_preferred_output")]
    if not all(isinstance(part, list) for part in (messages, *answers)):
        raise FttuiError("A preference example has no 'input.messages', 'preferred_output' or 'non_preferred_output'.")
    prompt = [_untrained(message) for message in messages or []]
    tools = {"tools": asked["tools"]} if asked.get("tools") else {}
    preferred, other = ({"messages": [*prompt, *(answer or [])], **tools} for answer in answers)
    return preferred, other


def _untrained(message: Any) -> Any:
    is_answer = isinstance(message, Mapping) and message.get("role") == "assistant"
    return {**message, "weight": 0} if is_answer else message


class DpoObjective:
    """What is minimised on preference pairs.

    Args:
        reference: π₀; it must not change.
        beta: β.
    """

    def __init__(self, reference: LlamaModel, beta: float, workers: Workers) -> None:
        self._reference = reference
        self._beta = beta
        self._workers = workers
        self._reference_losses: dict[EncodedPair, FloatArray] = {}

    def prepare(self, pairs: Sequence[EncodedPair]) -> None:
        """Compute -log π₀ of both answers of each pair, once.

        Each pair by itself: so its numbers are to the bit the same whenever they are computed, also by a training that
        goes on after an interruption.
        """
        for pair in pairs:
            if pair not in self._reference_losses:
                found = evaluate_all(self._reference, batches_of([pair]), self._workers)
                self._reference_losses[pair] = _sums([pair], found)[0]

    def factors(self, pairs: Sequence[EncodedPair], predictions: Predictions) -> FloatArray:
        """The derivative of the sum of the pairs' losses by the loss of each predicted token, (n,)."""
        pull = self._beta / (1 + np.exp(np.clip(self._margins(pairs, predictions), -500, 500)))  # β · σ(-margin)
        signed = np.stack([pull, -pull], 1).ravel()
        factors: FloatArray = np.repeat(signed, [s.trained_tokens for pair in pairs for s in pair.sequences])
        return factors

    def score(self, pairs: Sequence[EncodedPair], predictions: Predictions) -> Score:
        """Loss and rewards of the pairs; hits are counted in the preferred answers."""
        margins = self._margins(pairs, predictions)
        counts = [sequence.trained_tokens for pair in pairs for sequence in pair.sequences]
        is_preferred = np.repeat(np.tile([True, False], len(pairs)), counts)
        return Score(
            loss=float(np.logaddexp(0, -margins).sum()),
            terms=len(pairs),
            correct=int(predictions.correct[is_preferred].sum()),
            tokens=sum(counts[::2]),
            won=int((margins > 0).sum()),
            margin=float(margins.sum()),
        )

    def terms(self, pairs: Sequence[EncodedPair]) -> int:
        """What the loss is a mean over."""
        return len(pairs)

    def _margins(self, pairs: Sequence[EncodedPair], predictions: Predictions) -> FloatArray:
        """By how much the reward of the preferred answer is higher, (pairs,), float64."""
        reference = np.array([self._reference_losses[pair] for pair in pairs])
        rewards = self._beta * (reference - _sums(pairs, predictions))
        margins: FloatArray = rewards[:, 0] - rewards[:, 1]
        return margins


def _sums(pairs: Sequence[EncodedPair], predictions: Predictions) -> FloatArray:
    """-log probability of the preferred and of the other answer of each pair, (pairs, 2), float64."""
    counts = [sequence.trained_tokens for pair in pairs for sequence in pair.sequences]
    starts = np.cumsum([0, *counts[:-1]])
    sums: FloatArray = np.add.reduceat(predictions.losses.astype(np.float64), starts).reshape(-1, 2)
    return sums
