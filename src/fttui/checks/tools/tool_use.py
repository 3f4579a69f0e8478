"""Which tools the examples of a file define and call, gathered line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_MOST_NAMES: Final = 5_000
"""With more, each example has tools of its own, and which of them are never called says nothing."""
_CALLS: Final = ("preferred_output", "preferred_completion", "non_preferred_output", "non_preferred_completion")


@dataclass(slots=True)
class ToolUse:
    """The tools of consecutive examples; made to be pickled.

    Attributes:
        defined: For each name the number of examples that define it, and the first row that does.
        called: The names that are called.
    """

    defined: dict[str, tuple[int, int]] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)

    def add(self, row: int, record: Mapping[str, Any]) -> None:
        """Take note of the record at a row. One without tools costs next to nothing."""
        given = record.get("input")
        holder = given if isinstance(given, dict) else record
        if "tools" not in holder and "functions" not in holder:
            return
        names = dict.fromkeys(_defined_in(holder))
        if names:
            for name in names:
                self._define(name, 1, row)
            if len(self.called) < _MOST_NAMES:
                self.called.update(_called_in(record, holder))

    def extend(self, other: ToolUse, start: int) -> None:
        """Add the tools of the rows that follow, whose first is ``start``."""
        for name, (count, row) in other.defined.items():
            self._define(name, count, row + start)
        if len(self.called) < _MOST_NAMES:
            self.called |= other.called

    def _define(self, name: str, count: int, row: int) -> None:
        if name in self.defined:
            before, first = self.defined[name]
            self.defined[name] = (before + count, first)
        elif len(self.defined) < _MOST_NAMES:
            self.defined[name] = (count, row)

    def never_called(self) -> dict[str, int]:
        """The tools that two or more examples define and none calls, each with the first row that defines it."""
        if max(len(self.defined), len(self.called)) >= _MOST_NAMES:
            return {}
        return {name: row for name, (count, row) in self.defined.items() if count > 1 and name not in self.called}


def _defined_in(holder: Mapping[str, Any]) -> Iterator[str]:
    for tool in _list(holder, "tools"):
        if isinstance(tool, dict):
            yield from _name(tool.get("function"))
    for function in _list(holder, "functions"):
        yield from _name(function)


def _called_in(record: Mapping[str, Any], holder: Mapping[str, Any]) -> Iterator[str]:
    for messages in (_list(holder, "messages"), *(_list(record, key) for key in _CALLS if key in record)):
        for message in messages:
            if not isinstance(message, dict):
                continue
            if "tool_calls" in message:
                for call in _list(message, "tool_calls"):
                    if isinstance(call, dict):
                        yield from _name(call.get("function"))
            if "function_call" in message:
                yield from _name(message["function_call"])


def _list(holder: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else ()


def _name(function: Any) -> Sequence[str]:
    """The name of a function, if it has one."""
    name = function.get("name") if isinstance(function, dict) else None
    return (name,) if isinstance(name, str) and name else ()
