"""What the commands that talk to a provider share: the profile in use, a client, the model when none is named."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fttui.cli.common import Output
from fttui.core.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from fttui.providers.profiles import Profile

LOCAL_MODEL: Final = "SmolLM2-135M"


@dataclass(frozen=True, slots=True)
class Session:
    """A provider to work with from the command line."""

    output: Output
    settings: Settings
    profile: Profile

    async def connect(self) -> AsyncOpenAI:
        """A client; the local server is started when it does not run.

        Raises:
            ProviderError: There is no key, or the server does not start.
        """
        from fttui.providers.client import connect

        return await connect(self.profile, on_progress=self.output.note)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[AsyncOpenAI]:
        """A client that is closed at the end."""
        client = await self.connect()
        try:
            yield client
        finally:
            await client.close()

    async def model_to_train(self) -> str:
        """The model of a new job when none is named: the base model of the running local server (of which the name
        is known while it is being fetched), or what the settings say.

        Raises:
            ProviderError: The local weights cannot be had.
        """
        if not self.profile.is_local:
            return self.hosted_model
        from fttui.cli.waiting import local_base_model

        own_weights = bool(os.environ.get("FTTUI_WEIGHTS") or self.settings.local.weights)
        return await local_base_model(self.output.note, wait=own_weights) or LOCAL_MODEL

    @property
    def hosted_model(self) -> str:
        return self.profile.models[0] if self.profile.models else self.settings.cost.model


def open_session(output: Output) -> Session:
    """The session of a command; says on standard error which profile it is when nobody chose one.

    Raises:
        FttuiError: The settings cannot be used, there is no such profile, or it has no key.
    """
    from fttui.core.settings import require_settings
    from fttui.providers.client import require_key
    from fttui.providers.profiles import resolve_profile

    settings = require_settings()
    profile = resolve_profile(output.profile, settings)
    require_key(profile)
    if profile.note:
        output.note(profile.note)
    return Session(output, settings, profile)
