"""One line, looked at by several tests in turn: parsed at most once, and only if a test needs it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson

from fttui.formats.content import text_of
from fttui.formats.lines import MAX_DEPTH, parse_line
from fttui.formats.slots import slots_of


class Line:
    """A row's line without its ending, and what stands in it."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @cached_property
    def record(self) -> Mapping[str, Any] | None:
        """The line's value, or None when it cannot be read."""
        raw = self.raw
        if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
            try:
                value = orjson.loads(raw)
            except orjson.JSONDecodeError:
                pass
            else:
                return value if isinstance(value, dict) else None
        return parse_line(raw).value  # NaN, halves of surrogate pairs, a byte order mark

    @cached_property
    def turns(self) -> list[tuple[str, str]]:
        """Role and text of each message."""
        return [_turn(slot.role, slot.value) for slot in slots_of(self.record or {})]

    @cached_property
    def texts(self) -> list[str]:
        """Every text in the line but keys and roles; of a line that cannot be read, all of it."""
        if self.record is None:
            return [self.raw.decode("utf-8", "replace")]
        found: list[str] = []
        pending: list[Any] = [self.record]
        while pending:
            item = pending.pop()
            if isinstance(item, str):
                found.append(item)
            elif isinstance(item, dict):
                pending.extend(v for key, v in item.items() if not (key == "role" and isinstance(v, str)))
            elif isinstance(item, list):
                pending.extend(item)
        return found

    @cached_property
    def lowered(self) -> bytes:
        """The line with ASCII letters small."""
        return self.raw.lower()


def _turn(role: str, value: Any) -> tuple[str, str]:
    if isinstance(value, str):
        return role, value
    if not isinstance(value, Mapping):
        return role, ""
    own = value.get("role", role)
    return own if isinstance(own, str) else role, text_of(value.get("content"))
