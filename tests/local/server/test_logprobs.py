"""Log-probabilities: OpenAI's shapes, and that they belong to the text."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from openai import OpenAI

from fttui.local.engines.protocol import Candidate, ChosenToken
from fttui.local.logprobs import LEAST, LegacyLogprobs, chat_logprobs
from local_server_fixture import RunningServer

CONTROL = 1
"""``<|im_start|>`` in the tiny vocabulary."""
MESSAGES: Any = [{"role": "user", "content": "Tell me a story."}]


def chosen(text: bytes, logprob: float, *top: tuple[bytes, float]) -> ChosenToken:
    return ChosenToken(Candidate(1, text, logprob), tuple(Candidate(2, *one) for one in top))


def test_a_part_of_a_character_is_told_by_its_bytes() -> None:
    told = chat_logprobs([chosen("é".encode()[:1], -0.5, (b"e", -1.0))])
    assert told["content"] == [
        {
            "token": "\\xc3",
            "bytes": [0xC3],
            "logprob": -0.5,
            "top_logprobs": [{"token": "e", "bytes": [101], "logprob": -1.0}],
        }
    ]
    assert LegacyLogprobs(0, top=False).add("", [chosen(b"\xc3", -0.5)])["tokens"] == ["bytes:\\xc3"]


def test_a_token_that_the_text_leaves_out_has_a_name_and_no_bytes() -> None:
    told = chat_logprobs([ChosenToken(Candidate(1, b"<|im_start|>", -0.5, is_control=True), ())])
    assert told["content"] == [{"token": "<|im_start|>", "bytes": None, "logprob": -0.5, "top_logprobs": []}]


def test_control_tokens_in_the_middle_of_an_answer_add_nothing_to_its_bytes(
    client: OpenAI, server: RunningServer
) -> None:
    begin = client.completions.create(
        model=server.model, prompt="x", max_tokens=1, logprobs=5, temperature=0, logit_bias={str(CONTROL): 100}
    )
    assert begin.choices[0].logprobs is not None
    assert begin.choices[0].text == ""  # it is a control token indeed
    options: Any = {"model": server.model, "messages": MESSAGES, "max_tokens": 12, "temperature": 2, "seed": 3}
    choice = client.chat.completions.create(**options, logprobs=True, logit_bias={str(CONTROL): 8}).choices[0]
    assert choice.logprobs is not None
    tokens = choice.logprobs.content or []
    assert 0 < sum(token.bytes is None for token in tokens) < 12
    text = b"".join(bytes(token.bytes or []) for token in tokens)
    assert text.decode("utf-8", "replace") == choice.message.content


@pytest.mark.parametrize("logprob", [-math.inf, math.inf, math.nan, -1e6])
def test_what_json_cannot_say_is_very_unlikely(logprob: float) -> None:
    assert chat_logprobs([chosen(b"x", logprob)])["content"][0]["logprob"] == LEAST
    assert LegacyLogprobs(0, top=True).add("x", [chosen(b"x", logprob)])["token_logprobs"] == [LEAST]


def test_offsets_count_from_the_start_of_the_prompt() -> None:
    told = LegacyLogprobs(10, top=False)
    first = told.add("né!", [chosen(b, -1.0) for b in (b"n", b"\xc3", b"\xa9", b"!")])
    assert first["text_offset"] == [10, 11, 11, 12]
    assert told.add("x", [chosen(b"x", -1.0)])["text_offset"] == [13]


def test_the_likelier_of_two_tokens_that_read_alike_is_kept_and_the_chosen_one_added() -> None:
    told = LegacyLogprobs(0, top=True).add("c", [chosen(b"c", -9.0, (b"a", -1.0), (b"a", -2.0), (b"b", -3.0))])
    assert told["top_logprobs"] == [{"a": -1.0, "b": -3.0, "c": -9.0}]


def test_a_chat_tells_the_tokens_of_its_text(client: OpenAI, server: RunningServer) -> None:
    options: Any = {"model": server.model, "messages": MESSAGES, "max_tokens": 12, "temperature": 0}
    answer = client.chat.completions.create(**options, logprobs=True, top_logprobs=3)
    choice = answer.choices[0]
    assert choice.logprobs is not None
    tokens = choice.logprobs.content or []
    assert len(tokens) == 12
    text = b"".join(bytes(token.bytes or []) for token in tokens)
    assert text.decode("utf-8", "replace") == choice.message.content
    for token in tokens:
        assert len(token.top_logprobs) == 3
        assert token.logprob == token.top_logprobs[0].logprob  # the likeliest was chosen
        assert sum(math.exp(other.logprob) for other in token.top_logprobs) <= 1
    assert client.chat.completions.create(**options).choices[0].logprobs is None


def test_a_stream_tells_the_same_as_the_whole_answer(client: OpenAI, server: RunningServer) -> None:
    options: Any = {
        "model": server.model, "messages": MESSAGES, "max_tokens": 20, "seed": 4, "logprobs": True, "top_logprobs": 2,
    }  # fmt: skip
    whole = client.chat.completions.create(**options).choices[0].logprobs
    assert whole is not None
    chunks = client.chat.completions.create(**options, stream=True)
    told = [chunk.choices[0].logprobs for chunk in chunks]
    streamed = [token for logprobs in told if logprobs is not None for token in logprobs.content or []]
    expected = whole.content or []
    assert [token.bytes for token in streamed] == [token.bytes for token in expected]
    assert [token.logprob for token in streamed] == pytest.approx([token.logprob for token in expected], abs=1e-3)
    assert all(len(token.top_logprobs) == 2 for token in streamed)


def test_a_completion_of_one_token_tells_the_likeliest(client: OpenAI, server: RunningServer) -> None:
    """How two-class models are asked."""
    answer = client.completions.create(
        model=server.model, prompt="Good film ->", max_tokens=1, logprobs=5, temperature=0
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.text_offset == [len("Good film ->")]
    assert logprobs.token_logprobs is not None
    (top,) = logprobs.top_logprobs or []
    assert len(top) == 5
    assert max(top.values()) == logprobs.token_logprobs[0]
    json.dumps(answer.model_dump(), allow_nan=False)


def test_a_completion_without_likeliest_tokens_has_the_chosen_ones(client: OpenAI, server: RunningServer) -> None:
    options: Any = {"model": server.model, "prompt": "Go", "max_tokens": 40, "logprobs": 0, "temperature": 0}
    logprobs = client.completions.create(**options).choices[0].logprobs
    assert logprobs is not None
    assert logprobs.top_logprobs is None
    assert len(logprobs.tokens or []) == len(logprobs.token_logprobs or []) == 40
    told = [chunk.choices[0].logprobs for chunk in client.completions.create(**options, stream=True)]
    assert [token for one in told if one is not None for token in one.tokens or []] == logprobs.tokens
    assert [offset for one in told if one is not None for offset in one.text_offset or []] == logprobs.text_offset


PLACES = {
    "broken characters": ("a\ufffd\ufffd!", [b"a", b"\xd6", b"\xd6", b"!"], [0, 1, 2, 3]),
    "one character in parts": ("日b", [b"\xe6", b"\x97\xa5", b"b"], [0, 0, 1]),
    "a special token, which the text leaves out": ("aXb", [b"a", b"<|im_start|>", b"X", b"b"], [0, 1, 1, 2]),
    "one that breaks a character off": ("\ufffdX", [b"\xd6", b"<|im_start|>", b"X"], [0, 1, 1]),
    "cut off by a stop text": ("a", [b"a", b"b", b"c"], [0, 1, 1]),
}


@pytest.mark.parametrize("name", PLACES)
def test_offsets_tell_where_tokens_begin(name: str) -> None:
    text, tokens, offsets = PLACES[name]
    told = LegacyLogprobs(0, top=False).add(text, [chosen(token, -1.0) for token in tokens])
    assert told["text_offset"] == offsets
