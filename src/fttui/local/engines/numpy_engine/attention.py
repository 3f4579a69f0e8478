"""Causal attention for training, and its gradient. Tokens are columns; sizes are named as in `LlamaShape`.

Scores are computed for some queries at a time and never kept: the gradient computes them again from the queries, the
keys and one number a query, the logarithm of the sum that its probabilities were divided by (as in FlashAttention, Dao
et al., arXiv:2205.14135). The scores of 4,096 tokens would take 600 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray

_QUERIES_AT_ONCE: Final = 128
_KEYS_FOR_ALL_HEADS: Final = 512
"""With more keys, key-value heads come one after the other: their scores stay in the processor's cache."""


def attend(queries: FloatArray, keys: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Attention of the last T positions of a conversation to all S positions up to their own.

    Args:
        queries: (H, E, T), divided by √E.
        keys, values: (K, E, S), S ≥ T.

    Returns:
        The attended values (H, E, T), and the logarithms (K, G, 1, T) that the gradient needs.
    """
    kv_heads, size, _ = keys.shape
    tokens = queries.shape[2]
    grouped = queries.reshape(kv_heads, -1, size, tokens)
    attended = np.empty(grouped.shape, queries.dtype)
    logarithms = np.empty((kv_heads, grouped.shape[1], 1, tokens), queries.dtype)
    for heads, part, seen in _blocks(kv_heads, tokens, keys.shape[2]):
        scores = _scores(grouped[heads, :, :, part], keys[heads, :, :seen])
        highest = scores.max(-2, keepdims=True)
        scores -= highest
        np.exp(scores, out=scores)
        sums = scores.sum(-2, keepdims=True)
        result = np.matmul(values[heads, None, :, :seen], scores)
        result /= sums
        attended[heads, :, :, part] = result
        np.log(sums, out=sums)
        sums += highest
        logarithms[heads, :, :, part] = sums
    return attended.reshape(queries.shape), logarithms


def attend_gradient(
    d_attended: FloatArray,
    attended: FloatArray,
    logarithms: FloatArray,
    queries: FloatArray,
    keys: FloatArray,
    values: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The gradients of queries (H, E, T), keys and values (K, E, S).

    Args:
        d_attended: (H, E, T), the gradient by the attended values.
        attended, logarithms: What `attend` gave.
        queries, keys, values: What it was given.
    """
    kv_heads, size, _ = keys.shape
    tokens = queries.shape[2]
    grouped = queries.reshape(kv_heads, -1, size, tokens)
    d_out = d_attended.reshape(grouped.shape)
    along = (d_attended * attended).sum(1).reshape(logarithms.shape)  # Σ probability · its gradient, of each query
    d_queries = np.empty(grouped.shape, queries.dtype)
    d_keys, d_values = np.zeros_like(keys), np.zeros_like(values)
    for heads, part, seen in _blocks(kv_heads, tokens, keys.shape[2]):
        own_queries, own_d_out = grouped[heads, :, :, part], d_out[heads, :, :, part]
        probabilities = _scores(own_queries, keys[heads, :, :seen])
        probabilities -= logarithms[heads, :, :, part]
        np.exp(probabilities, out=probabilities)
        d_values[heads, :, :seen] += np.matmul(own_d_out, probabilities.swapaxes(-1, -2)).sum(1)
        d_scores = np.matmul(values[heads, None, :, :seen].swapaxes(-1, -2), own_d_out)
        d_scores -= along[heads, :, :, part]
        d_scores *= probabilities
        d_queries[heads, :, :, part] = np.matmul(keys[heads, None, :, :seen], d_scores)
        d_keys[heads, :, :seen] += np.matmul(own_queries, d_scores.swapaxes(-1, -2)).sum(1)
    return d_queries.reshape(queries.shape), d_keys, d_values


def _blocks(kv_heads: int, tokens: int, all_seen: int) -> Iterator[tuple[slice, slice, int]]:
    """Key-value heads, queries, and how many keys the last of those queries sees."""
    for start in range(0, tokens, _QUERIES_AT_ONCE):
        end = min(tokens, start + _QUERIES_AT_ONCE)
        seen = all_seen - tokens + end
        heads_at_once = kv_heads if seen <= _KEYS_FOR_ALL_HEADS else 1
        for head in range(0, kv_heads, heads_at_once):
            yield slice(head, head + heads_at_once), slice(start, end), seen


def _scores(queries: FloatArray, keys: FloatArray) -> FloatArray:
    """(k, G, E, t), (k, E, s) → (k, G, s, t); what a query must not see is -∞."""
    scores: FloatArray = np.matmul(keys[:, None].swapaxes(-1, -2), queries)
    count = queries.shape[-1]
    scores[..., -count:, :] += np.tril(np.full((count, count), -np.inf, scores.dtype), -1)
    return scores
