"""The tools of an example, read once for the many examples that have the same ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson

from fttui.checks.tools.schemas import LONGEST, NO_SCHEMA, Schema, schema_of

MOST_TOOLS: Final = 128
NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEPT: Final = 256

Toolbox: TypeAlias = Mapping[str, Schema]
"""The schema of each tool, by its name."""


def toolbox_of(tools: Any) -> Toolbox | None:
    """The tools in a list, where surely no rule about their definitions finds anything; None: nobody can tell."""
    if not tools:
        return {} if type(tools) in (list, tuple) else None
    try:
        text = orjson.dumps(tools)
    except (TypeError, RecursionError):
        return None
    return _read(text) if len(text) <= LONGEST else None


def are_good(arguments: Any, schema: Schema) -> bool:
    """Whether the arguments of a call are a text as they must be, and surely match the schema of its tool."""
    if type(arguments) is not str or len(arguments) > LONGEST:
        return False
    try:
        value = orjson.loads(arguments)
    except (ValueError, RecursionError):
        return False
    return type(value) is dict and schema.is_surely_met_by(value)


@lru_cache(maxsize=_KEPT)
def _read(text: bytes) -> Toolbox | None:
    tools = orjson.loads(text)
    if type(tools) is not list or len(tools) > MOST_TOOLS:
        return None
    toolbox: dict[str, Schema] = {}
    for tool in tools:
        function = tool.get("function") if type(tool) is dict else None
        if type(function) is not dict or tool.get("type") != "function":
            return None
        name = function.get("name")
        if type(name) is not str or name in toolbox or not NAME.fullmatch(name):
            return None
        toolbox[name] = schema_of(function["parameters"]) if "parameters" in function else NO_SCHEMA
        if toolbox[name].fault is not None:
            return None
    return toolbox
