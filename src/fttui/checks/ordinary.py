"""The fast way past the rules: most examples of most files are plain conversations in which nothing can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fttui.formats.kinds import Kind


def is_ordinary(record: Mapping[str, Any], kind: Kind) -> bool:
    """Whether no rule of the scope ``record`` can find anything in it, for any target; False when that is not plain.

    Ordinary is a chat that has only ``messages``, each with only a role and a text: perhaps a system message first,
    then user and assistant by turns, to the assistant's answer. How long it is does not count here: whoever asks
    compares the bytes of the line with the limits.
    """
    if kind != "chat" or len(record) != 1:
        return False
    messages = record.get("messages")
    if type(messages) is not list:
        return False
    role: Any = ""
    wanted = "user"
    for message in messages:
        if type(message) is not dict or len(message) != 2:
            return False
        content = message.get("content")
        if type(content) is not str or not content or content.isspace():
            return False
        before, role = role, message.get("role")
        if role == wanted:
            wanted = "assistant" if role == "user" else "user"
        elif role != "system" or before:
            return False
    return bool(role == "assistant")
