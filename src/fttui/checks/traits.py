"""What a record has that any rule could find fault with: most rules need not look at most records.

One pass over a record tells, and errs on the side of too much: whatever is not plain has every trait. A rule names the
traits without which it has nothing to say (`fttui.checks.table.check`); a test holds that nothing gets lost so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from fttui.checks.roles import KEYS_OF, ROLES
from fttui.checks.tools.toolbox import Toolbox, are_good, toolbox_of
from fttui.checks.words import takers
from fttui.formats.kinds import Kind

ANY: Final = 1
"""Every record has it: for rules that always look."""
ODD: Final = 1 << 1
"""Something is not where it belongs, or of another type: such a record has all other traits as well."""
STRANGE_KEYS: Final = 1 << 2
"""Keys that are not usual in a record of its kind, or in a message of its role."""
RARE_ROLES: Final = 1 << 3
"""A role that is not taken everywhere."""
ORDER: Final = 1 << 4
"""Turns in an order that is not plain."""
CONTENT: Final = 1 << 5
"""A content that is no text, or a blank one."""
PARTS: Final = 1 << 6
"""Parts of a content, other than plain texts, or of a tool's result."""
IMAGES: Final = 1 << 7
REFUSALS: Final = 1 << 8
WEIGHTS: Final = 1 << 9
NAMES: Final = 1 << 10
TOOLS: Final = 1 << 11
"""Definitions of tools that are not surely right."""
CALLS: Final = 1 << 12
"""Calls, or their results, that are not surely right."""
ARGUMENTS: Final = 1 << 13
"""Arguments of a call that do not surely match its tool."""
LONG_IDS: Final = 1 << 14
"""Ids of calls that have not the nine letters and digits that Mistral asks for."""
PAIR: Final = 1 << 15
"""A preference whose sides are not one message of the assistant's each, with different texts."""
LONG: Final = 1 << 16
"""A line, or a record without one, that may be longer than somebody's limit."""

EVERYTHING: Final = (1 << 17) - 1

_TOOL_KEYS: Final = frozenset(("tools", "parallel_tool_calls", "tool_choice"))
_CHAT_KEYS: Final = frozenset(("messages", *_TOOL_KEYS))
_PAIR_KEYS: Final = ("input", "preferred_output", "non_preferred_output")
_INPUT_KEYS: Final = frozenset(("messages", "tools", "parallel_tool_calls"))
_OLD_KEYS: Final = frozenset(("functions", "function_call"))
_OTHER_KINDS: Final = (
    "contents", "preferred_output", "non_preferred_output", "preferred_completion", "non_preferred_completion"
)  # fmt: skip
_FIRST: Final = frozenset(("system", "developer", "user"))
_NEXT: Final[dict[str, frozenset[str]]] = {
    "": _FIRST,
    "system": _FIRST,
    "developer": _FIRST,
    "user": frozenset(("assistant",)),
    "assistant": frozenset(("user", "tool")),
    "tool": frozenset(("tool", "assistant", "user")),
}
"""For each role those that follow it in a plain conversation."""
_LAST: Final[dict[Kind, tuple[str, ...]]] = {
    "chat": ("assistant",), "reinforcement": ("user", "developer"), "preference": ("user", "tool")
}  # fmt: skip
_ODD_CALLS: Final = CALLS | ARGUMENTS | LONG_IDS
_ID_LETTERS: Final = 9


def traits_of(record: dict[str, Any], kind: Kind) -> int:
    """The traits of a record, as bits; that of its length is not among them."""
    look = _LOOKS.get(kind)
    return EVERYTHING if look is None else look(record)


def _of_chat(record: dict[str, Any]) -> int:
    traits = ANY if record.keys() <= _CHAT_KEYS else ANY | STRANGE_KEYS
    return _of_conversation(record, "chat", traits)


def _of_reinforcement(record: dict[str, Any]) -> int:
    traits = ANY | STRANGE_KEYS if any(key in record for key in _OTHER_KINDS) else ANY
    if any(key in record for key in _TOOL_KEYS):
        traits |= TOOLS  # there are targets that take none
    return _of_conversation(record, "reinforcement", traits)


def _of_preference(record: dict[str, Any]) -> int:
    traits = ANY
    if len(record) != len(_PAIR_KEYS):
        if any(key in record for key in _OTHER_KINDS[3:]):
            return EVERYTHING
        traits |= STRANGE_KEYS | PAIR
    given = record.get("input")
    if type(given) is not dict:
        return EVERYTHING
    if not given.keys() <= _INPUT_KEYS:
        traits |= STRANGE_KEYS
    traits = _of_conversation(given, "preference", traits)
    if traits & ODD:
        return traits
    toolbox = toolbox_of(given.get("tools", ())) or {}
    sides = []
    for key in _PAIR_KEYS[1:]:
        side = record.get(key)
        if type(side) is not list or len(side) != 1:
            return EVERYTHING
        traits |= _of_messages(side, "preference", toolbox, in_order=False)
        sides.append(side[0])
    if traits & ODD:
        return traits
    one, other = sides
    if one["role"] != "assistant" or other["role"] != "assistant" or _may_be_same(one, other):
        traits |= PAIR
    return traits


def _may_be_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    text, text_of_other = one.get("content"), other.get("content")
    return type(text) is not str or type(text_of_other) is not str or text.strip() == text_of_other.strip()


def _of_completion(record: dict[str, Any]) -> int:
    is_plain = len(record) == 2 and type(record.get("prompt")) is str and type(record.get("completion")) is str
    return ANY if is_plain else EVERYTHING


_LOOKS: Final[dict[Kind, Callable[[dict[str, Any]], int]]] = {
    "chat": _of_chat,
    "reinforcement": _of_reinforcement,
    "preference": _of_preference,
    "completion": _of_completion,
}


def _of_conversation(holder: dict[str, Any], kind: Kind, traits: int) -> int:
    """Those of messages and of the tools beside them."""
    messages = holder.get("messages")
    if type(messages) is not list or not messages or not _OLD_KEYS.isdisjoint(holder):
        return EVERYTHING
    toolbox: Toolbox | None = {}
    if len(holder) > 1:
        if "tools" in holder:
            toolbox = toolbox_of(holder["tools"])
            traits |= 0 if toolbox is not None else TOOLS
        parallel = holder.get("parallel_tool_calls", True)
        if type(parallel) is not bool:
            traits |= TOOLS
        elif not parallel and _has_parallel(messages):
            traits |= CALLS
    return traits | _of_messages(messages, kind, toolbox or {}, in_order=True)


def _has_parallel(messages: list[Any]) -> bool:
    """Whether a message may call several tools at once."""
    lists = (message.get("tool_calls") for message in messages if type(message) is dict)
    return any(calls is not None and (type(calls) is not list or len(calls) > 1) for calls in lists)


def _of_messages(messages: list[Any], kind: Kind, toolbox: Toolbox, *, in_order: bool) -> int:
    """Those of a list of messages; whether their order counts is up to the caller."""
    traits = ANY
    role = ""
    waiting: set[str] = set()
    rare = _rare_roles(kind)
    for message in messages:
        if type(message) is not dict:
            return EVERYTHING
        own = message.get("role")
        if type(own) is not str or own not in _NEXT or not own:
            return EVERYTHING
        if in_order and own not in _NEXT[role]:
            traits |= ORDER
        role = own
        if role in rare:
            traits |= RARE_ROLES
        content = message.get("content")
        if type(content) is str:
            if not content or content.isspace():
                traits |= CONTENT
        elif type(content) is list:
            traits |= _of_parts(content) | (PARTS if role == "tool" else 0)
        elif content is not None or role != "assistant" or not message.get("tool_calls"):
            traits |= CONTENT
        if (waiting or role == "tool") and not (role == "tool" and _is_awaited(message.get("tool_call_id"), waiting)):
            traits |= CALLS
            waiting.clear()
        if len(message) > 2 or "content" not in message:
            if "function_call" in message:
                return EVERYTHING
            traits |= _of_keys(message, role)
            if "tool_calls" in message:
                calls = message["tool_calls"]
                traits |= _of_calls(calls, toolbox, waiting) if role == "assistant" else _ODD_CALLS
    if waiting and role == "tool":
        traits |= CALLS
    if in_order and role not in _LAST[kind]:
        traits |= ORDER | PAIR
    return traits


@cache
def _rare_roles(kind: Kind) -> frozenset[str]:
    """The roles that some target does not know that takes that kind, or that are not documented for it."""
    rare = (role for role in ROLES if any(role not in limits.roles for limits in takers(kind)))
    return frozenset(("developer", *rare))


def _is_awaited(answers: Any, waiting: set[str]) -> bool:
    if type(answers) is not str or answers not in waiting:
        return False
    waiting.remove(answers)
    return True


def _of_keys(message: dict[str, Any], role: str) -> int:
    traits = 0 if message.keys() <= KEYS_OF[role] else STRANGE_KEYS
    if "weight" in message:
        traits |= WEIGHTS
    if "name" in message:
        traits |= NAMES
    if "refusal" in message:
        traits |= REFUSALS
    return traits


def _of_parts(parts: list[Any]) -> int:
    traits = 0 if parts else PARTS
    for part in parts:
        if type(part) is not dict:
            return PARTS | IMAGES
        text = part.get("text")
        if part.get("type") == "image_url":
            traits |= PARTS | IMAGES
        elif part.get("type") != "text" or type(text) is not str or not text or text.isspace():
            traits |= PARTS
    return traits


def _of_calls(calls: Any, toolbox: Toolbox, waiting: set[str]) -> int:
    """Those of a message's calls, whose ids wait for their results from now on."""
    if type(calls) is not list or not calls:
        return CALLS
    traits = 0
    for call in calls:
        function = call.get("function") if type(call) is dict else None
        if type(function) is not dict or call.get("type") != "function":
            return _ODD_CALLS
        name, id_ = function.get("name"), call.get("id")
        if not (type(id_) is str and id_ and id_ not in waiting and type(name) is str and name in toolbox):
            return _ODD_CALLS
        waiting.add(id_)
        if len(id_) != _ID_LETTERS or not (id_.isascii() and id_.isalnum()):
            traits |= LONG_IDS
        if not are_good(function.get("arguments"), toolbox[name]):
            traits |= CALLS | ARGUMENTS
    return traits
