"""Log-probabilities of tokens, as the protocol reports them."""

from __future__ import annotations

from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.local.engines.protocol import Candidate, ChosenToken

LOWEST: Final = -9999.0
"""OpenAI's number for a token that is next to impossible; also keeps infinities out of JSON."""


def chosen_token(tokenizer: Tokenizer, logits: FloatArray, token: int, top: int) -> ChosenToken:
    """A token with its log-probability, and the ``top`` likeliest at its place, the likeliest first.

    Args:
        logits: (V,), as the model gave them: at temperature 1, before penalties.
    """
    exact = logits.astype(np.float64)
    exact -= exact.max()
    exact -= np.log(np.exp(exact).sum())

    def candidate(token: int) -> Candidate:
        logprob = max(LOWEST, float(exact[token]))
        return Candidate(token, tokenizer.spelling(token), logprob, is_control=not tokenizer.bytes_of(token))

    top = min(top, len(exact))
    likeliest = np.argpartition(-exact, top - 1)[:top] if top else np.empty(0, np.int64)
    ordered = sorted(likeliest.tolist(), key=lambda other: (-exact[other], other))
    return ChosenToken(candidate(token), tuple(candidate(other) for other in ordered))
