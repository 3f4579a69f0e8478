"""JSON mode end to end: whatever the model would rather write, its answer is one JSON object."""

from __future__ import annotations

import json

import numpy as np
import pytest

from decoding import ask, run
from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.json_tokens import JsonAnswer, TokenTexts
from fttui.local.engines.protocol import Sampling, TrainingOptions


@pytest.mark.parametrize("most", [2, 3, 7, 20, 90])
def test_noise_becomes_an_object_in_time(engine: NumpyEngine, most: int) -> None:
    decoder = engine.decoder()
    answers = [
        decoder.add([5, 6, 7], Sampling(most, temperature, top_p=top_p, seed=seed, json_object=True))
        for seed, (temperature, top_p) in enumerate([(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (1.0, 0.3), (1.0, 0.9)])
    ]
    for outcome in run(decoder, *answers):
        assert isinstance(json.loads(outcome.text), dict)
        assert outcome.reason == "stop"
        assert outcome.answer.completion_tokens <= most


def test_one_token_is_too_few(engine: NumpyEngine) -> None:
    outcome = ask(engine.decoder(), [5], max_tokens=1, json_object=True)
    assert outcome.reason == "length"
    assert outcome.answer.completion_tokens <= 1


def test_an_object_that_was_learnt_comes_as_it_was_learnt(engine: NumpyEngine) -> None:
    said = '{"name": "Zoë", "n": [1, 2.5e3], "ok": true}'
    question = [{"role": "user", "content": "As JSON."}]
    example = {"messages": [*question, {"role": "assistant", "content": said}]}
    training = engine.train([example], [], TrainingOptions(epochs=30, batch_size=1, learning_rate=2e-3, seed=0))
    list(training)
    decoder, prompt = engine.decoder(), engine.encode_chat(question)
    outcome = ask(decoder, prompt, training.adapter, json_object=True, top_logprobs=1)
    assert (outcome.text, outcome.reason) == (said, "stop")
    assert b"".join(chosen.token.bytes for chosen in outcome.tokens).decode() == said
    cut = ask(decoder, prompt, training.adapter, json_object=True, max_tokens=15)
    assert json.loads(cut.text).keys() <= {"name", "Zo"}
    assert cut.reason == "stop"
    stopped = ask(decoder, prompt, training.adapter, json_object=True, stop=(", ",))
    assert (stopped.text, stopped.reason) == ('{"name": "Zoë"', "stop")


class _Letters:
    """A vocabulary that cannot write a bracket."""

    def bytes_of(self, token: int) -> bytes:
        return (b"", b"a", b'"')[token]


def test_a_vocabulary_without_brackets_gives_nothing() -> None:
    answer = JsonAnswer(TokenTexts(_Letters(), 3))  # type: ignore[arg-type]
    assert answer.choose(np.zeros(3, np.float32), np.random.default_rng(0), Sampling(5), 5) is None
    assert not answer.is_done
