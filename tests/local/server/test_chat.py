"""Chat completions through the SDK: whole, streamed, several at once, also while a job trains."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from openai import OpenAI

import hostile
from local_server_fixture import RunningServer, ask, chat_lines, running_server, upload, wait_for

MESSAGES: Any = [{"role": "user", "content": "Tell me a story."}]
MANY = 900
"""Tokens of a long answer; the tiny model's noise never stops by itself before."""
ENDLESS = {"0": -100, "2": -100}
"""A `logit_bias` without the tokens that end an answer."""


def test_an_answer_has_its_usage_and_reason(client: OpenAI, server: RunningServer) -> None:
    answer = client.chat.completions.create(model=server.model, messages=MESSAGES, max_tokens=5, temperature=0)
    assert answer.id.startswith("chatcmpl-")
    assert answer.model == server.model
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 5


def test_a_stream_says_the_same_as_the_whole_answer(client: OpenAI, server: RunningServer) -> None:
    options: Any = {"model": server.model, "messages": MESSAGES, "max_completion_tokens": 30, "temperature": 0}
    whole = client.chat.completions.create(**options)
    chunks = list(client.chat.completions.create(**options, stream=True, stream_options={"include_usage": True}))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert all(c.usage is None for c in chunks[:-1])


def test_a_seed_repeats_an_answer_and_another_does_not(client: OpenAI, server: RunningServer) -> None:
    def sample(seed: int) -> str | None:
        answer = client.chat.completions.create(
            model=server.model, messages=MESSAGES, max_tokens=30, temperature=1.5, top_p=0.95, seed=seed
        )
        return answer.choices[0].message.content

    assert sample(1) == sample(1)
    assert sample(1) != sample(2)


def test_stop_ends_an_answer_before_the_word(client: OpenAI, server: RunningServer) -> None:
    whole = ask(client, server.model, "Tell me.", max_tokens=30)
    stop = whole[len(whole) // 2]
    answer = client.chat.completions.create(
        model=server.model, messages=[{"role": "user", "content": "Tell me."}], max_tokens=30, temperature=0, stop=stop
    )
    assert answer.choices[0].message.content == whole[: whole.index(stop)]
    assert answer.choices[0].finish_reason == "stop"


def test_parts_of_text_read_as_text(client: OpenAI, server: RunningServer) -> None:
    parts: Any = [{"type": "text", "text": "Tell "}, {"type": "text", "text": "me."}]
    answer = client.chat.completions.create(
        model=server.model, messages=[{"role": "user", "content": parts}], max_tokens=10, temperature=0
    )
    assert answer.choices[0].message.content == ask(client, server.model, "Tell me.", max_tokens=10)


SHORT_ENOUGH = {n: t for n, t in hostile.STRINGS.items() if 0 < len(t) < 500 and n != "lone surrogate"}
"""The SDK itself cannot send a lone surrogate; `test_refusals` does."""


@pytest.mark.parametrize("name", SHORT_ENOUGH)
def test_hostile_prompts_get_an_answer(client: OpenAI, server: RunningServer, name: str) -> None:
    answer = client.chat.completions.create(
        model=server.model,
        messages=[{"role": "user", "content": SHORT_ENOUGH[name]}],
        max_tokens=2,
        metadata={"text": SHORT_ENOUGH[name]},
    )
    assert answer.usage is not None
    assert answer.usage.completion_tokens >= 1


def test_several_answers_to_one_prompt(client: OpenAI, server: RunningServer) -> None:
    options: Any = {"model": server.model, "messages": MESSAGES, "max_tokens": 12, "temperature": 1.5, "seed": 7}
    alone = client.chat.completions.create(**options)
    three = client.chat.completions.create(**options, n=3)
    assert [choice.index for choice in three.choices] == [0, 1, 2]
    texts = [choice.message.content for choice in three.choices]
    assert texts[0] == alone.choices[0].message.content
    assert len(set(texts)) == 3
    assert three.usage is not None
    assert alone.usage is not None
    assert three.usage.prompt_tokens == alone.usage.prompt_tokens
    assert three.usage.completion_tokens == 36

    chunks = list(client.chat.completions.create(**options, n=3, stream=True, stream_options={"include_usage": True}))
    streamed = ["", "", ""]
    for chunk in chunks[:-1]:
        streamed[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert streamed == texts
    assert sum(chunk.choices[0].finish_reason == "length" for chunk in chunks[:-1]) == 3
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 36


def test_a_prompt_that_was_read_before_is_told_as_cached(client: OpenAI, server: RunningServer) -> None:
    messages: Any = [{"role": "user", "content": "A prompt of some length, which is read twice. " * 5}]
    usages = [
        client.chat.completions.create(model=server.model, messages=messages, max_tokens=1).usage for _ in range(2)
    ]
    first, second = (usage.prompt_tokens_details for usage in usages if usage is not None)
    assert first is not None
    assert second is not None
    assert (first.cached_tokens or 0) < 20 < (second.cached_tokens or 0)


def token_of(letter: str) -> str:
    """The id of an ASCII letter's token in the tiny vocabulary: three special tokens, then the letters from "!" on."""
    return str(3 + ord(letter) - ord("!"))


def test_logit_bias_forces_and_forbids_tokens(client: OpenAI, server: RunningServer) -> None:
    def answer(bias: dict[str, int]) -> str:
        return ask(client, server.model, "Go on.", max_tokens=4, logit_bias=bias)

    assert answer({token_of("x"): 100}) == "xxxx"
    assert answer({token_of("x"): 100, token_of("y"): 100, token_of("z"): 100}).strip("xyz") == ""
    assert "x" not in answer({token_of("x"): -100, token_of("y"): 50})


@pytest.mark.parametrize("penalty", ["presence_penalty", "frequency_penalty"])
def test_penalties_keep_an_answer_from_repeating_itself(client: OpenAI, server: RunningServer, penalty: str) -> None:
    """Sixty letters are so likely that nothing else comes; a penalty spreads the answer over more of them."""
    bias = {token_of(chr(code)): 20 for code in range(ord("A"), ord("A") + 58)}

    def letters(strength: float) -> int:
        options: Any = {"max_tokens": 60, "logit_bias": bias, penalty: strength}
        return len(set(ask(client, server.model, "Go on.", **options)))

    assert letters(-2) < letters(0) < letters(2)


def test_a_json_object_is_one(client: OpenAI, server: RunningServer) -> None:
    answer = client.chat.completions.create(
        model=server.model,
        messages=[{"role": "user", "content": "Some JSON, please."}],
        response_format={"type": "json_object"},
        max_tokens=200,
        seed=3,
    )
    assert answer.choices[0].finish_reason == "stop"
    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


def test_json_must_be_spoken_of(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.BadRequestError, match="must contain the word 'json'") as refused:
        client.chat.completions.create(
            model=server.model, messages=MESSAGES, response_format={"type": "json_object"}, max_tokens=5
        )
    assert refused.value.param == "messages"


def test_the_fingerprint_stays_the_same(client: OpenAI, server: RunningServer) -> None:
    options: Any = {"model": server.model, "messages": MESSAGES, "max_tokens": 1}
    marks = {client.chat.completions.create(**options).system_fingerprint for _ in range(2)}
    marks |= {chunk.system_fingerprint for chunk in client.chat.completions.create(**options, stream=True)}
    (mark,) = marks
    assert mark is not None
    assert mark.startswith("fp_")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "n": ({"n": 0}, "n"),
    "many choices": ({"n": 9}, "n"),
    "presence": ({"presence_penalty": 2.1}, "presence_penalty"),
    "frequency": ({"frequency_penalty": "much"}, "frequency_penalty"),
    "bias": ({"logit_bias": [1]}, "logit_bias"),
    "bias of a word": ({"logit_bias": {"word": 1}}, "logit_bias"),
    "bias of a digit that is none": ({"logit_bias": {"²": 1}}, "logit_bias"),
    "bias too strong": ({"logit_bias": {"5": 101}}, "logit_bias"),
    "bias of no token": ({"logit_bias": {"999999999": 1}}, "logit_bias"),
    "bias of far too many": ({"logit_bias": {str(n): 1 for n in range(2000)}}, "logit_bias"),
    "top_logprobs alone": ({"top_logprobs": 2}, "top_logprobs"),
    "many top_logprobs": ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    "schema": ({"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}}, "response_format"),
    "format": ({"response_format": "json"}, "response_format"),
    "usage without stream": ({"stream_options": {"include_usage": True}}, "stream_options"),
    "stream option": ({"stream": True, "stream_options": {"what": True}}, "stream_options.what"),
    "usage": ({"stream": True, "stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
    "tool without id": ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].tool_call_id"),
    "calls": ({"messages": [{"role": "assistant", "tool_calls": 5}]}, "messages[0].tool_calls"),
    "call": ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]}, "messages[0].tool_calls[0].function"),
    "calls of a user": ({"messages": [{"role": "user", "content": "", "tool_calls": [{}]}]}, "messages[0].tool_calls"),
    "name": ({"messages": [{"role": "user", "content": "x", "name": ["n"]}]}, "messages[0].name"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_parameter_is_named(client: OpenAI, server: RunningServer, name: str) -> None:
    options, param = WRONG[name]
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**{"model": server.model, "messages": MESSAGES, **options})
    assert refused.value.param == param
    assert refused.value.code


class Listener(threading.Thread):
    """Reads a stream in a thread of its own; notes each arrival in a list that all listeners share."""

    def __init__(self, client: OpenAI, model: str, tokens: int, name: str, arrivals: list[str]) -> None:
        super().__init__(daemon=True)
        self.first = threading.Event()
        self._call = (client, model, tokens, name, arrivals)

    def run(self) -> None:
        client, model, tokens, name, arrivals = self._call
        stream = client.chat.completions.create(
            model=model, messages=MESSAGES, max_tokens=tokens, temperature=1, seed=1, stream=True
        )
        for chunk in stream:
            if chunk.choices[0].delta.content:
                arrivals.append(name)
                self.first.set()


def test_streams_interleave(client: OpenAI, server: RunningServer) -> None:
    arrivals: list[str] = []
    long = Listener(client, server.model, MANY, "long", arrivals)
    long.start()
    assert long.first.wait(30)
    short = Listener(client, server.model, 20, "short", arrivals)
    short.start()
    short.join(30)
    long.join(60)
    assert arrivals.index("short") < len(arrivals) - 1 - arrivals[::-1].index("long")
    assert arrivals[-1] == "long"


def test_streams_interleave_while_a_job_trains(client: OpenAI, server: RunningServer) -> None:
    pairs = [(f"Question {n}?", "An answer of some length, so that a step takes its time.") for n in range(40)]
    job_id = client.fine_tuning.jobs.create(
        model=server.model,
        training_file=upload(client, chat_lines(pairs)),
        hyperparameters={"n_epochs": 50, "batch_size": 1},
    ).id
    assert wait_for(client, job_id, "running").status == "running"
    test_streams_interleave(client, server)
    assert client.fine_tuning.jobs.retrieve(job_id).status == "running"
    client.fine_tuning.jobs.cancel(job_id)


def test_a_listener_who_leaves_ends_the_answer(client: OpenAI, server: RunningServer) -> None:
    """Forty answers, most of which nobody waits for, would be refused (32 at once) if they went on."""
    for _ in range(40):
        stream = client.chat.completions.create(model=server.model, messages=MESSAGES, max_tokens=MANY, stream=True)
        next(iter(stream))
        stream.close()
    assert ask(client, server.model, "Still there?", max_tokens=3)


def test_who_leaves_before_a_whole_answer_ends_it_too(client: OpenAI, server: RunningServer) -> None:
    body = json.dumps({"model": server.model, "messages": MESSAGES, "max_tokens": MANY, "n": 8}).encode()
    address = urlsplit(server.base_url)
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for _ in range(10):  # of eight answers each; four such requests fill the decoder
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=20) as connection:
            connection.sendall(head.encode() + body)
            ask(client, server.model, "Are you busy?", max_tokens=1)


def test_more_answers_than_there_is_room_for_are_refused(client: OpenAI, server: RunningServer) -> None:
    options: Any = {"model": server.model, "messages": MESSAGES, "max_tokens": MANY, "n": 8, "stream": True}
    options["logit_bias"] = ENDLESS
    streams = [client.chat.completions.create(**options) for _ in range(32)]
    try:
        for stream in streams:
            next(iter(stream))
        with pytest.raises(openai.RateLimitError) as refused:
            ask(client, server.model, "Me too!", max_tokens=1)
        assert refused.value.code == "rate_limit_exceeded"
        assert refused.value.response.headers["retry-after"] == "5"
    finally:
        for stream in streams:
            stream.close()


def test_a_stopping_server_tells_who_listens(weights: Path, tmp_path: Path) -> None:
    with running_server(weights, tmp_path) as stopping, stopping.client() as client:
        stream = client.chat.completions.create(
            model=stopping.model, messages=MESSAGES, max_tokens=MANY, n=3, logit_bias=ENDLESS, stream=True
        )
        next(iter(stream))
        client.post(stopping.base_url.removesuffix("v1") + "fttui/stop", cast_to=object)
        with pytest.raises(openai.APIError, match=r"^The local server is stopping\.$"):
            list(stream)
        assert stopping.process.wait(20) == 0
