"""Who may speak to the server, and how much: token, Host header, size, time. Pure ASGI: streams stay streams."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fttui.local.errors import ApiError
from fttui.local.ids import new_id
from fttui.local.limits import Limits, body_limit


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


class Guard:
    """Lets a request through to ``app`` when its Host, its token and its size are right, and numbers the answers.

    Args:
        app: What is guarded.
        token: The bearer token that requests must carry.
        admits: Whether a Host header is one of this server's, see `fttui.local.addresses`.
        activity: Told of the requests that are let through.
        limits: How long a body may take.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        admits: Callable[[str], bool],
        activity: Activity,
        limits: Limits = Limits(),  # noqa: B008 - it cannot be changed
    ) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._admits = admits
        self._activity = activity
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _numbered(send)
        headers = Headers(scope=scope)
        limit = body_limit(scope["path"])
        refusal = self._refusal(headers, limit)
        if refusal is not None:
            await refusal.response()(scope, receive, send)
            return
        self._activity.open_requests += 1
        try:
            await self._app(scope, _limited(receive, limit, self._limits), send)
        finally:
            self._activity.open_requests -= 1
            self._activity.touch()

    def _refusal(self, headers: Headers, limit: int) -> ApiError | None:
        if not self._admits(headers.get("host", "")):
            message = "This server does not answer to the name in the Host header; `names` in its settings adds some."
            return ApiError(403, message, code="invalid_host")
        given = headers.get("authorization", "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self._expected):
            message = (
                "Incorrect API key provided: the local server's token is in the file that `fttui local status` names."
            )
            return ApiError(401, message, code="invalid_api_key")
        declared = headers.get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 20 or int(declared) > limit:
            return _too_large(limit)
        return None


def _too_large(limit: int) -> ApiError:
    return ApiError(413, f"The request is larger than {limit // (1024 * 1024)} MB.", code="request_too_large")


def _limited(receive: Receive, limit: int, limits: Limits) -> Receive:
    """``receive`` that refuses a body which grows beyond ``limit`` whatever its headers said, or takes too long."""
    seen = 0
    is_whole = False
    begun = time.monotonic()

    async def wrapped() -> Message:
        nonlocal seen, is_whole
        if is_whole:  # what is waited for now is that the client leaves
            return await receive()
        left = begun + limits.silence_s + seen / limits.bytes_per_second - time.monotonic()
        try:
            async with asyncio.timeout(min(left, limits.silence_s)):
                message = await receive()
        except TimeoutError:
            message_text = "The request did not arrive in time: its body came too slowly, or not at all."
            raise ApiError(408, message_text, code="request_timeout") from None
        if message["type"] == "http.request":
            is_whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
        return message

    return wrapped


def _numbered(send: Send) -> Send:
    """``send`` that puts OpenAI's headers on an answer: its number, and how long it took to begin."""
    begun = time.monotonic()

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = new_id("req_")
            headers["openai-processing-ms"] = str(round((time.monotonic() - begun) * 1000))
        await send(message)

    return wrapped
