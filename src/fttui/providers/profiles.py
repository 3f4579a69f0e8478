"""A profile names a provider: the local backend, OpenAI, or whatever speaks its protocol."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Final

from fttui.core.errors import InputError
from fttui.core.secrets import api_key
from fttui.core.settings import ProfileSettings, Settings

LOCAL: Final = "local"
OPENAI: Final = "openai"
OPENAI_URL: Final = "https://api.openai.com/v1"
_KEY: Final = "OPENAI_API_KEY"
_URL: Final = "OPENAI_BASE_URL"


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider to work with.

    Attributes:
        name: As in the settings and after ``--profile``.
        is_local: The backend on this machine, which is started when it is needed.
        base_url: Where the API begins; None for the local backend, whose address is found when it runs.
        key_env: The environment variable that holds the key.
        models: Models to offer for training, the default first; empty when the settings name none.
        note: A word to the person about why this profile was taken; empty when somebody chose it.
        is_unexpected: Whether the person may think that it is another one: one was chosen, or there is a key for one.
    """

    name: str
    is_local: bool
    base_url: str | None = None
    key_env: str = _KEY
    models: tuple[str, ...] = ()
    note: str = ""
    is_unexpected: bool = False

    @property
    def costs_money(self) -> bool:
        """Whether a job there is to be confirmed with its price."""
        return not self.is_local

    @property
    def key(self) -> str | None:
        """The API key, from the environment or the keyring; None when there is none, and for the local backend."""
        return None if self.is_local else api_key(self.name, self.key_env)


_LOCAL_PROFILE: Final = Profile(LOCAL, is_local=True)


def known_profiles(settings: Settings) -> list[Profile]:
    """Every profile that can be named: the two built in, then those of the settings."""
    names = dict.fromkeys((LOCAL, OPENAI, *settings.profiles))
    return [_profile(name, settings) for name in names]


def resolve_profile(name: str | None, settings: Settings) -> Profile:
    """The profile called ``name``; when None, the one of the settings, else ``local``.

    Nothing is sent anywhere because a key happens to be in the environment: a hosted profile is always somebody's
    choice. One that the settings chose and that has no key gives way to the local backend, with a ``note``.

    Raises:
        InputError: Nobody knows that name; the message lists the known ones.
    """
    known = {profile.name: profile for profile in known_profiles(settings)}
    wanted = name or settings.profile or LOCAL
    if wanted not in known:
        raise InputError(f'There is no profile "{wanted}".', hint=f"Known: {', '.join(known)}.")
    profile = known[wanted]
    if name:
        return profile
    if not settings.profile:
        return replace(profile, note=_note_of_default(), is_unexpected=_has_key())
    if not profile.is_local and not profile.key:
        note = f'Using the local profile, on this machine: profile "{wanted}" has no key in {profile.key_env}.'
        return replace(_LOCAL_PROFILE, note=note, is_unexpected=True)
    return profile


def _has_key() -> bool:
    return bool(os.environ.get(_KEY, "").strip())


def _note_of_default() -> str:
    if _has_key():
        return f"Using the local profile, on this machine; --profile openai uses {_KEY}."
    return f"Using the local profile, on this machine: {_KEY} is not set."


def _profile(name: str, settings: Settings) -> Profile:
    if name == LOCAL:
        return _LOCAL_PROFILE
    given = settings.profiles.get(name, ProfileSettings())
    base_url, key_env = given.base_url or OPENAI_URL, given.key_env
    if name == OPENAI:  # the environment speaks for it: what other tools on this machine use is used here too
        base_url = os.environ.get(_URL, "").strip() or base_url
        key_env = _KEY if _has_key() else key_env
    return Profile(name, is_local=False, base_url=base_url, key_env=key_env, models=given.models)
