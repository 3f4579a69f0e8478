"""Chat completions, answered as a whole."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, ask

MESSAGES: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Tell me a story."}]


def create(client: OpenAI, model: str, **options: Any) -> Any:
    return client.chat.completions.create(model=model, **{"messages": MESSAGES, "max_tokens": 12, **options})


def test_an_answer_has_all_that_openai_sends(client: OpenAI, server: RunningServer) -> None:
    answer = create(client, server.model, temperature=0)
    assert answer.id.startswith("chatcmpl-")
    assert answer.model == server.model
    assert abs(answer.created - time.time()) < 60
    assert answer.system_fingerprint.startswith("fp_")
    assert answer.service_tier == "default"
    (choice,) = answer.choices
    assert (choice.index, choice.finish_reason, choice.message.role) == (0, "length", "assistant")
    assert choice.message.content
    usage = answer.usage
    assert (usage.completion_tokens, usage.total_tokens) == (12, usage.prompt_tokens + 12)


def test_a_model_answers_by_its_name_and_so_does_its_checkpoint(
    client: OpenAI, server: RunningServer, tuned: str
) -> None:
    answer = create(client, tuned, temperature=0)
    assert answer.model == tuned
    assert answer.choices[0].message.content != create(client, server.model, temperature=0).choices[0].message.content


def test_both_limits_of_tokens_are_known(client: OpenAI, server: RunningServer) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        limit: Any = {name: 3}
        answer = client.chat.completions.create(model=server.model, messages=MESSAGES, **limit)
        assert answer.usage is not None
        assert answer.usage.completion_tokens <= 3


def test_a_seed_and_no_temperature_repeat_an_answer(client: OpenAI, server: RunningServer) -> None:
    def said(**options: Any) -> str:
        return str(create(client, server.model, **options).choices[0].message.content)

    assert said(temperature=1.8, seed=5) == said(temperature=1.8, seed=5) != said(temperature=1.8, seed=6)
    assert said(temperature=0) == said(temperature=0)
    assert said(temperature=2, top_p=0.000001) == said(temperature=0)  # one token is more than that


def test_n_answers_are_counted_together(client: OpenAI, server: RunningServer) -> None:
    alone = create(client, server.model, temperature=1.5, seed=1)
    four = create(client, server.model, temperature=1.5, seed=1, n=4)
    assert [choice.index for choice in four.choices] == [0, 1, 2, 3]
    assert len({choice.message.content for choice in four.choices}) > 1
    assert four.choices[0].message.content == alone.choices[0].message.content
    assert four.usage.prompt_tokens == alone.usage.prompt_tokens
    assert four.usage.completion_tokens > alone.usage.completion_tokens


def test_stop_texts_end_an_answer_and_are_left_out(client: OpenAI, server: RunningServer) -> None:
    whole = ask(client, server.model, "Tell me.", max_tokens=20)
    for stop in (whole[5], ["never said", whole[5:7]]):
        answer = create(
            client, server.model, messages=[{"role": "user", "content": "Tell me."}], stop=stop, temperature=0,
            max_tokens=20,
        )  # fmt: skip
        word = stop if isinstance(stop, str) else stop[1]
        assert answer.choices[0].finish_reason == "stop"
        assert answer.choices[0].message.content == whole[: whole.index(word)]


def test_log_probabilities_are_those_of_the_tokens(client: OpenAI, server: RunningServer) -> None:
    answer = create(client, server.model, temperature=0, logprobs=True, top_logprobs=5)
    (choice,) = answer.choices
    content = choice.logprobs.content
    assert len(content) == answer.usage.completion_tokens
    for entry in content:
        assert len(entry.top_logprobs) == 5
        assert (entry.top_logprobs[0].token, entry.top_logprobs[0].logprob) == (entry.token, entry.logprob)
        likely = [top.logprob for top in entry.top_logprobs]
        assert likely == sorted(likely, reverse=True)
        assert sum(map(math.exp, likely)) <= 1 + 1e-6
    raw = b"".join(bytes(entry.bytes) for entry in content)
    assert raw.decode("utf-8", "replace") == choice.message.content
    assert create(client, server.model, logprobs=True).choices[0].logprobs.content[0].top_logprobs == []
    assert create(client, server.model).choices[0].logprobs is None


def test_a_bias_rules_tokens_in_and_out(client: OpenAI, server: RunningServer) -> None:
    x = str(3 + ord("x") - ord("!"))  # the tiny vocabulary: three special tokens, then the letters from "!" on
    assert create(client, server.model, logit_bias={x: 100}, temperature=0).choices[0].message.content == "x" * 12
    banned = create(client, server.model, logit_bias={x: -100}, temperature=2, n=8, max_tokens=40)
    assert not any("x" in (choice.message.content or "") for choice in banned.choices)


def test_penalties_change_what_is_said(client: OpenAI, server: RunningServer) -> None:
    letters = {str(3 + code - ord("!")): 30 for code in range(ord("a"), ord("z"))}

    def different(**penalty: float) -> int:
        answer = create(client, server.model, logit_bias=letters, temperature=0, max_tokens=30, **penalty)
        return len(set(answer.choices[0].message.content))

    plain = different()
    assert different(frequency_penalty=2) > plain
    assert different(presence_penalty=2) > plain


def test_json_is_json_however_wild_the_model(client: OpenAI, server: RunningServer) -> None:
    reasons = []
    for seed in range(20):
        answer = create(
            client,
            server.model,
            messages=[{"role": "user", "content": "Answer in JSON."}],
            response_format={"type": "json_object"},
            temperature=1.5,
            seed=seed,
            max_tokens=80,
        )
        (choice,) = answer.choices
        reasons.append(choice.finish_reason)
        assert isinstance(json.loads(choice.message.content), dict), choice
    assert reasons.count("stop") >= 18


def test_messages_of_all_roles_and_parts_are_read(client: OpenAI, server: RunningServer) -> None:
    messages: Any = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "name": "ada", "content": [{"type": "text", "text": "Hello "}, {"type": "text", "text": "!"}]},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Go on."},
    ]
    assert create(client, server.model, messages=messages, temperature=0).choices[0].message.content


def test_what_needs_no_doing_is_accepted(client: OpenAI, server: RunningServer) -> None:
    answer = create(
        client,
        server.model,
        user="u",
        store=False,
        metadata={"a": "b"},
        service_tier="auto",
        response_format={"type": "text"},
        tool_choice=None,
        tools=[],
    )
    assert answer.choices


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "temperature": ({"temperature": 2.1}, "temperature", "invalid_value"),
    "top_p": ({"top_p": "all"}, "top_p", "invalid_type"),
    "n": ({"n": 0}, "n", "invalid_value"),
    "stop": ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "invalid_type"),
    "limit": ({"max_tokens": 0}, "max_tokens", "invalid_value"),
    "logprobs": ({"top_logprobs": 3}, "top_logprobs", "invalid_value"),
    "many logprobs": ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "invalid_value"),
    "bias": ({"logit_bias": {"5": 101}}, "logit_bias", "invalid_value"),
    "penalty": ({"presence_penalty": -2.5}, "presence_penalty", "invalid_value"),
    "json": ({"response_format": {"type": "json_object"}}, "messages", "invalid_value"),
    "schema": (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}},
        "response_format",
        "unsupported_parameter",
    ),
    "no messages": ({"messages": []}, "messages", "invalid_type"),
    "role": ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
    "image": (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a/b.png"}}]}]},
        "messages[0].content",
        "invalid_value",
    ),
    "unknown": ({"extra_body": {"top_k": 5}}, "top_k", "unknown_parameter"),
    "too long": ({"messages": [{"role": "user", "content": "x" * 5000}]}, "messages", "context_length_exceeded"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_answered_is_refused(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param, code = REFUSED[name]
    with pytest.raises(openai.BadRequestError) as refused:
        create(client, server.model, **options)
    assert (refused.value.param, refused.value.code) == (param, code)
    assert refused.value.type == "invalid_request_error"
    assert refused.value.message
