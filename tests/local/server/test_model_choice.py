"""Waiting for a model whose weights are not there yet, and what may be asked of it then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from fttui.core.errors import FttuiError
from fttui.local import model_choice
from fttui.local.engines.protocol import ContextExceededError
from fttui.local.errors import ApiError
from fttui.local.model_choice import ChosenModel, chosen_model


class Waiting:
    """A host without weights, which counts how often it was asked for them."""

    message = "Fetching weights: 12 of 98 MB"

    def __init__(self, failure: FttuiError | None = None) -> None:
        self.asked = 0
        self._failure = failure

    def wait(self, _timeout: float) -> None:
        self.asked += 1
        if self._failure is not None:
            raise self._failure


def request_to(host: Waiting, *messages: str) -> Request:
    """A request whose client does ``messages``, and then nothing more."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if not left:
            raise AssertionError("it was asked again")
        return {"type": left.pop(0)}

    parts = SimpleNamespace(host=host)
    app = SimpleNamespace(state=SimpleNamespace(parts=parts))
    return Request({"type": "http", "app": app}, receive)


async def test_nobody_waits_for_a_client_that_has_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice, "_LOOK_AFTER_CLIENT_S", 0.1)
    host = Waiting()
    with pytest.raises(ClientDisconnect):
        await chosen_model(request_to(host, "http.request", "http.disconnect"), "m")
    assert host.asked > 2


async def test_weights_that_take_too_long_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_choice, "WAIT_FOR_WEIGHTS_S", 0.1)
    with pytest.raises(ApiError, match="12 of 98 MB") as refused:
        await chosen_model(request_to(Waiting()), "m")
    assert (refused.value.status, refused.value.code) == (503, "model_not_ready")


async def test_weights_that_cannot_be_had_are_told_at_once() -> None:
    host = Waiting(FttuiError("No network."))
    with pytest.raises(ApiError, match=r"No network\."):
        await chosen_model(request_to(host), "m")
    assert host.asked == 1


FAR_TOO_LONG = {
    "a content": [{"role": "user", "content": "x" * 300}],
    "a call": [{"role": "assistant", "content": "", "tool_calls": [{"function": {"arguments": "x" * 300}}]}],
    "a tool": ({"function": {"parameters": {"x" * 300: 1}}},),
}


@pytest.mark.parametrize("name", FAR_TOO_LONG)
async def test_what_no_context_holds_is_not_rendered(name: str) -> None:
    engine: Any = SimpleNamespace(context_length=10, longest_text=100)

    def encoding() -> list[int]:
        raise AssertionError("it was rendered")

    with pytest.raises(ApiError) as refused:
        await ChosenModel("m", engine, None, False, "fp").encode(encoding, "messages", made_of=FAR_TOO_LONG[name])
    assert (refused.value.status, refused.value.code) == (400, "context_length_exceeded")


async def test_what_the_engine_finds_too_long_is_told_as_such() -> None:
    engine: Any = SimpleNamespace(context_length=10, longest_text=100)

    def encoding() -> list[int]:
        raise ContextExceededError("The text is 150 characters long.")

    with pytest.raises(ApiError, match="150 characters") as refused:
        await ChosenModel("m", engine, None, False, "fp").encode(encoding, "messages", made_of=["x" * 150])
    assert (refused.value.status, refused.value.code) == (400, "context_length_exceeded")
