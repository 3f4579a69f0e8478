"""Answers in bounded pieces: sampling, ends, stops, characters."""

from __future__ import annotations

import pytest

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine import generation as generation_module
from fttui.local.engines.numpy_engine.generation import NumpyGeneration
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.protocol import Sampling, TrainingOptions

QUESTION = [{"role": "user", "content": "Say it."}]
ANSWER = "Zwölf Boxkämpfer jagen Viktor 🦊 quer über den Sylter Deich."


@pytest.fixture(scope="module")
def adapter(engine: NumpyEngine) -> LoraAdapter:
    """It knows one answer."""
    example = {"messages": [*QUESTION, {"role": "assistant", "content": ANSWER}]}
    training = engine.train([example], [], TrainingOptions(epochs=30, batch_size=1, learning_rate=2e-3, seed=0))
    list(training)
    return training.adapter


def _start(engine: NumpyEngine, adapter: LoraAdapter | None, **sampling: object) -> NumpyGeneration:
    options = Sampling(**{"max_tokens": 150, "temperature": 0.0, **sampling})  # type: ignore[arg-type]
    return engine.start(engine.encode_chat(QUESTION), options, adapter)


def _pieces(generation: NumpyGeneration) -> list[str]:
    pieces = []
    while generation.finish_reason is None:
        pieces.append(generation.step())
    return pieces


def test_an_answer_and_its_end(engine: NumpyEngine, adapter: LoraAdapter) -> None:
    generation = _start(engine, adapter)
    assert "".join(_pieces(generation)) == ANSWER
    assert generation.finish_reason == "stop"
    assert generation.prompt_tokens == len(engine.encode_chat(QUESTION))
    assert generation.completion_tokens == len(engine.tokenizer.encode(ANSWER)) + 1  # the end token
    assert generation.step() == ""


def test_no_piece_holds_half_a_character(engine: NumpyEngine, adapter: LoraAdapter) -> None:
    pieces = _pieces(_start(engine, adapter))
    assert "🦊" in pieces
    assert not any("\ufffd" in piece for piece in pieces)


def test_an_answer_may_be_cut_at_a_length(engine: NumpyEngine, adapter: LoraAdapter) -> None:
    generation = _start(engine, adapter, max_tokens=5)
    assert "".join(_pieces(generation)) == ANSWER[:4]  # ö has two bytes, a token each
    assert (generation.finish_reason, generation.completion_tokens) == ("length", 5)


def test_a_cut_in_the_middle_of_a_character_shows_a_replacement(engine: NumpyEngine, adapter: LoraAdapter) -> None:
    assert "".join(_pieces(_start(engine, adapter, max_tokens=3))) == "Zw\ufffd"


def test_an_answer_ends_where_the_context_does(engine: NumpyEngine) -> None:
    prompt = [5] * (engine.context_length - 3)
    generation = engine.start(prompt, Sampling(max_tokens=50, temperature=1.0, seed=1))
    _pieces(generation)
    assert generation.finish_reason in ("length", "stop")
    assert generation.completion_tokens <= 3


@pytest.mark.parametrize("stop", [("Viktor",), ("Viktor 🦊 q", "nothing"), ("er über", "Viktor"), ("V",)])
def test_a_stop_text_ends_the_answer_and_is_not_shown(
    engine: NumpyEngine, adapter: LoraAdapter, stop: tuple[str, ...]
) -> None:
    generation = _start(engine, adapter, stop=stop)
    assert "".join(_pieces(generation)) == ANSWER[: ANSWER.index("Viktor")]
    assert generation.finish_reason == "stop"


def test_what_only_looks_like_a_stop_text_is_shown(engine: NumpyEngine, adapter: LoraAdapter) -> None:
    generation = _start(engine, adapter, stop=("Deich. And more",))
    assert "".join(_pieces(generation)) == ANSWER
    assert generation.finish_reason == "stop"


def test_a_long_prompt_takes_several_steps(
    engine: NumpyEngine, adapter: LoraAdapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _pieces(_start(engine, adapter))
    monkeypatch.setattr(generation_module, "PROMPT_CHUNK", 10)
    generation = _start(engine, adapter)
    steps = -(-generation.prompt_tokens // 10)
    for _ in range(steps - 1):
        assert (generation.step(), generation.completion_tokens) == ("", 0)
    first = generation.step()
    assert generation.completion_tokens == 1
    assert [first, *_pieces(generation)] == expected


def test_the_same_seed_gives_the_same_answer(engine: NumpyEngine) -> None:
    def drawn(seed: int | None) -> str:
        return "".join(_pieces(_start(engine, None, temperature=1.5, seed=seed, max_tokens=20)))

    assert drawn(3) == drawn(3)
    assert len({drawn(seed) for seed in range(4)}) > 1
    assert drawn(-5) == drawn(-5)
    assert len({drawn(None) for _ in range(4)}) > 1


def test_answers_interleave_without_touching_each_other(engine: NumpyEngine, adapter: LoraAdapter) -> None:
    alone = [_pieces(_start(engine, adapter)), _pieces(_start(engine, None, max_tokens=30))]
    both = [_start(engine, adapter), _start(engine, None, max_tokens=30)]
    pieces: list[list[str]] = [[], []]
    while any(generation.finish_reason is None for generation in both):
        for generation, collected in zip(both, pieces, strict=True):
            if generation.finish_reason is None:
                collected.append(generation.step())
    assert pieces == alone


def test_prompts_that_cannot_be_answered(engine: NumpyEngine) -> None:
    with pytest.raises(FttuiError, match="prompt is empty"):
        engine.start([], Sampling(max_tokens=5))
    with pytest.raises(FttuiError, match="leaves no room"):
        engine.start([5] * engine.context_length, Sampling(max_tokens=5))
