"""One line, looked at by several tests in turn: parsed at most once, and only if a test needs it."""

from __future__ import annotations

from collections.abc import Mapping
from types import EllipsisType
from typing import Any

import orjson

from fttui.formats.content import text_of
from fttui.formats.lines import MAX_DEPTH, parse_line
from fttui.formats.slots import slots_of


class Line:
    """A row's line without its ending, and what stands in it."""

    __slots__ = ("_record", "_texts", "_turns", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._record: Mapping[str, Any] | EllipsisType | None = ...
        self._turns: list[tuple[str, str]] | None = None
        self._texts: list[str] | None = None

    @property
    def record(self) -> Mapping[str, Any] | None:
        """The line's value, or None when it cannot be read."""
        if self._record is ...:
            self._record = _read(self.raw)
        return self._record

    @property
    def turn_count(self) -> int:
        """How many messages there are."""
        messages = (self.record or {}).get("messages")
        return len(messages) if isinstance(messages, list) else len(self.turns)

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Role and text of each message."""
        if self._turns is None:
            record = self.record or {}
            messages = record.get("messages")
            if isinstance(messages, list):  # as `slots_of` would say, faster
                self._turns = [_turn("", message) for message in messages]
            else:
                self._turns = [_turn(slot.role, slot.value) for slot in slots_of(record)]
        return self._turns

    @property
    def texts(self) -> list[str]:
        """Every text in the line but keys and roles; of a line that cannot be read, all of it."""
        if self._texts is None:
            record = self.record
            self._texts = [self.raw.decode("utf-8", "replace")] if record is None else _texts_in(record)
        return self._texts


def _read(raw: bytes) -> Mapping[str, Any] | None:
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError:
            pass
        else:
            return value if isinstance(value, dict) else None
    return parse_line(raw).value  # NaN, halves of surrogate pairs, a byte order mark


def _turn(role: str, value: Any) -> tuple[str, str]:
    if isinstance(value, str):
        return role, value
    if not isinstance(value, dict):
        return role, ""
    own = value.get("role", role)
    content = value.get("content")
    return own if isinstance(own, str) else role, content if isinstance(content, str) else text_of(content)


def _texts_in(record: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    pending: list[Any] = [record]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            pending.extend(value for key, value in item.items() if key != "role" or not isinstance(value, str))
        elif isinstance(item, list):
            pending.extend(item)
    return found
