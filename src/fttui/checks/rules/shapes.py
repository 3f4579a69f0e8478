"""Rules about what a record is at all: its kind, its keys, whose data it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.families import strange_kind
from fttui.checks.model import Example, Found, Path
from fttui.checks.rules.messages import key_for_messages
from fttui.checks.table import check, fix
from fttui.checks.targets import targets
from fttui.checks.traits import ODD, STRANGE_KEYS
from fttui.checks.words import holder_of, is_blank, meant_by, quoted, rename_key
from fttui.formats.kinds import Kind, kind_of_record, tool_of
from fttui.formats.slots import NON_PREFERRED, PREFERRED, value_at

KIND_TITLES: Final[dict[Kind, str]] = {
    "chat": "chat examples",
    "preference": "preference pairs",
    "reinforcement": "prompts for reinforcement",
    "completion": "prompts with their completions",
    "gemini": "Gemini's contents",
    "bedrock": "Bedrock's conversations",
    "other": "data of another tool",
}
_TOOLS: Final = ("tools", "parallel_tool_calls")
_CHAT: Final = ("messages", *_TOOLS, "functions", "function_call", "tool_choice")
_KEYS: Final[dict[Kind, tuple[str, ...]]] = {
    "chat": _CHAT,
    "preference": ("input", *PREFERRED, *NON_PREFERRED),
    "bedrock": ("schemaVersion", "system", "messages", "toolConfig"),
    "gemini": (
        "systemInstruction",
        "contents",
        "tools",
        "toolConfig",
        "generationConfig",
        "labels",
        "system_instruction",
        "tool_config",
        "generation_config",
    ),
}
_INPUT_KEYS: Final = ("messages", *_TOOLS)
# keys of which other rules say where they belong
_CLAIMED: Final[dict[Kind, tuple[str, ...]]] = {
    "preference": ("chosen", "rejected", "messages", "prompt", *_TOOLS),
}


def kind_found(kind: Kind) -> Iterator[Found]:
    """What the rule ``kind-not-taken`` finds in a file of that kind: the targets that take none such."""
    for limits in targets().values():
        if kind not in limits.kinds:
            taken = ", ".join(KIND_TITLES[name] for name in KIND_TITLES if name in limits.kinds)
            yield Found(f"the file holds {KIND_TITLES[kind]}; {limits.title} takes {taken}", (), (limits.name,))


@check("kind-mixed", needs=ODD | STRANGE_KEYS)
def record_of_another_kind(example: Example) -> Iterator[Found]:
    own = strange_kind(example.record, example.kind)
    if own is not None:
        whose = tool_of(example.record) if own == "other" else ""
        found = f"looks like {whose}" if whose else f"is one of {KIND_TITLES[own]}"
        yield Found(f"this line {found}, in a file of {KIND_TITLES[example.kind]}")


@check("shape-foreign", needs=ODD | STRANGE_KEYS)
def data_of_another_tool(example: Example) -> Iterator[Found]:
    if kind_of_record(example.record) == "other":
        whose = tool_of(example.record)
        said = (
            f"this is {whose}; write it as messages, each with a role and its content"
            if whose
            else "nothing here can be trained on: there are no messages, nor a prompt with its completion"
        )
        yield Found(said)


@check("key-unknown", needs=ODD | STRANGE_KEYS)
def unknown_key(example: Example) -> Iterator[Found]:
    if strange_kind(example.record, example.kind) is not None:
        return
    yield from _unknown_keys(example.record, (), _KEYS[example.kind], example)
    if example.kind == "preference" and isinstance(example.record.get("input"), dict):
        yield from _unknown_keys(example.record["input"], ("input",), _INPUT_KEYS, example)


def _unknown_keys(holder: dict[str, Any], path: Path, known: tuple[str, ...], example: Example) -> Iterator[Found]:
    for key in holder:
        if key in known or _is_for_other_rules(key, holder, example):
            continue
        meant = _free_key(key, holder, known)
        said = f"the key {quoted(key)} is unknown" + (f": did you mean {meant!r}?" if meant else "")
        yield Found(said, (*path, key), is_fixable=meant is not None or holder[key] is None)


def _is_for_other_rules(key: str, holder: dict[str, Any], example: Example) -> bool:
    """Whether another rule speaks of the key: a misspelt `messages`, a system prompt outside the messages."""
    if example.kind == "chat":
        return key == key_for_messages(holder) or (key == "system" and _system_text(holder) is not None)
    return key in _CLAIMED.get(example.kind, ())


@fix("key-unknown")
def rename_key_or_remove_null(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    key = str(path[-1])
    known = _INPUT_KEYS if len(path) > 1 else _KEYS.get(kind_of_record(record), _CHAT)
    meant = _free_key(key, holder, known)
    if meant:
        rename_key(holder, key, meant)
    elif holder[key] is None:  # anything else is somebody's data, though nobody trains on it
        del holder[key]


def _free_key(key: str, holder: dict[str, Any], known: tuple[str, ...]) -> str | None:
    return meant_by(key, [name for name in known if name not in holder])


@check("system-outside", needs=ODD | STRANGE_KEYS)
def system_outside(example: Example) -> Iterator[Found]:
    if _system_text(example.record) is not None:
        yield Found("`system` beside the messages is not read; it belongs into them as the first message", ("system",))


@fix("system-outside")
def move_system_inside(record: dict[str, Any], path: Path) -> None:
    text = _system_text(record)
    if text is not None:
        record["messages"].insert(0, {"role": "system", "content": text})
        del record["system"]


def _system_text(record: dict[str, Any]) -> str | None:
    """The system prompt beside the messages, where they have none and can take it."""
    system, messages = record.get("system"), record.get("messages")
    if isinstance(system, list) and len(system) == 1:
        system = value_at(system, (0, "text"))
    if not isinstance(system, str) or is_blank(system) or not isinstance(messages, list) or not messages:
        return None
    has_one = any(isinstance(message, dict) and message.get("role") in ("system", "developer") for message in messages)
    return None if has_one else system
