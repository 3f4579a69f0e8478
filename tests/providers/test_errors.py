"""What failed calls become."""

from __future__ import annotations

import pytest

from fault_server import DROP, Reply, error_reply, fault_server
from fttui.core.errors import FttuiError, InputError, ProviderError
from fttui.providers.capabilities import list_models
from fttui.providers.errors import explain
from fttui.providers.profiles import Profile


async def failure_of(reply: Reply) -> ProviderError:
    """The error that a call which got ``reply`` ends with."""
    with fault_server(lambda _: reply) as server:
        async with server.client() as client:
            with pytest.raises(ProviderError) as caught:
                await list_models(client)
    return caught.value


@pytest.mark.parametrize(
    ("status", "code", "said", "retryable"),
    [
        (400, None, "refused the request: Oh no.", False),
        (401, None, "did not accept the key: Oh no. Set a valid key in OPENAI_API_KEY.", False),
        (
            403,
            None,
            "does not allow this: Oh no. OpenAI takes no fine-tuning jobs from organizations that are new",
            False,
        ),
        (404, "model_not_found", "does not have that model", False),
        (404, None, "does not have it: Oh no.", False),
        (409, None, "busy", True),
        (418, None, "refused the request (status 418): Oh no.", False),
        (429, "insufficient_quota", "no credit left. Check the plan", False),
        (429, "rate_limit_exceeded", "takes no more requests for now: Oh no.", True),
        (500, None, "a fault of its own (status 500): Oh no.", True),
        (503, None, "status 503", True),
    ],
)
async def test_statuses(status: int, code: str | None, said: str, retryable: bool) -> None:
    error = await failure_of(error_reply(status, "Oh no", code))
    assert said in str(error)
    assert str(error).startswith('Profile "openai"')
    assert (error.status, error.code, error.retryable) == (status, code, retryable)
    assert "\n" not in str(error)


async def test_the_key_is_never_repeated() -> None:
    error = await failure_of(error_reply(401, "Incorrect API key provided: sk-test-key-of-nobody."))
    assert "sk-test" not in str(error)
    assert "***" in str(error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>\n<b>Bad\x1b[31m gateway</b>", b'{"detail": "no"}', b'{"error": "plain"}']
)
async def test_errors_in_no_shape_at_all(body: bytes) -> None:
    error = await failure_of(Reply(body, status=502))
    assert "fault of its own (status 502)" in str(error)
    assert "\x1b" not in str(error)
    assert "\n" not in str(error)


async def test_a_broken_connection() -> None:
    error = await failure_of(DROP)
    assert "cannot be reached" in str(error)
    assert error.retryable


async def test_nobody_there() -> None:
    with fault_server(lambda _: DROP) as server:
        pass
    async with server.client() as client:
        with pytest.raises(
            ProviderError, match=r"cannot be reached: connection refused\. Its address is http://127"
        ) as caught:
            await list_models(client)
    assert caught.value.retryable


def test_what_is_ours_stays() -> None:
    ours = ProviderError("No.", status=5)
    assert explain(ours) is ours
    other = explain(InputError("No file.", hint="Look."))
    assert str(other) == "No file. Look."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(), "did not answer in time"),
        (ConnectionResetError(104, "x"), "cannot be reached"),
        (KeyError("a"), "KeyError"),
    ],
)
def test_without_a_profile(error: Exception, said: str) -> None:
    explained = explain(error)
    assert isinstance(explained, FttuiError)
    assert str(explained).startswith("The provider")
    assert said in str(explained)


def test_the_local_server_is_called_that() -> None:
    error = explain(ConnectionRefusedError(111, "x"), Profile("local", is_local=True))
    assert (
        str(error) == "The local server cannot be reached: connection refused. `fttui local status` tells how it does."
    )
