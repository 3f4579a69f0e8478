"""Low-rank adapters: W·h becomes W·h + (alpha / rank) · B·(A·h), with A and B learnt (Hu et al., arXiv:2106.09685).

All parameters of an adapter lie in one array, which the optimizer treats as a whole; the matrices are views of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import FloatArray

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "qkv": ("q", "k", "v"),
    "attention_out": ("o",),
    "gate_up": ("gate", "up"),
    "down": ("down",),
}
"""The seven projections of a layer. Those of a group read the same vector and are multiplied as one matrix."""


def projection_sizes(shape: LlamaShape) -> dict[str, tuple[int, int]]:
    """(outputs, inputs) of each projection."""
    queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    return {
        "q": (queries, shape.width),
        "k": (keys, shape.width),
        "v": (keys, shape.width),
        "o": (shape.width, queries),
        "gate": (shape.hidden, shape.width),
        "up": (shape.hidden, shape.width),
        "down": (shape.width, shape.hidden),
    }


@dataclass(frozen=True, slots=True)
class LoraGroup:
    """The adapter of one group with p projections.

    Attributes:
        a: (p·R, inputs), the A matrices below one another.
        b: p matrices (outputs, R).
        columns: For each projection, its columns of the group's result.
    """

    a: FloatArray
    b: tuple[FloatArray, ...]
    columns: tuple[slice, ...]

    def ranks(self, i: int) -> slice:
        """The rows of ``a`` that belong to projection ``i``."""
        rank = self.b[i].shape[1]
        return slice(i * rank, (i + 1) * rank)


class LoraParameters:
    """The parameters of an adapter, or gradients of the same form.

    Args:
        shape: Of the model.
        rank: R.
        kind: float32 (float64 for checks).
    """

    def __init__(self, shape: LlamaShape, rank: int, kind: Any = np.float32) -> None:
        sizes = projection_sizes(shape)
        per_layer = sum(rank * (outputs + inputs) for outputs, inputs in sizes.values())
        self.shape = shape
        self.rank = rank
        self.flat: FloatArray = np.zeros(per_layer * shape.layers, kind)
        self.layers = tuple(
            _groups(self.flat[layer * per_layer : (layer + 1) * per_layer], sizes, rank)
            for layer in range(shape.layers)
        )

    def matrices(self, layer: int) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Each projection's A (R, inputs) and B (outputs, R), as views."""
        found = {}
        for group_name, names in GROUPS.items():
            group = self.layers[layer][group_name]
            for i, name in enumerate(names):
                found[name] = (group.a[group.ranks(i)], group.b[i])
        return found


class LoraAdapter:
    """An adapter over a model: parameters and the strength they are applied with."""

    def __init__(self, parameters: LoraParameters, alpha: float) -> None:
        self.parameters = parameters
        self.alpha = alpha

    @property
    def rank(self) -> int:
        return self.parameters.rank

    @property
    def scale(self) -> float:
        return self.alpha / self.rank

    @classmethod
    def new(cls, shape: LlamaShape, *, rank: int, alpha: float, seed: int, kind: Any = np.float32) -> LoraAdapter:
        """A is drawn evenly from ±1/√inputs and B is zero, as in PEFT: at first nothing changes."""
        parameters = LoraParameters(shape, rank, kind)
        random = np.random.default_rng(seed)
        for groups in parameters.layers:
            for group in groups.values():
                limit = 1 / math.sqrt(group.a.shape[1])
                group.a[...] = random.uniform(-limit, limit, group.a.shape)
        return cls(parameters, alpha)

    def copy(self) -> LoraAdapter:
        parameters = LoraParameters(self.parameters.shape, self.rank, self.parameters.flat.dtype)
        parameters.flat[...] = self.parameters.flat
        return LoraAdapter(parameters, self.alpha)


def _groups(flat: FloatArray, sizes: Mapping[str, tuple[int, int]], rank: int) -> dict[str, LoraGroup]:
    """One layer's matrices as views of its part of the parameters."""
    groups = {}
    start = 0

    def take(rows: int, columns: int) -> FloatArray:
        nonlocal start
        view = flat[start : start + rows * columns].reshape(rows, columns)
        start += rows * columns
        return view

    for group_name, names in GROUPS.items():
        a = take(rank * len(names), sizes[names[0]][1])
        b = tuple(take(sizes[name][0], rank) for name in names)
        ends = np.cumsum([matrix.shape[0] for matrix in b]).tolist()
        columns = tuple(slice(end - matrix.shape[0], end) for end, matrix in zip(ends, b, strict=True))
        groups[group_name] = LoraGroup(a, b, columns)
    return groups
