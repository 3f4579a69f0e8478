"""Where in a record its tokens stand: which message a limit falls into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from fttui.checks.model import Path
from fttui.formats.kinds import Kind
from fttui.formats.slots import NON_PREFERRED, PREFERRED, value_at
from fttui.tokens.chat import PER_EXAMPLE, PER_MESSAGE, ExampleCounter, strings_in
from fttui.tokens.tools import count_tools


class Part(NamedTuple):
    """A piece of what the model reads: where it stands, how many tokens it has, whether it is learnt."""

    path: Path
    tokens: int
    is_trained: bool


@dataclass(frozen=True, slots=True)
class Cut:
    """What a limit leaves out.

    Attributes:
        tokens: Of all that the model reads.
        path: The piece that the limit falls into; all after it is gone.
        is_trained_left: Whether anything that is learnt stands before the limit.
    """

    tokens: int
    path: Path
    is_trained_left: bool


class _Counter(ExampleCounter):
    """Counts tools as well, as a whole example does."""

    def __init__(self, encoding: str) -> None:
        super().__init__(encoding)
        self._name = encoding

    def tools(self, tools: Any) -> int:
        return count_tools(tools, self._name, self.repeated)


def cut_of(record: dict[str, Any], kind: Kind, encoding: str, limit: int) -> Cut | None:
    """What is cut off at the end of a record by a limit in tokens; None when all of it is kept.

    The two sides of a preference pair are read one at a time, each after the prompt; the longer one is told.
    """
    readings = [list(reading) for reading in _readings(record, kind, _Counter(encoding))]
    longest = max(readings, key=_length, default=[])
    total = _length(longest)
    if total <= limit:
        return None
    before = 0
    is_trained_left = False
    path: Path = ()
    for part in longest:
        path = part.path
        is_trained_left = is_trained_left or (part.is_trained and before < limit)
        before += part.tokens
        if before > limit:
            break
    return Cut(total, path, is_trained_left)


def _length(parts: list[Part]) -> int:
    return sum(part.tokens for part in parts)


def _readings(record: dict[str, Any], kind: Kind, counter: _Counter) -> Iterator[Iterator[Part]]:
    if kind == "completion":
        yield _pair(record, counter)
    elif kind == "gemini":
        yield _contents(record, counter)
    elif kind == "preference":
        for keys in (PREFERRED, NON_PREFERRED):
            side = next((key for key in keys if key in record), keys[0])
            yield _preference(record, side, counter)
    else:
        yield _chat(record, (), counter)


def _pair(record: dict[str, Any], counter: _Counter) -> Iterator[Part]:
    for key in ("prompt", "completion"):
        text = record.get(key)
        if isinstance(text, str):
            yield Part((key,), counter.text(text), key == "completion")


def _contents(record: dict[str, Any], counter: _Counter) -> Iterator[Part]:
    system = record.get("systemInstruction")
    if system is not None:
        yield Part(("systemInstruction",), sum(counter.text(text) for text in strings_in(system)), False)
    contents = record.get("contents")
    for number, content in enumerate(contents if isinstance(contents, list) else ()):
        tokens = PER_MESSAGE + sum(counter.text(text) for text in strings_in(content))
        is_answer = isinstance(content, dict) and content.get("role") == "model"
        yield Part(("contents", number), tokens, is_answer)


def _preference(record: dict[str, Any], side: str, counter: _Counter) -> Iterator[Part]:
    source = record.get("input")
    for part in _chat(source if isinstance(source, dict) else {}, ("input",), counter):
        yield part._replace(is_trained=False)
    yield from _messages(record.get(side), (side,), counter)


def _chat(holder: dict[str, Any], path: Path, counter: _Counter) -> Iterator[Part]:
    for key in ("tools", "functions"):
        if holder.get(key):
            yield Part((*path, key), counter.tools(holder[key]), False)
            break
    yield from _messages(value_at(holder, ("messages",)), (*path, "messages"), counter)
    yield Part((*path, "messages"), PER_EXAMPLE, False)


def _messages(messages: Any, path: Path, counter: _Counter) -> Iterator[Part]:
    for number, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, dict):
            tokens, _ = counter.message(message)
            is_trained = message.get("role") == "assistant" and message.get("weight") != 0
            yield Part((*path, number), tokens, is_trained)
