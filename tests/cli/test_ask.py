"""Asking from the command line."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import pytest

import hostile
from fault_server import Reply, Request, chunk, error_reply, fault_server, json_reply, stream_reply
from local_server_fixture import RunningServer

KEYS = {
    "model", "attempt", "text", "finish_reason", "prompt_tokens", "completion_tokens", "ttft_s", "total_s", "cost_usd",
}  # fmt: skip


def script(request: Request) -> Reply:
    body = request.json()
    if body["model"].startswith("bad"):
        return error_reply(404, "no such\x1b[31m model", "model_not_found")
    said = body["messages"][-1]["content"]
    return stream_reply(chunk(said), chunk(finish="stop"), chunk(usage=(1_000_000, 1)))


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A scripted provider behind the profile openai."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(script) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
        yield running


def test_answers_come_by_model_then_attempt(fttui: Callable[..., Any], server: RunningServer) -> None:
    arguments = (
        "--model",
        server.model,
        "--model",
        server.model,
        "--repeat",
        "2",
        "--max-tokens",
        "3",
        "--system",
        "Be brief.",
    )
    done = fttui("ask", "Hello?", *arguments, "--temperature", "1", "--seed", "5", "--format", "json")
    answers = done.json["answers"]
    assert done.status == 0
    assert [(a["model"], a["attempt"]) for a in answers] == [(server.model, n) for _ in range(2) for n in (1, 2)]
    assert all(set(answer) >= KEYS for answer in answers)
    assert all(answer["cost_usd"] == 0 for answer in answers)
    assert answers[0]["text"] == answers[2]["text"], "the same seed, the same words"


def test_no_model_means_the_base_model(fttui: Callable[..., Any], server: RunningServer) -> None:
    done = fttui("ask", "Hello?", "--max-tokens", "2")
    assert done.status == 0
    assert done.out.startswith(f"--- {server.model}\n")
    assert "tokens, first after" in done.out


def test_the_price_is_unrounded(fttui: Callable[..., Any], hosted: Any) -> None:
    done = fttui(
        "ask", "x", "--profile", "openai", "--model", "gpt-4.1-mini", "--model", "unheard-of", "--format", "json"
    )
    known, unknown = done.json["answers"]
    assert known["cost_usd"] == pytest.approx(0.4000016, rel=1e-12)
    assert unknown["cost_usd"] is None
    assert hosted.requests[0].json()["temperature"] == 0


def test_some_fail_and_all_fail(fttui: Callable[..., Any], hosted: Any) -> None:
    some = fttui("ask", "x", "--profile", "openai", "--model", "bad", "--model", "good", "--format", "json")
    assert some.status == 1
    assert [bool(answer["error"]) for answer in some.json["answers"]] == [True, False]
    every = fttui("ask", "x", "--profile", "openai", "--model", "bad")
    assert every.status == 2
    assert every.err.count("\n") == 1
    assert "does not have that model" in every.err
    assert "\x1b" not in every.out + every.err


@pytest.mark.parametrize("name", list(hostile.STRINGS))
def test_hostile_answers(fttui: Callable[..., Any], hosted: Any, name: str) -> None:
    text = hostile.STRINGS[name]
    if not text.strip():
        assert fttui("ask", text, "--profile", "openai").status == 2
        assert hosted.requests == []
        return
    exact = fttui("ask", text, "--profile", "openai", "--format", "json")
    assert exact.json["answers"][0]["text"] == ("half \ufffd only" if name == "lone surrogate" else text)
    shown = fttui("ask", text, "--profile", "openai")
    assert shown.status == 0
    assert not set(shown.out) & {chr(c) for c in (*range(9), *range(11, 32), 127, *range(128, 160), 0x202E, 0x2028)}


def test_the_prompt_from_standard_input(
    fttui: Callable[..., Any], hosted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("two\nlines é\n".encode())))
    done = fttui("ask", "-", "--profile", "openai", "--format", "json")
    assert done.json["answers"][0]["text"] == "two\nlines é\n"


def test_a_provider_that_only_refuses(fttui: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(lambda _: json_reply({"detail": "no"}, 405)) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.base_url)
        done = fttui("ask", "x", "--profile", "openai")
    assert done.status == 2
    assert "status 405" in done.err


def test_wrong_options(fttui: Callable[..., Any]) -> None:
    for arguments in (("--temperature", "3"), ("--repeat", "0"), ("--max-tokens", "many")):
        done = fttui("ask", "x", *arguments)
        assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
