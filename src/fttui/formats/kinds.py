"""What kind of training data a record is, by its keys; for data of other tools, whose it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

from fttui.formats.slots import NON_PREFERRED, PREFERRED

Kind: TypeAlias = Literal["chat", "preference", "reinforcement", "completion", "gemini", "bedrock", "other"]
"""``gemini`` are Google's contents, ``bedrock`` Amazon's conversations; ``other`` is for no fine-tuning API."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

NOT_GRADED: Final = frozenset(
    ("messages", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "response_format")
)
"""Keys beside the messages of a record for reinforcement that are not for its grader."""
# keys that only data of other tools has, and what to call it; the first that fits is taken
_OTHERS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (("conversations",), "ShareGPT conversations"),
    (("chosen", "rejected"), "a TRL preference pair"),
    (("instruction", "output"), "Alpaca instructions"),
    (("instruction", "chosen"), "Alpaca preference pairs"),
    (("prompt", "label"), "TRL unpaired preferences"),
    (("reward_model",), "verl reinforcement data"),
    (("segments",), "Axolotl segments"),
    (("custom_id", "body"), "a batch request"),
    (("custom_id", "response"), "a batch response"),
    (("input", "output"), "logged requests"),
    (("text",), "plain text for language modelling"),
)


def kind_of_record(record: Mapping[str, Any]) -> Kind:
    """The kind that a single record seems to be; whether a chat is for reinforcement shows only in a whole file.

    A record for reinforcement is taken for one when its messages end before the answer and a grader has keys to read.
    """
    if any(key in record for key in (*PREFERRED, *NON_PREFERRED)):
        return "preference"
    if "contents" in record:
        return "gemini"
    messages = record.get("messages")
    if messages is not None or "messages" in record:
        if "schemaVersion" in record or _has_bedrock_parts(messages):
            return "bedrock"
        return "reinforcement" if _is_for_grader(record, messages) else "chat"
    if isinstance(record.get("completion"), str) or (isinstance(record.get("prompt"), str) and "chosen" not in record):
        return "completion"
    return "other"


def kind_of_file(records: Iterable[Mapping[str, Any]]) -> Kind:
    """The kind of most of the first records of a file; chat without any."""
    seen: dict[Kind, int] = {}
    for record in records:
        kind = kind_of_record(record)
        seen[kind] = seen.get(kind, 0) + 1
    return max(seen, key=lambda kind: seen[kind]) if seen else "chat"


def tool_of(record: Mapping[str, Any]) -> str:
    """Whose data a record of the kind ``other`` is, as a few words; "" when nobody knows."""
    if isinstance(record.get("prompt"), list) and isinstance(record.get("completion"), list):
        return "TRL prompts with their answers"
    return next((name for keys, name in _OTHERS if all(key in record for key in keys)), "")


def _is_for_grader(record: Mapping[str, Any], messages: Any) -> bool:
    if not isinstance(messages, list) or not messages or not isinstance(messages[-1], Mapping):
        return False
    return messages[-1].get("role") in ("user", "developer") and any(key not in NOT_GRADED for key in record)


def _has_bedrock_parts(messages: Any) -> bool:
    """Whether the first message's content is a list of parts without types, as Amazon writes them."""
    first = messages[0] if isinstance(messages, list) and messages else None
    content = first.get("content") if isinstance(first, Mapping) else None
    part = content[0] if isinstance(content, list) and content else None
    return isinstance(part, Mapping) and "type" not in part and "text" in part
