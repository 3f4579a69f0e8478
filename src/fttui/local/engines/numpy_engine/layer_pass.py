"""One layer of a training pass, forwards and backwards. Sizes are named as in `LlamaShape`.

Here tokens are columns: (D, N), not (N, D). The parts of a vector (heads, gate and up) are then neighbours in memory,
nothing has to be reordered for attention, and BLAS takes a little less time too. Answers are computed elsewhere
(`forward`), where nothing is kept for a gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from fttui.local.engines.numpy_engine.attention import attend, attend_gradient
from fttui.local.engines.numpy_engine.lanes import Lane
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.lora import LoraGroup
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.operations import Rotation

_NUMBERS_IN_CACHE: Final = 1 << 14


class Turn(NamedTuple):
    """Cosines and sines of the rotary embedding, (angles, N) each."""

    cosines: FloatArray
    sines: FloatArray

    @classmethod
    def of(cls, rotation: Rotation) -> Turn:
        return cls(*(np.ascontiguousarray(part[:, 0].T) for part in (rotation.cosines, rotation.sines)))

    def back(self) -> Turn:
        """The opposite turn, which is the gradient of this one."""
        return Turn(self.cosines, -self.sines)


class _Seen(NamedTuple):
    """What the queries of a conversation attended to and what came of it."""

    columns: slice  # of the lane: T queries
    keys: FloatArray  # (K, E, S)
    values: FloatArray  # (K, E, S)
    logarithms: FloatArray  # (K, G, 1, T)


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """What is kept of a layer for its gradient; the rest is computed again. ``low_…``: scaled A·h of the adapter."""

    x: FloatArray  # (D, N), what came in
    attention_inverse: FloatArray  # (N,), 1/rms
    queries: FloatArray  # (H, E, N), rotated, divided by √E
    seen: tuple[_Seen, ...]  # of each conversation
    attended: FloatArray  # (H·E, N)
    middle: FloatArray  # (D, N), between attention and feed-forward
    ffn_inverse: FloatArray  # (N,)
    gate_up: FloatArray  # (2·F, N)
    low_qkv: FloatArray | None
    low_attention_out: FloatArray | None
    low_gate_up: FloatArray | None
    low_down: FloatArray | None


def bytes_per_token(shape: LlamaShape, number_size: int) -> int:
    """What a `LayerRecord` takes for each token, about; adapters are left out."""
    heads = (2 * shape.heads + 2 * shape.kv_heads) * shape.head_size
    return (2 * shape.width + heads + 2 * shape.hidden) * number_size


def matrix_operations(shape: LlamaShape) -> int:
    """Multiplications by a layer's matrices for each token."""
    outputs = (shape.heads + 2 * shape.kv_heads) * shape.head_size
    return shape.width * (outputs + shape.heads * shape.head_size + 3 * shape.hidden)


def forward(model: LlamaModel, layer: int, x: FloatArray, turn: Turn, lane: Lane) -> tuple[FloatArray, LayerRecord]:
    """One layer for the tokens of a lane: (D, N) → (D, N), a new array, and the record of how."""
    weights, shape, lora, scale = model.weights.layers[layer], model.shape, model.lora(layer), model.scale
    h, attention_inverse = _norm(x, weights.attention_norm, shape.norm_epsilon)
    qkv, low_qkv = _project(weights.qkv, weights.qkv_bias, lora["qkv"], scale, h)
    heads = qkv.reshape(-1, shape.head_size, x.shape[1])
    _rotate(heads[: shape.heads + shape.kv_heads], turn)
    queries = heads[: shape.heads]
    queries *= 1 / math.sqrt(shape.head_size)
    attended, seen = _attend(shape, heads, lane)
    middle, low_out = _project(
        weights.attention_out, weights.attention_out_bias, lora["attention_out"], scale, attended
    )
    middle += x

    h, ffn_inverse = _norm(middle, weights.ffn_norm, shape.norm_epsilon)
    gate_up, low_gate_up = _project(weights.gate_up, weights.gate_up_bias, lora["gate_up"], scale, h)
    result, low_down = _project(weights.down, weights.down_bias, lora["down"], scale, _gated_silu(gate_up))
    result += middle
    return result, LayerRecord(
        x, attention_inverse, queries, seen, attended, middle, ffn_inverse, gate_up,
        low_qkv, low_out, low_gate_up, low_down,
    )  # fmt: skip


def backward(
    model: LlamaModel,
    layer: int,
    d_x: FloatArray,
    record: LayerRecord,
    turn: Turn,
    lane: Lane,
    gradients: Mapping[str, LoraGroup],
) -> FloatArray:
    """The gradient by the layer's result (D, N) → by what came in (D, N); adds to ``gradients``. Uses up ``d_x``."""
    weights, lora, scale = model.weights.layers[layer], model.lora(layer), model.scale

    def back(group: str, weight: FloatArray, d_result: FloatArray, h: FloatArray, low: FloatArray | None) -> FloatArray:
        adapter = lora[group]
        assert adapter is not None and low is not None
        return _project_gradient(d_result, weight, adapter, scale, h, low, gradients[group])

    d_gated = back("down", weights.down, d_x, _gated_silu(record.gate_up), record.low_down)
    d_gate_up = _gated_silu_gradient(d_gated, record.gate_up)
    h = _normed(record.middle, record.ffn_inverse, weights.ffn_norm)
    d_h = back("gate_up", weights.gate_up, d_gate_up, h, record.low_gate_up)
    _add_norm_gradient(d_x, d_h, record.middle, record.ffn_inverse, weights.ffn_norm)

    d_attended = back("attention_out", weights.attention_out, d_x, record.attended, record.low_attention_out)
    d_qkv = _attend_gradient(model.shape, d_attended, record, turn, lane)
    h = _normed(record.x, record.attention_inverse, weights.attention_norm)
    d_h = back("qkv", weights.qkv, d_qkv, h, record.low_qkv)
    _add_norm_gradient(d_x, d_h, record.x, record.attention_inverse, weights.attention_norm)
    return d_x


def final_norm(model: LlamaModel, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What the output matrix reads (D, N), and 1/rms (N,)."""
    return _norm(x, model.weights.output_norm, model.shape.norm_epsilon)


def final_norm_gradient(model: LlamaModel, d_normed: FloatArray, x: FloatArray, inverse: FloatArray) -> FloatArray:
    """The gradient by ``x`` (D, N); ``d_normed`` is used up."""
    d_x = np.zeros_like(x)
    _add_norm_gradient(d_x, d_normed, x, inverse, model.weights.output_norm)
    return d_x


def _norm(x: FloatArray, gain: FloatArray, epsilon: float) -> tuple[FloatArray, FloatArray]:
    """Scale each column to a root mean square of 1, then by ``gain``: the result, and the factors 1/rms (N,)."""
    inverse = np.square(x).mean(0)
    inverse += epsilon
    np.sqrt(inverse, out=inverse)
    np.reciprocal(inverse, out=inverse)
    return _normed(x, inverse, gain), inverse


def _normed(x: FloatArray, inverse: FloatArray, gain: FloatArray) -> FloatArray:
    result: FloatArray = x * inverse
    result *= gain[:, None]
    return result


def _add_norm_gradient(
    d_x: FloatArray, d_normed: FloatArray, x: FloatArray, inverse: FloatArray, gain: FloatArray
) -> None:
    """Add the gradient by what `_norm` was given to ``d_x``; ``d_normed`` is used up."""
    d_normed *= gain[:, None]
    product = d_normed * x
    along = product.mean(0)
    along *= np.square(inverse)
    d_normed -= np.multiply(x, along, out=product)
    d_normed *= inverse
    d_x += d_normed


def _project(
    weight: FloatArray, bias: FloatArray | None, lora: LoraGroup | None, scale: float, h: FloatArray
) -> tuple[FloatArray, FloatArray | None]:
    """A group's matrix and its adapter: (inputs, N) → (outputs, N), and scaled A·h (p·R, N)."""
    result = weight @ h
    if bias is not None:
        result += bias[:, None]
    if lora is None:
        return result, None
    low = lora.a @ h
    low *= scale
    for i, (b, rows) in enumerate(zip(lora.b, lora.columns, strict=True)):
        result[rows] += b @ low[lora.ranks(i)]
    return result, low


def _project_gradient(
    d_result: FloatArray,
    weight: FloatArray,
    lora: LoraGroup,
    scale: float,
    h: FloatArray,
    low: FloatArray,
    gradients: LoraGroup,
) -> FloatArray:
    """Add the gradients of A and B to ``gradients``; return that of h, (inputs, N)."""
    d_low = np.empty_like(low)
    for i, (b, rows) in enumerate(zip(lora.b, lora.columns, strict=True)):
        ranks = lora.ranks(i)
        np.matmul(b.T, d_result[rows], out=d_low[ranks])
        gradients.b[i][...] += d_result[rows] @ low[ranks].T
    d_low *= scale
    gradients.a[...] += d_low @ h.T
    d_h: FloatArray = weight.T @ d_result
    d_h += lora.a.T @ d_low
    return d_h


def _rotate(x: FloatArray, turn: Turn) -> None:
    """Turn pairs of numbers, half of the turned ones apart, in place: (heads, E, N)."""
    half = len(turn.cosines)
    first, second = x[:, :half], x[:, half : 2 * half]
    kept = first * turn.sines
    first *= turn.cosines
    first -= second * turn.sines
    second *= turn.cosines
    second += kept


def _gated_silu(gate_up: FloatArray) -> FloatArray:
    """(2·F, N) → silu(gate) · up, (F, N), with silu(x) = x · sigmoid(x)."""
    gate, up = np.split(gate_up, 2)
    result = np.empty_like(gate)
    for rows in _rows_in_cache(gate):
        part = _one_over_sigmoid(gate[rows], result[rows])
        np.divide(gate[rows], part, out=part)
        part *= up[rows]
    return result


def _gated_silu_gradient(d_gated: FloatArray, gate_up: FloatArray) -> FloatArray:
    """(F, N) → (2·F, N); ``d_gated`` is used up."""
    gate, up = np.split(gate_up, 2)
    gradient = np.empty_like(gate_up)
    d_gate, d_up = np.split(gradient, 2)
    for rows in _rows_in_cache(gate):
        sigmoid = _one_over_sigmoid(gate[rows], d_gate[rows])
        np.reciprocal(sigmoid, out=sigmoid)
        silu = gate[rows] * sigmoid
        np.multiply(d_gated[rows], silu, out=d_up[rows])
        d_gated[rows] *= up[rows]
        slope = silu - silu * sigmoid  # silu' = sigmoid + silu · (1 - sigmoid)
        slope += sigmoid
        np.multiply(slope, d_gated[rows], out=d_gate[rows])
    return gradient


def _one_over_sigmoid(gate: FloatArray, out: FloatArray) -> FloatArray:
    """1 + exp(-gate) in ``out``; infinite below -88, which is right: what is divided by it becomes 0."""
    np.negative(gate, out=out)
    np.exp(out, out=out)
    out += 1
    return out


def _rows_in_cache(x: FloatArray) -> Iterator[slice]:
    """Rows that go through some operations together and meanwhile stay in the processor's cache (6 times faster)."""
    at_once = max(1, _NUMBERS_IN_CACHE // x.shape[1])
    for start in range(0, len(x), at_once):
        yield slice(start, start + at_once)


def _attend(shape: LlamaShape, heads: FloatArray, lane: Lane) -> tuple[FloatArray, tuple[_Seen, ...]]:
    """Each conversation attends to itself: queries, keys and values (H + 2·K, E, N) → (H·E, N), and how."""
    queries, own = heads[: shape.heads], heads[shape.heads :]
    posted = lane.swap((lane.start, own)) if lane.is_cut else [(lane.start, own)]
    attended = np.empty_like(queries)
    seen = []
    for first, start, end in lane.conversations:
        columns = slice(start - lane.start, end - lane.start)
        both = own[..., columns] if first == start else _columns(posted, first, end)
        keys, values = np.split(both, 2)
        attended[..., columns], logarithms = attend(queries[..., columns], keys, values)
        seen.append(_Seen(columns, keys, values, logarithms))
    return attended.reshape(-1, attended.shape[-1]), tuple(seen)


def _columns(posted: Sequence[tuple[int, FloatArray]], first: int, end: int) -> FloatArray:
    """The batch's columns [first, end) from what the lanes posted: where theirs begin, and those."""
    parts = [part[..., max(0, first - start) : max(0, end - start)] for start, part in posted]
    return np.concatenate(parts, -1)


def _attend_gradient(
    shape: LlamaShape, d_attended: FloatArray, record: LayerRecord, turn: Turn, lane: Lane
) -> FloatArray:
    """The gradient by the attended values (H·E, N) → by queries, keys and values (H·E + 2·K·E, N)."""
    tokens = d_attended.shape[1]
    by_head = (shape.heads, shape.head_size, tokens)
    d_heads = np.empty((shape.heads + 2 * shape.kv_heads, shape.head_size, tokens), d_attended.dtype)
    d_queries, d_own = d_heads[: shape.heads], d_heads[shape.heads :]
    attended = record.attended.reshape(by_head)
    of_others = []
    for (first, start, _), seen in zip(lane.conversations, record.seen, strict=True):
        columns = seen.columns
        d_queries[..., columns], d_keys, d_values = attend_gradient(
            d_attended.reshape(by_head)[..., columns],
            attended[..., columns],
            seen.logarithms,
            record.queries[..., columns],
            seen.keys,
            seen.values,
        )
        d_both = np.concatenate([d_keys, d_values])
        d_own[..., columns] = d_both[..., start - first :]
        if start > first:
            of_others.append((first, d_both[..., : start - first]))
    if lane.is_cut:
        for first, d_both in (post for posts in lane.swap(of_others) for post in posts):
            begin, end = max(first, lane.start), min(first + d_both.shape[-1], lane.start + tokens)
            if begin < end:
                d_own[..., begin - lane.start : end - lane.start] += d_both[..., begin - first : end - first]
    d_queries *= 1 / math.sqrt(shape.head_size)
    _rotate(d_heads[: shape.heads + shape.kv_heads], turn.back())
    return d_heads.reshape(-1, tokens)
