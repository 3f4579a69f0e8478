"""Where the messages stand in a record: one numbering over all kinds of records, for reading and for editing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

# OpenAI's guide names the answers …_output, its published schema …_completion; both are read.
PREFERRED: Final = ("preferred_output", "preferred_completion")
NON_PREFERRED: Final = ("non_preferred_output", "non_preferred_completion")
_COMPLETION_ROLES: Final = (("prompt", "user"), ("completion", "assistant"))


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a message: the keys and indices that lead to it, what stands there, the role its place implies."""

    path: Path
    value: Any
    role: str = ""


def kind_of(record: Mapping[str, Any]) -> str:
    """What kind of training record it is, by its keys: ``chat``, ``preference``, ``completion`` or ``unknown``."""
    if "messages" in record:
        return "chat"
    if any(key in record for key in (*PREFERRED, *NON_PREFERRED)):
        return "preference"
    if "prompt" in record and "completion" in record:
        return "completion"
    return "unknown"


# keys that a fine-tuning file may have beside its messages, which are not for a grader
_NOT_GRADED: Final = frozenset(
    ("messages", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "response_format")
)


def grader_keys(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys that a grader reads in a record for reinforcement fine-tuning; () for any other record.

    Such a record has messages that end before the answer, and beside them what the answer is measured by:
    ``reference_answer``, or any other name.
    """
    messages = record.get("messages")
    if not isinstance(messages, list) or not messages:
        return ()
    last = messages[-1]
    is_answered = isinstance(last, Mapping) and last.get("role") == "assistant"
    if is_answered and "reference_answer" not in record:
        return ()
    return tuple(key for key in record if key not in _NOT_GRADED)


def slots_of(record: Mapping[str, Any]) -> list[Slot]:
    """All messages of a record, in reading order; the index in this list is the number of a message everywhere."""
    kind = kind_of(record)
    if kind == "chat":
        return list(_list_slots(record, ("messages",)))
    if kind == "preference":
        answers = [slot for key in (*PREFERRED, *NON_PREFERRED) for slot in _list_slots(record, (key,), "assistant")]
        return [*_list_slots(record, ("input", "messages")), *answers]
    if kind == "completion":
        return [slot for key, role in _COMPLETION_ROLES for slot in _text_slots(record, key, role)]
    return []


def _list_slots(record: Mapping[str, Any], path: Path, role: str = "") -> Iterator[Slot]:
    items = value_at(record, path)
    if isinstance(items, list):
        for index, item in enumerate(items):
            yield Slot((*path, index), item, role)


def _text_slots(record: Mapping[str, Any], key: str, role: str) -> Iterator[Slot]:
    if isinstance(record[key], list):
        yield from _list_slots(record, (key,), role)
    else:
        yield Slot((key,), record[key], role)


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path, or None where it does not lead anywhere."""
    for step in path:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, Mapping) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value


def with_value_at(value: Any, path: Path, new: Any) -> Any:
    """A copy with ``new`` at a path that exists; only what lies on the way is copied, and key order is kept."""
    if not path:
        return new
    step, *rest = path
    copy: Any = list(value) if isinstance(value, list) else dict(value)
    copy[step] = with_value_at(value[step], tuple(rest), new)
    return copy


def without_value_at(value: Any, path: Path) -> Any:
    """A copy without what stands at a path that exists."""
    *way, last = path
    holder = value_at(value, tuple(way))
    copy: Any = list(holder) if isinstance(holder, list) else dict(holder)
    del copy[last]
    return with_value_at(value, tuple(way), copy)
