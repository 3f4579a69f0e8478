"""An adapter as answers want it: two matrices a group, instead of one A and up to three B with a strength."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraGroup

FusedGroup = tuple[FloatArray, FloatArray]
"""A (p·R, inputs), shared with the adapter, and (alpha / rank) · Bᵀ as one block-diagonal matrix (p·R, outputs).

Its zeros are multiplied for nothing, which costs less than three small products and their calls: with one token at a
time a call of numpy takes as long as the work in it.
"""


class FusedLora:
    """An adapter that does not change any more, ready to be applied.

    Args:
        adapter: What is made of it here keeps the values that it has now.
    """

    def __init__(self, adapter: LoraAdapter) -> None:
        self.layers: tuple[Mapping[str, FusedGroup], ...] = tuple(
            {name: _fused(group, adapter.scale) for name, group in groups.items()}
            for groups in adapter.parameters.layers
        )


def _fused(group: LoraGroup, scale: float) -> FusedGroup:
    blocks = np.zeros((len(group.a), group.columns[-1].stop), group.a.dtype)
    for i, (b, columns) in enumerate(zip(group.b, group.columns, strict=True)):
        np.multiply(b.T, scale, out=blocks[group.ranks(i), columns])
    return group.a, blocks
