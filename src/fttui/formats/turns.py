"""Editing the messages of a record: each function gives a new record and leaves the old one as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fttui.core.errors import InputError
from fttui.formats.content import with_text
from fttui.formats.slots import Path, Slot, kind_of, slots_of, value_at, with_value_at


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


def new_example(system: str | None = None) -> dict[str, Any]:
    """An empty chat example, with a system message if its text is given."""
    first = [] if system is None else [{"role": "system", "content": system}]
    return {"messages": [*first, {"role": "user", "content": ""}, {"role": "assistant", "content": ""}]}


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
