"""The forward pass for answers: tokens of several conversations in the same matrix products.

What a training keeps for its gradient (`layer_pass`) is not kept here. With one token at a time the
weights are read from memory once a token, and that is what an answer waits for: so everything else is to be little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from fttui.local.engines.numpy_engine.few_rows import FewRows
from fttui.local.engines.numpy_engine.fused_lora import FusedLora
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.llama_weights import FloatArray, LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.operations import Rotation, gated_silu, rotate
from fttui.local.engines.numpy_engine.pace import Pace


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens of one conversation that follow those in its cache."""

    ids: Sequence[int]
    cache: KeyValueCache
    adapter: LoraAdapter | None = None
    wants_logits: bool = True
    """Whether what follows the last of them is asked for."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a step that an adapter is applied to."""

    rows: slice
    lora: FusedLora


class Forward:
    """Computes tokens with a base model and any adapters over it. An adapter does not change once it was used here."""

    def __init__(self, weights: LlamaWeights) -> None:
        self._weights = weights
        self._products = FewRows()
        self._pace = Pace()
        self._fused: WeakKeyDictionary[LoraAdapter, FusedLora] = WeakKeyDictionary()

    def run(self, spans: Sequence[Span]) -> list[FloatArray | None]:
        """Compute all spans; their caches grow by them.

        Returns:
            For each span the logits (V,) of what follows its last token, or None where they are not wanted.
        """
        if len(spans) == 1 and len(spans[0].ids) == 1:
            return self._pace.run(lambda: self._run(spans))
        return self._run(spans)

    def _run(self, spans: Sequence[Span]) -> list[FloatArray | None]:
        order = sorted(range(len(spans)), key=lambda i: id(spans[i].adapter))  # rows of an adapter are neighbours
        ordered = [spans[i] for i in order]
        x = self._hidden(ordered)
        ends = np.cumsum([len(span.ids) for span in ordered])
        wanted = [i for i, span in enumerate(ordered) if span.wants_logits]
        results: list[FloatArray | None] = [None] * len(spans)
        if wanted:
            normed = _norm(x[ends[wanted] - 1], self._weights.output_norm, self._weights.shape.norm_epsilon)
            logits = self._products.times(self._weights.output, normed)
            for row, i in enumerate(wanted):
                results[order[i]] = logits[row]
        return results

    def _hidden(self, spans: Sequence[Span]) -> FloatArray:
        """What comes out of the last layer, (N, D), for the tokens of all spans one after the other."""
        weights, shape = self._weights, self._weights.shape
        parts, adapted = self._rows(spans)
        x: FloatArray = weights.embedding[[token for span in spans for token in span.ids]]
        positions = [np.arange(span.cache.length, span.cache.length + len(span.ids)) for span in spans]
        rotation = Rotation.of(np.concatenate(positions), weights.rope_frequencies, x.dtype)
        for span in spans:
            span.cache.reserve(len(span.ids))
        rotated, softness = shape.heads + shape.kv_heads, 1 / math.sqrt(shape.head_size)
        for number, layer in enumerate(weights.layers):
            h = _norm(x, layer.attention_norm, shape.norm_epsilon)
            qkv = self._project(layer.qkv, layer.qkv_bias, adapted, number, "qkv", h)
            heads = qkv.reshape(len(x), rotated + shape.kv_heads, shape.head_size)
            turned, values = rotate(heads[:, :rotated], rotation), heads[:, rotated:]
            turned[:, : shape.heads] *= softness
            attended = np.empty((len(x), shape.heads * shape.head_size), x.dtype)
            for span, part in zip(spans, parts, strict=True):
                attended[part] = span.cache.attend(
                    number, turned[part, : shape.heads], turned[part, shape.heads :], values[part]
                )
            x += self._project(
                layer.attention_out, layer.attention_out_bias, adapted, number, "attention_out", attended
            )
            h = _norm(x, layer.ffn_norm, shape.norm_epsilon)
            gated = gated_silu(self._project(layer.gate_up, layer.gate_up_bias, adapted, number, "gate_up", h))
            x += self._project(layer.down, layer.down_bias, adapted, number, "down", gated)
        for span in spans:
            span.cache.advance(span.ids)
        return x

    def _project(
        self,
        weight: FloatArray,
        bias: FloatArray | None,
        adapted: Sequence[_Rows],
        layer: int,
        group: str,
        h: FloatArray,
    ) -> FloatArray:
        """A group's matrix and bias and, for the rows of each adapter, its part: (N, inputs) → (N, outputs)."""
        times = self._products.times
        result = times(weight, h)
        if bias is not None:
            result += bias
        for part in adapted:
            a, b_transposed = part.lora.layers[layer][group]
            result[part.rows] += times(a, h[part.rows]) @ b_transposed
        return result

    def _rows(self, spans: Sequence[Span]) -> tuple[list[slice], list[_Rows]]:
        """Each span's rows, and the rows of each adapter (those of the base model alone are left out)."""
        parts: list[slice] = []
        adapted: list[_Rows] = []
        last: LoraAdapter | None = None
        start = 0
        for span in spans:
            end = start + len(span.ids)
            parts.append(slice(start, end))
            if span.adapter is not None:
                if span.adapter is last:
                    adapted[-1] = _Rows(slice(adapted[-1].rows.start, end), adapted[-1].lora)
                else:
                    adapted.append(_Rows(slice(start, end), self._lora(span.adapter)))
            last = span.adapter
            start = end
        return parts, adapted

    def _lora(self, adapter: LoraAdapter) -> FusedLora:
        fused = self._fused.get(adapter)
        if fused is None:
            fused = self._fused[adapter] = FusedLora(adapter)
        return fused


def _norm(x: FloatArray, gain: FloatArray, epsilon: float) -> FloatArray:
    """Root mean square normalisation, (N, D) → (N, D), a new array."""
    inverse = 1 / np.sqrt(np.einsum("nd,nd->n", x, x) / x.shape[1] + epsilon)
    normed: FloatArray = x * inverse[:, None].astype(x.dtype)
    normed *= gain
    return normed
