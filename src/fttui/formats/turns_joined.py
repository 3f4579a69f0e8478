"""Parting one message in two, and making one of two: nothing that a message holds is dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fttui.core.errors import InputError
from fttui.formats.content import split_content

_BETWEEN: Final = "\n\n"
_BLANK_LINES: Final = re.compile(r"\A(?:[ \t]*\r?\n)+")
_OWN: Final = ("name", "weight")
"""What both parts of a message have alike when they have the same role."""


def parted(message: Mapping[str, Any], at: int, role: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The message up to character ``at`` of its text, and a new one of ``role`` with the rest.

    Blanks and line ends at the cut go; parts that are no text stay on their side; other keys stay with the first.
    """
    before, after = split_content(message.get("content"), at)
    if isinstance(before, str) and isinstance(after, str):
        before, after = _trimmed(before, after)
    own = {key: message[key] for key in _OWN if key in message} if message.get("role") == role else {}
    return {**message, "content": before}, {"role": role, "content": after, **own}


def _trimmed(before: str, after: str) -> tuple[str, str]:
    is_at_line = before[-1:] in ("\n", "\r", "") or _BLANK_LINES.match(after) is not None
    after = _BLANK_LINES.sub("", after) if is_at_line else after.lstrip(" \t")
    return before.rstrip(), after


def merged(first: Mapping[str, Any], second: Mapping[str, Any], numbers: tuple[int, int]) -> dict[str, Any]:
    """Both messages as one of the first's role; ``numbers`` (from 1) name them in a refusal.

    Raises:
        InputError: Something of the second would be lost, or be trained on otherwise than now.
    """
    same_role = first.get("role") == second.get("role")
    if first.get("weight", 1) != second.get("weight", 1):
        raise InputError(
            f"Messages {numbers[0]} and {numbers[1]} have different weights.", hint="Give them the same one first."
        )
    result = {**first, "content": _joined(first.get("content"), second.get("content"))}
    for key, value in second.items():
        if key in ("role", "content", "weight") or (key in first and first[key] == value):
            continue
        if not same_role or key in first:
            raise InputError(
                f"Message {numbers[1]} has {key}, which would be lost in message {numbers[0]}.",
                hint="Edit the example as JSON.",
            )
        result[key] = value
    return result


def _joined(first: Any, second: Any) -> Any:
    if second is None or second == "":
        return first
    if first is None or first == "":
        return second
    if isinstance(first, str) and isinstance(second, str):
        return first + _BETWEEN + second
    return [*_parts(first), *_parts(second)]


def _parts(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if isinstance(content, list):
        return content
    raise InputError("The content of a message is neither a text nor a list.", hint="Edit the example as JSON.")
