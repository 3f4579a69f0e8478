"""Tool calls in what a model writes. Models say them in text: in tags (Hermes, Qwen, SmolLM2), or bare (Llama 3)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.ids import new_id
from fttui.local.surrogates import encodable

_OPEN: Final = "<tool_call>"
_CLOSE: Final = "</tool_call>"
_CLOSES_TRIED: Final = 16
"""Closing tags in the strings of a call, and its own; a model that repeats itself writes thousands."""
_BETWEEN: Final = re.compile(r"[\s;,]*")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function to call."""

    id: str
    name: str
    arguments: str
    """JSON."""

    def as_object(self) -> dict[str, Any]:
        """OpenAI's ``tool_calls[…]``."""
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


class ToolCallReader:
    """Splits an answer into content and tool calls while it is being written.

    A call is ``<tool_call>{"name": …, "arguments": {…}}</tool_call>``, perhaps with a list of such objects in the tags;
    or the answer is nothing but such objects, whose names are of the tools. ``parameters`` is as good as ``arguments``.
    What looks like a call and is none stays content, tags and all. Blanks at a call's side are dropped.

    Args:
        names: Of the tools.
        parallel: False: only the first call counts, and what follows it is dropped.
    """

    def __init__(self, names: Collection[str], *, parallel: bool) -> None:
        self._names = names
        self._parallel = parallel
        self._held = ""  # read, but neither content nor call yet
        self._blanks = ""  # behind the content so far: content too, unless a call follows
        self._is_behind_call = False
        self._has_content = False
        self.calls = 0

    def add(self, text: str) -> list[str | ToolCall]:
        """Read on.

        Returns:
            What is known now: texts, none of them empty, and calls, in their order.
        """
        self._held += text
        return self._tidy(self._segments(is_end=False))

    def finish(self) -> list[str | ToolCall]:
        """What was held back, when there is no more text."""
        known = self._tidy(self._segments(is_end=True))
        if self._blanks and not self.calls:
            known.append(self._blanks)
        return known

    def _segments(self, *, is_end: bool) -> Iterator[str | ToolCall]:
        """Texts and calls as they stand in the answer, as far as they are sure."""
        if self._may_be_bare():
            if not is_end:
                return
            bare = _calls_in(self._held, self._names)
            if bare:
                self._held = ""
                yield from bare
        while (start := self._held.find(_OPEN)) >= 0:
            yield self._take(start)
            length = _length_of_block(self._held, is_end=is_end)
            if length is None:
                return
            block = self._take(length)
            calls = _calls_in(block.removeprefix(_OPEN).removesuffix(_CLOSE))
            yield from calls or (block,)
        yield self._take(len(self._held) - (0 if is_end else _length_of_begun_tag(self._held)))

    def _may_be_bare(self) -> bool:
        """Whether nothing but blanks stands before an object or a list: only the end shows what it is."""
        is_start = not self.calls and not self._has_content
        return is_start and self._held.lstrip()[:1] in ("{", "[")

    def _take(self, length: int) -> str:
        taken, self._held = self._held[:length], self._held[length:]
        return taken

    def _tidy(self, segments: Iterator[str | ToolCall]) -> list[str | ToolCall]:
        """Blanks at a call's side dropped, and what follows the only call that is wanted."""
        known: list[str | ToolCall] = []
        for segment in segments:
            if self.calls and not self._parallel:
                continue
            if isinstance(segment, ToolCall):
                self._blanks, self._is_behind_call = "", True
                self.calls += 1
                known.append(segment)
                continue
            text = self._blanks + segment
            if self._is_behind_call:
                text = text.lstrip()
            content = text.rstrip()
            self._blanks = text[len(content) :]
            if content:
                self._is_behind_call, self._has_content = False, True
                known.append(content)
        return known


def _length_of_block(text: str, *, is_end: bool) -> int | None:
    """Characters of the block that begins a text, tags included; a closing tag within a JSON string is no end of it.

    Returns:
        None as long as the end may still come.
    """
    closes = [found.end() for found in re.finditer(_CLOSE, text)]
    for end in closes[:_CLOSES_TRIED]:
        inner = text[len(_OPEN) : end - len(_CLOSE)]
        if not _ends_in_string(inner):
            return end if _calls_in(inner) else closes[0]
    if is_end or len(closes) > _CLOSES_TRIED:
        return next(iter(closes), len(text))
    return None


def _ends_in_string(text: str) -> bool:
    try:
        list(_values(text))
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string")
    except (ValueError, RecursionError):
        return False
    return False


def _length_of_begun_tag(text: str) -> int:
    """Characters at the end that may be the beginning of a tag."""
    return next((n for n in range(len(_OPEN) - 1, 0, -1) if text.endswith(_OPEN[:n])), 0)


def _calls_in(text: str, names: Collection[str] | None = None) -> list[ToolCall]:
    """The calls that a text consists of; none when it holds anything else, or a name that is not in ``names``."""
    try:
        calls = [_call(value) for value in _values(text)]
    except (ValueError, RecursionError):  # no JSON, NaN, infinity, a number of 5,000 digits, 10,000 levels
        return []
    if any(call is None or (names is not None and call.name not in names) for call in calls):
        return []
    return [call for call in calls if call is not None]


def _values(text: str) -> Iterator[Any]:
    """The JSON values one behind the other in a text, those of lists one by one."""
    decoder = json.JSONDecoder(strict=False)  # models break lines within strings
    position = _behind_blanks(text, 0)
    while position < len(text):
        value, end = decoder.raw_decode(text, position)
        position = _behind_blanks(text, end)
        yield from value if isinstance(value, list) else [value]


def _behind_blanks(text: str, position: int) -> int:
    found = _BETWEEN.match(text, position)
    return found.end() if found else position


def _call(value: Any) -> ToolCall | None:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"]:
        return None
    arguments = value.get("arguments", value.get("parameters", {}))
    if isinstance(arguments, dict):
        arguments = json.dumps(arguments, ensure_ascii=False, allow_nan=False)
    if not isinstance(arguments, str):
        return None
    return ToolCall(new_id("call_"), encodable(value["name"]), encodable(arguments))
