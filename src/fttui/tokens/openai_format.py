"""An example as OpenAI's models read it, by the same rule as it is counted.

OpenAI has not published the whole format. What is known: each message is ``<|im_start|>``, the role, ``<|im_sep|>``,
the text, ``<|im_end|>``, and three tokens start the answer; these are the constants of `fttui.tokens.chat`. Where calls
and tools stand in it is not known: they are shown as they are counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from fttui.tokens.chat import call_texts, content_texts
from fttui.tokens.encodings import text_counter
from fttui.tokens.tools import count_tools

PartKind = Literal["trained", "masked", "format", "label"]
START: Final = "<|im_start|>"
SEPARATOR: Final = "<|im_sep|>"
END: Final = "<|im_end|>"


@dataclass(frozen=True, slots=True)
class Part:
    """A text that is tokenised by itself.

    Attributes:
        text: As it is in the example.
        kind: Whether it is trained on, read only, or added by the format; a label is ours and no part of the example.
        tokens: How many it counts, when it is not split; None when its own tokens count.
    """

    text: str
    kind: PartKind
    tokens: int | None = None


def openai_parts(record: Mapping[str, Any], encoding: str) -> list[Part]:
    """The parts of an example; their tokens add up to what `fttui.tokens.chat.count_example` gives. Never raises."""
    if "messages" in record:
        return list(_conversation(record, record["messages"], encoding))
    if isinstance(source := record.get("input"), Mapping):
        return list(_preference(record, source, encoding))
    if isinstance(completion := record.get("completion"), str):
        prompt = record.get("prompt")
        return [*([Part(prompt, "masked")] if isinstance(prompt, str) else []), Part(completion, "trained")]
    return []


def _preference(record: Mapping[str, Any], source: Mapping[str, Any], encoding: str) -> Iterator[Part]:
    yield from _conversation(source, source.get("messages"), encoding, trains=False)
    for label, side, old in (
        ("preferred:", "preferred_output", "preferred_completion"),
        ("not preferred:", "non_preferred_output", "non_preferred_completion"),
    ):
        yield Part(f"\n{label}\n", "label", 0)
        yield from _messages(record.get(side, record.get(old)))


def _conversation(record: Mapping[str, Any], messages: Any, encoding: str, *, trains: bool = True) -> Iterator[Part]:
    tools = record.get("tools", record.get("functions"))
    if tools and (tokens := count_tools(tools, encoding, text_counter(encoding))):
        yield Part("tools, as their definitions are counted:\n", "label", 0)
        yield Part(_as_json(tools), "format", tokens)
        yield Part("\n", "label", 0)
    yield from _messages(messages, trains=trains)
    yield Part(START, "format", 1)
    yield Part("assistant", "format", 1)
    yield Part(SEPARATOR, "format", 1)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _messages(messages: Any, *, trains: bool = True) -> Iterator[Part]:
    if isinstance(messages, Sequence) and not isinstance(messages, str):
        for message in messages:
            if isinstance(message, Mapping):
                yield from _message(message, trains=trains)


def _message(message: Mapping[str, Any], *, trains: bool) -> Iterator[Part]:
    is_trained = trains and message.get("role") == "assistant" and message.get("weight") != 0
    written: PartKind = "trained" if is_trained else "masked"
    yield Part(START, "format", 1)
    if isinstance(role := message.get("role"), str):
        yield Part(role, "format")
    if "name" in message:
        yield Part(" name=", "format", 1)
        if isinstance(name := message["name"], str):
            yield Part(name, "format")
    yield Part(SEPARATOR, "format", 1)
    for key, value in message.items():
        if key == "content":
            yield from (Part(text, written) for text in content_texts(value))
        elif key in ("tool_calls", "function_call") and not isinstance(value, str):
            for text, is_written in call_texts(value):
                yield Part(" ", "label", 0)
                yield Part(text, written if is_written else "masked")
        elif isinstance(value, str) and key not in ("role", "name"):
            yield Part(" ", "label", 0)
            yield Part(value, written if key == "refusal" else "masked")
    yield Part(END, "format", 1)
    yield Part("\n", "label", 0)
