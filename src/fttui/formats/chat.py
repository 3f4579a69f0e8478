"""Reading training records as conversations: pure, and tolerant of whatever stands there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.core.text import one_line
from fttui.formats.content import other_parts, text_of
from fttui.formats.slots import NON_PREFERRED, PREFERRED, Slot, kind_of, slots_of
from fttui.formats.turns import (
    new_example,
    with_call_arguments,
    with_message_added,
    with_message_moved,
    with_message_role,
    with_message_split,
    with_message_text,
    with_message_weight,
    with_messages_merged,
    with_tool_call,
    without_message,
    without_tool_call,
)

__all__ = [
    "Message",
    "kind_of",
    "messages_of",
    "new_example",
    "preview_of",
    "trained_text_of",
    "with_call_arguments",
    "with_message_added",
    "with_message_moved",
    "with_message_role",
    "with_message_split",
    "with_message_text",
    "with_message_weight",
    "with_messages_merged",
    "with_tool_call",
    "without_message",
    "without_tool_call",
]

_SHOWN: Final = ("role", "content")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a record, as it is shown. Nothing is made safe for a terminal yet.

    Attributes:
        role: As it stands there (other than a string: its JSON; none: what its place implies, or empty).
        text: The content; of content parts, the text parts with a line break between.
        weight: 0 or 1 (any whole number) when the message has one.
        extras: Every other key with its JSON, and content that is no text.
    """

    role: str
    text: str
    weight: int | None
    extras: tuple[tuple[str, str], ...]


def messages_of(record: Mapping[str, Any]) -> list[Message]:
    """The messages of a record; of a preference record the input's, then both answers; [] when there are none."""
    return [_message(slot) for slot in slots_of(record)]


def preview_of(record: Mapping[str, Any]) -> str:
    """The first user text (or else the first text, or else the JSON) as one safe line."""
    messages = messages_of(record)
    texts = [message.text for message in messages if message.role == "user"] + [message.text for message in messages]
    return next((line for line in map(one_line, texts) if line), "") or one_line(_json(dict(record)))


def trained_text_of(record: Mapping[str, Any]) -> list[str]:
    """The texts that a model learns to say: the assistant's but those of weight 0; of a pair, the preferred one's."""
    texts = []
    for slot in slots_of(record):
        message = _message(slot)
        trained = message.role == "assistant" and message.weight != 0 and slot.path[0] not in NON_PREFERRED
        if trained and message.text:
            texts.append(message.text)
    return texts


def _message(slot: Slot) -> Message:
    value = slot.value
    place = _place(slot)
    if isinstance(value, str):
        return Message(slot.role, value, None, place)
    if not isinstance(value, Mapping):
        return Message(slot.role, "", None, (*place, ("message", _json(value))))
    role = value.get("role", slot.role)
    weight = _weight(value.get("weight"))
    hidden = _SHOWN if weight is None else (*_SHOWN, "weight")
    others = [(key, _json(item)) for key, item in value.items() if key not in hidden]
    return Message(
        role if isinstance(role, str) else _json(role),
        text_of(value.get("content")),
        weight,
        (*place, *((name, _json(part)) for name, part in other_parts(value.get("content"))), *others),
    )


def _place(slot: Slot) -> tuple[tuple[str, str], ...]:
    """Which of the two answers a message belongs to."""
    return (("answer", str(slot.path[0])),) if slot.path[0] in (*PREFERRED, *NON_PREFERRED) else ()


def _weight(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value in (0, 1) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
