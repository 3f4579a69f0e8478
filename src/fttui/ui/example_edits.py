"""Small decisions behind the editing keys, as pure functions over records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fttui.formats.chat import messages_of, with_message_weight

ROLES = ("system", "user", "assistant", "tool")


def next_role(record: Mapping[str, Any], index: int) -> str:
    """The role that a message inserted at ``index`` most likely has: after a user's comes an assistant's, and so on."""
    messages = messages_of(record)
    if not messages:
        return "user"
    before = messages[index - 1].role if 0 < index <= len(messages) else ""
    if not before:
        return "user" if messages[0].role in ("system", "developer") else "system"
    return "assistant" if before in ("user", "tool") else "user"


def with_other_weight(record: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The record with message ``index`` trained on (weight 1) or not (weight 0), the other way round than now.

    Raises:
        InputError: When it is no assistant's message of a chat example: only those have a weight.
    """
    messages = messages_of(record)
    is_left_out = 0 <= index < len(messages) and messages[index].weight == 0
    return with_message_weight(record, index, 1 if is_left_out else 0)
