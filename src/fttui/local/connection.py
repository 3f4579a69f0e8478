"""A connection of the server: heads come in time, answers are read, there are not too many, what is no HTTP is told so.

uvicorn has no limits of this kind. The time for bodies is the guard's: it knows when one is waited for.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from fttui.local.errors import ApiError
from fttui.local.limits import Limits
from fttui.local.responses import dump_json

_REASONS: Final = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}
_LAST_WORD_S: Final = 2.0
"""How long a client may take to read why it is refused."""


class LimitedConnection(H11Protocol):
    """uvicorn's connection with `limits`. Whenever no request is being answered, a deadline runs for what must come."""

    limits: ClassVar[Limits] = Limits()
    _deadline: asyncio.TimerHandle | None = None
    _give_up: asyncio.TimerHandle | None = None  # on a client that does not read its answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections:
            message = f"The local server has {self.limits.connections} open connections; no more are taken."
            self._refuse(ApiError(503, message, code="too_many_connections", kind="server_error"))
            return
        self._expect_within(self.limits.silence_s)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._give_up = self.loop.call_later(self.limits.silence_s, self.transport.abort)

    def resume_writing(self) -> None:
        self._hope_again()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        self._hope_again()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What came is no HTTP."""
        self._refuse(ApiError(400, msg))

    def _watch(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering:
            self._expect_nothing()
        elif self.conn.their_state is h11.SEND_BODY:  # answered before its end
            self._expect_within(self.limits.linger_s)
        else:
            self._expect_within(self.limits.silence_s)

    def _expect_within(self, seconds: float) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(seconds, self._on_deadline)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _hope_again(self) -> None:
        if self._give_up is not None:
            self._give_up.cancel()
            self._give_up = None

    def _on_deadline(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.SEND_BODY:
            self.transport.close()
        else:
            self._refuse(ApiError(408, "The request did not arrive in time.", code="request_timeout"))

    def _refuse(self, error: ApiError) -> None:
        """Say why, unless something else is being said, and close the connection."""
        self._expect_nothing()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            body = dump_json(error.body())
            head = (
                f"HTTP/1.1 {error.status} {_REASONS[error.status]}\r\ncontent-type: application/json\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self.transport.close()
        self.loop.call_later(_LAST_WORD_S, self.transport.abort)


def connections_with(limits: Limits) -> type[asyncio.Protocol]:
    """The class of connections for uvicorn's ``http`` setting."""
    return type("LimitedConnection", (LimitedConnection,), {"limits": limits})
