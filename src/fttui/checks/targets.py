"""For whom a file is checked: what each place to train takes, and its limits, with the source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from fttui.checks.model import Target
from fttui.formats.kinds import Kind

DEFAULT: Final[Target] = "openai"
"""Whom a file is checked for when nobody is named."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a target takes; see targets.toml for the keys. A limit that is not documented is None."""

    name: Target
    title: str
    model: str
    kinds: frozenset[Kind]
    roles: frozenset[str]
    least: int
    advised: int
    bom: Literal["refused", "needed", "taken"]
    weight: bool
    tools: bool
    source: str
    as_of: str
    limit: int | None = None
    bytes: int | None = None
    examples: int | None = None
    images: int | None = None
    image_urls: bool = True
    image_bytes: int | None = None
    image_examples: int | None = None
    urls: tuple[str, ...] = ()
    notes: str = ""


@cache
def targets() -> Mapping[Target, Limits]:
    """All targets by name."""
    table = tomllib.loads(files("fttui.checks").joinpath("targets.toml").read_text("utf-8"))
    return {name: _limits(name, row) for name, row in table.items()}


def problem_of(name: str) -> str:
    """What is wrong with a name in the settings (``[checks] target``), as a sentence; "" for a target's, or none."""
    if not name or name in targets():
        return ""
    return f"checks.target: there is no target {name!r}; known: {', '.join(targets())}."


def _limits(name: Target, row: dict[str, Any]) -> Limits:
    sets = {key: frozenset(row[key]) for key in ("kinds", "roles")}
    return Limits(name=name, **(row | sets | {"urls": tuple(row.get("urls", ()))}))
