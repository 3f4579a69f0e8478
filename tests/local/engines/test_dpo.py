"""Preference pairs: the loss and its gradient, what the steps tell, and that a model learns to prefer."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine, backward, batches
from fttui.local.engines.numpy_engine.backward import add_gradient, evaluate
from fttui.local.engines.numpy_engine.batches import Batch, EncodedExample, EncodedPair, make_batch
from fttui.local.engines.numpy_engine.dpo import DpoObjective, chat_records
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.loss import Predictions
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.parallel import Workers
from fttui.local.engines.protocol import TrainingOptions

OPTIONS = TrainingOptions(epochs=2, batch_size=2, learning_rate=1e-3, seed=3, method="dpo", beta=0.5)
STEP = 1e-5


def _record(question: str, preferred: str, other: str) -> dict[str, Any]:
    return {
        "input": {"messages": [{"role": "user", "content": question}]},
        "preferred_output": [{"role": "assistant", "content": preferred}],
        "non_preferred_output": [{"role": "assistant", "content": other}],
    }


RECORDS = [_record(question, "No.", "Yes, gladly.") for question in ("Tea?", "Rain?", "More soup?", "Is it far?")]
HELD_OUT = [_record("Snow?", "No.", "Yes, gladly.")]


def _sequence(seed: int, length: int) -> EncodedExample:
    ids = np.random.default_rng(seed).integers(0, 280, length).tolist()
    return EncodedExample(tuple(ids), tuple(position >= length // 2 for position in range(length)))


PAIRS = [EncodedPair(_sequence(1, 9), _sequence(2, 14)), EncodedPair(_sequence(3, 7), _sequence(4, 5))]


def _batch(pairs: list[EncodedPair]) -> Batch:
    return make_batch([sequence for pair in pairs for sequence in pair.sequences])


def _exact_model(engine: NumpyEngine, seed: int) -> LlamaModel:
    """In float64, with an adapter that does something."""
    adapter = LoraAdapter.new(engine.weights.shape, rank=2, alpha=4.0, seed=0, kind=np.float64)
    adapter.parameters.flat[...] += np.random.default_rng(seed).standard_normal(adapter.parameters.flat.shape) * 0.05
    return LlamaModel(engine.weights.astype(np.float64), adapter)


def _objective(reference: LlamaModel, beta: float = 0.5) -> DpoObjective:
    objective = DpoObjective(reference, beta, Workers())
    objective.prepare(PAIRS)
    return objective


def _log_probability(model: LlamaModel, sequence: EncodedExample) -> float:
    return -float(evaluate(model, make_batch([sequence])).losses.sum())


def test_the_loss_is_that_of_the_paper(engine: NumpyEngine) -> None:
    model, reference = _exact_model(engine, 1), _exact_model(engine, 2)
    margins = []
    for pair in PAIRS:
        rewards = [0.5 * (_log_probability(model, s) - _log_probability(reference, s)) for s in pair.sequences]
        margins.append(rewards[0] - rewards[1])
    score = _objective(reference).score(PAIRS, evaluate(model, _batch(PAIRS)))
    assert score.loss == pytest.approx(sum(-math.log(1 / (1 + math.exp(-margin))) for margin in margins), rel=1e-9)
    assert score.margin == pytest.approx(sum(margins), rel=1e-9)
    assert score.won == sum(margin > 0 for margin in margins)
    assert (score.terms, score.tokens) == (2, PAIRS[0].preferred.trained_tokens + PAIRS[1].preferred.trained_tokens)


def test_the_gradient_is_that_of_the_loss(engine: NumpyEngine) -> None:
    model, objective = _exact_model(engine, 1), _objective(_exact_model(engine, 2))
    batch = _batch(PAIRS)
    assert model.adapter is not None
    gradient = LoraParameters(model.shape, 2, np.float64)
    add_gradient(model, batch, [gradient], lambda found: objective.factors(PAIRS, found))
    values = model.adapter.parameters.flat
    for place in np.random.default_rng(5).integers(0, len(values), 12):
        kept = values[place]
        values[place] = kept + STEP
        above = objective.score(PAIRS, evaluate(model, batch)).loss
        values[place] = kept - STEP
        below = objective.score(PAIRS, evaluate(model, batch)).loss
        values[place] = kept
        assert gradient.flat[place] == pytest.approx((above - below) / (2 * STEP), rel=1e-4, abs=1e-7)
    assert np.abs(gradient.flat).max() > 1e-3


def test_the_answers_of_a_long_pair_are_read_by_themselves(
    engine: NumpyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    one_pass = backward.add_gradient

    def counted(model: LlamaModel, batch: Batch, *rest: Any) -> Predictions:
        read.append(batch.tokens)
        return one_pass(model, batch, *rest)

    monkeypatch.setattr(backward, "add_gradient", counted)
    options = replace(OPTIONS, batch_size=1)
    together = list(engine.train(RECORDS, HELD_OUT, options))
    assert len(read) == len(together)
    pairs = sorted(read)
    read.clear()
    monkeypatch.setattr(batches, "READ_TOGETHER", 1)
    apart = list(engine.train(RECORDS, HELD_OUT, options))
    assert len(read) == 2 * len(apart)
    assert max(read) < pairs[0]
    assert sum(read) == sum(pairs)
    for name in ("train_loss", "train_reward_margin", "full_valid_loss", "train_mean_token_accuracy"):
        found, expected = ([getattr(step, name) for step in steps] for steps in (apart, together))
        assert found == [value if value is None else pytest.approx(value, rel=1e-3, abs=1e-5) for value in expected]


def test_margins_of_any_size_have_a_loss_and_a_gradient(engine: NumpyEngine) -> None:
    objective = _objective(LlamaModel(engine.weights), beta=2.0)
    count = sum(sequence.trained_tokens for pair in PAIRS for sequence in pair.sequences)
    for loss in (0.0, 1e6):
        predictions = Predictions(np.where(np.arange(count) % 2, loss, 1.0), np.zeros(count, bool))
        assert np.isfinite(objective.factors(PAIRS, predictions)).all()
        assert math.isfinite(objective.score(PAIRS, predictions).loss)


def test_a_model_learns_to_prefer(engine: NumpyEngine) -> None:
    steps = list(engine.train(RECORDS, HELD_OUT, replace(OPTIONS, epochs=12)))
    assert steps[0].train_loss == pytest.approx(math.log(2), abs=1e-3)  # at first the model is its own reference
    assert steps[-1].train_loss < steps[0].train_loss / 2
    assert steps[-1].train_reward_accuracy == 1.0
    margins = [step.train_reward_margin for step in steps]
    assert margins[-1] is not None and margins[0] is not None and margins[-1] > margins[0] + 1
    assert steps[-1].full_valid_reward_accuracy == 1.0
    assert steps[-1].full_valid_loss is not None and steps[-1].full_valid_loss < math.log(2)
    assert steps[-1].valid_loss == pytest.approx(steps[-1].full_valid_loss)
    assert [step.full_valid_reward_accuracy is not None for step in steps] == [step.checkpoint for step in steps]


def test_supervised_steps_tell_no_rewards(engine: NumpyEngine) -> None:
    chats = [chat_records(record)[0] for record in RECORDS]
    [*_, step] = engine.train(chats, chats, replace(OPTIONS, method="supervised"))
    assert (step.train_reward_accuracy, step.train_reward_margin, step.full_valid_reward_accuracy) == (None, None, None)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupted_training_ends_the_same(engine: NumpyEngine, tmp_path: Path, threads: int) -> None:
    with threadpool_limits(threads, "blas"):
        start = engine.new_adapter(seed=6)
        start.parameters.flat[...] += 0.01
        whole = engine.train(RECORDS, HELD_OUT, OPTIONS, start_from=start)
        steps = []
        for step in whole:
            steps.append(replace(step, seconds=0.0))
            whole.save_state(tmp_path / f"state-{step.step}")
        for done in (1, 2, 3):
            state = tmp_path / f"state-{done}"
            further = engine.train(RECORDS, HELD_OUT, OPTIONS, start_from=start, resume_from=state)
            assert [replace(step, seconds=0.0) for step in further] == steps[done:]
            np.testing.assert_array_equal(further.adapter.parameters.flat, whole.adapter.parameters.flat)


def test_the_reference_is_the_adapter_that_the_training_starts_from(engine: NumpyEngine) -> None:
    first = engine.train(RECORDS, [], replace(OPTIONS, epochs=6))
    list(first)
    before = first.adapter.parameters.flat.copy()
    again = next(engine.train(RECORDS, [], OPTIONS, start_from=first.adapter))
    assert again.train_loss == pytest.approx(math.log(2), abs=1e-3)
    np.testing.assert_array_equal(first.adapter.parameters.flat, before)


def test_only_the_answers_that_differ_are_trained_on() -> None:
    record = _record("And now?", "No.", "Yes.")
    record["input"]["messages"] = [{"role": "assistant", "content": "Hello."}, *record["input"]["messages"]]
    record["input"]["tools"] = [{"type": "function"}]
    preferred, other = chat_records(record)
    assert [message.get("weight") for message in preferred["messages"]] == [0, None, None]
    assert (preferred["messages"][-1]["content"], other["messages"][-1]["content"]) == ("No.", "Yes.")
    assert preferred["tools"] == other["tools"] == [{"type": "function"}]


def test_pairs_without_an_answer_are_left_out_and_long_ones_counted(engine: NumpyEngine) -> None:
    records = [*RECORDS, _record("a", "", "b"), _record("a", "b" * 300, "c")]
    records[4]["preferred_output"] = []
    training = engine.train(records, [], replace(OPTIONS, max_tokens=100))
    assert (training.skipped_examples, training.shortened_examples) == (1, 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"input": None}, "Example 2: A preference example has no"),
        ({"input": {"messages": "?"}}, "Example 2: A preference example has no"),
        ({"preferred_output": "No."}, "Example 2: A preference example has no"),
        ({"non_preferred_output": None}, "Example 2: A preference example has no"),
        ({"non_preferred_output": [5]}, "Example 2: A message of an example has no role"),
        ({"input": {"messages": [[]]}}, "Example 2: A message of an example has no role"),
    ],
)
def test_what_is_no_pair_is_told(engine: NumpyEngine, change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(FttuiError, match=sentence):
        engine.train([RECORDS[0], {**RECORDS[1], **change}], [], OPTIONS)
