"""An answer as an asynchronous stream of pieces, from the scheduler's thread into the server's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from fttui.local.engines.protocol import Sampling
from fttui.local.scheduler import Piece, Scheduler


async def answer(
    scheduler: Scheduler, prompt: Sequence[int], sampling: Sampling, adapter: Path | None
) -> AsyncGenerator[Piece, None]:
    """The pieces of an answer up to and with the last one; closing the iterator ends the answer."""
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[Piece] = asyncio.Queue()

    def deliver(piece: Piece) -> None:
        loop.call_soon_threadsafe(pieces.put_nowait, piece)

    ticket = scheduler.submit(prompt, sampling, adapter, deliver)
    try:
        while True:
            piece = await pieces.get()
            yield piece
            if piece.is_last:
                return
    finally:
        ticket.cancel()
