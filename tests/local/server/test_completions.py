"""Completions through the SDK: plain text in, plain text out."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import OpenAI

import hostile
from local_server_fixture import RunningServer, upload, wait_for
from tiny_gguf import CONTEXT_LENGTH


def complete(client: OpenAI, model: str, prompt: Any, **options: Any) -> list[str]:
    """The texts of the likeliest answers."""
    answer = client.completions.create(model=model, prompt=prompt, **{"temperature": 0, "max_tokens": 8, **options})
    return [choice.text for choice in answer.choices]


def test_a_completion_has_its_usage_and_reason(client: OpenAI, server: RunningServer) -> None:
    answer = client.completions.create(model=server.model, prompt="Once upon a time", temperature=0)
    assert answer.id.startswith("cmpl-")
    assert answer.object == "text_completion"
    assert answer.model == server.model
    assert answer.system_fingerprint is not None
    assert answer.choices[0].finish_reason == "length"
    assert answer.choices[0].logprobs is None
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 16  # OpenAI's default
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 16


def test_several_prompts_are_answered_each_like_alone(client: OpenAI, server: RunningServer) -> None:
    prompts = ["One", "Two and a half", "Three"]
    alone = [text for prompt in prompts for text in complete(client, server.model, prompt)]
    assert complete(client, server.model, prompts) == alone
    answer = client.completions.create(model=server.model, prompt=prompts, max_tokens=4, n=2, best_of=2, temperature=0)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3, 4, 5]
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 24
    one_each = client.completions.create(model=server.model, prompt=prompts, max_tokens=4)
    assert one_each.usage is not None
    assert answer.usage.prompt_tokens == one_each.usage.prompt_tokens


def test_token_ids_are_a_prompt_too(client: OpenAI, server: RunningServer) -> None:
    ids = [3 + ord(letter) - ord("!") for letter in "xyz"]  # the letters of the tiny vocabulary
    assert complete(client, server.model, ids) == complete(client, server.model, "xyz")
    assert complete(client, server.model, [ids, ids[:1]]) == complete(client, server.model, ["xyz", "x"])
    assert complete(client, server.model, ids, echo=True)[0].startswith("xyz")


def test_echo_puts_the_prompt_in_front(client: OpenAI, server: RunningServer) -> None:
    (text,) = complete(client, server.model, "Say this")
    assert complete(client, server.model, "Say this", echo=True) == ["Say this" + text]
    chunks = client.completions.create(
        model=server.model, prompt="Say this", echo=True, stream=True, temperature=0, max_tokens=8
    )
    assert "".join(chunk.choices[0].text for chunk in chunks) == "Say this" + text


def test_a_stream_says_the_same_as_the_whole(client: OpenAI, server: RunningServer) -> None:
    options: Any = {
        "model": server.model, "prompt": ["One", "Two"], "max_tokens": 12, "n": 2, "seed": 5, "temperature": 1.2,
    }  # fmt: skip
    whole = client.completions.create(**options)
    chunks = list(client.completions.create(**options, stream=True, stream_options={"include_usage": True}))
    texts = ["", "", "", ""]
    for chunk in chunks[:-1]:
        texts[chunk.choices[0].index] += chunk.choices[0].text
    assert texts == [choice.text for choice in whole.choices]
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert whole.usage is not None
    assert chunks[-1].usage.total_tokens == whole.usage.total_tokens


def test_stop_ends_a_completion_before_the_word(client: OpenAI, server: RunningServer) -> None:
    (text,) = complete(client, server.model, "Tell", max_tokens=30)
    stop = text[len(text) // 2]
    assert complete(client, server.model, "Tell", max_tokens=30, stop=[stop]) == [text[: text.index(stop)]]


@pytest.mark.parametrize("name", [n for n, t in hostile.STRINGS.items() if 0 < len(t) < 500 and n != "lone surrogate"])
def test_hostile_prompts_are_gone_on_with(client: OpenAI, server: RunningServer, name: str) -> None:
    text = hostile.STRINGS[name]
    assert complete(client, server.model, text, max_tokens=1, echo=True)[0].startswith(text)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no prompt": ({"prompt": None}, "prompt"),
    "empty prompt": ({"prompt": ""}, "prompt"),
    "no prompts": ({"prompt": []}, "prompt"),
    "an empty one among them": ({"prompt": ["a", ""]}, "prompt"),
    "mixed": ({"prompt": ["a", 7]}, "prompt"),
    "flags": ({"prompt": [True]}, "prompt"),
    "no token": ({"prompt": [3, 99_999_999]}, "prompt"),
    "a huge token": ({"prompt": [10**300]}, "prompt"),
    "a token below 0": ({"prompt": [-1]}, "prompt"),
    "too many": ({"prompt": ["a"] * 17, "n": 2}, "prompt"),
    "far too long": ({"prompt": "x" * 1_000_000}, "prompt"),
    "too long": ({"prompt": [5] * CONTEXT_LENGTH}, "prompt"),
    "max_tokens": ({"max_tokens": 0}, "max_tokens"),
    "logprobs": ({"logprobs": 6}, "logprobs"),
    "logprobs as in a chat": ({"logprobs": True}, "logprobs"),
    "echo": ({"echo": 1}, "echo"),
    "echo with logprobs": ({"echo": True, "logprobs": 1}, "logprobs"),
    "best_of": ({"best_of": 2}, "best_of"),
    "suffix": ({"suffix": "end"}, "suffix"),
    "bias of no token": ({"logit_bias": {"99999": 1}}, "logit_bias"),
    "unknown": ({"extra_body": {"messages": []}}, "messages"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_request_names_its_parameter(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param = WRONG[name]
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(**{"model": server.model, "prompt": "x", **options})
    assert refused.value.param == param
    assert refused.value.code
    assert complete(client, server.model, "x", max_tokens=1)


def test_an_unknown_model(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        client.completions.create(model="davinci-002", prompt="x")
    assert refused.value.code == "model_not_found"


def test_a_model_of_prompts_and_completions_answers_as_it_was_trained(client: OpenAI, server: RunningServer) -> None:
    """The legacy shape, separator and all; in a chat it reads the text of the messages and nothing around it."""
    pairs = [("Good film ->", " yes"), ("Bad film ->", " no"), ("Fine food ->", " yes"), ("Cold soup ->", " no")]
    lines = b"".join(json.dumps({"prompt": p, "completion": c}).encode() + b"\n" for p, c in pairs)
    job = client.fine_tuning.jobs.create(model=server.model, training_file=upload(client, lines))
    tuned = wait_for(client, job.id, "succeeded").fine_tuned_model
    assert tuned is not None
    assert complete(client, tuned, [prompt for prompt, _ in pairs]) == [completion for _, completion in pairs]

    chat: Any = {"model": tuned, "max_tokens": 8, "temperature": 0}
    answer = client.chat.completions.create(**chat, messages=[{"role": "user", "content": "Cold soup ->"}])
    assert answer.choices[0].message.content == " no"
    assert answer.usage is not None
    plain = client.completions.create(model=tuned, prompt="Cold soup ->", max_tokens=1).usage
    assert plain is not None
    assert answer.usage.prompt_tokens == plain.prompt_tokens
    two: Any = [{"role": "system", "content": "Hm."}, {"role": "user", "content": "Cold soup ->"}]
    asked = client.chat.completions.create(**chat, messages=two).usage
    joined = client.completions.create(model=tuned, prompt="Hm.\nCold soup ->", max_tokens=1).usage
    assert asked is not None
    assert joined is not None
    assert asked.prompt_tokens == joined.prompt_tokens
