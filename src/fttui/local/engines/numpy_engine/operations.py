"""The operations between the matrices of a Llama layer, each beside its gradient.

A gradient function gets the derivative of the loss by the operation's result and returns that by its input. Sizes are
named as in `LlamaShape`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.int64]]


def rms_norm(x: FloatArray, gain: FloatArray, epsilon: float) -> tuple[FloatArray, FloatArray]:
    """Scale each vector to a root mean square of 1, then by ``gain``.

    Args:
        x: (N, D).
        gain: (D,).

    Returns:
        The result (N, D), and the factors 1/rms (N, 1), which the gradient needs.
    """
    inverse = 1 / np.sqrt(np.square(x).mean(-1, keepdims=True) + epsilon)
    return x * inverse * gain, inverse


def rms_norm_gradient(d_result: FloatArray, x: FloatArray, inverse: FloatArray, gain: FloatArray) -> FloatArray:
    """d_result, x (N, D); inverse (N, 1); gain (D,) → (N, D)."""
    scaled = d_result * gain
    along_x = (scaled * x).mean(-1, keepdims=True)
    gradient: FloatArray = inverse * (scaled - x * np.square(inverse) * along_x)
    return gradient


@dataclass(frozen=True, slots=True)
class Rotation:
    """The rotary embedding of some positions: cosines and sines of their angles, (N, 1, E/2) each."""

    cosines: FloatArray
    sines: FloatArray

    @classmethod
    def of(cls, positions: IntArray, frequencies: FloatArray, kind: Any) -> Rotation:
        """positions (N,), frequencies (E/2,) in radians per position."""
        angles = np.outer(positions, frequencies)[:, None, :]
        return cls(np.cos(angles).astype(kind), np.sin(angles).astype(kind))

    def back(self) -> Rotation:
        """The opposite turn, which is the gradient of this one."""
        return Rotation(self.cosines, -self.sines)


def rotate(x: FloatArray, rotation: Rotation) -> FloatArray:
    """Turn each pair (x[i], x[i + E/2]) of every head by its angle: (N, heads, E) → (N, heads, E), a new array."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    turned = np.empty(x.shape, x.dtype)
    turned[..., :half] = first * rotation.cosines - second * rotation.sines
    turned[..., half:] = second * rotation.cosines + first * rotation.sines
    return turned


def attend(queries: FloatArray, keys: FloatArray, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Causal attention in one conversation: the queries are those of its last T positions.

    Args:
        queries: (T, H, E).
        keys: (K, S, E), S ≥ T.
        values: (K, S, E).

    Returns:
        The attended values (T, H·E), and the attention probabilities (K, G·T, S), which the gradient needs.
    """
    tokens, heads, size = queries.shape
    seen = keys.shape[1]
    scores = _by_kv_head(queries, keys.shape[0]) * (1 / math.sqrt(size)) @ keys.transpose(0, 2, 1)
    if tokens > 1:
        future = np.triu(np.ones((tokens, seen), dtype=bool), seen - tokens + 1)
        scores.reshape(-1, tokens, seen)[:, future] = -np.inf
    scores -= scores.max(-1, keepdims=True)
    probabilities = np.exp(scores, out=scores)
    probabilities /= probabilities.sum(-1, keepdims=True)
    return _by_token(probabilities @ values, heads).reshape(tokens, heads * size), probabilities


def attend_gradient(
    d_attended: FloatArray, queries: FloatArray, keys: FloatArray, values: FloatArray, probabilities: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """d_attended (T, H·E), the rest as in `attend` → gradients of queries (T, H, E), keys and values (K, S, E)."""
    tokens, heads, size = queries.shape
    kv_heads = keys.shape[0]
    scale = 1 / math.sqrt(size)
    d_out = _by_kv_head(d_attended.reshape(tokens, heads, size), kv_heads)
    d_values = probabilities.transpose(0, 2, 1) @ d_out
    d_probabilities = d_out @ values.transpose(0, 2, 1)
    d_probabilities -= (d_probabilities * probabilities).sum(-1, keepdims=True)
    d_scores = np.multiply(d_probabilities, probabilities, out=d_probabilities)
    d_queries = _by_token(d_scores @ keys, heads) * scale
    d_keys = d_scores.transpose(0, 2, 1) @ _by_kv_head(queries, kv_heads) * scale
    return d_queries, d_keys, d_values


def gated_silu(gate_up: FloatArray) -> FloatArray:
    """silu(gate) · up: (N, 2·F) → (N, F)."""
    half = gate_up.shape[1] // 2
    gate, up = gate_up[:, :half], gate_up[:, half:]
    result: FloatArray = gate * _sigmoid(gate) * up
    return result


def gated_silu_gradient(d_result: FloatArray, gate_up: FloatArray) -> FloatArray:
    """d_result (N, F), gate_up (N, 2·F) → (N, 2·F)."""
    half = gate_up.shape[1] // 2
    gate, up = gate_up[:, :half], gate_up[:, half:]
    sigmoid = _sigmoid(gate)
    gradient = np.empty_like(gate_up)
    gradient[:, :half] = d_result * up * sigmoid * (1 + gate * (1 - sigmoid))
    gradient[:, half:] = d_result * gate * sigmoid
    return gradient


def _sigmoid(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), written so that nothing overflows."""
    result: FloatArray = np.tanh(x * 0.5)
    result += 1
    result *= 0.5
    return result


def _by_kv_head(x: FloatArray, kv_heads: int) -> FloatArray:
    """(T, H, E) → (K, G·T, E): the heads that share keys as one matrix."""
    tokens, heads, size = x.shape
    grouped = x.reshape(tokens, kv_heads, heads // kv_heads, size).transpose(1, 2, 0, 3)
    return grouped.reshape(kv_heads, -1, size)


def _by_token(x: FloatArray, heads: int) -> FloatArray:
    """(K, G·T, E) → (T, H, E): the way back."""
    kv_heads, rows, size = x.shape
    group = heads // kv_heads
    return x.reshape(kv_heads, group, rows // group, size).transpose(2, 0, 1, 3).reshape(-1, heads, size)
