"""Connections that are slow, silent or too many: a real server with short limits, spoken to through bare sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from fttui.local.connection import connections_with
from fttui.local.errors import HANDLERS
from fttui.local.guard import Activity, Guard
from fttui.local.limits import Limits
from local_server_fixture import PATIENCE_S

HEAD = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer secret\r\n"


FLOOD_ENDED = threading.Event()
"""Set when an endless answer was given up."""


@contextlib.contextmanager
def serving(limits: Limits) -> Iterator[int]:
    """A guarded server that sends back what it gets, nothing, or without end; yields its port."""

    async def echo(request: Request) -> Response:
        return PlainTextResponse(await request.body())

    async def deaf(_request: Request) -> Response:
        return PlainTextResponse("done")

    async def flood(_request: Request) -> Response:
        async def water() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"x" * 65536
                    await asyncio.sleep(0)  # as all that takes time: others have their turn
            finally:
                FLOOD_ENDED.set()

        return StreamingResponse(water())

    inner = Starlette(
        routes=[
            Route(path, answer, methods=["POST"])
            for path, answer in (("/echo", echo), ("/deaf", deaf), ("/flood", flood))
        ],
        exception_handlers=dict(HANDLERS),
    )
    app = Guard(inner, token="secret", admits=lambda host: host == "localhost", activity=Activity(), limits=limits)
    config = uvicorn.Config(app, http=connections_with(limits), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE_S)


@pytest.fixture(scope="module")
def hasty() -> Iterator[int]:
    """A server that waits a fifth of a second for what must come."""
    with serving(Limits(silence_s=0.2, linger_s=0.2, bytes_per_second=1000)) as port:
        yield port


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def read_all(connection: socket.socket) -> tuple[int, Any]:
    """Status and body of the answer after which the server closes the connection."""
    said = b""
    with contextlib.suppress(ConnectionResetError):  # it was closed on what we sent too late; what it said is here
        while chunk := connection.recv(65536):
            said += chunk
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def trickle(connection: socket.socket, piece: bytes, stop: threading.Event) -> None:
    """Send ``piece`` again and again, faster than any silence would be noticed."""
    with contextlib.suppress(OSError):
        while not stop.wait(0.05):
            connection.sendall(piece)


@contextlib.contextmanager
def trickling(connection: socket.socket, piece: bytes) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=trickle, args=(connection, piece, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(PATIENCE_S)


def test_a_request_in_time_is_answered_and_the_next_one_on_the_same_connection_too(hasty: int) -> None:
    with opened(hasty) as connection:
        for _ in range(2):
            connection.sendall(HEAD + b"Content-Length: 5\r\n\r\nhello")
            answer = b""
            while not answer.endswith(b"hello"):
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begin", [b"", b"POST /echo HT", HEAD], ids=["silence", "half a line", "half a head"])
def test_a_head_that_does_not_come_ends_the_connection(hasty: int, begin: bytes) -> None:
    with opened(hasty) as connection:
        connection.sendall(begin)
        status, body = read_all(connection)
        assert (status, body["error"]["code"]) == (408, "request_timeout")


def test_a_head_that_trickles_in_for_ever_ends_the_connection(hasty: int) -> None:
    with opened(hasty) as connection:
        connection.sendall(HEAD)
        with trickling(connection, b"X-Slow: loris\r\n"):
            status, body = read_all(connection)
        assert (status, body["error"]["code"]) == (408, "request_timeout")


@pytest.mark.parametrize("length", [b"Content-Length: 100", b"Transfer-Encoding: chunked"])
def test_a_body_that_does_not_come_ends_the_connection(hasty: int, length: bytes) -> None:
    with opened(hasty) as connection:
        connection.sendall(HEAD + length + b"\r\n\r\n")
        status, body = read_all(connection)
        assert (status, body["error"]["code"]) == (408, "request_timeout")


def test_a_body_that_trickles_in_for_ever_ends_the_connection(hasty: int) -> None:
    with opened(hasty) as connection:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        with trickling(connection, b"x"):
            status, body = read_all(connection)
        assert (status, body["error"]["code"]) == (408, "request_timeout")


def test_a_body_that_comes_slowly_but_steadily_may_take_long() -> None:
    """The silences are far below the bound, which a busy machine may stretch; together they are above it."""
    with serving(Limits(silence_s=2.0, linger_s=0.2, bytes_per_second=100)) as port, opened(port) as connection:
        connection.sendall(HEAD + b"Content-Length: 2000\r\nConnection: close\r\n\r\n")
        for _ in range(5):
            time.sleep(0.5)
            connection.sendall(b"x" * 400)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"x" * 2000)


@pytest.mark.parametrize("path", [b"/deaf", b"/nothing"])
def test_a_body_that_nobody_wants_is_not_taken_for_ever(hasty: int, path: bytes) -> None:
    with opened(hasty) as connection:
        connection.sendall(HEAD.replace(b"/echo", path) + b"Content-Length: 100000\r\n\r\n")
        with trickling(connection, b"x"), contextlib.suppress(ConnectionResetError, BrokenPipeError):
            while connection.recv(65536):
                pass  # the answer, then the end: if there were none, this would wait for ever


def test_an_answer_that_nobody_reads_is_given_up(hasty: int) -> None:
    with opened(hasty) as connection:
        connection.sendall(HEAD.replace(b"/echo", b"/flood") + b"Content-Length: 0\r\n\r\n")
        assert FLOOD_ENDED.wait(PATIENCE_S)


def test_there_is_an_end_to_connections() -> None:
    with serving(Limits(connections=3)) as port, contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(opened(port))
        status, body = read_all(stack.enter_context(opened(port)))
        assert (status, body["error"]["code"]) == (503, "too_many_connections")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 100_000,
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
        HEAD + b"Host: other\r\n\r\n",
        HEAD + b"Bad Header\r\n\r\n",
    ],
    ids=["TLS", "no host", "long path", "negative", "two lengths", "two hosts", "no colon"],
)
def test_what_is_no_http_is_told_so_in_the_shape_of_all_errors(hasty: int, sent: bytes) -> None:
    with opened(hasty) as connection:
        connection.sendall(sent)
        status, body = read_all(connection)
        assert (status, body["error"]["type"]) == (400, "invalid_request_error")


def test_a_broken_chunk_ends_the_connection(hasty: int) -> None:
    with opened(hasty) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
        assert not connection.recv(65536)
