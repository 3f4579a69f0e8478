"""One prompt to one model: what comes, what is measured, what failures become."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

import hostile
from fault_server import DROP, Reply, Request, chunk, error_reply, fault_server, stream_reply
from fttui.playground.answer import Answer, Prompt, ask
from fttui.playground.run import ask_all
from fttui.providers.client import _client
from fttui.providers.profiles import Profile
from local_server_fixture import RunningServer

PROMPT = Prompt(user="What is the capital of Japan?", system="Be brief.", max_tokens=8)
HELLO = stream_reply(chunk("Hel"), chunk("lo"), chunk(finish="stop"), chunk(usage=(12, 3)))


def price(model: str, prompt_tokens: int, completion_tokens: int) -> Decimal | None:
    return Decimal(prompt_tokens) / 1000 + completion_tokens if model == "priced" else None


async def answer_to(reply: Reply, model: str = "priced", **options: Any) -> Answer:
    """What `ask` makes of a reply."""
    with fault_server(lambda _: reply) as server:
        async with server.client() as client:
            return await ask(client, model, PROMPT, price=price, **options)


async def test_an_answer_streams() -> None:
    pieces: list[str] = []
    answer = await answer_to(HELLO, on_delta=pieces.append, attempt=3)
    assert pieces == ["Hel", "lo"]
    assert (answer.model, answer.attempt, answer.text, answer.finish_reason) == ("priced", 3, "Hello", "stop")
    assert (answer.prompt_tokens, answer.completion_tokens, answer.error) == (12, 3, None)
    assert answer.cost_usd == Decimal("3.012")
    assert answer.ttft_s is not None
    assert 0 < answer.ttft_s <= answer.total_s


async def test_what_is_sent() -> None:
    with fault_server(lambda _: HELLO) as server:
        async with server.client() as client:
            await ask(client, "m", Prompt(user="u", system="s", temperature=0.5, max_tokens=9, seed=0))
            await ask(client, "m", Prompt(user="u"))
        first, second = (request.json() for request in server.requests)
    assert first["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    assert (first["temperature"], first["max_tokens"], first["seed"], first["stream"]) == (0.5, 9, 0, True)
    assert first["stream_options"] == {"include_usage": True}
    assert second["messages"] == [{"role": "user", "content": "u"}]
    assert "seed" not in second


async def test_hostile_strings_are_sent_and_come_back() -> None:
    def echo(request: Request) -> Reply:
        return stream_reply(chunk(request.json()["messages"][-1]["content"]), chunk(finish="stop"))

    with fault_server(echo) as server:
        async with server.client() as client:
            for name, text in hostile.STRINGS.items():
                answer = await ask(client, "m", Prompt(user=text, system=text))
                expected = "half \ufffd only" if name == "lone surrogate" else text
                assert (answer.text, answer.error) == (expected, None), name


async def test_a_model_that_knows_only_the_newer_name_of_the_limit() -> None:
    def script(request: Request) -> Reply:
        if "max_tokens" in request.json():
            return error_reply(400, "use max_completion_tokens", "unsupported_parameter", "max_tokens")
        return HELLO

    with fault_server(script) as server:
        async with server.client() as client:
            assert (await ask(client, "m", PROMPT)).text == "Hello"
        assert server.requests[-1].json()["max_completion_tokens"] == 8


async def test_an_unknown_price_is_unknown() -> None:
    assert (await answer_to(HELLO, "free")).cost_usd is None
    without_usage = stream_reply(chunk("Hi"), chunk(finish="stop"))
    answer = await answer_to(without_usage)
    assert (answer.text, answer.prompt_tokens, answer.cost_usd, answer.error) == ("Hi", None, None, None)


@pytest.mark.parametrize(
    ("reply", "text", "said"),
    [
        (error_reply(404, "no such model", "model_not_found"), "", "does not have that model"),
        (error_reply(401, "bad key"), "", "did not accept the key"),
        (DROP, "", "cannot be reached"),
        (stream_reply(chunk("Half an ans"), done=False, drop=True), "Half an ans", "cannot be reached"),
        (stream_reply(chunk("Half"), done=True), "Half", "broke off"),
        (
            stream_reply(chunk("Half"), {"error": {"message": "overloaded", "code": "x"}}),
            "Half",
            "stopped: overloaded.",
        ),
        (Reply(b"data: {not json}\n\n", content_type="text/event-stream"), "", "OpenAI protocol"),
        (Reply(b"<html>hello</html>", content_type="text/html"), "", "broke off"),
    ],
)
async def test_failures_become_answers(reply: Reply, text: str, said: str) -> None:
    answer = await answer_to(reply)
    assert answer.text == text
    assert said in (answer.error or "")
    assert "\n" not in (answer.error or "")


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [{}]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": None, "refusal": "no"}}]},
        {"choices": [], "usage": {}},
    ],
)
async def test_chunks_with_nothing_in_them(odd: dict[str, Any]) -> None:
    answer = await answer_to(stream_reply(odd, chunk("ok"), odd, chunk(finish="stop"), odd))
    assert (answer.text, answer.error) == ("ok", None)


async def test_one_failing_model_never_stops_another() -> None:
    def script(request: Request) -> Reply:
        return DROP if request.json()["model"] == "bad" else HELLO

    heard: list[tuple[int, str]] = []
    with fault_server(script) as server:
        async with server.client() as client:
            answers = await ask_all(
                client, ["bad", "good", "good"], PROMPT, repeat=2, on_delta=lambda n, text: heard.append((n, text))
            )
    assert [(a.model, a.attempt, a.text, a.error is None) for a in answers] == [
        ("bad", 1, "", False),
        ("bad", 2, "", False),
        ("good", 1, "Hello", True),
        ("good", 2, "Hello", True),
        ("good", 1, "Hello", True),
        ("good", 2, "Hello", True),
    ]
    assert sorted(heard) == [(n, text) for n in (1, 2) for text in ("Hel", "Hel", "lo", "lo")]


async def test_attempts_draw_with_different_seeds() -> None:
    with fault_server(lambda _: HELLO) as server:
        async with server.client() as client:
            await ask_all(client, ["m"], Prompt(user="u", seed=5), repeat=3)
        assert [request.json()["seed"] for request in server.requests] == [5, 6, 7]


async def test_an_answer_can_be_stopped(server: RunningServer) -> None:
    """The local server is free for others at once: nobody goes on making what nobody reads."""
    came = asyncio.Event()
    async with _client(Profile("local", is_local=True), server.base_url, server.token) as client:
        long = Prompt(user="Tell me everything.", max_tokens=900)
        asking = asyncio.ensure_future(ask(client, server.model, long, on_delta=lambda _: came.set()))
        await asyncio.wait_for(came.wait(), 30)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        answer = await ask(client, server.model, PROMPT)
    assert answer.error is None


async def test_the_local_server_answers(server: RunningServer) -> None:
    pieces: list[str] = []
    async with _client(Profile("local", is_local=True), server.base_url, server.token) as client:
        answers = await ask_all(client, [server.model, "nobody"], PROMPT, on_delta=lambda _, text: pieces.append(text))
    mine, nobodys = answers
    assert mine.error is None
    assert mine.text == "".join(pieces)
    assert mine.finish_reason in ("stop", "length")
    assert mine.completion_tokens is not None
    assert 1 <= mine.completion_tokens <= 8
    assert mine.prompt_tokens is not None
    assert mine.prompt_tokens > 10
    assert "The local server does not have that model" in (nobodys.error or "")
