"""A batch divided among threads: whole, even, the same gradient, and an error is the one that happened."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.backward import add_gradient, evaluate
from fttui.local.engines.numpy_engine.batches import Batch, EncodedExample, make_batch
from fttui.local.engines.numpy_engine.lanes import Lane, run_lanes
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.parallel import Workers


def _batch(*lengths: int) -> Batch:
    random = np.random.default_rng(len(lengths))
    examples = []
    for length in lengths:
        ids = tuple(random.integers(0, 280, length).tolist())
        examples.append(EncodedExample(ids, tuple(place > length // 3 for place in range(length))))
    return make_batch(examples)


@pytest.fixture(params=[2, 5])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    """Of so many threads, whether there are processors for them or not."""
    workers = Workers(request.param)
    with threadpool_limits(1, "blas"):
        yield workers


@pytest.fixture(scope="module")
def model(engine: NumpyEngine) -> LlamaModel:
    adapter = LoraAdapter.new(engine.weights.shape, rank=3, alpha=6.0, seed=0, kind=np.float64)
    adapter.parameters.flat[...] += np.random.default_rng(1).standard_normal(adapter.parameters.flat.shape) * 0.05
    return LlamaModel(engine.weights.astype(np.float64), adapter)


LENGTHS = [(130,), (3, 90, 60), (60, 60), (33,)]


@pytest.mark.parametrize("lengths", LENGTHS)
def test_lanes_are_even_parts_of_the_whole(workers: Workers, lengths: tuple[int, ...]) -> None:
    batch = _batch(*lengths)
    lanes = run_lanes(workers, batch, np.ones(batch.tokens), lambda _, lane: lane)
    np.testing.assert_array_equal(np.concatenate([lane.ids for lane in lanes]), batch.ids)
    np.testing.assert_array_equal(np.concatenate([lane.positions for lane in lanes]), batch.positions)
    np.testing.assert_array_equal(np.concatenate([lane.predicting + lane.start for lane in lanes]), batch.predicting)
    sizes = [len(lane.ids) for lane in lanes]
    assert max(sizes) - min(sizes) <= 1
    assert len(lanes) == min(workers.count, batch.tokens // 16)


@pytest.mark.parametrize("record_bytes", [None, 0])
@pytest.mark.parametrize("lengths", LENGTHS)
def test_the_gradient_is_that_of_one_thread(
    model: LlamaModel, workers: Workers, lengths: tuple[int, ...], record_bytes: int | None
) -> None:
    batch = _batch(*lengths)

    def weigh(predictions: object) -> np.ndarray:
        return np.linspace(-1, 1, len(batch.targets))

    def gradients(count: int) -> list[LoraParameters]:
        return [LoraParameters(model.shape, 3, np.float64) for _ in range(count)]

    [alone] = gradients(1)
    wanted = add_gradient(model, batch, [alone], weigh)
    parts = gradients(workers.count)
    found = add_gradient(model, batch, parts, weigh, workers, record_bytes=record_bytes)
    np.testing.assert_allclose(found.losses, wanted.losses, rtol=1e-9)
    np.testing.assert_array_equal(found.correct, wanted.correct)
    np.testing.assert_allclose(sum(part.flat for part in parts), alone.flat, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(evaluate(model, batch, workers).losses, wanted.losses, rtol=1e-9)


def test_an_error_in_one_lane_ends_all_and_is_told(workers: Workers) -> None:
    batch = _batch(200)

    def work(number: int, lane: Lane) -> None:
        if number == 1:
            raise MemoryError("no room")
        lane.swap(number)

    with pytest.raises(MemoryError, match="no room"):
        run_lanes(workers, batch, np.ones(batch.tokens), work)


@pytest.mark.parametrize(("limit", "count"), [(0, 1), (1, 1), (3, 3), (9, 5)])
def test_fewer_threads_than_wanted_do_all_the_work(monkeypatch: pytest.MonkeyPatch, limit: int, count: int) -> None:
    """Where the system gives no more, nobody waits for a lane that never begins."""
    begin = threading.Thread.start
    given: set[threading.Thread] = set()

    def start(thread: threading.Thread) -> None:
        if len([other for other in given if other.is_alive()]) >= limit:
            raise RuntimeError("can't start new thread")
        begin(thread)
        given.add(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    batch, workers = _batch(200), Workers(5)
    assert workers.count == count
    lanes = run_lanes(workers, batch, np.ones(batch.tokens), lambda number, lane: lane.swap(number))
    assert lanes == [list(range(count))] * count


def test_work_is_divided_by_its_cost(workers: Workers) -> None:
    batch = _batch(300)
    costs = np.arange(300.0) ** 2
    lanes = run_lanes(workers, batch, costs, lambda _, lane: lane)
    sums = [costs[lane.start : lane.start + len(lane.ids)].sum() for lane in lanes]
    assert max(sums) < 1.1 * min(sums)
