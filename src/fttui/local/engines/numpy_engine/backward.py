"""The gradient of the loss by the parameters of an adapter. Sizes are named as in `LlamaShape`."""

from __future__ import annotations

from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.batches import Batch
from fttui.local.engines.numpy_engine.gguf_weights import FloatArray
from fttui.local.engines.numpy_engine.lora import LoraGroup, LoraParameters, project_gradient
from fttui.local.engines.numpy_engine.loss import Score, score, score_and_gradient
from fttui.local.engines.numpy_engine.model import LayerRecord, LlamaModel
from fttui.local.engines.numpy_engine.operations import (
    Rotation,
    attend_gradient,
    gated_silu_gradient,
    rms_norm_gradient,
    rotate,
)

MOST_TOKENS_KEPT: Final = 768
"""How many tokens' records to keep at a time, in all threads together: each token's take about 1 MB in SmolLM2."""


def evaluate(model: LlamaModel, batch: Batch) -> Score:
    """How well the model predicts the trained tokens of a batch."""
    x = model.embed(batch.ids)
    rotation = model.rotation(batch.positions)
    for layer in range(model.shape.layers):
        x, _ = model.run_layer(layer, x, rotation, batch.attention)
    normed, _ = model.final_norm(x[batch.predicting])
    return score(model, normed, batch.targets)


def add_gradient(
    model: LlamaModel, batch: Batch, gradient: LoraParameters, weight: float, *, most_kept: int = MOST_TOKENS_KEPT
) -> Score:
    """Add the gradient of ``weight`` times the batch's loss (a sum over tokens) to ``gradient``; return the score.

    The records of a batch of more than ``most_kept`` tokens are not kept but computed again on the way back, which is
    a third more work.
    """
    rotation = model.rotation(batch.positions)
    keeps_records = batch.tokens <= most_kept
    x = model.embed(batch.ids)
    inputs: list[FloatArray] = []
    records: list[LayerRecord] = []
    for layer in range(model.shape.layers):
        inputs.append(x)
        x, record = model.run_layer(layer, x, rotation, batch.attention)
        if keeps_records:
            records.append(record)

    result, d_x = _output_gradient(model, x, batch, weight)
    for layer in reversed(range(model.shape.layers)):
        x = inputs.pop()
        record = records.pop() if keeps_records else model.run_layer(layer, x, rotation, batch.attention)[1]
        d_x = _layer_gradient(model, layer, d_x, record, batch, rotation.back(), gradient.layers[layer])
    return result


def _output_gradient(model: LlamaModel, x: FloatArray, batch: Batch, weight: float) -> tuple[Score, FloatArray]:
    """The score of the last layer's result (N, D), and the gradient by it (N, D)."""
    predicting = x[batch.predicting]
    normed, inverse = model.final_norm(predicting)
    result, d_normed = score_and_gradient(model, normed, batch.targets, weight)
    d_x = np.zeros_like(x)
    d_x[batch.predicting] = rms_norm_gradient(d_normed, predicting, inverse, model.weights.output_norm)
    return result, d_x


def _layer_gradient(
    model: LlamaModel,
    layer: int,
    d_x: FloatArray,
    record: LayerRecord,
    batch: Batch,
    rotated_back: Rotation,
    gradients: dict[str, LoraGroup],
) -> FloatArray:
    """One layer backwards: the gradient by its result (N, D) → by its input (N, D); fills ``gradients``."""
    weights, lora = model.layer_weights(layer), model.lora(layer)

    def back(group: str, matrix: FloatArray, d_result: FloatArray, h: FloatArray, low: FloatArray | None) -> FloatArray:
        adapter = lora[group]
        assert adapter is not None and low is not None
        return project_gradient(d_result, matrix, adapter, model.scale, h, low, gradients[group])

    d_gated = back("down", weights.down, d_x, record.gated, record.low_down)
    d_gate_up = gated_silu_gradient(d_gated, record.gate_up)
    d_ffn_in = back("gate_up", weights.gate_up, d_gate_up, record.ffn_in, record.low_gate_up)
    d_middle = d_x + rms_norm_gradient(d_ffn_in, record.middle, record.ffn_inverse, weights.ffn_norm)

    d_attended = back("attention_out", weights.attention_out, d_middle, record.attended, record.low_attention_out)
    d_qkv = _attention_gradient(model, d_attended, record, batch, rotated_back)
    d_attention_in = back("qkv", weights.qkv, d_qkv, record.attention_in, record.low_qkv)
    return d_middle + rms_norm_gradient(d_attention_in, record.x, record.attention_inverse, weights.attention_norm)


def _attention_gradient(
    model: LlamaModel, d_attended: FloatArray, record: LayerRecord, batch: Batch, rotated_back: Rotation
) -> FloatArray:
    """The gradient by the attended values (N, H·E) → by queries, keys and values side by side (N, H·E + 2·K·E)."""
    shape = model.shape
    d_qkv = np.empty((len(d_attended), (shape.heads + 2 * shape.kv_heads) * shape.head_size), d_attended.dtype)
    d_queries, d_keys, d_values = model.split_heads(d_qkv)
    for rows, probabilities in zip(batch.conversations, record.probabilities, strict=True):
        keys, values = record.keys[rows].transpose(1, 0, 2), record.values[rows].transpose(1, 0, 2)
        parts = attend_gradient(d_attended[rows], record.queries[rows], keys, values, probabilities)
        d_queries[rows], d_keys[rows], d_values[rows] = parts[0], parts[1].swapaxes(0, 1), parts[2].swapaxes(0, 1)
    d_queries[...] = rotate(d_queries, rotated_back)
    d_keys[...] = rotate(d_keys, rotated_back)
    return d_qkv
