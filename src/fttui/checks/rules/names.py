"""Rules about the `name` of a message: who of several users speaks, or which function's result it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.traits import NAMES, ODD
from fttui.checks.words import holder_of, quoted, type_name
from fttui.formats.slots import value_at

_LONGEST: Final = 64
_NAME: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}", re.ASCII)
_NOT_OF_NAMES: Final = re.compile(r"[^a-zA-Z0-9_-]+")


@check("name-invalid", needs=NAMES)
def invalid_name(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        name = message.get("name")
        if "name" not in message or (isinstance(name, str) and _NAME.fullmatch(name)):
            continue
        if not isinstance(name, str):
            is_fixable = name is None and message.get("role") != "function"
            yield Found(f"the name is {type_name(name)}, not a string", (*path, "name"), is_fixable=is_fixable)
            continue
        if not name:
            wrong = "the name is empty"
        elif len(name) > _LONGEST:
            wrong = f"the name has {len(name):,} characters; {_LONGEST} are allowed"
        else:
            wrong = f"the name {quoted(name)} has other characters than letters, digits, _ and -"
        is_fixable = bool(_mended(name)) or (not name and message.get("role") != "function")
        yield Found(wrong, (*path, "name"), is_fixable=is_fixable)


@fix("name-invalid")
def write_a_valid_name(record: dict[str, Any], path: Path) -> None:
    message = holder_of(record, path)
    name = _mended(message["name"]) if isinstance(message["name"], str) else ""
    if name:
        message["name"] = name
    else:
        del message["name"]


def _mended(name: str) -> str:
    """The name with _ for all that no name may have; "" when nothing of it would be left."""
    return _NOT_OF_NAMES.sub("_", name[: 4 * _LONGEST]).strip("_")[:_LONGEST]


@check("name-missing", needs=ODD)
def function_without_name(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        if message.get("role") == "function" and "name" not in message:
            called = _called_before(example.record, path)
            ask = f"; {quoted(called)} was called" if called else ""
            yield Found(f"the result of a function needs its name{ask}", path, is_fixable=called is not None)


@fix("name-missing")
def write_the_name(record: dict[str, Any], path: Path) -> None:
    message = value_at(record, path)
    items = list(message.items())
    message.clear()
    message.update([("role", "function"), ("name", _called_before(record, path))])
    message.update(items)


def _called_before(record: dict[str, Any], path: Path) -> str | None:
    """The name of the function that the message before calls."""
    number = int(path[-1])
    before = value_at(record, (*path[:-1], number - 1)) if number else None
    name = value_at(before, ("function_call", "name"))
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None
