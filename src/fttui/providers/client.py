"""Making the client: the only place that builds one of the openai SDK's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from fttui.core.errors import ProviderError

if TYPE_CHECKING:
    from httpx2 import Timeout
    from openai import AsyncOpenAI

    from fttui.providers.profiles import Profile

CONNECT_S: Final = 5.0
READ_S: Final = 60.0
CHUNK_S: Final = 120.0
"""The longest wait for the next piece of a streamed answer."""
LOCAL_READ_S: Final = 900.0
"""The local server may be fetching weights first; when it dies, the connection breaks at once."""

_profiles: WeakKeyDictionary[Any, Profile] = WeakKeyDictionary()


async def connect(profile: Profile, *, on_progress: Callable[[str], None] | None = None) -> AsyncOpenAI:
    """A client for ``profile``; the local server is started when it does not run.

    Args:
        on_progress: Told what is being waited for, from another thread.

    Raises:
        ProviderError: There is no key, or the local server does not start.
    """
    if profile.is_local:
        from fttui.providers.local_server import ensure_running

        _, endpoint = await asyncio.gather(
            asyncio.to_thread(_load_sdk), asyncio.to_thread(ensure_running, on_progress=on_progress)
        )
        return _client(profile, endpoint.base_url, endpoint.token)
    key, _ = await asyncio.gather(asyncio.to_thread(lambda: profile.key), asyncio.to_thread(_load_sdk))
    if not key:
        raise missing_key(profile)
    return _client(profile, profile.base_url or "", key)


def require_key(profile: Profile) -> None:
    """Raise `ProviderError` when a hosted profile has no key: before anything is read, counted or asked."""
    if not profile.is_local and not profile.key:
        raise missing_key(profile)


def missing_key(profile: Profile) -> ProviderError:
    return ProviderError(
        f'Profile "{profile.name}" has no key.',
        hint=f"Set {profile.key_env}, or use --profile local, which needs none.",
        code="missing_key",
    )


def profile_of(client: AsyncOpenAI) -> Profile | None:
    """The profile that ``client`` was made for; None for a client that was made elsewhere."""
    return _profiles.get(client)


def is_local(client: AsyncOpenAI) -> bool:
    """Whether ``client`` talks to the local backend of this machine."""
    profile = profile_of(client)
    return profile is not None and profile.is_local


def stream_timeout(client: AsyncOpenAI) -> Timeout:
    """The timeouts of a streamed answer."""
    from httpx2 import Timeout

    read = LOCAL_READ_S if is_local(client) else CHUNK_S
    return Timeout(read, connect=CONNECT_S)


def _load_sdk() -> None:
    """Import the SDK (half a second) in a thread, so that the screen goes on."""
    import openai  # noqa: F401


def _client(profile: Profile, base_url: str, key: str) -> AsyncOpenAI:
    from httpx2 import Timeout
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient

    # A proxy of the environment knows nothing of servers on this machine.
    http_client = DefaultAsyncHttpxClient(trust_env=False) if _is_loopback(base_url) else None
    client = AsyncOpenAI(
        api_key=key,
        base_url=base_url,
        timeout=Timeout(LOCAL_READ_S if profile.is_local else READ_S, connect=CONNECT_S),
        http_client=http_client,
    )
    if profile.name != "openai":  # the environment's organization and project are OpenAI's, nobody else's
        client.organization = None
        client.project = None
    _profiles[client] = profile
    return client


def _is_loopback(base_url: str) -> bool:
    return urlsplit(base_url).hostname in ("127.0.0.1", "localhost", "::1")
