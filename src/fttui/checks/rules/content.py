"""Rules about the content of a message: whether it is there, of a type that is read, and not empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fttui.checks.model import Example, Found, Path
from fttui.checks.roles import role_of
from fttui.checks.rules.messages import key_for_content
from fttui.checks.table import check, fix
from fttui.checks.traits import CONTENT, PARTS, REFUSALS
from fttui.checks.words import holder_of, is_blank, meant_by, quoted, rename_key, type_name
from fttui.formats.style import dump_line

_TYPES: Final = ("text", "image_url", "refusal", "input_audio", "file")
_OTHER_TYPES: Final = {"input_text": "text", "output_text": "text", "input_image": "image_url", "image": "image_url"}
_INSTEAD: Final = ("tool_calls", "function_call", "refusal")
_TEXT_KEYS: Final = ("content", "value")
_NEVER_TRAINED: Final = ("input_audio", "file")


def _answers_otherwise(message: dict[str, Any]) -> bool:
    """Whether an assistant's message has something in place of its content: a call, or a refusal."""
    return role_of(message) == "assistant" and any(message.get(key) for key in _INSTEAD)


@check("content-missing", needs=CONTENT)
def no_content(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        if message.get("content") is not None or _answers_otherwise(message):
            continue
        meant = key_for_content(message)
        if meant is not None:
            yield Found(f"this message has no content: is {quoted(meant)} meant", (*path, meant))
        elif "content" not in message:
            yield Found("this message has no content", path, is_fixable=False)
        elif role_of(message) != "function":  # the one role whose schema allows null
            yield Found("the content is null", (*path, "content"), is_fixable=False)


@fix("content-missing")
def rename_to_content(record: dict[str, Any], path: Path) -> None:
    rename_key(holder_of(record, path), str(path[-1]), "content")


@check("content-empty", needs=CONTENT | PARTS)
def empty_answer(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        if message.get("role") == "assistant" and _is_empty(message) and not _answers_otherwise(message):
            yield Found("the assistant's answer is empty", (*path, "content"))


@check("content-blank", needs=CONTENT | PARTS)
def blank_content(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        role = message.get("role")
        if role in ("system", "developer", "user") and _is_empty(message):
            is_alone = sum(path[:-1] == other[:-1] for other, _ in example.messages()) == 1
            is_fixable = role != "user" and not is_alone
            yield Found(f"the {role}'s message is empty", (*path, "content"), is_fixable=is_fixable)


@fix("content-blank")
def remove_the_message(record: dict[str, Any], path: Path) -> None:
    del holder_of(record, path[:-1])[path[-2]]


def _is_empty(message: dict[str, Any]) -> bool:
    content = message.get("content")
    if isinstance(content, str):
        return is_blank(content)
    return isinstance(content, list) and all(_is_blank_part(part) for part in content)


def _is_blank_part(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type") != "text":
        return False
    text = part.get("text")
    return isinstance(text, str) and is_blank(text)


@check("content-type", needs=CONTENT)
def content_of_another_type(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        content = message.get("content")
        if content is not None and not isinstance(content, str | list):
            yield Found(f"the content is {type_name(content)}, not a string or a list of parts", (*path, "content"))


@fix("content-type")
def write_as_text(record: dict[str, Any], path: Path) -> None:
    message = holder_of(record, path)
    content = message["content"]
    if isinstance(content, dict) and isinstance(content.get("type"), str) and content["type"] in _TYPES:
        message["content"] = [content]
    else:
        message["content"] = _as_json(content)


def _as_json(value: Any) -> str:
    """The value as JSON text, its numbers as they were spelt."""
    return dump_line({"": value}).decode("utf-8").removeprefix('{"": ').removesuffix("}")


@check("tool-content-parts", needs=PARTS)
def result_in_parts(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        content = message.get("content")
        if isinstance(content, list) and message.get("role") == "tool":
            is_fixable = bool(content) and all(_is_text(part) for part in content)
            said = "the result of a tool is a list of parts; write it as a string"
            yield Found(said, (*path, "content"), is_fixable=is_fixable)


@fix("tool-content-parts")
def join_the_texts(record: dict[str, Any], path: Path) -> None:
    message = holder_of(record, path)
    message["content"] = "".join(part["text"] for part in message["content"])


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)


@check("part-malformed", needs=PARTS)
def malformed_part(example: Example) -> Iterator[Found]:
    for path, _, part in example.parts():
        wrong = _wrong_with_part(part)
        if wrong:
            yield Found(wrong, path, is_fixable=_mended(part) is not None)


@fix("part-malformed")
def mend_the_part(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    holder[path[-1]] = _mended(holder[path[-1]]) or holder[path[-1]]


def _wrong_with_part(part: Any) -> str | None:
    if not isinstance(part, dict):
        return f"a part of the content must be an object with a type; this is {type_name(part)}"
    kind = part.get("type")
    if not isinstance(kind, str):
        return "this part of the content has no type" if "type" not in part else "the type of this part is no string"
    if kind in ("text", "refusal") and not isinstance(part.get(kind), str):
        return f"a part of the type {kind!r} needs a string as its {kind!r}"
    return None


def _mended(part: Any) -> dict[str, Any] | None:
    """The part as it must have been meant, if that is plain."""
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, dict):
        return None
    if not isinstance(part.get("type"), str):
        rest = {key: value for key, value in part.items() if key != "type"}
        if isinstance(part.get("text"), str):
            return {"type": "text", **rest}
        return {"type": "image_url", **rest} if "image_url" in part else None
    kind = part["type"]
    if kind == "text" and "text" not in part:
        meant = next((key for key in _TEXT_KEYS if isinstance(part.get(key), str)), None)
        return {("text" if key == meant else key): value for key, value in part.items()} if meant else None
    if kind == "text" and isinstance(part.get("text"), int | float):
        return {**part, "text": _as_json(part["text"])}
    return None


@check("part-unknown", needs=PARTS)
def unknown_part(example: Example) -> Iterator[Found]:
    for path, _, part in example.parts():
        kind = part.get("type") if isinstance(part, dict) else None
        if isinstance(kind, str) and kind not in _TYPES:
            meant = _meant_type(kind, part)
            ask = f": did you mean {meant!r}?" if meant else "; known are text, image_url and refusal"
            said = f"the type {quoted(kind)} of this part is unknown{ask}"
            yield Found(said, (*path, "type"), is_fixable=meant is not None)


@fix("part-unknown")
def write_known_type(record: dict[str, Any], path: Path) -> None:
    part = holder_of(record, path)
    part["type"] = _meant_type(part["type"], part) or part["type"]


def _meant_type(kind: str, part: dict[str, Any]) -> str | None:
    meant = _OTHER_TYPES.get(kind) or meant_by(kind, ("text", "image_url", "refusal"))
    return meant if meant in part else None


@check("part-not-taken", needs=PARTS)
def part_not_taken(example: Example) -> Iterator[Found]:
    for path, message, part in example.parts():
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in _NEVER_TRAINED:
            yield Found(f"a part of the type {kind!r} is not among those that can be trained on", path)
        elif kind == "refusal" and role_of(message) not in ("assistant", None):
            yield Found(f"a refusal is the assistant's, not the {role_of(message)}'s", path)


@check("refusal-malformed", needs=REFUSALS)
def malformed_refusal(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        refusal = message.get("refusal")
        if message.get("role") != "assistant" or refusal is None:
            continue
        if not isinstance(refusal, str):
            yield Found(f"the refusal is {type_name(refusal)}, not a string", (*path, "refusal"))


@check("refusal-beside-content", needs=REFUSALS)
def refusal_beside_content(example: Example) -> Iterator[Found]:
    for path, message in example.messages():
        refusal = message.get("refusal")
        if message.get("role") != "assistant" or not isinstance(refusal, str) or is_blank(refusal):
            continue
        if message.get("content") and not _is_empty(message):
            yield Found("this message both answers and refuses; only one of them can be meant", (*path, "refusal"))
