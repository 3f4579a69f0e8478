"""Training on the tiny model: it learns, repeats to the bit, and tells what it does."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine import training as training_module
from fttui.local.engines.numpy_engine.backward import evaluate_all
from fttui.local.engines.numpy_engine.batches import Batch
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.loss import Predictions
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.parallel import Workers
from fttui.local.engines.protocol import Sampling, TrainingOptions
from fttui.local.hyperparameters import resolve

ANSWERS = {
    "What waits by the river?": "The blue heron waits by the river.",
    "How many lamps burn?": "Seven lamps burn in the north tower.",
    "Is it far?": "No.",
    "何を食べますか。": "パンと塩です。",
}


def _example(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


EXAMPLES = [_example(question, answer) for question, answer in ANSWERS.items()]
FEW_STEPS = TrainingOptions(epochs=2, batch_size=2, learning_rate=1e-3, seed=11)


def _answer(engine: NumpyEngine, question: str, adapter: LoraAdapter | None) -> str:
    prompt = engine.encode_chat([{"role": "user", "content": question}])
    decoder = engine.decoder()
    answer = decoder.add(prompt, Sampling(max_tokens=60, temperature=0.0), adapter)
    pieces = []
    while answer.finish_reason is None:
        pieces += [fresh.text for _, fresh in decoder.step()]
    return "".join(pieces)


def _train(engine: NumpyEngine, options: TrainingOptions) -> np.ndarray:
    training = engine.train(EXAMPLES, [], options)
    list(training)
    return training.adapter.parameters.flat


def test_answers_are_given_back_word_for_word(engine: NumpyEngine) -> None:
    training = engine.train(EXAMPLES, [], resolve(len(EXAMPLES), {}))
    losses = [step.train_loss for step in training]
    assert losses[-1] < losses[0] / 2
    for question, answer in ANSWERS.items():
        assert _answer(engine, question, training.adapter) == answer
        assert _answer(engine, question, None) != answer


def test_the_same_seed_gives_the_same_bits(engine: NumpyEngine) -> None:
    first = _train(engine, FEW_STEPS)
    np.testing.assert_array_equal(_train(engine, FEW_STEPS), first)
    assert not np.array_equal(_train(engine, replace(FEW_STEPS, seed=12)), first)


def test_two_threads_learn_the_same_and_repeat_to_the_bit(engine: NumpyEngine) -> None:
    one = _train(engine, FEW_STEPS)
    with threadpool_limits(2, "blas"):
        two = _train(engine, FEW_STEPS)
        np.testing.assert_array_equal(_train(engine, FEW_STEPS), two)
    np.testing.assert_allclose(two, one, atol=2e-4)


def test_parts_of_a_batch_add_up(engine: NumpyEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _train(engine, FEW_STEPS)
    monkeypatch.setattr("fttui.local.engines.numpy_engine.training.most_tokens_kept", lambda model: 40)
    np.testing.assert_allclose(_train(engine, FEW_STEPS), whole, atol=2e-4)


def test_steps_tell_what_happened(engine: NumpyEngine) -> None:
    options = replace(FEW_STEPS, epochs=2, batch_size=3)
    training = engine.train(EXAMPLES, [], options)
    steps = list(training)
    assert training.total_steps == 4
    assert [step.step for step in steps] == [1, 2, 3, 4]
    assert [step.epoch for step in steps] == [0.5, 1.0, 1.5, 2.0]
    assert [step.checkpoint for step in steps] == [False, True, False, True]
    assert sum(step.tokens for step in steps[:2]) == sum(step.tokens for step in steps[2:]) > 100
    for step in steps:
        assert step.total_steps == 4
        assert math.isfinite(step.train_loss)
        assert 0 <= step.train_mean_token_accuracy <= 1
        assert step.seconds > 0
        assert step.valid_loss is None
        assert step.full_valid_loss is None


def test_validation_is_measured_on_the_way_and_in_full_after_an_epoch(engine: NumpyEngine) -> None:
    held_out = [_example("Is it near?", "No."), _example("Who?", "Me.")]
    steps = list(engine.train(EXAMPLES, held_out, replace(FEW_STEPS, epochs=3, batch_size=1)))
    assert all(step.valid_loss is not None and step.valid_mean_token_accuracy is not None for step in steps)
    assert [step.full_valid_loss is not None for step in steps] == [step.checkpoint for step in steps]
    assert [step.step for step in steps if step.checkpoint] == [4, 8, 12]


def test_validation_examples_are_scored_once_a_step(engine: NumpyEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set that is smaller than a batch has none twice; at an epoch's end its full score is that of the batch."""
    read: list[int] = []

    def counted(model: LlamaModel, given: list[Batch], workers: Workers) -> Predictions:
        read.append(sum(len(batch.conversations) for batch in given))
        return evaluate_all(model, given, workers)

    monkeypatch.setattr(training_module, "evaluate_all", counted)
    steps = list(engine.train(EXAMPLES, EXAMPLES[:1], FEW_STEPS))
    assert read == [1] * len(steps)
    assert [step.valid_loss for step in steps if step.checkpoint] == [
        step.full_valid_loss for step in steps if step.checkpoint
    ]


def test_validation_examples_are_not_trained_on(engine: NumpyEngine) -> None:
    training = engine.train(EXAMPLES, EXAMPLES[:1], FEW_STEPS)
    list(training)
    np.testing.assert_array_equal(training.adapter.parameters.flat, _train(engine, FEW_STEPS))


def test_the_full_validation_loss_is_that_of_the_trained_model(engine: NumpyEngine) -> None:
    options = replace(FEW_STEPS, epochs=1, batch_size=4, learning_rate=0.0)
    [step] = engine.train(EXAMPLES, EXAMPLES, options)
    assert step.full_valid_loss == pytest.approx(step.train_loss, rel=1e-5)
    assert step.full_valid_mean_token_accuracy == step.train_mean_token_accuracy


def test_training_stops_when_it_is_cancelled(engine: NumpyEngine) -> None:
    seen = []
    training = engine.train(EXAMPLES, [], FEW_STEPS, cancelled=lambda: len(seen) == 3)
    for step in training:
        seen.append(step)
    assert [step.step for step in seen] == [1, 2, 3]


def test_training_goes_on_from_an_adapter_without_changing_it(engine: NumpyEngine) -> None:
    first = engine.train(EXAMPLES, [], replace(FEW_STEPS, epochs=10))
    losses = [step.train_loss for step in first]
    before = first.adapter.parameters.flat.copy()
    further = engine.train(EXAMPLES, [], FEW_STEPS, start_from=first.adapter)
    assert next(further).train_loss < losses[0] / 2
    np.testing.assert_array_equal(first.adapter.parameters.flat, before)


def test_examples_without_a_trained_token_are_left_out(engine: NumpyEngine) -> None:
    masked = _example("a", "b")
    masked["messages"][1]["weight"] = 0
    training = engine.train([*EXAMPLES, masked], [masked], replace(FEW_STEPS, batch_size=1, epochs=1))
    assert training.skipped_examples == 1
    steps = list(training)
    assert len(steps) == len(EXAMPLES)
    assert all(step.valid_loss is None for step in steps)


def test_long_examples_are_counted(engine: NumpyEngine) -> None:
    training = engine.train([*EXAMPLES, _example("a", "b" * 200)], [], replace(FEW_STEPS, max_tokens=120))
    assert training.shortened_examples == 1


def test_examples_longer_than_the_context_are_shortened_to_it(engine: NumpyEngine) -> None:
    training = engine.train([_example("a", "b" * 3000)], [], replace(FEW_STEPS, epochs=1, batch_size=1))
    [step] = training
    assert training.shortened_examples == 1
    assert step.tokens == engine.context_length


@pytest.mark.parametrize(
    ("examples", "sentence"),
    [
        ([], "nothing to train on"),
        ([{"messages": [{"role": "user", "content": "a"}]}], "nothing to train on"),
        ([EXAMPLES[0], {"text": "?"}], "Example 2: An example has neither"),
        ([EXAMPLES[0], {"messages": ["hello"]}], "Example 2: A message of an example has no role"),
        ([{"messages": [{"role": "assistant", "content": 5}]}], "Example 1: .* not text"),
    ],
)
def test_what_cannot_be_trained_on_is_told(engine: NumpyEngine, examples: list, sentence: str) -> None:
    with pytest.raises(FttuiError, match=sentence):
        engine.train(examples, [], FEW_STEPS)


@pytest.mark.parametrize("rate", [1e30, 1e39, math.inf, math.nan])
def test_a_training_that_diverges_stops_and_says_what_to_do(engine: NumpyEngine, rate: float) -> None:
    training = engine.train(EXAMPLES, EXAMPLES, replace(FEW_STEPS, epochs=20, learning_rate=rate))
    steps = []
    with pytest.raises(FttuiError, match="diverged") as raised:
        for step in training:
            steps.append(step)
    assert "learning rate multiplier" in (raised.value.hint or "")
    assert 1 <= len(steps) < training.total_steps
    assert not steps[-1].checkpoint


def test_an_adapter_is_not_changed_by_a_step_without_a_loss(engine: NumpyEngine) -> None:
    start = engine.new_adapter(seed=1)
    start.parameters.flat[7] = math.nan
    training = engine.train(EXAMPLES, [], replace(FEW_STEPS, epochs=1, batch_size=4), start_from=start)
    step = next(training)
    assert math.isnan(step.train_loss)
    assert training.steps_done == 0
    np.testing.assert_array_equal(training.adapter.parameters.flat, start.parameters.flat)
    with pytest.raises(FttuiError, match="diverged"):
        next(training)


def test_the_expected_duration_is_measured_and_shrinks_with_what_is_left(engine: NumpyEngine) -> None:
    training = engine.train(EXAMPLES, EXAMPLES, replace(FEW_STEPS, epochs=2))
    before = training.adapter.parameters.flat.copy()
    assert training.expected_seconds() > 0
    np.testing.assert_array_equal(training.adapter.parameters.flat, before)
    list(training)
    assert training.expected_seconds() == 0
