"""Profiles: a name for a provider, where it is, and where its key comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass

from fttui.core.errors import InputError
from fttui.core.settings import ProfileSettings, Settings

LOCAL = "local"
OPENAI = "openai"


@dataclass(frozen=True, slots=True)
class Profile:
    """A provider as the rest of fttui sees it.

    Attributes:
        name: What ``--profile`` takes.
        is_local: Whether it is our own server on this machine.
        base_url: Where its API begins; None for the local server (found when needed) and the SDK's default.
        key_env: The environment variable of its key.
        models: Models to offer for training, the default first; empty: ask the provider or the price table.
        note: A word for the person about why this profile was taken; empty when they chose it.
    """

    name: str
    is_local: bool
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    models: tuple[str, ...] = ()
    note: str = ""

    @property
    def costs_money(self) -> bool:
        return not self.is_local


def known_profiles(settings: Settings) -> list[Profile]:
    """``local``, ``openai``, then those of the settings by name."""
    hosted = {OPENAI: ProfileSettings(), **settings.profiles}
    hosted.pop(LOCAL, None)  # the name is taken: it is always our own server
    return [Profile(LOCAL, is_local=True), *(_hosted(name, part) for name, part in sorted(hosted.items()))]


def resolve_profile(name: str | None, settings: Settings) -> Profile:
    """The profile called ``name``; None: the one of the settings, else ``openai`` when it has a key, else ``local``.

    Raises:
        InputError: There is no such profile.
    """
    known = {profile.name: profile for profile in known_profiles(settings)}
    wanted = name or settings.profile
    if wanted and wanted not in known:
        raise InputError(f"There is no profile {wanted!r}; known: {', '.join(known)}.")
    if wanted:
        return known[wanted]
    if os.environ.get("OPENAI_API_KEY", "").strip():
        return known[OPENAI]
    return Profile(LOCAL, is_local=True, note="No OPENAI_API_KEY: using the local profile, on this machine and free.")


def _hosted(name: str, part: ProfileSettings) -> Profile:
    base_url = part.base_url or None
    if name == OPENAI:  # the SDK's own variable beats the file for this one
        base_url = os.environ.get("OPENAI_BASE_URL", "").strip() or base_url
    return Profile(name, is_local=False, base_url=base_url, key_env=part.key_env, models=part.models)
