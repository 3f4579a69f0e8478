"""Operations between the matrices of a Llama layer, for rows of tokens. Sizes are named as in `LlamaShape`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray

IntArray = np.ndarray[Any, np.dtype[np.int64]]


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


def rotate(x: FloatArray, rotation: Rotation) -> FloatArray:
    """Turn each pair (x[i], x[i + E/2]) of every head by its angle: (N, heads, E) → (N, heads, E), a new array."""
    half = x.shape[-1] // 2
    first, second = x[..., :half], x[..., half:]
    turned = np.empty(x.shape, x.dtype)
    turned[..., :half] = first * rotation.cosines - second * rotation.sines
    turned[..., half:] = second * rotation.cosines + first * rotation.sines
    return turned


def gated_silu(gate_up: FloatArray) -> FloatArray:
    """silu(gate) · up: (N, 2·F) → (N, F)."""
    half = gate_up.shape[1] // 2
    gate, up = gate_up[:, :half], gate_up[:, half:]
    result: FloatArray = gate * _sigmoid(gate) * up
    return result


def _sigmoid(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)), written so that nothing overflows."""
    result: FloatArray = np.tanh(x * 0.5)
    result += 1
    result *= 0.5
    return result
