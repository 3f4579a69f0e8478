"""Where state lives. Nothing is created by asking; ``FTTUI_HOME`` moves all of it."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def _base(kind: str, default: str) -> Path:
    home = os.environ.get("FTTUI_HOME")
    return Path(home).expanduser() / kind if home else Path(default)


def config_dir() -> Path:
    """``settings.toml``, ``keys.toml`` and ``themes/``."""
    return _base("config", platformdirs.user_config_dir("fttui", appauthor=False))


def data_dir() -> Path:
    """``fttui.db``, ``journal/``, ``local/`` and ``weights/``."""
    return _base("data", platformdirs.user_data_dir("fttui", appauthor=False))


def cache_dir() -> Path:
    """What can be thrown away and made again."""
    return _base("cache", platformdirs.user_cache_dir("fttui", appauthor=False))


def state_dir() -> Path:
    """The log."""
    return _base("state", platformdirs.user_state_dir("fttui", appauthor=False))


def make(directory: Path) -> Path:
    """Create ``directory`` (0700) when it is missing, and return it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory
