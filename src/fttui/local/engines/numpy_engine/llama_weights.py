"""The weights of a Llama model as float32 matrices, in Hugging Face's order of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.tensor_layout import Place

FloatArray = np.ndarray[Any, np.dtype[np.floating[Any]]]


@dataclass(frozen=True)
class LayerWeights:
    """One layer. Matrices that read the same vector are one: rows of queries, keys and values, of gate and up.

    Few models have biases; None where there is none.
    """

    attention_norm: FloatArray  # (D,)
    qkv: FloatArray  # (H·E + 2·K·E, D)
    attention_out: FloatArray  # (D, H·E)
    ffn_norm: FloatArray  # (D,)
    gate_up: FloatArray  # (2·F, D)
    down: FloatArray  # (D, F)
    qkv_bias: FloatArray | None = None  # (H·E + 2·K·E,)
    attention_out_bias: FloatArray | None = None  # (D,)
    gate_up_bias: FloatArray | None = None  # (2·F,)
    down_bias: FloatArray | None = None  # (D,)


@dataclass(frozen=True)
class LlamaWeights:
    """All weights of a model."""

    shape: LlamaShape
    embedding: FloatArray  # (V, D)
    layers: tuple[LayerWeights, ...]
    output_norm: FloatArray  # (D,)
    output: FloatArray  # (V, D); the embedding itself where the model ties them
    rope_divisors: FloatArray  # (E/2,): ones, but for models with Llama 3's long contexts

    @cached_property
    def rope_frequencies(self) -> FloatArray:
        """Radians per position of each pair of a head, (E/2,), float64."""
        size, base, factor = self.shape.head_size, self.shape.rope_base, self.shape.rope_factor
        frequencies: FloatArray = base ** (-np.arange(0, size, 2) / size) / (self.rope_divisors * factor)
        return frequencies

    def astype(self, kind: type[np.floating[Any]]) -> LlamaWeights:
        """A copy in another precision (float64 for checks)."""

        def layer_as(layer: LayerWeights) -> LayerWeights:
            values = {name: value.astype(kind) for name, value in vars(layer).items() if value is not None}
            return LayerWeights(**values)

        return replace(
            self,
            embedding=self.embedding.astype(kind),
            layers=tuple(map(layer_as, self.layers)),
            output_norm=self.output_norm.astype(kind),
            output=self.output.astype(kind),
        )


def assemble(shape: LlamaShape, places: Mapping[str, Place], numbers: FloatArray) -> LlamaWeights:
    """The weights as views of one array.

    Args:
        places: Of `tensor_layout.places_of`.
        numbers: All numbers of the model, (N,).
    """

    def stacked(*names: str) -> FloatArray:
        """Neighbours as one matrix."""
        first, last = places[names[0]], places[names[-1]]
        rows = sum(places[name].shape[0] for name in names)
        return numbers[first.start : last.end].reshape(rows, *first.shape[1:])

    def bias(*of: str) -> FloatArray | None:
        """The biases of matrices that are one; zeros where only others of them have one."""
        if not any(f"{name}.bias" in places for name in of):
            return None
        parts = [stacked(f"{n}.bias") if f"{n}.bias" in places else _zeros(places[f"{n}.weight"]) for n in of]
        return np.concatenate(parts)

    def layer_weights(layer: int) -> LayerWeights:
        block = f"blk.{layer}."
        qkv = [f"{block}attn_{part}" for part in "qkv"]
        gate_up = [f"{block}ffn_{part}" for part in ("gate", "up")]
        return LayerWeights(
            attention_norm=stacked(f"{block}attn_norm.weight"),
            qkv=stacked(*(f"{name}.weight" for name in qkv)),
            attention_out=stacked(f"{block}attn_output.weight"),
            ffn_norm=stacked(f"{block}ffn_norm.weight"),
            gate_up=stacked(*(f"{name}.weight" for name in gate_up)),
            down=stacked(f"{block}ffn_down.weight"),
            qkv_bias=bias(*qkv),
            attention_out_bias=bias(f"{block}attn_output"),
            gate_up_bias=bias(*gate_up),
            down_bias=bias(f"{block}ffn_down"),
        )

    embedding = stacked("token_embd.weight")
    return LlamaWeights(
        shape,
        embedding,
        tuple(layer_weights(layer) for layer in range(shape.layers)),
        stacked("output_norm.weight"),
        stacked("output.weight") if "output.weight" in places else embedding,
        stacked("rope_freqs.weight") if "rope_freqs.weight" in places else np.ones(shape.head_size // 2),
    )


def _zeros(matrix: Place) -> FloatArray:
    return np.zeros(matrix.shape[0], np.float32)
