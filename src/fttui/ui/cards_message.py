"""The cards of one message: its text with what goes with it, and a card for each of its tool calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fttui.core.text import one_line
from fttui.formats.calls import ToolCall, calls_of
from fttui.formats.checking import read_value
from fttui.formats.content import text_of
from fttui.formats.layout import lay_out
from fttui.formats.parts import part_lines
from fttui.formats.slots import NON_PREFERRED, PREFERRED, Slot
from fttui.formats.style import dump_line
from fttui.ui.cards_model import LAID_OUT_LIMIT, Card, Holds, Side

_ON_ONE_LINE: Final = 100
"""Characters of JSON that are shown on one line; longer values are laid out."""


def message_cards(slot: Slot, index: int) -> list[Card]:
    """The card of message ``index``, and those of its tool calls."""
    side = _side(slot)
    value = slot.value
    if isinstance(value, str):
        return [Card("message", one_line(slot.role, 80), value, message=index, side=side)]
    if not isinstance(value, Mapping):
        notes = (("message", _json(value)),)
        return [Card("message", "", "", notes, message=index, side=side)]
    role = value.get("role", slot.role)
    calls = calls_of(value)
    body, holds = _content(role, value.get("content"))
    card = Card(
        "message",
        one_line(role if isinstance(role, str) else _json(role), 80),
        body,
        tuple(_notes(value, calls)),
        _weight(value.get("weight")),
        message=index,
        side=side,
        holds=holds,
        path=(*slot.path, "content") if holds == "loose json" else (),
    )
    return [card, *(_call_card(call, slot, index, number, side) for number, call in enumerate(calls))]


def whole_call_card(call: ToolCall, slot: Slot, index: int, number: int) -> Card:
    """A tool call with its name and id as JSON, to be edited."""
    title = f"call of {one_line(call.name, 60)}, as JSON" if call.name else "tool call, as JSON"
    body = lay_out(_json(call.value))
    return Card("call", title, body, message=index, call=number, holds="json", path=(*slot.path, *call.path))


def is_laid_out(text: str) -> bool:
    """Whether a text is JSON on one line that reads better over several."""
    if not text.lstrip().startswith(("{", "[")) or "\n" in text or len(text) > LAID_OUT_LIMIT:
        return False
    return read_value(text)[1] is None


def _content(role: Any, content: Any) -> tuple[str, Holds]:
    """The text of a message; what a tool answered is laid out when it is JSON."""
    text = text_of(content)
    if role in ("tool", "function") and isinstance(content, str) and is_laid_out(text):
        return lay_out(text), "loose json"
    return text, "text"


def _notes(message: Mapping[str, Any], calls: list[ToolCall]) -> Iterator[tuple[str, str]]:
    """What a message has beside role, text, weight and calls."""
    yield from part_lines(message.get("content"))
    hidden = {"role", "content", *(str(call.path[0]) for call in calls)}
    if _weight(message.get("weight")):
        hidden.add("weight")
    for key, value in message.items():
        if key not in hidden:
            yield key, value if isinstance(value, str) else _json(value)


def _call_card(call: ToolCall, slot: Slot, index: int, number: int, side: Side) -> Card:
    title = f"call of {one_line(call.name, 60)}" if call.name else "tool call without a name"
    notes = tuple((key, value if isinstance(value, str) else _json(value)) for key, value in call.others)
    body, holds, problem = _json(call.value), "json", ""
    path = call.path
    if call.arguments_path is not None:
        path = call.arguments_path
        body, holds, problem = _arguments(call)
    elif is_laid_out(body):
        body = lay_out(body)
    return Card(
        "call",
        title,
        body,
        notes,
        one_line(call.id, 60),
        problem,
        message=index,
        call=number,
        side=side,
        holds=holds,  # type: ignore[arg-type]
        path=(*slot.path, *path),
    )


def _arguments(call: ToolCall) -> tuple[str, Holds, str]:
    """The arguments as they are shown, what they are, and what is wrong with them."""
    arguments = call.arguments
    if not isinstance(arguments, str):
        return lay_out(_json(arguments)), "json", ""
    if call.path[0] == "tool_calls" and call.arguments_path is not None and call.arguments_path[-1] == "input":
        return arguments, "text", ""  # a custom tool takes any text
    if is_laid_out(arguments):
        return lay_out(arguments), "json text", ""
    mistake = read_value(arguments)[1] if len(arguments) <= LAID_OUT_LIMIT else None
    return arguments, "json text", "" if mistake is None else f"arguments: {one_line(mistake.reason)}"


def _weight(weight: Any) -> str:
    if isinstance(weight, int | float) and weight in (0, 1):
        return f"weight {int(weight)}"
    return ""


def _side(slot: Slot) -> Side:
    if slot.path[0] in PREFERRED:
        return "preferred"
    return "non-preferred" if slot.path[0] in NON_PREFERRED else ""


def _json(value: Any) -> str:
    """JSON on one line when it is short, else laid out."""
    text = dump_line(value).decode("utf-8")
    return text if len(text) <= _ON_ONE_LINE or len(text) > LAID_OUT_LIMIT else lay_out(text)
