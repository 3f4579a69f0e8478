"""Rules about Gemini's contents: turns of the roles user and model, each a list of parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.words import holder_of, is_blank, meant_by, quoted, type_name
from fttui.formats.slots import value_at

_ROLES: Final = ("user", "model")
_OTHER_ROLES: Final = {"assistant": "model", "human": "user", "gpt": "model", "bot": "model", "tool": "user"}
_FIRST: Final = ("user", "", None)
_RESULTS: Final = ("functionResponse", "function_response")
_PARTS: Final = (
    "text", "inlineData", "fileData", "functionCall", "videoMetadata", "thought", "inline_data", "file_data",
    "function_call", "video_metadata", *_RESULTS,
)  # fmt: skip
"""Google's guides write keys in both ways."""


def _turns(example: Example) -> list[tuple[Path, dict[str, Any]]]:
    contents = example.record.get("contents")
    if not isinstance(contents, list):
        return []
    return [(("contents", number), turn) for number, turn in enumerate(contents) if isinstance(turn, dict)]


@check("gemini-contents")
def no_contents(example: Example) -> Iterator[Found]:
    contents = example.record.get("contents")
    if "contents" not in example.record:
        yield Found("there are no `contents`")
    elif not isinstance(contents, list):
        yield Found(f"`contents` is {type_name(contents)}, not a list of turns", ("contents",))
    elif not contents:
        yield Found("`contents` is empty", ("contents",))
    else:
        for number, turn in enumerate(contents):
            if not isinstance(turn, dict):
                said = f"a turn must be an object with role and parts; this is {type_name(turn)}"
                yield Found(said, ("contents", number))


@check("gemini-role")
def wrong_role(example: Example) -> Iterator[Found]:
    for path, turn in _turns(example):
        role = turn.get("role")
        is_plain = path[-1] == 0 or _has_result(turn)  # the user begins, and gives back what functions say
        if is_plain and (role in (None, "") or (role == "function" and path[-1])):
            continue
        if not isinstance(role, str):
            yield Found("this turn has no role; it is user or model", path, is_fixable=False)
        elif role not in _ROLES:
            meant = _meant_role(role)
            ask = f": did you mean {meant!r}?" if meant else "; it is user or model"
            yield Found(f"the role {quoted(role)} is unknown{ask}", (*path, "role"), is_fixable=meant is not None)


def _has_result(turn: dict[str, Any]) -> bool:
    parts = turn.get("parts")
    return isinstance(parts, list) and any(
        isinstance(part, dict) and any(key in part for key in _RESULTS) for part in parts
    )


@fix("gemini-role")
def write_known_role(record: dict[str, Any], path: Path) -> None:
    turn = holder_of(record, path)
    turn["role"] = _meant_role(turn["role"]) or turn["role"]


def _meant_role(role: str) -> str | None:
    return _OTHER_ROLES.get(role.strip().lower()) or meant_by(role, _ROLES, 0.75)


@check("gemini-parts")
def wrong_parts(example: Example) -> Iterator[Found]:
    for path, turn in _turns(example):
        parts = turn.get("parts")
        if not isinstance(parts, list) or not parts:
            is_fixable = _as_parts(turn) is not None
            said = (
                f"`parts` is {type_name(parts)}, not a list of parts" if "parts" in turn else "this turn has no `parts`"
            )
            said = "`parts` is empty" if parts == [] else said
            yield Found(said, (*path, "parts") if "parts" in turn else path, is_fixable=is_fixable)
            continue
        for number, part in enumerate(parts):
            if not isinstance(part, dict) or not any(key in part for key in _PARTS):
                is_fixable = isinstance(part, str)
                yield Found('a part must be an object such as {"text": …}', (*path, "parts", number), None, is_fixable)
            elif "text" in part and not isinstance(part["text"], str):
                said = f"the text is {type_name(part['text'])}, not a string"
                yield Found(said, (*path, "parts", number, "text"), is_fixable=False)


@fix("gemini-parts")
def write_parts(record: dict[str, Any], path: Path) -> None:
    if len(path) == 4:
        parts = holder_of(record, path)
        parts[path[-1]] = {"text": parts[path[-1]]}
        return
    turn = value_at(record, path[:2])
    parts = _as_parts(turn)
    turn.pop("content" if "parts" not in turn else "parts", None)
    turn["parts"] = parts


def _as_parts(turn: dict[str, Any]) -> list[Any] | None:
    """The parts that a string, a single part or a `content` in their place stands for."""
    value = turn.get("parts") if "parts" in turn else turn.get("content")
    if isinstance(value, str):
        return [{"text": value}]
    return [value] if isinstance(value, dict) and isinstance(value.get("text"), str) else None


@check("gemini-text-empty")
def empty_text(example: Example) -> Iterator[Found]:
    for path, turn in _turns(example):
        parts = turn.get("parts")
        if isinstance(parts, list) and parts and all(_is_blank_part(part) for part in parts):
            yield Found(f"the turn of the {quoted(str(turn.get('role')))} is empty", (*path, "parts"))


def _is_blank_part(part: Any) -> bool:
    return isinstance(part, dict) and set(part) == {"text"} and isinstance(part["text"], str) and is_blank(part["text"])


@check("gemini-order")
def turns_out_of_order(example: Example) -> Iterator[Found]:
    before = "model"
    for path, turn in _turns(example):
        role = turn.get("role")
        if role in _ROLES and role == before:
            first = path[-1] == 0
            said = "the first turn is the user's" if first else f"the {role} speaks twice in a row"
            yield Found(said, path)
        before = role if isinstance(role, str) else ""


@check("gemini-model-missing")
def no_turn_of_the_model(example: Example) -> Iterator[Found]:
    turns = _turns(example)
    # a role that is none, or another, may be meant for the model's: another rule's
    if turns and all(turn.get("role") == "user" for _, turn in turns[1:]) and turns[0][1].get("role") in _FIRST:
        yield Found("no turn is the model's, so there is nothing to learn", ("contents",))


@check("gemini-last-turn")
def last_turn_not_the_models(example: Example) -> Iterator[Found]:
    turns = _turns(example)
    if turns and turns[-1][1].get("role") == "user" and any(turn.get("role") == "model" for _, turn in turns):
        yield Found("the last turn is the user's; an example ends with the model's answer", turns[-1][0])


@check("gemini-system")
def wrong_system(example: Example) -> Iterator[Found]:
    for key in ("systemInstruction", "system_instruction"):
        if key not in example.record:
            continue
        system = example.record[key]
        if not isinstance(system, dict) or not isinstance(system.get("parts"), list):
            is_fixable = isinstance(system, str)
            yield Found("the system instruction is an object with parts", (key,), is_fixable=is_fixable)


@fix("gemini-system")
def write_the_system(record: dict[str, Any], path: Path) -> None:
    key = str(path[0])
    record[key] = {"role": "system", "parts": [{"text": record[key]}]}
