"""Choosing the next token from its logits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.protocol import Sampling

_DRAWS: Final = 32
"""Tokens drawn that cannot come, before they are tried in the order of their likelihood: it costs less by then."""
_COLD: Final = 1e-6
"""A temperature that leaves nothing but the likeliest token."""


def choose(logits: FloatArray, random: np.random.Generator, *, temperature: float, top_p: float) -> int:
    """Draw a token.

    Args:
        logits: (V,).
        temperature: 0, or next to it: the likeliest token. Else the logits are divided by it.
        top_p: Draw only among the likeliest tokens that together have this probability (Holtzman et al. 2019,
            arXiv:1904.09751).
    """
    if temperature < _COLD:
        return int(logits.argmax())
    scaled = logits.astype(np.float64)
    scaled -= scaled.max()
    scaled /= temperature
    probabilities = np.exp(scaled, out=scaled)
    probabilities /= probabilities.sum()
    if top_p >= 1:
        return _draw(probabilities, random)
    # Tokens below this line have together less than 1 - top_p, so none of them is needed: few are left to sort.
    candidates = np.flatnonzero(probabilities >= (1 - top_p) / len(probabilities))
    candidates = candidates[np.argsort(-probabilities[candidates], kind="stable")]
    shares = np.cumsum(probabilities[candidates])
    kept = candidates[: int(np.searchsorted(shares, top_p)) + 1]
    return int(kept[_draw(probabilities[kept], random)])


def choose_among(
    logits: FloatArray,
    random: np.random.Generator,
    is_possible: Callable[[int], bool],
    *,
    temperature: float,
    top_p: float,
) -> int | None:
    """Draw as `choose` does, again and again, until a token comes that is possible.

    Args:
        logits: (V,); tokens that were tried are struck out in it (-inf), and so may others be before.

    Returns:
        None when none is possible.
    """
    for _ in range(_DRAWS):
        if np.isneginf(logits.max()):
            return None
        token = choose(logits, random, temperature=temperature, top_p=top_p)
        if is_possible(token):
            return token
        logits[token] = -np.inf
    left = np.flatnonzero(~np.isneginf(logits))
    ordered = left[np.argsort(-logits[left], kind="stable")]
    return next((token for token in ordered.tolist() if is_possible(token)), None)


def finite(logits: FloatArray) -> FloatArray:
    """The logits themselves; where an adapter went wrong and they are no numbers, very low or high ones instead."""
    return logits if np.isfinite(logits).all() else np.nan_to_num(logits, nan=-1e9, posinf=1e9, neginf=-1e9)


def adjust(logits: FloatArray, sampling: Sampling, counts: Counter[int]) -> FloatArray:
    """Apply biases and penalties (OpenAI, "Frequency and presence penalties"); a copy, when there are any.

    μ[j] − count[j]·frequency − (count[j] > 0)·presence + bias[j]; ids that the vocabulary has not are passed over.

    Args:
        logits: (V,).
        counts: How often each token is in the answer so far.
    """
    has_penalties = bool(counts) and bool(sampling.presence_penalty or sampling.frequency_penalty)
    if not has_penalties and not sampling.logit_bias:
        return logits
    adjusted = logits.copy()
    for token, bias in sampling.logit_bias.items():
        if 0 <= token < len(adjusted):
            adjusted[token] += bias
    if has_penalties:
        tokens = np.fromiter(counts.keys(), np.int64, len(counts))
        times = np.fromiter(counts.values(), logits.dtype, len(counts))
        adjusted[tokens] -= times * sampling.frequency_penalty + sampling.presence_penalty
    return adjusted


def _draw(weights: FloatArray, random: np.random.Generator) -> int:
    shares = np.cumsum(weights)
    position = int(np.searchsorted(shares, random.random() * shares[-1], side="right"))
    return min(position, len(weights) - 1)
