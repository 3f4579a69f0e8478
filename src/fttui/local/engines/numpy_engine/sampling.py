"""Choosing the next token from its logits."""

from __future__ import annotations

import numpy as np

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray


def choose(logits: FloatArray, random: np.random.Generator, *, temperature: float, top_p: float) -> int:
    """Draw a token.

    Args:
        logits: (V,).
        temperature: 0: the likeliest token. Else the logits are divided by it.
        top_p: Draw only among the likeliest tokens that together have this probability (Holtzman et al. 2019,
            arXiv:1904.09751).
    """
    if temperature <= 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64)
    scaled -= scaled.max()
    scaled /= temperature
    probabilities = np.exp(scaled)
    probabilities /= probabilities.sum()
    if top_p >= 1:
        return _draw(probabilities, random)
    # Tokens below this line have together less than 1 - top_p, so none of them is needed: few are left to sort.
    candidates = np.flatnonzero(probabilities >= (1 - top_p) / len(probabilities))
    candidates = candidates[np.argsort(-probabilities[candidates], kind="stable")]
    shares = np.cumsum(probabilities[candidates])
    kept = candidates[: int(np.searchsorted(shares, top_p)) + 1]
    return int(kept[_draw(probabilities[kept], random)])


def _draw(weights: FloatArray, random: np.random.Generator) -> int:
    shares = np.cumsum(weights)
    position = int(np.searchsorted(shares, random.random() * shares[-1], side="right"))
    return min(position, len(weights) - 1)
