"""The tool calls of a message, and what each calls with which arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.formats.slots import Path

_INSIDE: Final = (("function", "arguments"), ("custom", "input"))


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call.

    Attributes:
        path: Where it stands in its message: ``("tool_calls", 0)``, or ``("function_call",)`` of older records.
        value: What stands there, whatever it is.
        name: The function; empty when there is none.
        id: What the tool's answer refers to; empty when there is none.
        arguments_path: Where the arguments stand in the message, or None where a call has none.
        arguments: A string with JSON in it, as a rule; whatever stands there.
        others: Keys of the call that nothing above shows, with their values.
    """

    path: Path
    value: Any
    name: str = ""
    id: str = ""
    arguments_path: Path | None = None
    arguments: Any = None
    others: tuple[tuple[str, Any], ...] = ()


def calls_of(message: Any) -> list[ToolCall]:
    """The calls of a message in order; the index in this list is the number of a call everywhere."""
    return list(_calls(message)) if isinstance(message, Mapping) else []


def _calls(message: Mapping[str, Any]) -> Iterator[ToolCall]:
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        for index, call in enumerate(calls):
            yield _call(("tool_calls", index), call)
    old = message.get("function_call")
    if isinstance(old, Mapping):
        yield _filled(ToolCall(("function_call",), old), old, (), "arguments", {})


def _call(path: Path, call: Any) -> ToolCall:
    plain = ToolCall(path, call)
    if not isinstance(call, Mapping):
        return plain
    others = {key: value for key, value in call.items() if key not in ("id", "type")}
    for place, key in _INSIDE:
        inside = call.get(place)
        if isinstance(inside, Mapping):
            del others[place]
            if call.get("type") not in (None, place):
                others["type"] = call["type"]
            return _filled(plain, inside, (place,), key, others)
    return ToolCall(path, call, id=_string(call.get("id")))


def _filled(plain: ToolCall, inside: Mapping[str, Any], below: Path, key: str, others: Mapping[str, Any]) -> ToolCall:
    more = {name: value for name, value in inside.items() if name not in ("name", key)}
    return ToolCall(
        plain.path,
        plain.value,
        name=_string(inside.get("name")),
        id=_string(plain.value.get("id")),
        arguments_path=(*plain.path, *below, key) if key in inside else None,
        arguments=inside.get(key),
        others=(*others.items(), *more.items()),
    )


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
