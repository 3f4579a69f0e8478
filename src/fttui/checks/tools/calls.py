"""The tools of an example as the rules see them: what is defined, what is called, which result answers which call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from fttui.checks.model import Example, Path
from fttui.checks.tools.arguments import Arguments, read_arguments
from fttui.formats.kinds import Kind

RESULT_ROLES: Final = ("tool", "function")
_NOT_A_MODELS: Final = ("system", "developer", "user", *RESULT_ROLES)
_CALL_KEYS: Final = ("tool_calls", "function_call", "tool_call_id")
_TOOL_KEYS: Final = ("tools", "functions", "function_call", "parallel_tool_calls")


_KINDS: Final[tuple[Kind, ...]] = ("chat", "preference")


class Call(NamedTuple):
    """One call of a tool.

    Attributes:
        path: Where it stands in the record.
        value: What stands there, whatever it is.
        function: The object with the name and the arguments; None where there is none.
        is_legacy: Whether it is a ``function_call`` of older records.
    """

    path: Path
    value: Any
    function: dict[str, Any] | None
    is_legacy: bool = False

    @property
    def id(self) -> str:
        """What its result refers to; "" when there is none that can be used."""
        return _text(self.value.get("id")) if isinstance(self.value, dict) else ""

    @property
    def name(self) -> str:
        """The function that is called; "" when none is named."""
        return _text(self.function.get("name")) if self.function is not None else ""

    @property
    def function_path(self) -> Path:
        """Where the object with the name and the arguments stands."""
        return self.path if self.is_legacy else (*self.path, "function")


class Turn(NamedTuple):
    """A message with its calls; `role` is "" when it is no text."""

    path: Path
    message: dict[str, Any]
    role: str
    calls: tuple[Call, ...] = ()

    @property
    def is_result(self) -> bool:
        """Whether it is the result of a call."""
        return self.role in RESULT_ROLES

    @property
    def answers(self) -> str:
        """The id of the call that it answers; "" when it names none."""
        return _text(self.message.get("tool_call_id"))


@dataclass(slots=True)
class Thread:
    """A conversation.

    Attributes:
        turns: Its messages that are objects; those of the input come before those of an answer to it.
        start: The first of its own messages.
    """

    turns: list[Turn]
    start: int = 0

    def owner_of(self, index: int) -> int | None:
        """The turn whose calls the result at the index can answer: the nearest before it that is no result."""
        for before in range(index - 1, -1, -1):
            turn = self.turns[before]
            if not turn.is_result:
                return before if turn.calls and turn.role not in _NOT_A_MODELS else None
        return None

    def is_answering_unread(self, index: int) -> bool:
        """Whether the turn before the results at the index has calls that nobody can read: no list."""
        while index >= 0 and self.turns[index].is_result:
            index -= 1
        calls = self.turns[index].message.get("tool_calls") if index >= 0 else None
        return calls is not None and not isinstance(calls, list)

    def results_after(self, index: int) -> list[Turn]:
        """The results that follow the turn at the index."""
        found = []
        for turn in self.turns[index + 1 :]:
            if not turn.is_result:
                break
            found.append(turn)
        return found


@dataclass(slots=True)
class Tools:
    """What an example has to do with tools.

    Attributes:
        path: Where the object stands that holds the key ``tools``.
        holder: That object.
        threads: The conversations; () when no message calls a tool or answers a call.
        calls: All calls, in reading order.
        newer: Those of them that stand in ``tool_calls``.
        turns: Each message once, with its thread and its index there.
        read: See `arguments`.
        defined: See `definitions`.
    """

    path: Path
    holder: Mapping[str, Any]
    threads: list[Thread] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    newer: list[Call] = field(default_factory=list)
    turns: list[tuple[Thread, int, Turn]] = field(default_factory=list)

    read: list[tuple[Call, Arguments]] | None = None
    defined: list[tuple[Path, dict[str, Any]]] | None = None

    def arguments(self) -> list[tuple[Call, Arguments]]:
        """The calls that have arguments, with what these are; read at the first asking."""
        if self.read is None:
            calls = [call for call in self.calls if call.function is not None and "arguments" in call.function]
            self.read = [(call, read_arguments(call.function["arguments"])) for call in calls if call.function]
        return self.read

    def definitions(self) -> list[tuple[Path, dict[str, Any]]]:
        """The functions that are defined, each with its path, as far as they are objects; legacy ones come last."""
        if self.defined is None:
            self.defined = [*_functions_of_tools(self.path, self.holder), *_legacy_functions(self.path, self.holder)]
        return self.defined


def _functions_of_tools(path: Path, holder: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    tools = holder.get("tools")
    for number, tool in enumerate(tools if isinstance(tools, list) else ()):
        if isinstance(tool, dict) and isinstance(tool.get("function"), dict):
            yield (*path, "tools", number, "function"), tool["function"]


def _legacy_functions(path: Path, holder: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    functions = holder.get("functions")
    for number, function in enumerate(functions if isinstance(functions, list) else ()):
        if isinstance(function, dict):
            yield (*path, "functions", number), function


_last: tuple[Example, Tools | None] | None = None


def tools_of(example: Example) -> Tools | None:
    """What the example has to do with tools; None when that is nothing.

    Many rules ask in turn about the same example: the last answer is kept.
    """
    global _last
    kept = _last
    if kept is not None and kept[0] is example:
        return kept[1]
    found = _read(example)
    _last = (example, found)
    return found


def tools_in(record: dict[str, Any], path: Path) -> Tools:
    """What a record has to do with tools, for a fix that is given only a path in it."""
    kind: Kind = "chat" if path[:1] in ((), ("messages",), ("tools",), ("functions",)) else "preference"
    return _read(Example(record, kind)) or Tools((), record)


def new_id(record: dict[str, Any]) -> str:
    """An id that no call and no result of the record has: nine letters and digits, which Mistral asks for."""
    used = {text for kind in _KINDS for _, message in Example(record, kind).messages() for text in _ids(message)}
    number = 1
    while f"call{number:05d}" in used:
        number += 1
    return f"call{number:05d}"


def _ids(message: dict[str, Any]) -> Iterator[str]:
    yield _text(message.get("tool_call_id"))
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        yield from (_text(call.get("id")) for call in calls if isinstance(call, dict))


def _read(example: Example) -> Tools | None:
    path: Path = ()
    holder: Any = example.record
    if example.kind == "preference":
        path, holder = ("input",), example.record.get("input")
    holder = holder if isinstance(holder, dict) else {}
    messages = example.messages()
    has_calls = any(
        message.get("role") in RESULT_ROLES or any(key in message for key in _CALL_KEYS) for _, message in messages
    )
    if not has_calls:
        return Tools(path, holder) if any(key in holder for key in _TOOL_KEYS) else None
    turns = [_turn(where, message) for where, message in messages]
    threads = _threads(example.kind, turns)
    calls = [call for turn in turns for call in turn.calls]
    newer = [call for call in calls if not call.is_legacy]
    own = [
        (thread, index, thread.turns[index]) for thread in threads for index in range(thread.start, len(thread.turns))
    ]
    return Tools(path, holder, threads, calls, newer, own)


def _threads(kind: Kind, turns: list[Turn]) -> list[Thread]:
    """The input of a preference goes before each of its answers; any other record is one conversation."""
    if kind != "preference":
        return [Thread(turns)]
    asked = [turn for turn in turns if turn.path[0] == "input"]
    sides = dict.fromkeys(turn.path[0] for turn in turns if turn.path[0] != "input")
    answers = [[turn for turn in turns if turn.path[0] == side] for side in sides]
    return [Thread(asked), *(Thread([*asked, *answer], len(asked)) for answer in answers)]


def _turn(path: Path, message: dict[str, Any]) -> Turn:
    calls: list[Call] = []
    items = message.get("tool_calls")
    if isinstance(items, list):
        for number, item in enumerate(items):
            function = item.get("function") if isinstance(item, dict) else None
            calls.append(Call((*path, "tool_calls", number), item, function if isinstance(function, dict) else None))
    old = message.get("function_call")
    if isinstance(old, dict):
        calls.append(Call((*path, "function_call"), old, old, is_legacy=True))
    return Turn(path, message, _text(message.get("role")), tuple(calls))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
