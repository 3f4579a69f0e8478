"""Who may speak to the server, and how much: token, Host header, size. Pure ASGI, so that streams stay streams."""

from __future__ import annotations

import re
import secrets
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fttui.local.errors import ApiError

UPLOAD_LIMIT = 512 * 1024 * 1024
"""Bytes of an uploaded file; OpenAI's limit."""
_FORM_ROOM = 1024 * 1024
_PART_LIMIT = 64 * 1024 * 1024
_PART_PATH = re.compile(r"/v1/uploads/[^/]+/parts")
_BODY_LIMIT = 8 * 1024 * 1024
_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Activity:
    """When the server was last of use, for stopping it when idle."""

    def __init__(self) -> None:
        self.open_requests = 0
        self.last_seen = time.monotonic()

    def touch(self) -> None:
        """Something useful went on just now."""
        self.last_seen = time.monotonic()

    def idle_seconds(self) -> float:
        """Seconds since the last request ended; 0 while one is open."""
        return 0.0 if self.open_requests else time.monotonic() - self.last_seen


def _body_limit(path: str) -> int:
    """Bytes of a request's body."""
    if path == "/v1/files":
        return UPLOAD_LIMIT + _FORM_ROOM
    return _PART_LIMIT + _FORM_ROOM if _PART_PATH.fullmatch(path) else _BODY_LIMIT


class Guard:
    """Lets a request through to ``app`` when its Host, its token and its size are right.

    The Host header is checked against DNS rebinding: a page in a browser whose name was made to resolve to 127.0.0.1
    still sends its own name.
    """

    def __init__(self, app: ASGIApp, *, token: str, activity: Activity) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = _body_limit(scope["path"])
        refusal = self._refusal(headers, limit)
        if refusal is not None:
            await refusal.response()(scope, receive, send)
            return
        self._activity.open_requests += 1
        try:
            await self._app(scope, _limited(receive, limit), send)
        finally:
            self._activity.open_requests -= 1
            self._activity.touch()

    def _refusal(self, headers: Headers, limit: int) -> ApiError | None:
        if _host_name(headers.get("host", "")) not in _HOSTS:
            return ApiError(403, "This server answers only to 127.0.0.1 and localhost.", code="invalid_host")
        given = headers.get("authorization", "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self._expected):
            message = (
                "Incorrect API key provided: the local server's token is in the file that `fttui local status` names."
            )
            return ApiError(401, message, code="invalid_api_key")
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or int(declared) > limit:
            return _too_large(limit)
        return None


def _host_name(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name.lower() if name and port.isdecimal() else host.lower()


def _too_large(limit: int) -> ApiError:
    return ApiError(413, f"The request is larger than {limit // (1024 * 1024)} MB.", code="request_too_large")


def _limited(receive: Receive, limit: int) -> Receive:
    """``receive`` that refuses a body which grows beyond ``limit`` whatever its headers said."""
    seen = 0

    async def wrapped() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
        return message

    return wrapped
