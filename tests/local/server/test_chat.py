"""Chat completions through the SDK: whole, streamed, several at once, also while a job trains."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from openai import OpenAI

import hostile
from local_server_fixture import RunningServer, ask, chat_lines, upload, wait_for

MESSAGES: Any = [{"role": "user", "content": "Tell me a story."}]
MANY = 900
"""Tokens of a long answer; the tiny model's noise never stops by itself before."""


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
