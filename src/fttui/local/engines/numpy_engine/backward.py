"""A pass of the model over a batch, for the loss and its gradient by the parameters of an adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine import layer_pass
from fttui.local.engines.numpy_engine.batches import Batch
from fttui.local.engines.numpy_engine.lanes import Lane, run_lanes
from fttui.local.engines.numpy_engine.layer_pass import LayerRecord, Turn
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.lora import LoraParameters
from fttui.local.engines.numpy_engine.loss import Predictions, predict
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.parallel import Workers

RECORD_BYTES: Final = 400_000_000
"""What the records of a pass may take, in all threads together: 570 tokens of SmolLM2's."""

Weigh = Callable[[Predictions], FloatArray]
"""From the predictions of a batch to the factors (n,) by which each token's loss counts in what is minimised."""


def most_tokens_kept(model: LlamaModel) -> int:
    """Of how many tokens the records of all layers may be kept."""
    return max(1, RECORD_BYTES // (_bytes_per_token(model) * model.shape.layers))


def hidden(model: LlamaModel, lane: Lane) -> FloatArray:
    """What comes out of the last layer for the tokens of a lane, (D, N)."""
    x, turn = _embed(model, lane)
    for layer in range(model.shape.layers):
        x, _ = layer_pass.forward(model, layer, x, turn, lane)
    return x


def evaluate_all(model: LlamaModel, batches: Sequence[Batch], workers: Workers | None = None) -> Predictions:
    """`evaluate` for one batch after the other; their predictions together."""
    return Predictions.joined([evaluate(model, batch, workers) for batch in batches])


def evaluate(model: LlamaModel, batch: Batch, workers: Workers | None = None) -> Predictions:
    """How well the model predicts the trained tokens of a batch."""

    def work(_: int, lane: Lane) -> Predictions:
        return _output(model, hidden(model, lane), batch, lane, None)[0]

    return run_lanes(workers, batch, _token_costs(model, batch), work)[0]


def add_gradient(
    model: LlamaModel,
    batch: Batch,
    gradients: Sequence[LoraParameters],
    weigh: Weigh,
    workers: Workers | None = None,
    *,
    record_bytes: int | None = None,
) -> Predictions:
    """Add the gradient of what is minimised to ``gradients``: its parts, one for each thread of ``workers``.

    The records of as many layers are kept as fit into ``record_bytes`` (`RECORD_BYTES`), beside what came into each
    layer; the others are computed again on the way back, at most a third more work.

    Returns:
        The predictions of the batch.
    """
    kept = _layers_kept(model, batch.tokens, RECORD_BYTES if record_bytes is None else record_bytes)

    def work(number: int, lane: Lane) -> Predictions:
        return _add_gradient(model, batch, lane, gradients[number], weigh, kept)

    return run_lanes(workers, batch, _token_costs(model, batch), work)[0]


def add_gradients(
    model: LlamaModel,
    batches: Sequence[Batch],
    gradients: Sequence[LoraParameters],
    weigh: Weigh,
    workers: Workers | None = None,
) -> Predictions:
    """`add_gradient` for batches of which ``weigh`` has to see all predictions together.

    Several of them are read twice, so that the records of one are in memory at a time: first for the predictions, then
    for the gradient, whose factors are known by then.
    """
    if len(batches) == 1:
        return add_gradient(model, batches[0], gradients, weigh, workers)
    predictions = evaluate_all(model, batches, workers)
    factors = weigh(predictions)
    for batch, own in zip(batches, np.split(factors, np.cumsum([len(b.targets) for b in batches])[:-1]), strict=True):
        add_gradient(model, batch, gradients, _given(own), workers)
    return predictions


def _given(factors: FloatArray) -> Weigh:
    return lambda _: factors


def _add_gradient(
    model: LlamaModel, batch: Batch, lane: Lane, gradient: LoraParameters, weigh: Weigh, layers_kept: int
) -> Predictions:
    """The part of a lane's tokens in the gradient; the predictions of the whole batch."""
    first_kept = model.shape.layers - layers_kept
    x, turn = _embed(model, lane)
    inputs: list[FloatArray] = []
    records: list[LayerRecord] = []
    for layer in range(model.shape.layers):
        inputs.append(x)
        x, record = layer_pass.forward(model, layer, x, turn, lane)
        if layer >= first_kept:
            records.append(record)
        del record

    predictions, d_x = _output(model, x, batch, lane, weigh)
    assert d_x is not None
    del x
    for layer in reversed(range(model.shape.layers)):
        came_in = inputs.pop()
        record = records.pop() if records else layer_pass.forward(model, layer, came_in, turn, lane)[1]
        d_x = layer_pass.backward(model, layer, d_x, record, turn, lane, gradient.layers[layer])
    return predictions


def _token_costs(model: LlamaModel, batch: Batch) -> FloatArray:
    """How much work each token of a batch is in a layer, (N,); attention looks at all tokens before."""
    shape = model.shape
    costs: FloatArray = layer_pass.matrix_operations(shape) + 2.0 * shape.heads * shape.head_size * batch.positions
    return costs


def _bytes_per_token(model: LlamaModel) -> int:
    return layer_pass.bytes_per_token(model.shape, model.weights.embedding.dtype.itemsize)


def _layers_kept(model: LlamaModel, tokens: int, room: int) -> int:
    shape = model.shape
    of_inputs = tokens * shape.width * model.weights.embedding.dtype.itemsize
    of_records = tokens * _bytes_per_token(model) - of_inputs
    return max(0, min(shape.layers, (room - of_inputs * shape.layers) // of_records))


def _embed(model: LlamaModel, lane: Lane) -> tuple[FloatArray, Turn]:
    """What the first layer reads, (D, N), and the rotary embedding of the lane's positions."""
    return np.ascontiguousarray(model.embed(lane.ids).T), Turn.of(model.rotation(lane.positions))


def _output(
    model: LlamaModel, x: FloatArray, batch: Batch, lane: Lane, weigh: Weigh | None
) -> tuple[Predictions, FloatArray | None]:
    """The predictions of the whole batch and, with ``weigh``, the gradient by ``x`` (D, N).

    The output matrix is the widest: its work is divided anew, because a lane may hold prompts only.
    """
    predicting = x[:, lane.predicting]
    normed, inverse = layer_pass.final_norm(model, predicting)
    of_all = np.concatenate(lane.swap(normed.T))
    own = lane.share(len(of_all))
    found, d_normed = predict(model.weights.output, of_all[own], batch.targets[own], with_gradient=weigh is not None)
    parts = lane.swap((found, d_normed))
    predictions = Predictions(
        np.concatenate([part.losses for part, _ in parts]), np.concatenate([part.correct for part, _ in parts])
    )
    if weigh is None:
        return predictions, None
    d_of_all = np.concatenate([part for _, part in parts if part is not None])
    factors = weigh(predictions).astype(x.dtype)
    d_own = (d_of_all[lane.predicted] * factors[lane.predicted, None]).T
    d_x = np.zeros_like(x)
    d_x[:, lane.predicting] = layer_pass.final_norm_gradient(model, d_own, predicting, inverse)
    return predictions, d_x
