"""Records of training data as token ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.batches import EncodedExample, EncodedPair, Example, encode_example
from fttui.local.engines.numpy_engine.dpo import chat_records
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.templates.chat_template import ChatTemplate
from fttui.templates.trained_spans import render_example

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Encoded(Generic[Example]):
    """What can be trained on, in the order of the records."""

    kept: list[Example]
    shortened: int = 0
    """Examples that lost their end."""
    skipped: int = 0
    """Examples left out, because nothing in them is trained on."""


class Encoder:
    """Makes token ids of records; ``most`` is how many tokens of an example are taken."""

    def __init__(self, tokenizer: Tokenizer, template: ChatTemplate, most: int) -> None:
        self._tokenizer = tokenizer
        self._template = template
        self._most = most

    def examples(self, records: Sequence[Mapping[str, Any]]) -> Encoded[EncodedExample]:
        """Chat and prompt/completion records.

        Raises:
            FttuiError: A record is none of them or does not fit the chat template; the sentence says which.
        """
        encoded = [_numbered(number, self._encode, record) for number, record in enumerate(records, start=1)]
        kept = [example for example, _ in encoded if example.trained_tokens]
        return Encoded(kept, sum(was_cut for _, was_cut in encoded), len(encoded) - len(kept))

    def pairs(self, records: Sequence[Mapping[str, Any]]) -> Encoded[EncodedPair]:
        """Preference records; a pair is left out when nothing is left of one of its answers.

        Raises:
            FttuiError: As `examples` does.
        """
        kept = []
        shortened = 0
        for number, record in enumerate(records, start=1):
            (preferred, was_cut), (other, was_cut_too) = _numbered(number, self._encode_pair, record)
            shortened += was_cut or was_cut_too
            if preferred.trained_tokens and other.trained_tokens:
                kept.append(EncodedPair(preferred, other))
        return Encoded(kept, shortened, len(records) - len(kept))

    def _encode(self, record: Mapping[str, Any]) -> tuple[EncodedExample, bool]:
        """Token ids, and whether the example lost its end."""
        return encode_example(self._tokenizer, render_example(self._template, record), self._most)

    def _encode_pair(self, record: Mapping[str, Any]) -> list[tuple[EncodedExample, bool]]:
        return [self._encode(chat) for chat in chat_records(record)]


def _numbered(number: int, encode: Callable[[Mapping[str, Any]], R], record: Mapping[str, Any]) -> R:
    """``encode(record)``; what is wrong with it is told with its number."""
    try:
        return encode(record)
    except FttuiError as error:
        raise FttuiError(f"Example {number}: {error.message}", hint=error.hint) from error
