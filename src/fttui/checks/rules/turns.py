"""Rules about the order of the turns: who speaks first, by turns, and last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.roles import role_of
from fttui.checks.table import check, fix
from fttui.checks.traits import ORDER
from fttui.formats.slots import value_at

_SYSTEM: Final = ("system", "developer")
_ASKING: Final = ("user", "developer")
_PLAIN_KEYS: Final = {"role", "content"}


def _conversation(example: Example) -> tuple[Path, list[Any]] | None:
    """The conversation, without the two answers of a preference, and its path; None when there is none."""
    path: Path = ("input", "messages") if example.kind == "preference" else ("messages",)
    messages = value_at(example.record, path)
    return (path, messages) if isinstance(messages, list) and messages else None


@check("system-not-first", needs=ORDER)
def system_not_first(example: Example) -> Iterator[Found]:
    path, messages = _conversation(example) or ((), [])
    roles = [role_of(message) for message in messages]
    first = next((number for number, role in enumerate(roles) if role not in _SYSTEM), len(roles))
    for number in range(first, len(roles)):
        if roles[number] in _SYSTEM:
            yield Found("a system message belongs before the first turn", (*path, number))


@check("turn-repeated", needs=ORDER)
def repeated_turn(example: Example) -> Iterator[Found]:
    path, messages = _conversation(example) or ((), [])
    roles = [role_of(message) for message in messages]
    for number in range(1, len(roles)):
        role = roles[number]
        if role == roles[number - 1] and role in ("user", "assistant") and not _calls(messages[number - 1]):
            is_fixable = role == "user" and _is_plain(messages[number - 1]) and _is_plain(messages[number])
            said = f"the {role} speaks twice in a row; user and assistant take turns"
            yield Found(said, (*path, number), is_fixable=is_fixable)


@fix("turn-repeated")
def join_with_the_turn_before(record: dict[str, Any], path: Path) -> None:
    messages = value_at(record, path[:-1])
    number = int(path[-1])
    messages[number - 1]["content"] += "\n\n" + messages.pop(number)["content"]


def _is_plain(message: dict[str, Any]) -> bool:
    return set(message) == _PLAIN_KEYS and isinstance(message["content"], str)


def _calls(message: Any) -> bool:
    return isinstance(message, dict) and bool(message.get("tool_calls") or message.get("function_call"))


@check("turn-first", needs=ORDER)
def assistant_first(example: Example) -> Iterator[Found]:
    path, messages = _conversation(example) or ((), [])
    roles = [role_of(message) for message in messages]
    if None in roles or "user" not in roles[:-1]:
        if None not in roles and "assistant" in roles and "user" not in roles:
            yield Found("there is no user message; the assistant learns to speak unasked", path)
        return
    first = next(number for number, role in enumerate(roles) if role not in _SYSTEM)
    if roles[first] == "assistant":
        yield Found("the assistant speaks before the user", (*path, first))


@check("assistant-missing", needs=ORDER)
def no_assistant(example: Example) -> Iterator[Found]:
    path, messages = _conversation(example) or ((), [])
    roles = [role_of(message) for message in messages]
    if roles and "assistant" not in roles and None not in roles:
        yield Found("no message is the assistant's, so there is nothing to train on", path)


@check("last-turn-not-assistant", needs=ORDER)
def last_turn_not_the_assistants(example: Example) -> Iterator[Found]:
    path, messages = _conversation(example) or ((), [])
    roles = [role_of(message) for message in messages]
    if "assistant" in roles and roles[-1] not in ("assistant", None):
        after = roles[-1 - roles[::-1].index("assistant") :]
        said = f"the last turn is the {roles[-1]}'s; an example ends with the assistant's answer"
        yield Found(said, (*path, len(roles) - 1), is_fixable=None not in after)


@fix("last-turn-not-assistant")
def cut_after_the_last_answer(record: dict[str, Any], path: Path) -> None:
    messages = value_at(record, path[:-1])
    while messages and role_of(messages[-1]) != "assistant":
        messages.pop()


@check("last-turn-not-user", needs=ORDER)
def last_turn_not_the_users(example: Example) -> Iterator[Found]:
    path, messages = _conversation(example) or ((), [])
    roles = [role_of(message) for message in messages]
    if not roles or roles[-1] in (*_ASKING, None):
        return
    asked = next((role for role in reversed(roles) if role != "assistant"), None)
    is_fixable = roles[-1] == "assistant" and asked in _ASKING and "reference_answer" in example.record
    said = f"the last turn is the {roles[-1]}'s; the model is to answer the last message of the user or developer"
    yield Found(said, (*path, len(roles) - 1), is_fixable=is_fixable)


@fix("last-turn-not-user")
def cut_the_answer(record: dict[str, Any], path: Path) -> None:
    messages = value_at(record, path[:-1])
    while messages and role_of(messages[-1]) == "assistant":
        messages.pop()
