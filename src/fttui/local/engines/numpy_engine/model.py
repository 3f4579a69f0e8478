"""The Llama forward pass. Sizes are named as in `LlamaShape`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray, LayerWeights, LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraGroup, project
from fttui.local.engines.numpy_engine.operations import IntArray, Rotation, gated_silu, rms_norm, rotate

Attention = Callable[[FloatArray, FloatArray, FloatArray], tuple[FloatArray, tuple[FloatArray, ...]]]
"""Queries (N, H, E), keys and values (N, K, E) → attended values (N, H·E), and each conversation's probabilities."""


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """What happened in a layer, for its gradient. ``low_…`` are the A·h of the adapter (None without one)."""

    x: FloatArray  # (N, D), what came in
    attention_inverse: FloatArray  # (N, 1)
    attention_in: FloatArray  # (N, D)
    queries: FloatArray  # (N, H, E), rotated
    keys: FloatArray  # (N, K, E), rotated
    values: FloatArray  # (N, K, E)
    probabilities: tuple[FloatArray, ...]
    attended: FloatArray  # (N, H·E)
    middle: FloatArray  # (N, D), between attention and feed-forward
    ffn_inverse: FloatArray  # (N, 1)
    ffn_in: FloatArray  # (N, D)
    gate_up: FloatArray  # (N, 2·F)
    gated: FloatArray  # (N, F)
    low_qkv: FloatArray | None
    low_attention_out: FloatArray | None
    low_gate_up: FloatArray | None
    low_down: FloatArray | None


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

    def run_layer(
        self, layer: int, x: FloatArray, rotation: Rotation, attention: Attention
    ) -> tuple[FloatArray, LayerRecord]:
        """One layer: (N, D) → (N, D), and the record of how."""
        weights, epsilon = self.weights.layers[layer], self.shape.norm_epsilon
        lora = self.lora(layer)

        attention_in, attention_inverse = rms_norm(x, weights.attention_norm, epsilon)
        qkv, low_qkv = project(weights.qkv, weights.qkv_bias, lora["qkv"], self.scale, attention_in)
        queries, keys, values = self.split_heads(qkv)
        queries, keys = rotate(queries, rotation), rotate(keys, rotation)
        attended, probabilities = attention(queries, keys, values)
        change, low_out = project(
            weights.attention_out, weights.attention_out_bias, lora["attention_out"], self.scale, attended
        )
        middle = x + change

        ffn_in, ffn_inverse = rms_norm(middle, weights.ffn_norm, epsilon)
        gate_up, low_gate_up = project(weights.gate_up, weights.gate_up_bias, lora["gate_up"], self.scale, ffn_in)
        gated = gated_silu(gate_up)
        change, low_down = project(weights.down, weights.down_bias, lora["down"], self.scale, gated)
        record = LayerRecord(
            x, attention_inverse, attention_in, queries, keys, values, probabilities, attended,
            middle, ffn_inverse, ffn_in, gate_up, gated, low_qkv, low_out, low_gate_up, low_down,
        )  # fmt: skip
        return middle + change, record

    def lora(self, layer: int) -> Mapping[str, LoraGroup | None]:
        """The adapter of a layer, group by group; None for each without an adapter."""
        return self.adapter.parameters.layers[layer] if self.adapter is not None else _NO_LORA

    def split_heads(self, qkv: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """(N, H·E + 2·K·E) → (N, H, E), (N, K, E), (N, K, E), as views."""
        shape = self.shape
        rows = qkv.reshape(len(qkv), shape.heads + 2 * shape.kv_heads, shape.head_size)
        return (
            rows[:, : shape.heads],
            rows[:, shape.heads : shape.heads + shape.kv_heads],
            rows[:, shape.heads + shape.kv_heads :],
        )

    def final_norm(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(N, D) → what the output matrix reads (N, D), and 1/rms (N, 1)."""
        return rms_norm(x, self.weights.output_norm, self.shape.norm_epsilon)

    def logits(self, normed: FloatArray) -> FloatArray:
        """(N, D) after `final_norm` → (N, V)."""
        result: FloatArray = normed @ self.weights.output.T
        return result

    def layer_weights(self, layer: int) -> LayerWeights:
        return self.weights.layers[layer]


_NO_LORA: Mapping[str, None] = dict.fromkeys(("qkv", "attention_out", "gate_up", "down"))
