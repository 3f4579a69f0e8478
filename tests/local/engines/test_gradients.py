"""The hand-written gradient against finite differences, for A and B of each of the seven projections."""

from __future__ import annotations

import numpy as np
import pytest

from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.backward import add_gradient
from fttui.local.engines.numpy_engine.backward import evaluate as predictions_of
from fttui.local.engines.numpy_engine.batches import Batch, EncodedExample, make_batch
from fttui.local.engines.numpy_engine.lora import GROUPS, LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.loss import Score
from fttui.local.engines.numpy_engine.model import LlamaModel

PROJECTIONS = [name for names in GROUPS.values() for name in names]
STEP = 1e-5


def _example(seed: int, length: int) -> EncodedExample:
    random = np.random.default_rng(seed)
    ids = random.integers(0, 280, length).tolist()
    return EncodedExample(tuple(ids), tuple(position > length // 2 for position in range(length)))


@pytest.fixture(scope="module")
def batch() -> Batch:
    return make_batch([_example(1, 9), _example(2, 5), _example(3, 13)])


@pytest.fixture(scope="module")
def model(engine: NumpyEngine) -> LlamaModel:
    """In float64, with an adapter in which B is not zero either."""
    adapter = LoraAdapter.new(engine.weights.shape, rank=3, alpha=6.0, seed=0, kind=np.float64)
    adapter.parameters.flat[...] += np.random.default_rng(1).standard_normal(adapter.parameters.flat.shape) * 0.05
    return LlamaModel(engine.weights.astype(np.float64), adapter)


def evaluate(model: LlamaModel, batch: Batch) -> Score:
    return Score.of_tokens(predictions_of(model, batch))


def _gradient(model: LlamaModel, batch: Batch, weight: float = 1.0) -> LoraParameters:
    assert model.adapter is not None
    gradient = LoraParameters(model.shape, model.adapter.rank, np.float64)
    add_gradient(model, batch, [gradient], lambda found: np.full(len(found.losses), weight))
    return gradient


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("projection", PROJECTIONS)
def test_gradient_of_a_projection(model: LlamaModel, batch: Batch, projection: str, layer: int) -> None:
    assert model.adapter is not None
    gradients = _gradient(model, batch).matrices(layer)[projection]
    random = np.random.default_rng(7)
    for matrix, gradient in zip(model.adapter.parameters.matrices(layer)[projection], gradients, strict=True):
        for _ in range(4):
            place = tuple(int(random.integers(0, size)) for size in matrix.shape)
            kept = matrix[place]
            matrix[place] = kept + STEP
            above = evaluate(model, batch).loss
            matrix[place] = kept - STEP
            below = evaluate(model, batch).loss
            matrix[place] = kept
            assert gradient[place] == pytest.approx((above - below) / (2 * STEP), rel=1e-5, abs=1e-7)
        assert np.abs(gradient).max() > 1e-3


def test_seven_projections_are_trained() -> None:
    assert sorted(PROJECTIONS) == ["down", "gate", "k", "o", "q", "up", "v"]


def test_computing_records_again_gives_the_same_gradient(model: LlamaModel, batch: Batch) -> None:
    assert model.adapter is not None
    again = LoraParameters(model.shape, model.adapter.rank, np.float64)
    add_gradient(model, batch, [again], lambda found: np.ones(len(found.losses)), record_bytes=0)
    np.testing.assert_array_equal(again.flat, _gradient(model, batch).flat)


def test_conversations_of_a_batch_do_not_see_each_other(model: LlamaModel) -> None:
    parts = [make_batch([_example(1, 9)]), make_batch([_example(2, 14)])]
    whole = make_batch([_example(1, 9), _example(2, 14)])
    assert evaluate(model, whole).loss == pytest.approx(sum(evaluate(model, part).loss for part in parts), rel=1e-12)
    summed = sum(_gradient(model, part).flat for part in parts)
    np.testing.assert_allclose(_gradient(model, whole).flat, summed, rtol=1e-9, atol=1e-12)


def test_the_weight_scales_the_gradient(model: LlamaModel, batch: Batch) -> None:
    np.testing.assert_allclose(_gradient(model, batch, 0.25).flat, _gradient(model, batch).flat / 4, rtol=1e-10)


def test_tokens_that_are_not_trained_on_do_not_count(model: LlamaModel) -> None:
    ids = _example(1, 12).ids
    nothing_after = EncodedExample(ids, tuple(position in (4, 5) for position in range(12)))
    cut = EncodedExample(ids[:6], nothing_after.trained[:6])
    assert evaluate(model, make_batch([nothing_after])).loss == pytest.approx(evaluate(model, make_batch([cut])).loss)
    assert evaluate(model, make_batch([nothing_after])).tokens == 2
