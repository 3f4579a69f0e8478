"""Examples as tokens: what is trained on, and batches without padding."""

from __future__ import annotations

from typing import Any

from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.batches import (
    EncodedExample,
    encode_example,
    epoch_batches,
    make_batch,
    micro_batches,
)
from fttui.templates.trained_spans import render_example


def _encode(engine: NumpyEngine, *messages: dict[str, Any], most: int = 10_000) -> tuple[EncodedExample, bool]:
    return encode_example(engine.tokenizer, render_example(engine.template, {"messages": list(messages)}), most)


def _text(engine: NumpyEngine, ids: list[int]) -> str:
    """With special tokens by their names."""
    names = {1: "<|im_start|>", 2: "<|im_end|>"}
    return "".join(names.get(i) or engine.tokenizer.bytes_of(i).decode() for i in ids)


def _trained(engine: NumpyEngine, example: EncodedExample) -> str:
    return _text(engine, [i for i, trained in zip(example.ids, example.trained, strict=True) if trained])


def _message(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def test_only_answers_and_their_end_tokens_are_trained_on(engine: NumpyEngine) -> None:
    example, was_cut = _encode(
        engine,
        _message("system", "Be kind."),
        _message("user", "Hello?"),
        _message("assistant", "Hi there."),
        _message("user", "Bye."),
        _message("assistant", "So long."),
    )
    assert _trained(engine, example) == "Hi there.<|im_end|>So long.<|im_end|>"
    assert not was_cut


def test_an_answer_of_weight_zero_is_not_trained_on(engine: NumpyEngine) -> None:
    turns = [_message("user", "a"), _message("assistant", "no", weight=0), _message("user", "b")]
    example, _ = _encode(engine, *turns, _message("assistant", "yes", weight=1))
    assert _trained(engine, example) == "yes<|im_end|>"
    nothing, _ = _encode(engine, *turns)
    assert nothing.trained_tokens == 0


def test_the_prompt_is_encoded_as_it_is_when_asked(engine: NumpyEngine) -> None:
    question = [_message("user", "How many legs?")]
    example, _ = _encode(engine, *question, _message("assistant", "\nEight."))
    prompt = engine.encode_chat(question)
    assert list(example.ids[: len(prompt)]) == prompt
    assert not any(example.trained[: len(prompt)])
    assert _trained(engine, example) == "\nEight.<|im_end|>"


def test_long_examples_lose_their_end(engine: NumpyEngine) -> None:
    messages = _message("user", "a"), _message("assistant", "b" * 50)
    whole, _ = _encode(engine, *messages)
    cut, was_cut = _encode(engine, *messages, most=len(whole.ids) - 20)
    assert was_cut
    assert cut.ids == whole.ids[:-20]
    assert 0 < cut.trained_tokens == whole.trained_tokens - 19  # a line break after the end token is not trained on


def test_rows_of_a_batch() -> None:
    first = EncodedExample((5, 6, 7), (False, False, True))
    second = EncodedExample((8, 9), (True, True))
    batch = make_batch([first, second])
    assert batch.ids.tolist() == [5, 6, 7, 8, 9]
    assert batch.positions.tolist() == [0, 1, 2, 0, 1]
    assert batch.conversations == (slice(0, 3), slice(3, 5))
    assert batch.predicting.tolist() == [1, 3]  # nothing predicts a first token
    assert batch.targets.tolist() == [7, 9]
    assert batch.tokens == 5
    assert (first.trained_tokens, second.trained_tokens) == (1, 1)


def _of_length(*lengths: int) -> list[EncodedExample]:
    return [EncodedExample((n,) * length, (True,) * length) for n, length in enumerate(lengths)]


def test_an_epoch_has_each_example_once_in_an_order_of_its_own() -> None:
    examples = _of_length(*range(2, 25))
    epochs = [epoch_batches(examples, 4, seed=3, epoch=epoch) for epoch in range(2)]
    for batches in epochs:
        assert [len(batch) for batch in batches] == [4, 4, 4, 4, 4, 3]
        assert sorted((e for batch in batches for e in batch), key=lambda e: len(e.ids)) == examples
    assert epochs[0] != epochs[1]
    assert epochs[1] == epoch_batches(examples, 4, seed=3, epoch=1)
    assert epochs[1] != epoch_batches(examples, 4, seed=4, epoch=1)


def test_micro_batches_hold_so_many_tokens_at_most() -> None:
    parts = list(micro_batches(_of_length(30, 30, 30, 500, 40, 60), 100))
    assert [[len(example.ids) for example in part] for part in parts] == [[30, 30, 30], [500], [40, 60]]
