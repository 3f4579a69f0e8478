"""Who gets in: token and Host, numbered answers, and nothing for pages in browsers."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from openai import OpenAI

from local_server_fixture import RunningServer, running_server


def answer_to(
    server: RunningServer, method: str, path: str, headers: dict[str, str], *, address: str = "", body: bytes = b""
) -> tuple[int, dict[str, str], Any]:
    """Status, headers (small letters) and body of an answer."""
    url = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(address or str(url.hostname), url.port, timeout=20)
    try:
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(answer.read() or b"null")
    finally:
        connection.close()


def test_every_answer_has_a_number_of_its_own(client: OpenAI, server: RunningServer) -> None:
    first, second = (client.models.with_raw_response.list() for _ in range(2))
    assert first.request_id
    assert first.request_id.startswith("req_")
    assert first.request_id != second.request_id
    assert int(first.headers["openai-processing-ms"]) >= 0
    with pytest.raises(openai.NotFoundError) as refused:
        client.files.retrieve("file-nope")
    assert (refused.value.request_id or "").startswith("req_")
    for headers in ({}, {"Host": "evil.example"}):
        assert answer_to(server, "GET", "/v1/models", headers)[1]["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    "token",
    ["", "Bearer", "Bearer ", "Basic {}", "bearer{}", "{}", "Bearer {}x", "Bearer  {}", "Bearer \x00", "Bearer ü"],
)
def test_only_the_whole_token_lets_in(server: RunningServer, token: str) -> None:
    headers = {"Authorization": token.format(server.token)} if token else {}
    try:
        status, _, body = answer_to(server, "GET", "/v1/models", headers)
    except ValueError:  # the client will not send such a header
        return
    assert status in (400, 401)
    assert server.token not in json.dumps(body)


def test_pages_in_browsers_get_nothing(server: RunningServer) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method, headers in (("OPTIONS", asked), ("GET", {"Origin": "null", "Authorization": f"Bearer {server.token}"})):
        _, answered, _ = answer_to(server, method, "/v1/models", headers)
        assert not [name for name in answered if name.startswith("access-control")]


def test_a_body_of_json_has_its_own_smaller_limit(server: RunningServer) -> None:
    headers = {"Authorization": f"Bearer {server.token}", "Content-Length": str(9 * 2**20)}
    for path in ("/v1/chat/completions", "/v1/uploads", "/v1/uploads/x/complete", "/v1/files/x"):
        status, _, body = answer_to(server, "POST", path, headers)
        assert (status, body["error"]["code"]) == (413, "request_too_large")
    headers["Content-Length"] = str(70 * 2**20)
    assert answer_to(server, "POST", "/v1/uploads/x/parts", headers)[0] == 413
    for length in ("9" * 5000, "٣", "1e3"):
        try:
            status = answer_to(server, "POST", "/v1/files", headers | {"Content-Length": length})[0]
        except ValueError:  # the client will not send such a header
            continue
        assert status in (400, 413)


def test_an_open_server_says_so_and_answers_only_to_its_own_names(weights: Path, tmp_path: Path) -> None:
    settings = '[local]\nhost = "0.0.0.0"\nnames = ["box.example"]\n'
    with running_server(weights, tmp_path, settings=settings) as server:
        assert urlsplit(server.base_url).hostname == "127.0.0.1"
        assert "other machines can reach it" in (tmp_path / "serve.err").read_text("utf-8")
        assert "other machines can reach it" in (tmp_path / "state" / "fttui.log").read_text("utf-8")
        token = {"Authorization": f"Bearer {server.token}"}
        for host, status in (
            ("box.example:80", 200),
            ("BOX.EXAMPLE", 200),
            ("localhost", 200),
            ("192.0.2.7:1234", 200),
            ("[2001:db8::7]", 200),
            ("evil.example", 403),
            ("127.0.0.1.evil.example", 403),
            ("box.example.evil.example", 403),
            ("", 403),
        ):
            assert answer_to(server, "GET", "/v1/models", token | {"Host": host})[0] == status, host
        assert answer_to(server, "GET", "/v1/models", {"Host": "box.example"})[0] == 401


def test_a_closed_server_is_on_no_other_address(server: RunningServer) -> None:
    """All of 127/8 is this machine's, so another address of it stands for one that others could reach."""
    port = urlsplit(server.base_url).port
    assert port is not None
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), timeout=5):
        pass
