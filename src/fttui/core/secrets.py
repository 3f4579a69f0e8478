"""API keys: the environment first, then the system's keyring. Never a project file, a log or a picture."""

from __future__ import annotations

import os

_SERVICE = "fttui"


def api_key(profile: str, environment_variable: str) -> str | None:
    """The key of a profile, or None when there is none anywhere.

    The keyring is asked only when the variable is unset; a machine without a keyring counts as having no key.
    """
    value = os.environ.get(environment_variable, "").strip()
    if value:
        return value
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, profile) or None
    except (KeyringError, RuntimeError):
        return None
