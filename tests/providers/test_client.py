"""What every client has: its profile, its timeouts, and nothing of the environment that is somebody else's."""

from __future__ import annotations

import json

import pytest

from fault_server import Reply, Request, fault_server, json_reply, page_reply
from fttui.core.errors import ProviderError
from fttui.providers.capabilities import Capabilities, list_models, probe
from fttui.providers.client import connect, profile_of, require_key, stream_timeout
from fttui.providers.profiles import Profile

MODELS = page_reply([{"id": "m1", "object": "model"}, {"object": "model"}])


async def test_without_a_key_nothing_is_sent() -> None:
    with fault_server(lambda _: MODELS) as server:
        with pytest.raises(ProviderError, match=r'"openai" has no key\. Set OPENAI_API_KEY'):
            await connect(server.profile())
        with pytest.raises(ProviderError, match="--profile local"):
            require_key(server.profile())
        assert server.requests == []


async def test_the_client_knows_its_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    with fault_server(lambda _: MODELS) as server:
        client = await connect(server.profile())
        assert profile_of(client) == server.profile()
        assert await list_models(client) == ("m1",)
        assert server.requests[0].headers["authorization"] == "Bearer sk-12345678"
        await client.close()


async def test_organization_and_project_go_to_openai_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    with fault_server(lambda _: MODELS) as server:
        for name in ("openai", "other"):
            async with await connect(server.profile(name)) as client:
                await list_models(client)
        sent = [(r.headers.get("openai-organization"), r.headers.get("openai-project")) for r in server.requests]
        assert sent == [("org-mine", "proj-mine"), (None, None)]


async def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12345678")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with fault_server(lambda _: MODELS) as server:
        async with await connect(server.profile()) as client:
            assert await list_models(client) == ("m1",)


async def test_timeouts() -> None:
    with fault_server(lambda _: MODELS) as server:
        async with server.client() as client:
            assert (client.timeout.connect, client.timeout.read) == (5.0, 60.0)  # type: ignore[union-attr]
            assert (stream_timeout(client).connect, stream_timeout(client).read) == (5.0, 120.0)
        local = server.client(Profile("local", is_local=True))
        assert (stream_timeout(local).read or 0) > 600  # the weights may be on their way
        await local.close()


async def test_what_a_provider_can_do() -> None:
    def chat_only(request: Request) -> Reply:
        return MODELS if request.path == "/v1/models" else json_reply({"detail": "Not Found"}, 404)

    def nothing(request: Request) -> Reply:
        return Reply(status=405)

    for script, expected in (
        (lambda _: MODELS, Capabilities(True, ("m1",))),
        (chat_only, Capabilities(False, ("m1",))),
        (nothing, Capabilities(False, ())),
    ):
        with fault_server(script) as server:
            async with server.client() as client:
                assert await probe(client) == expected


@pytest.mark.parametrize(
    "body", [b"<html>hello</html>", b"[]", b'"text"', b"17", b"null", b"{}", json.dumps({"data": 3}).encode()]
)
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
async def test_an_address_that_speaks_something_else(body: bytes, content_type: str) -> None:
    with fault_server(lambda _: Reply(body, content_type=content_type)) as server:
        async with server.client() as client:
            with pytest.raises(ProviderError, match=r"OpenAI protocol.*right address\?"):
                await list_models(client)
