"""Training files: every line checked by the rules of the job's method, each mistake with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fttui.core.errors import InputError
from fttui.core.text import one_line
from fttui.formats.chat import kind_of
from fttui.formats.lines import parse_line
from fttui.formats.slots import NON_PREFERRED, PREFERRED
from fttui.local.engines.protocol import Method
from fttui.local.file_check import LINE_LIMIT, TOO_LONG, bounded_lines
from fttui.local.surrogates import encodable

ROLES: Final = ("system", "developer", "user", "assistant", "tool", "function")
_ANSWER_ROLES: Final = ("assistant", "tool")
_KINDS: Final = {
    "chat": "a conversation",
    "completion": "a prompt with its completion",
    "preference": "a preference pair",
}
_SHOWN_MISTAKES = 5
_MOST_MEASURED: Final = 50
_NO_PAIR: Final = "no preference pair ('input', 'preferred_output', 'non_preferred_output'), which 'dpo' trains on"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What a training file holds."""

    examples: int
    kind: str  # of all its examples: chat, completion or preference; "" without any
    mistakes: tuple[str, ...]  # a sentence each, of the first few
    mistakes_in_all: int

    def complaint(self, name: str) -> str | None:
        """Why the file cannot be trained on, as one sentence or more; None when it can."""
        if not self.mistakes_in_all:
            return None if self.examples else f"{name} holds no examples."
        more = self.mistakes_in_all - len(self.mistakes)
        tail = f" {more} more line{'s are' if more > 1 else ' is'} invalid too." if more else ""
        return f"{name} is not valid. {' '.join(self.mistakes)}{tail}"


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers from 1, blank ones and a byte order mark left out."""
    for number, line in bounded_lines(path):
        if line.strip():
            yield number, line


def check_file(path: Path, method: Method, kind: str = "") -> CheckedFile:
    """Read a training file once from start to end.

    Args:
        path: The file.
        method: The job's: preference pairs are for ``dpo`` and nothing else is.
        kind: What its examples must be; empty: of the first one's kind.

    Raises:
        OSError: It cannot be read.
    """
    examples = 0
    mistakes: list[str] = []
    in_all = 0
    for number, line in read_lines(path):
        own, reason = _look_at(line, method)
        if reason is None and kind not in ("", own):
            reason = f"{_KINDS[own]}, and the examples before it are each {_KINDS[kind]}"
        if reason is None:
            kind = own
            examples += 1
            continue
        in_all += 1
        if len(mistakes) < _SHOWN_MISTAKES:
            mistakes.append(f"Line {number}: {reason}.")
    return CheckedFile(examples, kind if examples else "", tuple(mistakes), in_all)


def load_examples(path: Path) -> list[Mapping[str, Any]]:
    """The examples of a file that was checked.

    Raises:
        InputError: A line is broken: the file was changed since it was checked.
    """
    examples: list[Mapping[str, Any]] = []
    for number, line in read_lines(path):
        parsed = parse_line(line)
        if parsed.error is not None or parsed.value is None:
            raise InputError(f"Line {number} of the training file is broken.")
        examples.append(encodable(_as_documented(parsed.value)))
    return examples


def as_chat(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A preference pair as the conversation with the preferred answer; any other record as it is."""
    if kind_of(record) != "preference":
        return record
    given = record["input"]
    asked = [
        {**message, "weight": 0} if message.get("role") == "assistant" else message for message in given["messages"]
    ]
    return {**given, "messages": [*asked, *_answers(record, PREFERRED)]}


def to_measure(records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What of a file an adapter's loss on the original weights is measured on: enough to tell, and soon done."""
    return [as_chat(record) for record in records[:_MOST_MEASURED]]


def _as_documented(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """A preference pair with its answers under the names of OpenAI's guide, whichever of its names they had."""
    if kind_of(record) != "preference":
        return record
    rest = {key: value for key, value in record.items() if key not in (*PREFERRED, *NON_PREFERRED)}
    return {**rest, PREFERRED[0]: _answers(record, PREFERRED), NON_PREFERRED[0]: _answers(record, NON_PREFERRED)}


def _look_at(line: bytes, method: Method) -> tuple[str, str | None]:
    """The kind of the example in a line, and what is wrong with it."""
    if len(line) > LINE_LIMIT:
        return "", TOO_LONG
    parsed = parse_line(line)
    if parsed.error is not None:
        where = (
            "" if parsed.error.column is None or "column" in parsed.error.reason else f", column {parsed.error.column}"
        )
        return "", f"{parsed.error.reason}{where}"
    record = parsed.value or {}
    return kind_of(record), mistake_of(record, method)


def mistake_of(record: Mapping[str, Any], method: Method = "supervised") -> str | None:
    """Why a record is no example for a method; None when it is one."""
    kind = kind_of(record)
    if method == "dpo":
        return _mistake_of_pair(record) if kind == "preference" else _NO_PAIR
    if kind == "chat":
        return _mistake_of_chat(record)
    if kind == "completion":
        wrong = [key for key in ("prompt", "completion") if not isinstance(record.get(key), str)]
        return f"'{wrong[0]}' is not a string" if wrong else None
    if kind == "preference":
        return "a preference pair, which the method 'dpo' trains on and 'supervised' does not"
    return "no 'messages' (and no 'prompt' with 'completion') in it"


def _mistake_of_pair(record: Mapping[str, Any]) -> str | None:
    given = record.get("input")
    messages = given.get("messages") if isinstance(given, dict) else None
    if not isinstance(messages, list) or not messages:
        return "'input' has no 'messages' with messages in it"
    for position, message in enumerate(messages, start=1):
        reason = _mistake_of_message(message)
        if reason is not None:
            return f"message {position} of the input {reason}"
    return _mistake_of_answers(record, PREFERRED) or _mistake_of_answers(record, NON_PREFERRED)


def _mistake_of_answers(record: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    answers = _answers(record, keys)
    if not isinstance(answers, list) or not answers:
        return f"'{keys[0]}' is not a list with a message in it"
    for message in answers:
        reason = _mistake_of_message(message)
        if reason is not None:
            return f"the message in '{keys[0]}' {reason}"
        if message["role"] not in _ANSWER_ROLES:
            return f"a message in '{keys[0]}' has the role '{message['role']}'; it must be an answer of the assistant"
    if not any(message["role"] == "assistant" for message in answers):
        return f"no assistant message in '{keys[0]}'"
    return None


def _answers(record: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((record[key] for key in keys if key in record), None)


def _mistake_of_chat(record: Mapping[str, Any]) -> str | None:
    messages = record.get("messages")
    if not isinstance(messages, list) or not messages:
        return "'messages' is not a list with messages in it"
    for position, message in enumerate(messages, start=1):
        reason = _mistake_of_message(message)
        if reason is not None:
            return f"message {position} {reason}"
    if not any(m["role"] == "assistant" and m.get("weight", 1) != 0 for m in messages):
        return "no assistant message that is trained on"
    return None


def _mistake_of_message(message: Any) -> str | None:
    if not isinstance(message, dict):
        return "is not an object"
    role = message.get("role")
    if role not in ROLES:
        return f"has the role {one_line(repr(role), 40)}; known are {', '.join(ROLES)}"
    content = message.get("content")
    tool_calls, call = message.get("tool_calls"), message.get("function_call")
    if tool_calls is not None and not _are_tool_calls(tool_calls):
        return "has 'tool_calls' that are not a list of objects, each with a 'function' that is an object with a 'name'"
    if call is not None and not _is_named(call):
        return "has a 'function_call' that is not an object with a 'name'"
    calls = bool(tool_calls or call)
    if content is None and role == "assistant" and calls:
        return None
    if not isinstance(content, str) and not is_text_parts(content):
        return "has no text: 'content' must be a string or a list of text parts"
    weight = message.get("weight")
    if weight is not None and (role != "assistant" or weight not in (0, 1)):
        return "has a 'weight', which is 0 or 1 and belongs to assistant messages"
    return None


def _are_tool_calls(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(call, dict) and _is_named(call.get("function")) for call in value)


def _is_named(function: Any) -> bool:
    return isinstance(function, dict) and isinstance(function.get("name"), str)


def is_text_parts(content: Any) -> bool:
    """Whether a message's content is a list of nothing but texts."""
    return isinstance(content, list) and all(
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str) for part in content
    )
