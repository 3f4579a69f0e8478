"""Chat completions as streams, raw and through the SDK's helpers."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionTokenLogprob

from local_server_fixture import RunningServer

MESSAGES: Any = [{"role": "user", "content": "Tell me a story."}]


def options_of(server: RunningServer, **more: Any) -> dict[str, Any]:
    return {"model": server.model, "messages": MESSAGES, "max_tokens": 20, "temperature": 0, **more}


def assert_alike(these: list[ChatCompletionTokenLogprob], those: list[ChatCompletionTokenLogprob]) -> None:
    """The same tokens, as likely but for rounding: an answer whose prompt was read before is computed another way."""
    assert [entry.bytes for entry in these] == [entry.bytes for entry in those]
    assert [entry.logprob for entry in these] == pytest.approx([entry.logprob for entry in those], abs=1e-3)


def test_a_stream_is_the_whole_answer_in_pieces(client: OpenAI, server: RunningServer) -> None:
    options = options_of(server, logprobs=True, top_logprobs=2)
    whole = client.chat.completions.create(**options)
    with client.chat.completions.create(**options, stream=True, stream_options={"include_usage": True}) as stream:
        chunks = list(stream)
    *body, usage = chunks
    assert len({chunk.id for chunk in chunks}) == len({chunk.created for chunk in chunks}) == 1
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert {chunk.system_fingerprint for chunk in chunks} == {whole.system_fingerprint}
    assert (body[0].choices[0].delta.role, body[0].choices[0].delta.content) == ("assistant", "")
    assert all(chunk.choices[0].delta.role is None for chunk in body[1:])
    assert "".join(chunk.choices[0].delta.content or "" for chunk in body) == whole.choices[0].message.content
    assert [chunk.choices[0].finish_reason for chunk in body] == [None] * (len(body) - 1) + ["length"]
    tokens = [entry for chunk in body if (held := chunk.choices[0].logprobs) for entry in held.content or []]
    assert whole.choices[0].logprobs is not None
    assert_alike(tokens, whole.choices[0].logprobs.content or [])
    assert usage.choices == []
    assert usage.usage is not None
    assert whole.usage is not None
    assert usage.usage.completion_tokens == whole.usage.completion_tokens


def test_without_being_asked_a_stream_tells_no_usage(client: OpenAI, server: RunningServer) -> None:
    for more in ({}, {"stream_options": {"include_usage": False, "include_obfuscation": False}}):
        chunks = list(client.chat.completions.create(**options_of(server, **more), stream=True))
        assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_several_answers_share_a_stream(client: OpenAI, server: RunningServer) -> None:
    options = options_of(server, n=3, temperature=1.5, seed=3)
    texts = ["", "", ""]
    ends = []
    for chunk in client.chat.completions.create(**options, stream=True):
        (choice,) = chunk.choices
        texts[choice.index] += choice.delta.content or ""
        ends += [choice.index] if choice.finish_reason else []
    assert sorted(ends) == [0, 1, 2]
    assert texts == [choice.message.content for choice in client.chat.completions.create(**options).choices]


def test_the_helper_tells_events_and_the_final_answer(client: OpenAI, server: RunningServer) -> None:
    text = client.chat.completions.create(**options_of(server)).choices[0].message.content or ""
    stop = max(filter(str.isalnum, text), key=text.index)  # for the helper, an answer that is cut off is an error
    options = options_of(server, logprobs=True, stop=stop)
    with client.chat.completions.stream(**options, stream_options={"include_usage": True}) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    kinds = {event.type for event in events}
    assert {"chunk", "content.delta", "content.done", "logprobs.content.delta", "logprobs.content.done"} <= kinds
    whole = client.chat.completions.create(**options)
    assert final.choices[0].message.content == whole.choices[0].message.content == text[: text.index(stop)]
    assert final.choices[0].finish_reason == "stop"
    assert final.choices[0].logprobs is not None
    assert whole.choices[0].logprobs is not None
    assert_alike(final.choices[0].logprobs.content or [], whole.choices[0].logprobs.content or [])
    assert final.usage is not None
    assert whole.usage is not None
    assert final.usage.completion_tokens == whole.usage.completion_tokens
    deltas = [event.delta for event in events if event.type == "content.delta"]
    assert "".join(deltas) == final.choices[0].message.content
    with (
        client.chat.completions.stream(**options_of(server, max_tokens=2)) as cut,
        pytest.raises(openai.LengthFinishReasonError),
    ):
        cut.get_final_completion()


def test_json_can_be_streamed(client: OpenAI, server: RunningServer) -> None:
    messages: Any = [{"role": "user", "content": "JSON!"}]
    stream = client.chat.completions.create(
        **options_of(server, messages=messages, response_format={"type": "json_object"}, max_tokens=100), stream=True
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert isinstance(json.loads(text), dict)


def test_the_bytes_of_a_stream_are_server_sent_events(client: OpenAI, server: RunningServer) -> None:
    with client.chat.completions.with_streaming_response.create(**options_of(server), stream=True) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines)
    assert lines[-1] == "data: [DONE]"
    raw = client.chat.completions.with_raw_response.create(**options_of(server))
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse().choices[0].message.content


def test_a_stream_that_cannot_begin_is_an_error(client: OpenAI, server: RunningServer) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(**options_of(server, model="gpt-4o"), stream=True)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**options_of(server, stream_options={"include_usage": True}))
    assert refused.value.param == "stream_options"
