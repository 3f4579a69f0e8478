"""Rules about the list of messages, and about the role and the keys of a message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.families import strange_kind
from fttui.checks.model import Example, Found, Path
from fttui.checks.roles import KEYS, KEYS_OF, ROLES, known_role
from fttui.checks.table import check, fix
from fttui.checks.traits import ODD, RARE_ROLES, STRANGE_KEYS
from fttui.checks.words import holder_of, meant_by, names_of, quoted, rename_key, takers, takers_that, type_name
from fttui.formats.lines import encode_line, parse_value

_ROLE_KEYS: Final = ("from", "speaker")
_CONTENT_KEYS: Final = ("value", "text")
_CLAIMED: Final = ("weight", "tool_calls", "function_call")
"""Keys about which other rules speak where they do not belong."""
_ALL_KEYS: Final = ("role", "content", "name", "weight", "tool_calls", "function_call", "refusal", "tool_call_id")
_ANY_KEYS: Final = frozenset(_ALL_KEYS)


@check("messages-missing", needs=ODD | STRANGE_KEYS)
def no_messages(example: Example) -> Iterator[Found]:
    record = example.record
    if "messages" in record or strange_kind(record, example.kind) is not None:
        return
    meant = key_for_messages(record)
    ask = f": is {quoted(meant)} meant" if meant else ""
    yield Found(f"there is no `messages`{ask}", (meant,) if meant else (), is_fixable=meant is not None)


@fix("messages-missing")
def rename_to_messages(record: dict[str, Any], path: Path) -> None:
    rename_key(record, str(path[0]), "messages")


def key_for_messages(record: dict[str, Any]) -> str | None:
    """The key that stands for ``messages`` in a record without it."""
    if "messages" in record:
        return None
    return next((key for key, value in record.items() if isinstance(value, list) and meant_by(key, ["messages"])), None)


@check("messages-not-list", needs=ODD)
def messages_not_a_list(example: Example) -> Iterator[Found]:
    messages = example.record.get("messages")
    if "messages" in example.record and not isinstance(messages, list):
        said = f"`messages` is {type_name(messages)}, not a list of messages"
        yield Found(said, ("messages",), is_fixable=_as_list(messages) is not None)


@fix("messages-not-list")
def write_a_list(record: dict[str, Any], path: Path) -> None:
    record["messages"] = _as_list(record["messages"]) or record["messages"]


def _as_list(value: Any) -> list[Any] | None:
    """The list that a single message stands for, or a string that holds the list as JSON."""
    if isinstance(value, dict) and "role" in value:
        return [value]
    read = _read_json(value)
    return read if isinstance(read, list) and read and all(isinstance(message, dict) for message in read) else None


def _read_json(value: Any) -> Any:
    """What a string holds as JSON, with the spelling of its numbers; None when it is no JSON."""
    return parse_value(encode_line(value)).value if isinstance(value, str) else None


@check("messages-empty", needs=ODD)
def empty_messages(example: Example) -> Iterator[Found]:
    if example.record.get("messages") == []:
        yield Found("`messages` is empty", ("messages",))


@check("message-not-object", needs=ODD)
def message_not_an_object(example: Example) -> Iterator[Found]:
    for path, messages in example.conversations():
        for number, message in enumerate(messages):
            if not isinstance(message, dict):
                is_fixable = _is_message(_read_json(message))
                said = f"a message must be an object with role and content; this is {type_name(message)}"
                yield Found(said, (*path, number), is_fixable=is_fixable)


@fix("message-not-object")
def read_the_message(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    message = _read_json(holder[path[-1]])
    if _is_message(message):
        holder[path[-1]] = message


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and "role" in value


@check("role-missing", needs=ODD)
def no_role(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        if isinstance(role, str):
            continue
        meant = key_for_role(message)
        if "role" not in message:
            ask = f": is {quoted(meant)} meant" if meant else f"; it is one of {', '.join(ROLES)}"
            yield Found(f"this message has no role{ask}", (*path, meant) if meant else path, is_fixable=bool(meant))
        else:
            yield Found(f"the role is {type_name(role)}, not a string", (*path, "role"), is_fixable=False)


@fix("role-missing")
def rename_to_role(record: dict[str, Any], path: Path) -> None:
    rename_key(holder_of(record, path), str(path[-1]), "role")


def key_for_role(message: dict[str, Any]) -> str | None:
    """The key that stands for ``role`` in a message without one."""
    return _key_for("role", _ROLE_KEYS, message)


def key_for_content(message: dict[str, Any]) -> str | None:
    """The key that stands for ``content`` in a message without one."""
    return _key_for("content", _CONTENT_KEYS, message)


def _key_for(key: str, other_names: tuple[str, ...], message: dict[str, Any]) -> str | None:
    if key in message:
        return None
    texts = [name for name, value in message.items() if isinstance(value, str) and name not in _ALL_KEYS]
    near = (name for name in texts if meant_by(name, [key]))
    return next(near, None) or next((name for name in other_names if name in texts), None)


@check("role-unknown", needs=ODD)
def unknown_role(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        if isinstance(role, str) and role not in ROLES:
            meant = known_role(role)
            ask = f": did you mean {meant!r}?" if meant else f"; known are {', '.join(ROLES)}"
            yield Found(f"the role {quoted(role)} is unknown{ask}", (*path, "role"), is_fixable=bool(meant))


@fix("role-unknown")
def write_known_role(record: dict[str, Any], path: Path) -> None:
    message = holder_of(record, path)
    message["role"] = known_role(message["role"]) or message["role"]


@check("role-not-taken", needs=RARE_ROLES)
def role_not_taken(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        if role not in ("developer", "tool", "function"):  # the other three are known everywhere
            continue
        without = tuple(limits.name for limits in takers(example.kind) if role not in limits.roles)
        if without:
            said = f"the role {role!r} is not known to {names_of(without)}"
            yield Found(said, (*path, "role"), without, is_fixable=role == "developer")


@check("role-developer", needs=RARE_ROLES)
def developer_role(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        if message.get("role") == "developer":
            knowing = takers_that(example.kind, lambda limits: "developer" in limits.roles)
            said = "the role 'developer' is not among the documented ones for this kind of training; 'system' is"
            yield Found(said, (*path, "role"), knowing)


@fix("role-not-taken")
@fix("role-developer")
def write_system(record: dict[str, Any], path: Path) -> None:
    holder_of(record, path)["role"] = "system"


@check("message-key-unknown", needs=ODD | STRANGE_KEYS)
def unknown_message_key(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        known = KEYS_OF[role] if role in ROLES else _ANY_KEYS
        if message.keys() <= known:
            continue
        claimed = (*_CLAIMED, key_for_role(message), key_for_content(message))
        for key in message:
            if key not in known and key not in claimed:
                is_fixable = _free_key(key, message) is not None or _says_nothing(key, message[key])
                yield Found(_said_of_key(key, str(role), message), (*path, key), is_fixable=is_fixable)


@fix("message-key-unknown")
def rename_message_key_or_remove_null(record: dict[str, Any], path: Path) -> None:
    message = holder_of(record, path)
    key = str(path[-1])
    meant = _free_key(key, message)
    if meant:
        rename_key(message, key, meant)
    elif _says_nothing(key, message[key]):
        del message[key]


def _says_nothing(key: str, value: Any) -> bool:
    """Whether the key can go; anything else is somebody's data, though nobody trains on it."""
    return value is None or key == "loss_weight"


def _said_of_key(key: str, role: str, message: dict[str, Any]) -> str:
    if key in _ALL_KEYS:
        return f"a message of the role {role!r} has no {key!r}"
    meant = _free_key(key, message)
    return f"the key {quoted(key)} is unknown" + (f": did you mean {meant!r}?" if meant else " in a message")


def _free_key(key: str, message: dict[str, Any]) -> str | None:
    """The known key that an unknown one stands for, where the message does not have it yet."""
    known = KEYS_OF.get(message.get("role", ""), KEYS) if isinstance(message.get("role"), str) else _ALL_KEYS
    if key in _ALL_KEYS:
        return None
    if key == "loss_weight":  # as LLaMA-Factory calls it
        return "weight" if "weight" in known and "weight" not in message else None
    return meant_by(key, [name for name in _ALL_KEYS if name in known and name not in message])
