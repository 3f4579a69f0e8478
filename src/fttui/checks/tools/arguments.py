"""The arguments of a call: a text that is a JSON object; what else it may be, and the text that was meant."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import orjson

from fttui.checks.words import quoted, type_name
from fttui.formats.lines import parse_value
from fttui.formats.style import dump_line

Fault: TypeAlias = Literal["type", "json", "encoded", "object"]
"""``type``: no text; ``json``: no JSON; ``encoded``: JSON twice over; ``object``: JSON, but no object."""

_LONGEST_PYTHON: Final = 20_000
"""Longer texts are not read as Python: its parser takes many times the memory of the text."""


_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x1f]")


class Arguments(NamedTuple):
    """Arguments as read.

    Attributes:
        value: The object; None when there is a fault.
        fault: What is wrong with them.
        reason: That as a clause.
        meant: The text that was meant, where that is plain.
        length: Characters of the text; 0 when there is a fault.
    """

    value: dict[str, Any] | None
    fault: Fault | None = None
    reason: str = ""
    meant: str | None = None
    length: int = 0


def read_arguments(arguments: Any) -> Arguments:
    """Read what stands under ``arguments``, whatever it is. Never raises."""
    if isinstance(arguments, dict):
        return Arguments(None, "type", "are an object; they must be its JSON as a text", _if_good(_dumped(arguments)))
    if arguments is None:
        return Arguments(None, "type", "are null; for none, write '{}'", "{}")
    if not isinstance(arguments, str):
        return Arguments(None, "type", f"are {type_name(arguments)}; they must be a text with a JSON object in it")
    try:
        value = orjson.loads(arguments)
    except (ValueError, RecursionError):
        return _read_again(arguments)
    return Arguments(value, length=len(arguments)) if type(value) is dict else _no_object(arguments, value)


def _read_again(text: str) -> Arguments:
    """What the fast reader refuses: numbers that it cannot hold, half characters, or no JSON at all."""
    if not text.strip():
        return Arguments(None, "json", "are empty; for none, write '{}'", "{}")
    parsed = parse_value(text.encode("utf-8", "replace"))
    if parsed.error is None and not any(warning.startswith(("NaN", "Infinity", "-Inf")) for warning in parsed.warnings):
        return (
            Arguments(parsed.value, length=len(text))
            if isinstance(parsed.value, dict)
            else _no_object(text, parsed.value)
        )
    meant = _as_python(text)
    if meant is not None:
        return Arguments(None, "json", f"are a Python dict, not JSON: {quoted(text)}", meant)
    meant = _with_control_characters(text)
    if meant is not None:
        return Arguments(None, "json", "have line breaks or tabs inside a text, where JSON wants \\n and \\t", meant)
    reason = parsed.error.reason if parsed.error else parsed.warnings[0]
    return Arguments(None, "json", f"are not JSON: {reason.removeprefix('not JSON: ').replace('the line', 'the text')}")


def _no_object(text: str, value: Any) -> Arguments:
    if value is None:
        return Arguments(None, "object", "are null; for none, write '{}'", "{}")
    if isinstance(value, str) and value.lstrip()[:1] in ("{", '"'):
        inside = read_arguments(value)  # some pipelines encode at every stage
        meant = value if inside.value is not None else inside.meant
        if meant is not None:
            return Arguments(None, "encoded", "are JSON inside JSON: encoded more than once", meant)
    return Arguments(None, "object", f"are {type_name(value)}, not an object: {quoted(text)}")


def _as_python(text: str) -> str | None:
    """The JSON of a text that is a Python dict, as ``str(arguments)`` writes it; None when it is none."""
    if not text.lstrip().startswith("{") or len(text) > _LONGEST_PYTHON:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in the data
            tree = ast.parse(text.strip(), mode="eval")
            value = ast.literal_eval(tree)
        if any(_has_repeated_key(node) for node in ast.walk(tree) if isinstance(node, ast.Dict)):
            return None  # one of the two would be lost
        return _if_good(json.dumps(value, ensure_ascii=False, allow_nan=False)) if _is_plain(value) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError, OverflowError):
        return None


def _has_repeated_key(node: ast.Dict) -> bool:
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
    return len(set(keys)) < len(keys)


def _is_plain(value: Any) -> bool:
    """Whether it is a dict of what JSON has, too: ``json.dumps`` would write a key 1 or None as a text."""
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            if not all(isinstance(key, str) for key in item):
                return False
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
    return isinstance(value, dict)


def _with_control_characters(text: str) -> str | None:
    """The text with raw control characters as escapes, all else as it is; None when these are not its only fault."""
    escaped = _STRING.sub(lambda found: _CONTROL.sub(lambda raw: json.dumps(raw[0])[1:-1], found[0]), text)
    return _if_good(escaped) if escaped != text else None


def _if_good(text: str) -> str | None:
    """The text, unless it is no JSON object either: NaN in it, or nested too deep."""
    return text if read_arguments(text).value is not None else None


def _dumped(value: dict[str, Any]) -> str:
    """As JSON, every number as it is spelt."""
    return dump_line(value).decode("utf-8")
