"""The one place that builds an OpenAI client. The SDK takes 0.6 s to import: never before it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from fttui.core.errors import ProviderError
from fttui.core.secrets import api_key
from fttui.providers.profiles import Profile

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CONNECT_S = 5.0
HOSTED_READ_S = 90.0
LOCAL_READ_S = 900.0  # an answer may wait for the weights to be fetched


async def connect(profile: Profile, *, on_progress: Callable[[str], None] | None = None) -> AsyncOpenAI:
    """A client for ``profile``; the local server is started when it does not run.

    Args:
        profile: The provider.
        on_progress: Called (from a thread) with what is being waited for.

    Raises:
        ProviderError: There is no key, or the local server does not start.
    """
    (base_url, key), _ = await asyncio.gather(
        asyncio.to_thread(_endpoint, profile, on_progress), asyncio.to_thread(import_module, "openai")
    )
    from openai import AsyncOpenAI, Timeout

    read = LOCAL_READ_S if profile.is_local else HOSTED_READ_S
    timeout = Timeout(connect=CONNECT_S, read=read, write=60.0, pool=10.0)
    return AsyncOpenAI(api_key=key, base_url=base_url, timeout=timeout, max_retries=0 if profile.is_local else 2)


def _endpoint(profile: Profile, on_progress: Callable[[str], None] | None) -> tuple[str | None, str]:
    """Base URL (None: the SDK's own) and key."""
    if profile.is_local:
        from fttui.providers.local_server import ensure_running

        endpoint = ensure_running(on_progress=on_progress)
        return endpoint.base_url, endpoint.token
    key = api_key(profile.name, profile.key_env)
    if not key:
        raise ProviderError(
            f"Profile {profile.name} has no key: {profile.key_env} is not set, and the keyring holds none.",
            hint="Set it, or use --profile local.",
        )
    return profile.base_url, key
