"""A small HTTP server that answers as a test scripts it: wrong statuses, garbage, broken connections."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openai import AsyncOpenAI

from fttui.providers import client as client_module
from fttui.providers.profiles import Profile


@dataclass(frozen=True)
class Reply:
    """What to send; ``drop`` closes the connection after ``body`` was sent in part."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    drop: bool = False


DROP = Reply(drop=True)


def json_reply(value: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(value).encode(), status)


def error_reply(status: int, message: str, code: str | None = None, param: str | None = None) -> Reply:
    """An error in OpenAI's shape."""
    return json_reply({"error": {"message": message, "type": "x", "param": param, "code": code}}, status)


def page_reply(items: list[Any], has_more: bool = False) -> Reply:
    return json_reply({"object": "list", "data": items, "has_more": has_more})


@dataclass(frozen=True)
class Request:
    """What came."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


Script = Callable[[Request], Reply]


@dataclass
class FaultServer:
    """A running server; `requests` has everything that came, in order."""

    base_url: str
    requests: list[Request] = field(default_factory=list)

    def profile(self, name: str = "openai") -> Profile:
        return Profile(name, is_local=False, base_url=self.base_url)

    def client(self, profile: Profile | None = None) -> AsyncOpenAI:
        """A client as `fttui.providers.client.connect` makes it, which retries nothing by itself."""
        made = client_module._client(profile or self.profile(), self.base_url, "sk-test-key-of-nobody")
        made.max_retries = 0
        return made

    def paths(self, method: str = "GET") -> list[str]:
        return [request.path for request in self.requests if request.method == method]


@contextlib.contextmanager
def fault_server(script: Script) -> Iterator[FaultServer]:
    """Serve ``script`` until the block ends."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            address = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(address.query).items()}
            request = Request(
                self.command,
                address.path,
                query,
                self.rfile.read(length),
                {k.lower(): v for k, v in self.headers.items()},
            )
            with lock:
                running.requests.append(request)
                reply = script(request)
            if not (reply.drop and not reply.body):
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(reply.body) + (1000 if reply.drop else 0)))
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)
            if reply.drop:
                self.wfile.flush()
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: Any) -> None:
            """Tests print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        running = FaultServer(f"http://127.0.0.1:{server.server_address[1]}/v1")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()


def stream_reply(*chunks: Any, done: bool = True, drop: bool = False) -> Reply:
    """A streamed answer of server-sent events."""
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    if done:
        lines.append("data: [DONE]\n\n")
    return Reply("".join(lines).encode(), content_type="text/event-stream", drop=drop)


def chunk(text: str | None = None, finish: str | None = None, usage: tuple[int, int] | None = None) -> dict[str, Any]:
    """One piece of a streamed answer."""
    choices = [] if usage else [{"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}]
    made: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": choices,
    }
    if usage:
        made["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return made
