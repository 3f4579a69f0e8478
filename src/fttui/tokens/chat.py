"""Tokens of one example: the text, and what the chat format adds around it.

Source of the numbers: openai-cookbook, "How to count tokens with tiktoken" and "Data preparation and analysis for chat
model fine-tuning". Their rule is exact for text messages; for tools it is OpenAI's own approximation, extended here to
nested schemas. Images are not counted (no local rule exists).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fttui.tokens.encodings import text_counter
from fttui.tokens.parts import OTHER, PRIMING, ROLES, TOOLS, Parts, note
from fttui.tokens.tools import count_tools

PER_EXAMPLE: Final = 3
"""Every answer is primed with ``<|start|>assistant<|message|>``."""
PER_MESSAGE: Final = 3
PER_NAME: Final = 1

_SHARED: Final = ("system", "developer")
"""Roles whose texts come back in many examples."""
_CACHED_LENGTH: Final = 2_000
_CACHE_SIZE: Final = 4_096


@dataclass(frozen=True, slots=True)
class ExampleTokens:
    """Tokens of one example.

    Attributes:
        total: Everything that is billed.
        trainable: What the assistant writes in messages whose weight is not 0: their content, refusals, and the names
            and arguments of their calls, without what the format adds. It is what the loss is computed on.
    """

    total: int
    trainable: int


_NOTHING: Final = ExampleTokens(0, 0)


def count_example(record: Mapping[str, Any], encoding: str) -> ExampleTokens:
    """Tokens of an example of any kind; see `ExampleCounter.count`."""
    return ExampleCounter(encoding).count(record)


class ExampleCounter:
    """Counts with one encoding; short strings that come back (roles, names, system messages) are counted once.

    Attributes:
        parts: What all examples so far hold, by role and other part; these add up to their totals.
    """

    _caches: Final[dict[str, dict[str, int]]] = {}

    def __init__(self, encoding: str) -> None:
        self.parts: Final[Parts] = {}
        self._encoding = encoding
        self.text: Final = text_counter(encoding)
        self._cache = self._caches.setdefault(encoding, {})

    def count(self, record: Mapping[str, Any]) -> ExampleTokens:
        """Tokens of an example of any kind; whatever is not as it should be counts nothing.

        A preference record counts its input and both answers once (how often a provider bills each is not documented);
        both answers are trainable. A prompt/completion record has no overhead. A record of no known kind counts 0.
        """
        if "messages" in record:
            return self.chat(record, record["messages"])
        if "input" in record and isinstance(record["input"], Mapping):
            return self.preference(record)
        if isinstance(record.get("completion"), str):
            return self.completion(record)
        return _NOTHING

    def repeated(self, text: str) -> int:
        """Tokens of a string that many examples share."""
        if len(text) > _CACHED_LENGTH:
            return self.text(text)
        found = self._cache.get(text)
        if found is None:
            if len(self._cache) >= _CACHE_SIZE:
                self._cache.clear()
            found = self._cache[text] = self.text(text)
        return found

    def chat(self, record: Mapping[str, Any], messages: Any, *, trains: bool = True) -> ExampleTokens:
        counted = self.messages(messages, trains=trains)
        tools = record.get("tools", record.get("functions"))
        overhead = count_tools(tools, self._encoding, self.repeated) if tools else 0
        note(self.parts, PRIMING, PER_EXAMPLE)
        if overhead:
            note(self.parts, TOOLS, overhead)
        return ExampleTokens(PER_EXAMPLE + counted.total + overhead, counted.trainable)

    def preference(self, record: Mapping[str, Any]) -> ExampleTokens:
        source = record["input"]
        example = self.chat(source, source.get("messages"), trains=False)
        answers = [
            self.messages(record.get(side, record.get(old)))
            for side, old in (
                ("preferred_output", "preferred_completion"),
                ("non_preferred_output", "non_preferred_completion"),
            )
        ]
        return ExampleTokens(
            example.total + sum(answer.total for answer in answers), sum(answer.trainable for answer in answers)
        )

    def completion(self, record: Mapping[str, Any]) -> ExampleTokens:
        prompt = record.get("prompt")
        asked, trained = self.text(prompt) if isinstance(prompt, str) else 0, self.text(record["completion"])
        note(self.parts, "prompt", asked)
        note(self.parts, "completion", trained, trained)
        return ExampleTokens(asked + trained, trained)

    def messages(self, messages: Any, *, trains: bool = True) -> ExampleTokens:
        total = trainable = 0
        if type(messages) is list or (isinstance(messages, Sequence) and not isinstance(messages, str)):
            for message in messages:
                if type(message) is dict and len(message) == 2:
                    role, content = message.get("role"), message.get("content")
                    if type(role) is str and type(content) is str:  # as most are, in a third of the time
                        written = self.repeated(content) if role in _SHARED else self.text(content)
                        whole = PER_MESSAGE + self.repeated(role) + written
                        trained = written if trains and role == "assistant" else 0
                        note(self.parts, role if role in ROLES else OTHER, whole, trained)
                        total += whole
                        trainable += trained
                        continue
                if isinstance(message, Mapping):
                    role = message.get("role")
                    whole, written = self.message(message)
                    trained = written if trains and role == "assistant" and message.get("weight") != 0 else 0
                    note(self.parts, role if isinstance(role, str) and role in ROLES else OTHER, whole, trained)
                    total += whole
                    trainable += trained
        return ExampleTokens(total, trainable)

    def message(self, message: Mapping[str, Any]) -> tuple[int, int]:
        """All tokens of a message, and those of what its author writes."""
        total = PER_MESSAGE + (PER_NAME if "name" in message else 0)
        shared = message.get("role") in _SHARED
        written = 0
        for key, value in message.items():
            if key == "content":
                count: Callable[[str], int] = self.repeated if shared else self.text
                written += sum(count(text) for text in content_texts(value))
            elif key == "refusal" and isinstance(value, str):
                written += self.text(value)
            elif isinstance(value, str):
                total += self.repeated(value) if key in ("role", "name") else self.text(value)
            elif key in ("tool_calls", "function_call"):
                for text, is_written in call_texts(value):
                    tokens = self.text(text)
                    written, total = (written + tokens, total) if is_written else (written, total + tokens)
        return total + written, written


def content_texts(content: Any) -> list[str]:
    """The texts of a message's content: itself, or those of its parts (text and refusals; images have none)."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    texts = []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Mapping):
            texts.extend(value for key in ("text", "refusal") if isinstance(value := part.get(key), str))
    return texts


def call_texts(calls: Any) -> Iterator[tuple[str, bool]]:
    """Every string of a message's calls that counts, and whether the model writes it (ids and types it does not)."""
    for call in calls if isinstance(calls, list) else [calls]:
        if not isinstance(call, Mapping) or not isinstance(call.get("function"), Mapping):
            yield from ((text, True) for text in strings_in(call))
            continue
        for key, value in call.items():
            yield from ((text, key == "function") for text in strings_in(value))


def strings_in(value: Any) -> Iterator[str]:
    """Every string value inside ``value``, however deep, in order; keys are not counted, as in a message."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            pending.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            pending.extend(reversed(item))
