"""Answers made together: each the same as alone, whatever is made beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from decoding import ask, run
from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine import decoder as decoder_module
from fttui.local.engines.numpy_engine.decoder import NumpyDecoder
from fttui.local.engines.numpy_engine.kv_cache import token_bytes
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.protocol import Adapter, Answer, Sampling, TrainingOptions

QUESTION = [{"role": "user", "content": "Say it."}]
ANSWER = "Zwölf Boxkämpfer jagen Viktor 🦊 quer über den Sylter Deich."


@pytest.fixture(scope="module")
def adapter(engine: NumpyEngine) -> LoraAdapter:
    """It knows one answer."""
    example = {"messages": [*QUESTION, {"role": "assistant", "content": ANSWER}]}
    training = engine.train([example], [], TrainingOptions(epochs=30, batch_size=1, learning_rate=2e-3, seed=0))
    list(training)
    return training.adapter


@pytest.fixture(scope="module")
def prompt(engine: NumpyEngine) -> list[int]:
    return engine.encode_chat(QUESTION)


@pytest.fixture
def decoder(engine: NumpyEngine) -> NumpyDecoder:
    return engine.decoder()


def _noisy(engine: NumpyEngine, seed: int, rank: int = 4) -> LoraAdapter:
    adapter = engine.new_adapter(rank=rank, alpha=2.0 * rank)
    flat = adapter.parameters.flat
    flat[...] = np.random.default_rng(seed).standard_normal(flat.size) * 0.1
    return adapter


def _greedy(max_tokens: int) -> Sampling:
    return Sampling(max_tokens=max_tokens, temperature=0.0)


def test_an_answer_and_its_end(
    engine: NumpyEngine, decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]
) -> None:
    outcome = ask(decoder, prompt, adapter)
    assert (outcome.text, outcome.reason) == (ANSWER, "stop")
    assert outcome.answer.prompt_tokens == len(prompt)
    assert outcome.answer.completion_tokens == len(engine.tokenizer.encode(ANSWER)) + 1  # the end token
    assert decoder.step() == []


def test_no_piece_holds_half_a_character(decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]) -> None:
    pieces = ask(decoder, prompt, adapter).pieces
    assert "🦊" in pieces
    assert not any("\ufffd" in piece for piece in pieces)


def test_an_answer_may_be_cut_at_a_length(decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]) -> None:
    outcome = ask(decoder, prompt, adapter, max_tokens=5)
    assert outcome.text == ANSWER[:4]  # ö has two bytes, a token each
    assert (outcome.reason, outcome.answer.completion_tokens) == ("length", 5)


def test_a_cut_in_the_middle_of_a_character_shows_a_replacement(
    decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]
) -> None:
    assert ask(decoder, prompt, adapter, max_tokens=3).text == "Zw\ufffd"


def test_an_answer_ends_where_the_context_does(engine: NumpyEngine, decoder: NumpyDecoder) -> None:
    outcome = ask(decoder, [5] * (engine.context_length - 3), max_tokens=50)
    assert (outcome.reason, outcome.answer.completion_tokens) == ("length", 3)


@pytest.mark.parametrize("stop", [("Viktor",), ("Viktor 🦊 q", "nothing"), ("er über", "Viktor"), ("V",)])
def test_a_stop_text_ends_the_answer_and_is_not_shown(
    decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int], stop: tuple[str, ...]
) -> None:
    outcome = ask(decoder, prompt, adapter, stop=stop)
    assert (outcome.text, outcome.reason) == (ANSWER[: ANSWER.index("Viktor")], "stop")


def test_what_only_looks_like_a_stop_text_is_shown(
    decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]
) -> None:
    outcome = ask(decoder, prompt, adapter, stop=("Deich. And more",))
    assert (outcome.text, outcome.reason) == (ANSWER, "stop")


def test_a_long_prompt_takes_several_steps(
    decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_module, "PROMPT_CHUNK", 10)
    answer = decoder.add(prompt, _greedy(150), adapter)
    for _ in range(-(-len(prompt) // 10) - 1):
        [(moved, fresh)] = decoder.step()
        assert (moved, fresh.text, answer.completion_tokens) == (answer, "", 0)
    assert run(decoder, answer)[0].text == ANSWER


def test_the_same_seed_gives_the_same_answer(decoder: NumpyDecoder, prompt: list[int]) -> None:
    def drawn(seed: int | None) -> str:
        return ask(decoder, prompt, temperature=1.5, seed=seed, max_tokens=20).text

    assert drawn(3) == drawn(3)
    assert len({drawn(seed) for seed in range(4)}) > 1
    assert drawn(-5) == drawn(-5)
    assert len({drawn(None) for _ in range(4)}) > 1


@pytest.mark.parametrize("chunk", [3, 32])
def test_together_is_as_alone(
    engine: NumpyEngine, adapter: LoraAdapter, prompt: list[int], monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(decoder_module, "PROMPT_CHUNK_BESIDE", chunk)
    random = np.random.default_rng(5)
    adapters: Sequence[Adapter | None] = (adapter, None, _noisy(engine, 1), _noisy(engine, 2, rank=7))
    asked = [(random.integers(3, 280, 4 + 9 * i).tolist(), adapters[i % 4], 5 + 7 * (i % 3)) for i in range(9)]
    asked.append((prompt, adapter, 150))
    alone = [ask(engine.decoder(), ids, lora, max_tokens=most).text for ids, lora, most in asked]

    decoder = engine.decoder()
    late = [decoder.add(ids, _greedy(most), lora) for ids, lora, most in asked[:6]]
    for _ in range(4):  # the others come while these are under way
        decoder.step()
    answers = late + [decoder.add(ids, _greedy(most), lora) for ids, lora, most in asked[6:]]
    while any(answer.finish_reason is None for answer in answers):
        decoder.step()
    decoder = engine.decoder()
    together = run(decoder, *[decoder.add(ids, _greedy(most), lora) for ids, lora, most in asked])
    assert [outcome.text for outcome in together] == alone
    assert together[-1].text == ANSWER


def test_answers_being_written_go_on_beside_a_long_prompt(
    engine: NumpyEngine, decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]
) -> None:
    first = decoder.add(prompt, _greedy(150), adapter)
    decoder.step()
    long = decoder.add([7] * 500, _greedy(3))
    before = first.completion_tokens
    for _ in range(10):
        assert first in dict(decoder.step())
    assert first.completion_tokens == before + 10
    assert long.completion_tokens == 0


def test_prompts_are_taken_in_order_of_arrival(decoder: NumpyDecoder) -> None:
    answers = [decoder.add([10 + i] * 200, _greedy(1)) for i in range(3)]
    ended: list[Answer] = []
    while len(ended) < 3:
        ended += [answer for answer, _ in decoder.step() if answer.finish_reason]
    assert ended == answers


def test_a_short_prompt_does_not_wait_for_a_long_one(decoder: NumpyDecoder) -> None:
    long, short = decoder.add([7] * 900, _greedy(1)), decoder.add([8] * 30, _greedy(1))
    decoder.step()
    assert short.finish_reason == "length"
    run(decoder, long)
    assert (long.completion_tokens, long.cached_tokens) == (1, 0)


def test_short_prompts_do_not_keep_a_long_one_waiting_for_ever(decoder: NumpyDecoder) -> None:
    long = decoder.add([7] * 640, _greedy(1))
    for n in range(10):
        assert long.finish_reason is None
        decoder.add([20 + n] * 400, _greedy(1))
        decoder.step()
    assert long.finish_reason == "length"


def test_an_answer_with_room_to_spare_gives_that_before_it_is_parked(
    engine: NumpyEngine, decoder: NumpyDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = dict.fromkeys(engine.tokenizer.end_ids, -100.0)
    first, second = (decoder.add([20 + i] * 40, Sampling(n, 0.0, logit_bias=endless)) for i, n in ((1, 500), (2, 170)))
    while second.completion_tokens < 150:
        decoder.step()
    assert second.cache is not None
    needed = first.cache.capacity + 40 + 170 if first.cache else 0
    assert needed < first.cache.capacity + second.cache.capacity  # type: ignore[union-attr]
    monkeypatch.setattr(decoder_module, "OPEN_BYTES", needed * token_bytes(engine.weights.shape))
    decoder.step()
    assert second.cache is not None
    assert not second.was_parked


def test_an_answer_that_nobody_wants_is_gone(decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]) -> None:
    wanted, unwanted = (decoder.add([*prompt[:i], *prompt], _greedy(150), adapter) for i in (0, 5))
    never_begun = decoder.add([9] * 300, _greedy(5))
    for _ in range(3):
        decoder.step()
    decoder.remove(unwanted)
    decoder.remove(unwanted)
    decoder.remove(never_begun)
    moved = {answer for _ in range(5) for answer, _ in decoder.step()}
    assert moved == {wanted}
    assert unwanted.finish_reason is None
    run(decoder, wanted)
    assert decoder.step() == []


def test_a_prompt_waits_when_memory_is_full(
    decoder: NumpyDecoder, prompt: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_module, "OPEN_BYTES", 1)
    answers = [decoder.add([20 + i] * 5, _greedy(4)) for i in range(3)]
    assert {answer for answer, _ in decoder.step()} == {answers[0]}
    assert [outcome.answer.completion_tokens for outcome in run(decoder, *answers)] == [4, 4, 4]


def test_answers_that_grow_beyond_the_memory_are_parked_and_go_on(
    engine: NumpyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_bytes(engine.weights.shape)
    most = 900 * token
    asked = [([20 + i] * 40, 300 + i, _noisy(engine, i) if i % 2 else None) for i in range(6)]
    endless = dict.fromkeys(engine.tokenizer.end_ids, -100.0)
    alone = [ask(engine.decoder(), ids, lora, max_tokens=n, logit_bias=endless) for ids, n, lora in asked]
    monkeypatch.setattr(decoder_module, "OPEN_BYTES", most)
    decoder = engine.decoder()
    answers = [decoder.add(ids, Sampling(n, 0.0, logit_bias=endless), lora) for ids, n, lora in asked]
    texts = dict.fromkeys(answers, "")
    together = 0
    while any(answer.finish_reason is None for answer in answers):
        for answer, fresh in decoder.step():
            texts[answer] += fresh.text  # type: ignore[index]
        held = [answer.cache.capacity for answer in answers if answer.cache and not answer.finish_reason]
        together = max(together, len(held))
        assert sum(held) * token <= most
    assert together == 5
    assert any(answer.was_parked for answer in answers)
    assert list(texts.values()) == [outcome.text for outcome in alone]
    assert [answer.completion_tokens for answer in answers] == [n for _, n, _ in asked]
    assert [answer.prompt_tokens for answer in answers] == [40] * 6
    assert [answer.cached_tokens for answer in answers] == [0] * 6


def test_prompts_that_cannot_be_answered(engine: NumpyEngine, decoder: NumpyDecoder) -> None:
    with pytest.raises(FttuiError, match="prompt is empty"):
        decoder.add([], Sampling(max_tokens=5))
    with pytest.raises(FttuiError, match="leaves no room"):
        decoder.add([5] * engine.context_length, Sampling(max_tokens=5))


def test_an_adapter_that_went_wrong_brings_nobody_down(
    engine: NumpyEngine, decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]
) -> None:
    broken = engine.new_adapter()
    broken.parameters.flat[...] = np.nan
    with np.errstate(invalid="ignore"):
        sound = decoder.add(prompt, _greedy(150), adapter)
        options = Sampling(max_tokens=4, temperature=1.0, seed=0, top_logprobs=3)
        outcomes = run(decoder, sound, decoder.add(prompt, options, broken))
    assert outcomes[0].text == ANSWER
    assert outcomes[1].reason in ("stop", "length")
    assert all(np.isfinite(chosen.token.logprob) for chosen in outcomes[1].tokens)


@pytest.mark.parametrize(
    "options",
    [{"presence_penalty": 2.0}, {"frequency_penalty": 2.0}, {"frequency_penalty": -2.0}, {"logit_bias": {17: 100.0}}],
)
def test_penalties_against_a_plain_model(
    engine: NumpyEngine, decoder: NumpyDecoder, options: dict[str, object]
) -> None:
    bias = dict.fromkeys(engine.tokenizer.end_ids, -100.0) | dict(options.get("logit_bias", {}))  # type: ignore[call-overload]
    outcome = ask(decoder, [9, 30, 51], max_tokens=12, top_logprobs=0, **(options | {"logit_bias": bias}))
    expected: list[int] = []
    for _ in range(12):
        plain = engine.decoder()
        chosen = ask(plain, [9, 30, 51, *expected], max_tokens=1, top_logprobs=engine.weights.shape.vocabulary)
        score = {candidate.id: candidate.logprob for candidate in chosen.tokens[0].top} if chosen.tokens else {}
        if not score:  # the plain model would end here: there are no log-probabilities of it
            break
        for token in score:
            count = expected.count(token)
            score[token] += bias.get(token, 0.0)
            score[token] -= count * float(options.get("frequency_penalty", 0.0))  # type: ignore[arg-type]
            score[token] -= (count > 0) * float(options.get("presence_penalty", 0.0))  # type: ignore[arg-type]
        expected.append(max(score, key=lambda token: score[token]))
    assert len(expected) > 3
    assert [chosen.token.id for chosen in outcome.tokens][: len(expected)] == expected


def test_log_probabilities_are_those_of_the_bare_logits(
    engine: NumpyEngine, decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]
) -> None:
    outcome = ask(decoder, prompt, adapter, top_logprobs=engine.weights.shape.vocabulary, frequency_penalty=0.01)
    assert b"".join(chosen.token.bytes for chosen in outcome.tokens).decode() == ANSWER
    assert len(outcome.tokens) == outcome.answer.completion_tokens - 1  # the end token is not among them
    for chosen in outcome.tokens:
        assert sum(np.exp([candidate.logprob for candidate in chosen.top])) == pytest.approx(1)
        assert chosen.top[0].logprob == max(candidate.logprob for candidate in chosen.top)
        assert chosen.token in chosen.top
    assert ask(decoder, prompt, adapter).tokens == []
    names = {candidate.bytes for candidate in outcome.tokens[0].top}
    assert b"<|im_end|>" in names


def test_tokens_come_with_the_text_they_make_up(decoder: NumpyDecoder, adapter: LoraAdapter, prompt: list[int]) -> None:
    answer = decoder.add(prompt, Sampling(150, 0.0, stop=("Viktor 🦊 qu", "Deich. And"), top_logprobs=0), adapter)
    text, tokens = "", b""
    while answer.finish_reason is None:
        [(_, fresh)] = decoder.step()
        text += fresh.text
        tokens += b"".join(chosen.token.bytes for chosen in fresh.tokens)
        assert answer.finish_reason or tokens.decode() == text
    assert text == ANSWER[: ANSWER.index("Viktor")]
    assert tokens.decode() == text
