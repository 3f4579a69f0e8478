"""What the screens work with: one object, made once, handed to all; the only injection point of the app."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fttui.core.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from fttui.dataset.document import Document
    from fttui.jobs.store import JobStore
    from fttui.providers.profiles import Profile
    from fttui.tokens.live import LiveTotals

LOCAL_MODEL = "SmolLM2-135M"
"""What the local server trains when nobody gave it other weights."""


@dataclass
class Services:
    """The open file and its numbers, the provider, the stored jobs.

    Attributes:
        settings: As read at start.
        profile: The provider in use.
        document: The open file, or None when fttui was started without one.
        totals: Its counts, or None until counting has begun.
        model: The model that the meter prices; on a hosted profile also the one that new jobs begin with.
        epochs: Chosen number of epochs, or None for the automatic rule.
    """

    settings: Settings
    profile: Profile
    document: Document | None = None
    totals: LiveTotals | None = None
    model: str = ""
    epochs: int | None = None
    _store: JobStore | None = field(default=None, repr=False)
    _client: AsyncOpenAI | None = field(default=None, repr=False)
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    def __post_init__(self) -> None:
        if not self.model:
            hosted = not self.profile.is_local and bool(self.profile.models)
            self.model = self.profile.models[0] if hosted else self.settings.cost.model

    @property
    def training_model(self) -> str:
        """The model that new jobs begin with; "" when only the local server knows."""
        if not self.profile.is_local:
            return self.model
        own_weights = os.environ.get("FTTUI_WEIGHTS") or self.settings.local.weights
        return "" if own_weights else LOCAL_MODEL

    @property
    def store(self) -> JobStore:
        """The stored jobs and events; the database is opened on first use."""
        if self._store is None:
            from fttui.jobs.store import JobStore

            self._store = JobStore()
        return self._store

    async def client(self, on_progress: Callable[[str], None] | None = None) -> AsyncOpenAI:
        """The shared client; connects on first use, and again when the local server has gone in the meantime.

        Raises:
            ProviderError: With a sentence for the person who waits.
        """
        async with self._connecting:
            if self._client is not None and await self._is_stale(self._client):
                await self._drop()
            if self._client is None:
                from fttui.providers.client import connect

                self._client = await connect(self.profile, on_progress=on_progress)
            return self._client

    async def _is_stale(self, client: AsyncOpenAI) -> bool:
        """Whether the local server that ``client`` talks to is another one now, or none."""
        if not self.profile.is_local:
            return False
        from fttui.providers.local_server import find_running

        endpoint = await asyncio.to_thread(find_running)
        return endpoint is None or endpoint.base_url.rstrip("/") != str(client.base_url).rstrip("/")

    async def _drop(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def close(self) -> None:
        """Close the client, the database and the file."""
        await self._drop()
        if self.document is not None:
            self.document.close()
