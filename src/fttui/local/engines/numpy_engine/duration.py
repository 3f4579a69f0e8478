"""How long a training will take: a few layers are run on one example, forwards and backwards, and the rest is counted.

The measurement costs less than a second on a model of 135 million parameters. It runs as many threads as the training
will, with the same code, so that what they take from one another is in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.backward import add_gradient
from fttui.local.engines.numpy_engine.batches import EncodedExample, EncodedPair, make_batch
from fttui.local.engines.numpy_engine.layer_pass import matrix_operations
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import FloatArray, LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.loss import Predictions
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.optimizer import AdamW, clip
from fttui.local.engines.numpy_engine.parallel import Workers

_SAMPLE_TOKENS: Final = 128
_SAMPLE_TRAINED: Final = 32
_FORWARD_SHARE: Final = 0.4
"""What validation costs of a training on the same examples: no gradient."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of one thread, while the others work too."""

    per_layer_operation: float
    """A multiplication in a layer, forwards and backwards; counted by `layer_operations`."""
    per_trained_token: float
    """The output matrix, forwards and backwards."""
    per_step: float
    """The optimizer."""

    def seconds(self, shape: LlamaShape, examples: Sequence[EncodedExample | EncodedPair]) -> float:
        """Of one thread, to train on the examples once, without the optimizer."""
        sequences = [sequence for example in examples for sequence in example.sequences]
        operations = sum(layer_operations(shape, len(sequence.ids)) for sequence in sequences)
        trained = sum(sequence.trained_tokens for sequence in sequences)
        return self.per_layer_operation * operations * shape.layers + self.per_trained_token * trained


def layer_operations(shape: LlamaShape, tokens: int) -> float:
    """Multiplications in a layer for one example, forwards: those of the matrices, and those of attention."""
    return float(tokens * matrix_operations(shape) + tokens**2 * shape.heads * shape.head_size)


def measure(weights: LlamaWeights, adapter: LoraAdapter, workers: Workers) -> Speed:
    """Measure this machine; the adapter does not change."""
    ids = tuple(range(_SAMPLE_TOKENS))
    tokens = min(_SAMPLE_TOKENS, weights.shape.context_length)
    trained = tuple(i >= _SAMPLE_TOKENS - _SAMPLE_TRAINED for i in ids)
    sample = EncodedExample(tuple(i % weights.shape.vocabulary for i in ids[:tokens]), trained[:tokens])
    few = min(3, weights.shape.layers)
    _time_layers(weights, adapter.rank, 1, sample, workers)  # wakes the processor and reads the weights from the disk
    short = _time_layers(weights, adapter.rank, 1, sample, workers)
    long = _time_layers(weights, adapter.rank, few, sample, workers)
    layer = (long - short) / (few - 1) if few > 1 and long > short else short / 2
    return Speed(
        per_layer_operation=layer / layer_operations(weights.shape, tokens),
        per_trained_token=max(0.0, short - layer) / max(1, sample.trained_tokens),
        per_step=_time_optimizer(len(adapter.parameters.flat)),
    )


def _time_layers(weights: LlamaWeights, rank: int, layers: int, sample: EncodedExample, workers: Workers) -> float:
    """Seconds for the sample's gradient in a model of its first layers only, in every thread at once."""
    shape = replace(weights.shape, layers=layers)
    first = replace(weights, shape=shape, layers=weights.layers[:layers])
    model = LlamaModel(first, LoraAdapter.new(shape, rank=rank, alpha=1.0, seed=0, kind=weights.embedding.dtype))
    gradients = [LoraParameters(shape, rank, weights.embedding.dtype) for _ in range(workers.count)]
    batch = make_batch([sample])
    started = time.perf_counter()
    workers.map(lambda gradient: add_gradient(model, batch, [gradient], _weigh), gradients)
    return time.perf_counter() - started


def _weigh(predictions: Predictions) -> FloatArray:
    return np.ones(len(predictions.losses))


def _time_optimizer(count: int) -> float:
    optimizer = AdamW(np.zeros(max(1, count // 4), np.float32))
    gradient = np.zeros_like(optimizer.mean)
    optimizer.step(gradient, 0.0)
    started = time.perf_counter()
    clip(gradient, 1.0)
    optimizer.step(gradient, 0.0)
    return (time.perf_counter() - started) * 4


def training_seconds(
    speed: Speed,
    shape: LlamaShape,
    examples: Sequence[EncodedExample | EncodedPair],
    validation: Sequence[EncodedExample | EncodedPair],
    *,
    batch_size: int,
    threads: int,
    epochs: float,
    has_reference: bool,
) -> float:
    """Seconds for so many epochs, each with a validation at its end.

    Args:
        has_reference: Whether another model reads all examples too, once.
    """
    training = speed.seconds(shape, examples) / threads
    checking = speed.seconds(shape, validation) / threads * _FORWARD_SHARE
    reference = (training * _FORWARD_SHARE + checking) if has_reference else 0.0
    steps = -(-len(examples) // batch_size)
    return (training + checking + steps * speed.per_step) * epochs + reference
