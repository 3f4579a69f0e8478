"""Rules about Bedrock's conversations: the schema's version, system texts, turns of user and assistant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.words import holder_of, is_blank, meant_by, quoted, type_name
from fttui.formats.slots import value_at

_SCHEMA: Final = "bedrock-conversation-2024"
_ROLES: Final = ("user", "assistant")
_OTHER_ROLES: Final = {"human": "user", "model": "assistant", "gpt": "assistant", "bot": "assistant"}
_PARTS: Final = ("text", "image", "video", "document", "toolUse", "toolResult", "reasoningContent")


def _turns(example: Example) -> list[tuple[Path, dict[str, Any]]]:
    messages = example.record.get("messages")
    if not isinstance(messages, list):
        return []
    return [(("messages", number), turn) for number, turn in enumerate(messages) if isinstance(turn, dict)]


@check("bedrock-schema")
def wrong_schema(example: Example) -> Iterator[Found]:
    version = example.record.get("schemaVersion")
    if "schemaVersion" not in example.record:
        if "messages" in example.record:
            yield Found(f"there is no `schemaVersion`; it is {_SCHEMA}")
    elif version != _SCHEMA:
        shown = quoted(version) if isinstance(version, str) else type_name(version)
        yield Found(f"the schemaVersion is {shown}; it is {_SCHEMA}", ("schemaVersion",))


@fix("bedrock-schema")
def write_the_schema(record: dict[str, Any], path: Path) -> None:
    rest = {key: value for key, value in record.items() if key != "schemaVersion"}
    record.clear()
    record.update({"schemaVersion": _SCHEMA, **rest})


@check("bedrock-system")
def wrong_system(example: Example) -> Iterator[Found]:
    system = example.record.get("system")
    if "system" not in example.record:
        return
    if not isinstance(system, list):
        yield Found(f"`system` is {type_name(system)}, not a list of texts", ("system",), None, isinstance(system, str))
        return
    for number, part in enumerate(system):
        if not isinstance(value_at(part, ("text",)), str):
            yield Found(
                "a part of `system` must be an object with a text", ("system", number), None, isinstance(part, str)
            )


@fix("bedrock-system")
def write_the_system(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    part = {"text": holder[path[-1]]}
    holder[path[-1]] = [part] if len(path) == 1 else part


@check("bedrock-messages")
def wrong_messages(example: Example) -> Iterator[Found]:
    messages = example.record.get("messages")
    if "messages" not in example.record:
        yield Found("there is no `messages`")
    elif not isinstance(messages, list):
        yield Found(f"`messages` is {type_name(messages)}, not a list of turns", ("messages",))
    elif not messages:
        yield Found("`messages` is empty", ("messages",))
    else:
        for number, turn in enumerate(messages):
            if not isinstance(turn, dict):
                said = f"a turn must be an object with role and content; this is {type_name(turn)}"
                yield Found(said, ("messages", number))


@check("bedrock-role")
def wrong_role(example: Example) -> Iterator[Found]:
    for path, turn in _turns(example):
        role = turn.get("role")
        if not isinstance(role, str):
            yield Found("this turn has no role; it is user or assistant", path, is_fixable=False)
        elif role == "system":
            is_fixable = _system_texts(turn) is not None and "system" not in example.record and path[-1] == 0
            said = "a system prompt stands in `system`, beside the messages"
            yield Found(said, (*path, "role"), is_fixable=is_fixable)
        elif role not in _ROLES:
            meant = _meant_role(role)
            ask = f": did you mean {meant!r}?" if meant else "; it is user or assistant"
            yield Found(f"the role {quoted(role)} is unknown{ask}", (*path, "role"), is_fixable=meant is not None)


@fix("bedrock-role")
def write_known_role(record: dict[str, Any], path: Path) -> None:
    turn = holder_of(record, path)
    if turn["role"] == "system":
        record["system"] = _system_texts(record["messages"].pop(0))
    else:
        turn["role"] = _meant_role(turn["role"]) or turn["role"]


def _meant_role(role: str) -> str | None:
    return _OTHER_ROLES.get(role.strip().lower()) or meant_by(role, _ROLES, 0.75)


def _system_texts(turn: dict[str, Any]) -> list[Any] | None:
    content = turn.get("content")
    if isinstance(content, str):
        return [{"text": content}]
    is_texts = isinstance(content, list) and all(isinstance(value_at(part, ("text",)), str) for part in content)
    return content if is_texts else None


@check("bedrock-content")
def wrong_content(example: Example) -> Iterator[Found]:
    for path, turn in _turns(example):
        content = turn.get("content")
        at = (*path, "content") if "content" in turn else path
        if not isinstance(content, list) or not content:
            said = f"the content is {type_name(content)}, not a list of parts"
            if isinstance(content, list) or "content" not in turn:
                said = "the content is empty" if "content" in turn else "this turn has no content"
            yield Found(said, at, is_fixable=isinstance(content, str))
            continue
        for number, part in enumerate(content):
            if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
                said = 'a text part is {"text": …} here, without a type'
                yield Found(said, (*at, number))
            elif not isinstance(part, dict) or not any(key in part for key in _PARTS):
                said = 'a part must be an object such as {"text": …}'
                yield Found(said, (*at, number), is_fixable=isinstance(part, str))
            elif "text" in part and not isinstance(part["text"], str):
                yield Found(f"the text is {type_name(part['text'])}, not a string", (*at, number), is_fixable=False)


@fix("bedrock-content")
def write_parts(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    value = holder[path[-1]]
    if path[-1] == "content":
        holder["content"] = [{"text": value}]
    else:
        holder[path[-1]] = {"text": value["text"] if isinstance(value, dict) else value}


@check("bedrock-text-empty")
def empty_text(example: Example) -> Iterator[Found]:
    for path, turn in _turns(example):
        content = turn.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        if parts and all(_is_blank_part(part) for part in parts):
            yield Found(f"the turn of the {quoted(str(turn.get('role')))} is empty", (*path, "content"))


def _is_blank_part(part: Any) -> bool:
    return isinstance(part, dict) and set(part) == {"text"} and isinstance(part["text"], str) and is_blank(part["text"])


@check("bedrock-order")
def turns_out_of_order(example: Example) -> Iterator[Found]:
    before = "assistant"
    is_first = True
    for path, turn in _turns(example):
        role = turn.get("role")
        if role == "system":  # another rule's
            continue
        if role in _ROLES and role == before:
            said = "the first turn is the user's" if is_first else f"the {role} speaks twice in a row"
            yield Found(said, path)
        before = role if isinstance(role, str) else ""
        is_first = False


@check("bedrock-last-turn")
def last_turn_not_the_assistants(example: Example) -> Iterator[Found]:
    turns = _turns(example)
    if turns and turns[-1][1].get("role") == "user":
        yield Found("the last turn is the user's; an example ends with the assistant's answer", turns[-1][0])
