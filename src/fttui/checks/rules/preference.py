"""Rules about preference pairs: an input, and two different answers to it of one message each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.table import check, fix
from fttui.checks.traits import ODD, PAIR, PARTS, STRANGE_KEYS
from fttui.checks.words import holder_of, is_blank, quoted, rename_key, takers_that, type_name
from fttui.formats.slots import NON_PREFERRED, PREFERRED, value_at

_SIDES: Final = ((PREFERRED[0], (*PREFERRED, "chosen")), (NON_PREFERRED[0], (*NON_PREFERRED, "rejected")))
"""What a side is called, and all that it may be called."""
_INPUTS: Final = ("input", "messages", "prompt")
"""Where the messages to answer stand: as OpenAI reads them, beside the answers, and as TRL writes them."""
_TOOL_KEYS: Final = ("tools", "parallel_tool_calls")
_SEVERAL_MESSAGES: Final = ("azure",)
"""Who takes an answer of several messages: "at least one assistant message, of the roles assistant and tool"."""


def _sides(example: Example) -> Iterator[tuple[str, Any]]:
    """The key of each side that is there, and what stands there."""
    for _, names in _SIDES:
        key = next((name for name in names if name in example.record), None)
        if key is not None:
            yield key, example.record[key]


@check("preference-old-keys", needs=ODD | STRANGE_KEYS)
def old_keys(example: Example) -> Iterator[Found]:
    record = example.record
    for name, others in _SIDES:
        old = next((other for other in others[1:] if other in record), None)
        if old is not None and name in record:
            yield Found(
                f"there is {quoted(old)} beside {quoted(name)}, which is the one that is read", (old,), None, False
            )
        elif old is not None:
            yield Found(f"the key is {quoted(name)} now, not {quoted(old)}", (old,))


@fix("preference-old-keys")
def write_new_key(record: dict[str, Any], path: Path) -> None:
    for name, others in _SIDES:
        if path[0] in others and name not in record:
            rename_key(record, str(path[0]), name)


@check("preference-input", needs=ODD)
def bad_input(example: Example) -> Iterator[Found]:
    record = example.record
    given = record.get("input")
    if isinstance(given, dict) and not _is_message(given):
        return  # the rules about messages look into it
    is_fixable = _whole_input(record) is not None
    if "input" in record:
        what = "a message" if isinstance(given, dict) else type_name(given)
        yield Found(f"input must be an object with messages, but is {what}", ("input",), None, is_fixable)
        return
    beside = next((key for key in _INPUTS[1:] if key in record), None)
    if beside is not None and any(True for _ in _sides(example)):
        text = f"there is no 'input' with the messages to answer; {quoted(beside)} stands in its place"
        yield Found(text, (beside,), None, is_fixable)


@fix("preference-input")
def write_input(record: dict[str, Any], path: Path) -> None:
    whole = _whole_input(record)
    if whole is None:
        return
    key = next(key for key in _INPUTS if key in record)
    rest = {name: value for name, value in record.items() if name != key}
    record.clear()
    record.update({"input": whole, **rest})


def _whole_input(record: dict[str, Any]) -> dict[str, Any] | None:
    """The input that was meant: of a list of messages or a text, wherever it stands; None: nobody can tell."""
    given = next((record[key] for key in _INPUTS if key in record), None)
    messages = _as_messages(given, "user")
    return {"messages": messages} if messages else None


def _as_messages(value: Any, role: str) -> list[Any] | None:
    """The messages of a list, a single message or a text."""
    if isinstance(value, str):
        return None if is_blank(value) else [{"role": role, "content": value}]
    if isinstance(value, dict):
        return [value] if _is_message(value) else None
    return value if isinstance(value, list) and value else None


def _is_message(value: dict[str, Any]) -> bool:
    return "messages" not in value and ("role" in value or "content" in value)


@check("preference-side-missing", needs=ODD)
def missing_side(example: Example) -> Iterator[Found]:
    for name, names in _SIDES:
        if not any(key in example.record for key in names):
            yield Found(f"there is no {quoted(name)}: a pair needs both answers")


@check("preference-side-type", needs=ODD)
def side_not_list(example: Example) -> Iterator[Found]:
    for key, side in _sides(example):
        if not isinstance(side, list):
            is_fixable = _as_messages(side, "assistant") is not None
            yield Found(f"{key} must be a list with one message, but is {type_name(side)}", (key,), None, is_fixable)


@fix("preference-side-type")
def make_side_list(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    messages = _as_messages(holder[path[-1]], "assistant")
    if messages is not None:
        holder[path[-1]] = messages


@check("preference-side-length", needs=PAIR)
def side_of_several(example: Example) -> Iterator[Found]:
    for key, side in _sides(example):
        if not isinstance(side, list) or len(side) == 1:
            continue
        if not side:
            yield Found(f"{key} holds no message", (key,))
            continue
        strict = takers_that("preference", lambda limits: limits.name not in _SEVERAL_MESSAGES)
        yield Found(f"{key} holds {len(side)} messages; one, the assistant's, is taken", (key,), strict)


@check("preference-side-role", needs=PAIR)
def side_of_another(example: Example) -> Iterator[Found]:
    strict = takers_that("preference", lambda limits: limits.name not in _SEVERAL_MESSAGES)
    for key, side in _sides(example):
        if not isinstance(side, list):
            continue
        roles = [message.get("role") for message in side if isinstance(message, dict)]
        for number, message in enumerate(side):
            role = message.get("role") if isinstance(message, dict) else None
            if role in ("system", "developer", "user", "function"):
                yield Found(f"{key} is the assistant's answer; this message is the {role}'s", (key, number, "role"))
            elif role == "tool":
                path: Path = (key, number, "role")
                yield Found(f"{key} is the assistant's answer; this message is a tool's", path, strict)
        if roles and all(role == "tool" for role in roles):
            yield Found(f"{key} has no message of the assistant's", (key,), _SEVERAL_MESSAGES)


@check("preference-same", needs=PAIR)
def same_answers(example: Example) -> Iterator[Found]:
    sides = [side for _, side in _sides(example)]
    if len(sides) == 2 and sides[0] and _core(sides[0]) == _core(sides[1]):
        key = next(reversed(dict(_sides(example))))
        yield Found("both answers are the same: there is nothing to prefer", (key,))


def _core(side: Any) -> Any:
    """What counts of an answer: its texts without blank ends and its calls."""
    if isinstance(side, str):
        return side.strip()
    if isinstance(side, list):
        return [_core(message) for message in side]
    if isinstance(side, dict):
        return {key: _core(value) if key == "content" else value for key, value in side.items() if key != "role"}
    return side


@check("preference-images", needs=PARTS)
def images_in_pair(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        parts = message.get("content")
        for number, part in enumerate(parts) if isinstance(parts, list) else ():
            kind = part.get("type") if isinstance(part, dict) else None
            if kind in ("image_url", "input_image", "image", "input_audio", "file"):
                yield Found("preference pairs are trained on as text only", (*path, "content", number))


@check("preference-last-turn", needs=PAIR)
def input_ends_with_answer(example: Example) -> Iterator[Found]:
    messages = value_at(example.record, ("input", "messages"))
    last = messages[-1] if isinstance(messages, list) and messages else None
    role = last.get("role") if isinstance(last, dict) else None
    if isinstance(role, str) and role not in ("user", "tool", "function", "developer"):
        said = f"input ends with a turn of the {role}'s; both answers are to a user or a tool"
        if role in ("system", "assistant"):
            yield Found(said, ("input", "messages", len(messages) - 1))


@check("preference-tools-place", needs=ODD | STRANGE_KEYS)
def tools_beside_input(example: Example) -> Iterator[Found]:
    given = example.record.get("input")
    for key in _TOOL_KEYS:
        if key in example.record:
            is_fixable = isinstance(given, dict) and key not in given
            yield Found(f"{key} belongs into 'input'; here it is not read", (key,), None, is_fixable)


@fix("preference-tools-place")
def move_into_input(record: dict[str, Any], path: Path) -> None:
    given = record["input"]
    if isinstance(given, dict) and path[0] not in given:
        given[path[0]] = record.pop(str(path[0]))
