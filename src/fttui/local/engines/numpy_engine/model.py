"""A base model and what was learnt over it. `layer_pass` computes with it for training, `forward` for answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fttui.local.engines.numpy_engine.llama_weights import FloatArray, LlamaWeights
from fttui.local.engines.numpy_engine.lora import GROUPS, LoraAdapter, LoraGroup
from fttui.local.engines.numpy_engine.operations import IntArray, Rotation

_NO_LORA: Final[Mapping[str, None]] = dict.fromkeys(GROUPS)


class LlamaModel:
    """A model with or without an adapter.

    Args:
        weights: The base model.
        adapter: What was learnt over it, or None.
    """

    def __init__(self, weights: LlamaWeights, adapter: LoraAdapter | None = None) -> None:
        self.weights = weights
        self.shape = weights.shape
        self.adapter = adapter
        self.scale = adapter.scale if adapter is not None else 0.0

    def embed(self, ids: IntArray) -> FloatArray:
        """(N,) → (N, D), a new array."""
        embedded: FloatArray = self.weights.embedding[ids]
        return embedded

    def rotation(self, positions: IntArray) -> Rotation:
        """The rotary embedding of positions (N,)."""
        return Rotation.of(positions, self.weights.rope_frequencies, self.weights.embedding.dtype)

    def lora(self, layer: int) -> Mapping[str, LoraGroup | None]:
        """The adapter of a layer, group by group; None for each without an adapter."""
        return self.adapter.parameters.layers[layer] if self.adapter is not None else _NO_LORA
