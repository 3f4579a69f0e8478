"""What the screens work with: one object, made once, handed to all; the only injection point of the app."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from fttui.core.settings import Settings
from fttui.ui.open_files import OpenFile, OpenFiles

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from fttui.checks.live.live import LiveChecks
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.jobs.store import JobStore
    from fttui.providers.profiles import Profile
    from fttui.tokens.live import LiveTotals

LOCAL_MODEL = "SmolLM2-135M"
"""What the local server trains when nobody gave it other weights."""


class Services:
    """The open files and their numbers, the provider, the stored jobs.

    Args:
        document: A file to begin with, or None; `files` opens others.

    Attributes:
        settings: As read at start.
        profile: The provider in use.
        files: The open files; `document`, `totals` and `marks` are those of the one that is shown.
        model: The model that the meter prices; on a hosted profile also the one that new jobs begin with.
        epochs: Chosen number of epochs, or None for the automatic rule.
    """

    def __init__(
        self,
        settings: Settings,
        profile: Profile,
        document: Document | None = None,
        *,
        files: OpenFiles | None = None,
        model: str = "",
        epochs: int | None = None,
    ) -> None:
        self.settings = settings
        self.profile = profile
        self.files = files or OpenFiles()
        if document is not None:
            self.files.add(document)
        hosted = not profile.is_local and bool(profile.models)
        self.model = model or (profile.models[0] if hosted else settings.cost.model)
        self.epochs = epochs
        self._store: JobStore | None = None
        self._client: AsyncOpenAI | None = None
        self._connecting = asyncio.Lock()

    @property
    def document(self) -> Document | None:
        """The file that is shown, or None when none is open."""
        active = self.files.active
        return active.document if active is not None else None

    @property
    def totals(self) -> LiveTotals | None:
        """Its counts, or None until counting has begun."""
        active = self.files.active
        return active.totals if active is not None else None

    @property
    def checks(self) -> LiveChecks | None:
        """What is wrong with it, or None until checking has begun."""
        active = self.files.active
        return active.checks if active is not None else None

    @property
    def marks(self) -> Marks | None:
        """Its tags, notes and reviewed marks."""
        active = self.files.active
        return active.marks if active is not None else None

    @property
    def training_file(self) -> OpenFile | None:
        """The file that new jobs train on and that is priced; None when no open file is for training."""
        return self.files.by_role("training")

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

    async def close(self, *, discard: bool = False) -> None:
        """Close the client and the files.

        Args:
            discard: Whether unsaved edits are given up; otherwise the next start offers them.
        """
        await self._drop()
        await asyncio.to_thread(self.files.close_all, discard=discard)
