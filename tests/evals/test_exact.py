"""Exact match: which rows count, and how answers are told right from wrong."""

from __future__ import annotations

from typing import Any

import pytest

import hostile
from fault_server import Reply, Request, chunk, error_reply, fault_server, stream_reply
from fttui.evals.exact import Cell, Outcome, case_of, cells_of, is_exact, run_exact
from fttui.formats.lines import parse_line
from fttui.providers.client import _client
from fttui.providers.profiles import Profile
from local_server_fixture import RunningServer


def record(*turns: tuple[str, str]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def test_an_example_as_a_case() -> None:
    case = case_of(4, record(("system", "One word."), ("user", "The puck?"), ("assistant", " hockey\n")))
    assert case is not None
    assert (case.row, case.expected) == (4, "hockey")
    assert (case.prompt.system, case.prompt.user, case.prompt.temperature) == ("One word.", "The puck?", 0)
    assert case.prompt.max_tokens >= len("hockey")
    plain = case_of(0, record(("user", "The puck?"), ("assistant", "hockey")))
    assert plain is not None
    assert plain.prompt.system == ""


@pytest.mark.parametrize(
    "example",
    [
        {},
        record(),
        record(("user", "a")),
        record(("assistant", "a")),
        record(("user", "a"), ("assistant", "  ")),
        record(("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")),
        {"prompt": 3},
    ],
)
def test_what_is_no_case(example: dict[str, Any]) -> None:
    assert case_of(0, example) is None


def test_hostile_rows_are_cases_or_none() -> None:
    for line in hostile.LINES.values():
        value = parse_line(line).value
        if isinstance(value, dict):
            case_of(0, value)


@pytest.mark.parametrize(
    ("text", "expected", "right"),
    [
        ("hockey", "hockey", True),
        (" hockey\n", "hockey", True),
        ("Hockey", "hockey", False),
        ("hockey.", "hockey", False),
        ("", "", True),
    ],
)
def test_exact(text: str, expected: str, right: bool) -> None:
    assert is_exact(text, expected) is right


def test_cells_count_errors_apart() -> None:
    outcomes = [
        Outcome("b", 0, "x", "x", True, None),
        Outcome("a", 0, "x", "y", False, None),
        Outcome("a", 1, "x", "", False, "no"),
    ]
    first, second = cells_of(["a", "b"], outcomes)
    assert (first, first.rate) == (Cell("a", n=1, passed=0, errors=1), 0.0)
    assert (second.passed, second.rate) == (1, 1.0)
    assert Cell("c", 0, 0, 3).rate is None


def cases(count: int) -> list[Any]:
    return [
        case_of(n, record(("user", f"{n} is?"), ("assistant", "even" if n % 2 == 0 else "odd"))) for n in range(count)
    ]


async def test_every_model_gets_every_case_a_few_at_a_time() -> None:
    def script(request: Request) -> Reply:
        body = request.json()
        number = int(body["messages"][-1]["content"].split()[0])
        if body["model"] == "broken" or number == 7:
            return error_reply(500, "no")
        said = "even" if body["model"] == "always even" else ("even", "odd")[number % 2]
        return stream_reply(chunk(said), chunk(finish="stop"))

    models = ["always even", "right", "broken"]
    with fault_server(script) as server:
        async with server.client() as client:
            outcomes = [outcome async for outcome in run_exact(client, models, cases(10))]
    assert sorted((o.model, o.row) for o in outcomes) == sorted((m, row) for m in models for row in range(10))
    assert cells_of(models, outcomes) == [
        Cell("always even", n=9, passed=5, errors=1),
        Cell("right", n=9, passed=9, errors=1),
        Cell("broken", n=0, passed=0, errors=10),
    ]


async def test_leaving_early_stops_asking() -> None:
    with fault_server(lambda _: stream_reply(chunk("even"), chunk(finish="stop"))) as server:
        async with server.client() as client:
            running = run_exact(client, ["m"], cases(100))
            async for _ in running:
                break
            await running.aclose()  # type: ignore[attr-defined]
        assert len(server.requests) < 20


async def test_the_local_server_is_evaluated(server: RunningServer) -> None:
    async with _client(Profile("local", is_local=True), server.base_url, server.token) as client:
        outcomes = [outcome async for outcome in run_exact(client, [server.model], cases(3))]
    (cell,) = cells_of([server.model], outcomes)
    assert (cell.n, cell.errors) == (3, 0)
