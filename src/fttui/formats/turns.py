"""Editing the messages of a record: each function gives a new record and leaves the old one as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fttui.core.errors import InputError
from fttui.formats.calls import ToolCall, calls_of
from fttui.formats.content import text_of, with_text
from fttui.formats.slots import Path, Slot, kind_of, slots_of, value_at, with_value_at, without_value_at
from fttui.formats.turns_joined import merged, parted


def with_message_text(record: Mapping[str, Any], index: int, text: str) -> dict[str, Any]:
    """The record with another text in a message; its other keys, images and the like stay.

    Raises:
        InputError: There is no such message, or what stands there is no message.
    """
    slot = _slot(record, index)
    if isinstance(slot.value, str):
        return _changed(record, slot.path, text)
    message = _object(slot, index)
    content = message.get("content")
    changed = with_text(content, text)
    return dict(record) if changed is content else _changed(record, slot.path, {**message, "content": changed})


def with_message_role(record: Mapping[str, Any], index: int, role: str) -> dict[str, Any]:
    """The record with another role in a message.

    Raises:
        InputError: There is no such message, or it cannot have another role.
    """
    slot = _slot(record, index)
    message = _object(slot, index)
    renamed = {**message, "role": role} if "role" in message else {"role": role, **message}
    return _changed(record, slot.path, renamed)


def with_message_added(record: Mapping[str, Any], index: int, role: str, text: str) -> dict[str, Any]:
    """The record with a new message as number ``index``; one past the last adds it at the end.

    Raises:
        InputError: The record has no list of messages to put it in.
    """
    slots = slots_of(record)
    if not 0 <= index <= len(slots):
        raise InputError(f"There is no place {index + 1} for a message here.")
    message = {"role": role, "content": text}
    if not slots:
        return {**record, "messages": [message]} if _can_have_messages(record) else _refuse()
    after_last = index == len(slots)
    path = slots[index - 1 if after_last else index].path
    if not isinstance(path[-1], int):
        _refuse()
    items = list(value_at(record, path[:-1]))
    items.insert(int(path[-1]) + after_last, message)
    return _changed(record, path[:-1], items)


def without_message(record: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The record without a message.

    Raises:
        InputError: There is no such message, or its place cannot be empty.
    """
    path = _slot(record, index).path
    if not isinstance(path[-1], int):
        raise InputError(f"The {path[-1]} cannot be removed; it can be emptied.")
    items = list(value_at(record, path[:-1]))
    del items[path[-1]]
    return _changed(record, path[:-1], items)


def with_message_moved(record: Mapping[str, Any], index: int, to: int) -> dict[str, Any]:
    """The record with message ``index`` taken out and put back as number ``to``.

    Raises:
        InputError: There is no such message or place, or the place is in another list (another answer of a pair).
    """
    path, target = _list_path(record, index), _list_path(record, to)
    if path[:-1] != target[:-1]:
        raise InputError("A message stays in its own list: the input, or one of the two answers.")
    items = list(value_at(record, path[:-1]))
    items.insert(int(target[-1]), items.pop(int(path[-1])))
    return _changed(record, path[:-1], items)


def with_message_split(record: Mapping[str, Any], index: int, at_character: int, role: str) -> dict[str, Any]:
    """The record with a message parted before character ``at_character`` of its text; the new one has ``role``.

    Blanks and line ends at the cut go. What is no text stays on its side of the cut.

    Raises:
        InputError: There is no such message, it cannot be parted, or one part would be empty.
    """
    path = _list_path(record, index)
    message = _object(_slot(record, index), index)
    text = text_of(message.get("content"))
    if at_character <= 0 or not text[:at_character].strip() or not text[at_character:].strip():
        raise InputError("There is nothing to part here.", hint="Put the cursor where the second message begins.")
    items = list(value_at(record, path[:-1]))
    at = int(path[-1])
    items[at : at + 1] = parted(message, at_character, role)
    return _changed(record, path[:-1], items)


def with_messages_merged(record: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The record with a message and the next as one, in the first's role; their texts with a blank line between.

    Raises:
        InputError: There is no next message in the same list, or something of it would be lost.
    """
    path = _list_path(record, index)
    items = list(value_at(record, path[:-1]))
    at = int(path[-1])
    if at + 1 >= len(items):
        raise InputError(f"No message follows message {index + 1} that it could be merged with.")
    first, second = (_object(_slot(record, number), number) for number in (index, index + 1))
    items[at : at + 2] = [merged(first, second, (index + 1, index + 2))]
    return _changed(record, path[:-1], items)


def with_message_weight(record: Mapping[str, Any], index: int, weight: int | None) -> dict[str, Any]:
    """The record with a message trained on (1) or not (0), or without a word about it (None).

    Raises:
        InputError: There is no such message, or it is no assistant's message of a chat example.
    """
    slot = _slot(record, index)
    message = dict(_object(slot, index))
    if slot.path[0] != "messages" or message.get("role") != "assistant":
        raise InputError("Only an assistant's message has a weight.")
    if weight is None:
        message.pop("weight", None)
    else:
        message["weight"] = weight
    return _changed(record, slot.path, message)


def with_tool_call(record: Mapping[str, Any], message: int, call: int, value: Any) -> dict[str, Any]:
    """The record with ``value`` in the place of tool call ``call`` of a message.

    Raises:
        InputError: There is no such message or call.
    """
    return _changed(record, (*_slot(record, message).path, *_call(record, message, call).path), value)


def with_call_arguments(record: Mapping[str, Any], message: int, call: int, arguments: Any) -> dict[str, Any]:
    """The record with other arguments in a tool call: a string with JSON in it, as a rule.

    Raises:
        InputError: There is no such message or call, or it has no arguments.
    """
    path = _call(record, message, call).arguments_path
    if path is None:
        raise InputError(f"Tool call {call + 1} has no arguments.", hint="Edit the whole call.")
    return _changed(record, (*_slot(record, message).path, *path), arguments)


def without_tool_call(record: Mapping[str, Any], message: int, call: int) -> dict[str, Any]:
    """The record without a tool call; with the last one goes the list of calls.

    Raises:
        InputError: There is no such message or call.
    """
    slot = _slot(record, message)
    path = _call(record, message, call).path
    is_only_one = len(path) == 1 or len(value_at(slot.value, path[:1])) == 1
    return dict(without_value_at(record, (*slot.path, *(path[:1] if is_only_one else path))))


def new_example(system: str | None = None) -> dict[str, Any]:
    """An empty chat example, with a system message if its text is given."""
    first = [] if system is None else [{"role": "system", "content": system}]
    return {"messages": [*first, {"role": "user", "content": ""}, {"role": "assistant", "content": ""}]}


def _list_path(record: Mapping[str, Any], index: int) -> Path:
    """Where a message stands in a list of messages."""
    path = _slot(record, index).path
    if not isinstance(path[-1], int):
        raise InputError(f"The {path[-1]} stands alone: it is in no list of messages.")
    return path


def _call(record: Mapping[str, Any], message: int, call: int) -> ToolCall:
    calls = calls_of(_slot(record, message).value)
    if not 0 <= call < len(calls):
        raise InputError(f"There is no tool call {call + 1} in message {message + 1}.")
    return calls[call]


def _slot(record: Mapping[str, Any], index: int) -> Slot:
    slots = slots_of(record)
    if not 0 <= index < len(slots):
        raise InputError(f"There is no message {index + 1} in this example.")
    return slots[index]


def _object(slot: Slot, index: int) -> Mapping[str, Any]:
    if not isinstance(slot.value, Mapping):
        raise InputError(f"Message {index + 1} is no object with a role and a content.", hint="Edit the line as JSON.")
    return slot.value


def _changed(record: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    return dict(with_value_at(record, path, value))


def _can_have_messages(record: Mapping[str, Any]) -> bool:
    return kind_of(record) == "unknown" or record.get("messages") in ([], None)


def _refuse() -> dict[str, Any]:
    raise InputError("This record has no list of messages to add one to.", hint="Edit the line as JSON.")
