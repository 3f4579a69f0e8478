"""While the local server gets its weights: its base model once it is known, and word of how far it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from fttui.core.errors import ProviderError

POLL_S: Final = 0.2
TELL_EVERY: Final = 10
"""Polls between two words about the same wait: progress comes in many small steps."""

Tell = Callable[[str], None]


async def local_base_model(tell: Tell, *, wait: bool) -> str | None:
    """The id of the local server's base model.

    Args:
        tell: Told what is being waited for.
        wait: Whether to wait for it; otherwise None while it is being fetched or loaded.

    Raises:
        ProviderError: The weights cannot be had, or no server runs.
    """
    from fttui.providers.local_server import find_running, report

    telling = _Telling(tell)
    while True:
        endpoint = await asyncio.to_thread(find_running)
        if endpoint is None:
            raise ProviderError("The local server is not running any more.", retryable=True)
        state = await asyncio.to_thread(report, endpoint)
        if state.state == "failed":
            raise ProviderError(state.message)
        if state.models:
            return state.models[0]
        if not wait:
            return None
        telling.hear(state.message)
        await asyncio.sleep(POLL_S)


@asynccontextmanager
async def telling_of_weights(tell: Tell) -> AsyncIterator[None]:
    """While the block waits for the local server, tell how far its weights are."""

    async def listen() -> None:
        with suppress(ProviderError):  # whoever waits gets the error too, and says it
            await local_base_model(tell, wait=True)

    listener = asyncio.ensure_future(listen())
    try:
        yield
    finally:
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)


class _Telling:
    """Tells each message once, and changes of it now and then."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told = ""
        self._heard = 0

    def hear(self, message: str) -> None:
        if message != self._told and self._heard % TELL_EVERY == 0:
            self._told = message
            self._tell(message)
        self._heard += 1
