"""The answers to a request, from the scheduler's thread into the server's event loop, and out to the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from fttui.local.errors import ApiError
from fttui.local.responses import dump_json
from fttui.local.scheduler import MOST_ANSWERS, STOPPING, Piece, Scheduler, TooBusy, Wanted

DONE = b"data: [DONE]\n\n"
"""The end of a stream that went well."""


class Answers:
    """Answers in the making that one client waits for.

    Iterating gives each answer's number with what is new of it, until all have ended.

    Args:
        scheduler: Computes them, from now on.
        wanted: One or more.

    Raises:
        ApiError: 429: the server is making too many answers already.
    """

    def __init__(self, scheduler: Scheduler, wanted: Sequence[Wanted]) -> None:
        self.count = len(wanted)
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[tuple[int, Piece]] = asyncio.Queue()
        try:
            self._ticket = scheduler.submit(wanted, self._deliver)
        except TooBusy:
            message = (
                f"The local server has {MOST_ANSWERS} answers to make, and takes no more now: try again in a while."
            )
            raise ApiError(429, message, kind="requests", code="rate_limit_exceeded") from None

    async def __aiter__(self) -> AsyncIterator[tuple[int, Piece]]:
        """
        Raises:
            ApiError: An answer failed, or the server is stopping.
        """
        left = self.count
        while left:
            number, piece = await self._pieces.get()
            if piece.error is not None:
                raise _failed(piece.error)
            left -= piece.is_last
            yield number, piece

    async def all(self, request: Request) -> list[list[Piece]] | None:
        """The pieces of each answer when all have ended; None when the client has left before.

        Raises:
            ApiError: An answer failed, or the server is stopping.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read())
                leaving = tasks.create_task(_client_leaves(request))
                await asyncio.wait({reading, leaving}, return_when=asyncio.FIRST_COMPLETED)
                reading.cancel()
                leaving.cancel()
        finally:
            self.close()
        if reading.cancelled():
            return None
        outcome = reading.result()
        if isinstance(outcome, ApiError):
            raise outcome
        return outcome

    def close(self) -> None:
        """End the answers that are still in the making; nothing happens when there are none."""
        self._ticket.cancel()

    async def _read(self) -> list[list[Piece]] | ApiError:
        """An error is given back, not raised: a task group would wrap it."""
        pieces: list[list[Piece]] = [[] for _ in range(self.count)]
        try:
            async for number, piece in self:
                pieces[number].append(piece)
        except ApiError as error:
            return error
        return pieces

    def _deliver(self, number: int, piece: Piece) -> None:
        self._loop.call_soon_threadsafe(self._pieces.put_nowait, (number, piece))


class EventStream(StreamingResponse):
    """Server-sent events made of answers, which end when the client leaves."""

    def __init__(self, answers: Answers, events: AsyncIterable[object]) -> None:
        super().__init__(_lines(events), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:  # also when nobody has asked for the first event
            self._answers.close()


async def _lines(events: AsyncIterable[object]) -> AsyncIterator[bytes]:
    """JSON values as events; an error that comes while the stream runs is the last one."""
    try:
        async for event in events:
            yield _event(event)
    except ApiError as error:
        yield _event(error.body())
    else:
        yield DONE


def _event(value: object) -> bytes:
    return b"data: " + dump_json(value) + b"\n\n"


def _failed(message: str) -> ApiError:
    return ApiError(503 if message == STOPPING else 500, message, kind="server_error")


async def _client_leaves(request: Request) -> None:
    """Wait until the client's connection is gone; the request's body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
