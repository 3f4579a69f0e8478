"""What is said while the local server gets its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from filelock import FileLock

from fault_server import FaultServer, Reply, Request, chunk, fault_server, json_reply, page_reply, stream_reply
from fttui.cli import waiting
from fttui.cli.waiting import local_base_model
from fttui.core.errors import ProviderError
from fttui.core.server_state import ServerState, local_dir, server_lock_file, token_file, write_state

States = list[tuple[str, str]]


@pytest.fixture
def preparing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[States], Any]]:
    """A server that is found like the local one; it tells a state at each look, the last one for ever."""
    monkeypatch.setattr(waiting, "POLL_S", 0.01)
    monkeypatch.setattr(waiting, "TELL_EVERY", 1)
    states: States = []
    last_told = ""

    def script(request: Request) -> Reply:
        nonlocal last_told
        if request.path == "/fttui/status":
            last_told, message = states[0]
            del states[: len(states) > 1]
            return json_reply({"pid": 1, "state": last_told, "message": message})
        if request.path == "/v1/models":
            return page_reply([{"id": "m", "object": "model"}] if last_told == "ready" else [])
        return stream_reply(chunk("Hi"), chunk(finish="stop"))

    with fault_server(script) as server:
        local_dir().mkdir(parents=True)
        token_file().write_text("token")
        write_state(ServerState(1, server.base_url, str(token_file()), 0, "0"))
        with FileLock(server_lock_file()):

            def tell(wanted: States) -> FaultServer:
                states[:] = wanted
                return server

            yield tell


FETCHING = [("preparing", "Fetching weights: 1 of 98 MB"), ("preparing", "Fetching weights: 50 of 98 MB")]
READY = ("ready", "m is ready.")


async def test_waiting_tells_how_far_it_is(preparing: Callable[[States], Any]) -> None:
    preparing([*FETCHING, READY])
    told: list[str] = []
    assert await local_base_model(told.append, wait=True) == "m"
    assert told == [message for _, message in FETCHING]


async def test_who_does_not_wait_gets_nothing_yet(preparing: Callable[[States], Any]) -> None:
    preparing([*FETCHING, READY])
    told: list[str] = []
    assert await local_base_model(told.append, wait=False) is None
    assert told == []


async def test_weights_that_cannot_be_had_are_an_error_at_once(preparing: Callable[[States], Any]) -> None:
    preparing([FETCHING[0], ("failed", "The weights cannot be fetched. Set FTTUI_WEIGHTS.")])
    with pytest.raises(ProviderError, match="Set FTTUI_WEIGHTS"):
        await local_base_model(lambda _: None, wait=True)


async def test_no_server_is_an_error() -> None:
    with pytest.raises(ProviderError, match="not running any more"):
        await local_base_model(lambda _: None, wait=True)


def test_ask_says_what_it_waits_for(
    fttui: Callable[..., Any], preparing: Callable[[States], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTTUI_WEIGHTS", "mine.gguf")
    preparing([*FETCHING, READY])
    done = fttui("ask", "Hello?", "--format", "json")
    assert done.status == 0
    assert done.json["answers"][0]["text"] == "Hi"
    assert "Fetching weights: 1 of 98 MB\n" in done.err


def test_ask_without_weights_is_one_sentence(fttui: Callable[..., Any], preparing: Callable[[States], Any]) -> None:
    preparing([("failed", "The weights cannot be fetched. Set FTTUI_WEIGHTS.")])
    done = fttui("ask", "Hello?", "--quiet")
    assert (done.status, done.out) == (2, "")
    assert done.err == "fttui: The weights cannot be fetched. Set FTTUI_WEIGHTS.\n"
