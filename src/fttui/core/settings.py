"""Settings: one TOML file, read into frozen dataclasses; every error is reported with its file and key."""

from __future__ import annotations

import dataclasses
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

from fttui.core.errors import SettingsError
from fttui.core.paths import config_dir
from fttui.core.text import one_line

T = TypeVar("T")

LEAST_RATE: Final = Decimal(10) ** -15
MOST_RATE: Final = Decimal(10) ** 15
"""As for a rate that is typed (`fttui.costs.amounts`)."""
MOST_THREADS: Final = 256
ENGINES: Final = ("numpy",)
"""Those that the local backend has (`fttui.local.engines.registry`)."""
_MOST: Final[Mapping[str, int]] = {"local.threads": MOST_THREADS, "local.port": 65_535}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"local.engine": ENGINES}


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """A hosted provider that speaks the OpenAI protocol: ``[profiles.NAME]``."""

    base_url: str = ""
    """Where its API begins, e.g. ``https://host/v1``; empty: the SDK's own default."""
    key_env: str = "OPENAI_API_KEY"
    """The environment variable that holds its key (the keyring is asked when it is unset)."""
    models: tuple[str, ...] = ()
    """Models to offer for training, first the default; empty: what the price table knows."""


@dataclass(frozen=True, slots=True)
class CostSettings:
    """What the meter and the Cost screen show: ``[cost]``."""

    model: str = "gpt-4.1-mini"
    currency: str = "USD"
    rate: Decimal = Decimal(1)
    """Units of ``currency`` for one US dollar."""


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """What the app looks for in a file: ``[checks]``."""

    target: str = ""
    """For whom a file is to be right (``fttui check --help`` lists them); empty: where the profile trains."""


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """The local backend: ``[local]``."""

    threads: int = 0
    """BLAS threads for training and for answers; 0: chosen from the machine."""
    idle_minutes: float = 15.0
    """The server stops itself after so long without a request and without a job."""
    port: int = 0
    """0: any free one."""
    weights: str = ""
    """A GGUF file to use instead of SmolLM2-135M (``FTTUI_WEIGHTS`` beats it)."""
    host: str = ""
    """The address to listen on; empty: 127.0.0.1, which other machines cannot reach."""
    names: tuple[str, ...] = ()
    """Names that other machines call this one by; to no others an open server answers (and to its addresses)."""
    engine: str = "numpy"
    """What computes; see `fttui.local.engines.registry`."""
    save_seconds: float = 20.0
    """Seconds between two saves of a training's state, from which it goes on after a crash; 0: after each step."""
    original_weights: str = ""
    """The base model before it was quantised (a GGUF file or a folder with safetensors), to measure adapters on."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of ``settings.toml``."""

    profile: str = ""
    """The profile in use; empty: ``local``."""
    theme: str = "ink"
    editor: str = ""
    """Command for long texts; empty: ``$VISUAL``, then ``$EDITOR``."""
    cost: CostSettings = field(default_factory=CostSettings)
    checks: CheckSettings = field(default_factory=CheckSettings)
    local: LocalSettings = field(default_factory=LocalSettings)
    profiles: Mapping[str, ProfileSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings that can be used, and a sentence for each thing in the file that could not."""

    settings: Settings
    problems: tuple[str, ...] = ()


def settings_file() -> Path:
    return config_dir() / "settings.toml"


def load_settings(path: Path | None = None) -> LoadedSettings:
    """Read the settings; a wrong key keeps its default and is reported, a missing file is all defaults."""
    path = path or settings_file()
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return LoadedSettings(Settings())
    except (OSError, UnicodeDecodeError) as error:
        return LoadedSettings(Settings(), (f"{path}: cannot be read: {error}.",))
    except tomllib.TOMLDecodeError as error:
        return LoadedSettings(Settings(), (f"{path}: not TOML: {error}.",))
    problems: list[str] = []
    settings = _read(Settings, table, str(path), "", problems)
    return LoadedSettings(settings, tuple(problems))


def require_settings(path: Path | None = None) -> Settings:
    """The settings of a command line program.

    Raises:
        SettingsError: With every problem of the file in one message.
    """
    loaded = load_settings(path)
    if loaded.problems:
        raise SettingsError(" ".join(loaded.problems), hint="`fttui config check` lists them.")
    return loaded.settings


def _read(cls: type[T], table: Mapping[str, Any], file: str, prefix: str, problems: list[str]) -> T:
    hints = get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, raw in table.items():
        name = f"{prefix}{key}"
        if key not in known:
            problems.append(f"{file}: {name}: no such setting; known here: {', '.join(sorted(known))}.")
            continue
        value = _convert(hints[key], raw, file, name, problems)
        if value is not None:
            values[key] = value
    return cls(**values)


def _convert(hint: Any, raw: Any, file: str, name: str, problems: list[str]) -> Any:
    """``raw`` as the type that a field asks for; None after a problem was noted."""

    def wrong(expected: str) -> None:
        problems.append(f"{file}: {name}: expected {expected}, found {one_line(repr(raw), 80)}.")

    if dataclasses.is_dataclass(hint):
        if isinstance(raw, dict):
            return _read(hint, raw, file, f"{name}.", problems)  # type: ignore[arg-type]
        return wrong("a table")
    if hint == Mapping[str, ProfileSettings]:
        if isinstance(raw, dict) and all(isinstance(v, dict) for v in raw.values()):
            return {k: _read(ProfileSettings, v, file, f"{name}.{k}.", problems) for k, v in raw.items()}
        return wrong("tables, one for each profile")
    if hint == tuple[str, ...]:
        if isinstance(raw, list) and all(isinstance(v, str) for v in raw):
            return tuple(raw)
        return wrong("a list of strings")
    number = isinstance(raw, int | float) and not isinstance(raw, bool)
    if hint is Decimal:
        is_rate = number and raw > 0 and LEAST_RATE <= raw <= MOST_RATE
        return Decimal(str(raw)) if is_rate else wrong("a number above 0, from 1e-15 to 1e15")
    if hint is int:
        most = _MOST.get(name)
        is_whole = number and isinstance(raw, int) and raw >= 0 and (most is None or raw <= most)
        return raw if is_whole else wrong("a whole number from 0" + (f" to {most}" if most is not None else ""))
    if hint is float:
        is_finite = number and 0 <= raw <= sys.float_info.max
        return float(raw) if is_finite else wrong("a number from 0")
    if name in _CHOICES:
        return raw if raw in _CHOICES[name] else wrong(f"one of {', '.join(_CHOICES[name])}")
    return raw if isinstance(raw, str) else wrong("a string")
