"""Changing ``settings.toml`` for the user: everything that is not changed stays as it was written, comments too."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from fttui.core.atomic import write_atomic
from fttui.core.errors import InputError, SettingsError
from fttui.core.paths import make
from fttui.core.settings import ProfileSettings, settings_file

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_BUILT_IN: Final = "local"


def set_profile(name: str, profile: ProfileSettings) -> Path:
    """Write ``[profiles.NAME]``; returns the settings file.

    Raises:
        InputError: The name or the address cannot be used.
        SettingsError: The file is no TOML, or cannot be written.
    """
    import tomlkit

    if not _NAME.fullmatch(name) or name == _BUILT_IN:
        raise InputError(f'A profile cannot be called "{name}".', hint="Letters, digits, . _ and -; not local.")
    address = urlsplit(profile.base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InputError(f'"{profile.base_url}" is no address of an API.', hint="Such as https://host/v1")
    settings = _read()
    table = tomlkit.table()
    table.add("base_url", profile.base_url)
    table.add("key_env", profile.key_env)
    if profile.models:
        table.add("models", list(profile.models))
    profiles: Any = settings.setdefault("profiles", tomlkit.table(is_super_table=True))
    profiles[name] = table
    return _write(settings)


def remove_profile(name: str) -> Path:
    """Remove ``[profiles.NAME]``; returns the settings file.

    Raises:
        InputError: It is not in the file.
        SettingsError: The file is no TOML, or cannot be written.
    """
    settings = _read()
    profiles: Any = settings.get("profiles", {})
    if name not in profiles:
        raise InputError(f'There is no profile "{name}" in {settings_file()}.')
    del profiles[name]
    if not profiles:
        del settings["profiles"]
    return _write(settings)


def set_value(section: str, key: str, value: str | None) -> Path:
    """Write a text into ``[section]``, or remove it (None); returns the settings file.

    Raises:
        SettingsError: The file is no TOML, has something else there, or cannot be written.
    """
    import tomlkit

    settings = _read()
    table: Any = settings.get(section, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{settings_file()}: {section}: expected a table, found {table!r}.")
    if value is None and key not in table:
        return settings_file()
    if value is not None:
        if section not in settings:
            settings[section] = tomlkit.table()
        cast("dict[str, Any]", settings[section])[key] = value
    else:
        del table[key]
        if not table:
            del settings[section]
    return _write(settings)


def _read() -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = settings_file()
    try:
        return tomlkit.parse(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise SettingsError(f"{path}: cannot be changed: {error}.") from error


def _write(settings: TOMLDocument) -> Path:
    path = settings_file()
    try:
        make(path.parent)
        write_atomic(path, [settings.as_string().encode()])
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written: {error.strerror or error}.") from error
    return path
