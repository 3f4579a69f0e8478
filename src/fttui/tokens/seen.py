"""What a model sees of an example: its text in the model's form, token by token, with what is trained on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fttui.core.errors import FttuiError, InputError
from fttui.templates.known import KnownTemplate, template_of
from fttui.templates.trained_spans import render_example
from fttui.tokens.chat import ExampleTokens, count_example
from fttui.tokens.encodings import encoding as load
from fttui.tokens.models import TokenRule
from fttui.tokens.openai_format import Part, PartKind, openai_parts

MOST: Final = 20_000
"""Characters that are shown of an example; more is counted only."""
_REACH: Final = 64
"""Characters read beyond the cut, so that the last token shown is whole."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one token, or of several that share a character, or a text that is not split."""

    text: str
    kind: PartKind
    tokens: int


@dataclass(frozen=True, slots=True)
class Seen:
    """An example as a model reads it.

    Attributes:
        pieces: In order; without those beyond `MOST` characters.
        tokens: All tokens, shown or not, and the trained ones among them, as they are counted everywhere.
        form: What the model's form is called.
        is_cut: Whether not all is shown.
    """

    pieces: tuple[Piece, ...]
    tokens: ExampleTokens
    form: str
    is_cut: bool


def seen_of(record: Mapping[str, Any], rule: TokenRule, most: int = MOST) -> Seen:
    """What the model of ``rule`` sees of a record; loads its vocabulary when this process has not (0.3 s).

    Raises:
        InputError: It is no example of a kind that is read as a text, or the model's form does not take it.
    """
    tokens = count_example(record, rule.encoding)
    if rule.exact:
        form, parts = "OpenAI", openai_parts(record, rule.encoding)
    else:
        known = template_of(rule.maker)
        form, parts = known.name, list(_by_template(record, known))
    if not parts:
        raise InputError(
            "This is no example that a model reads as one text.",
            hint="It needs messages, a prompt and its completion, or an input with two answers.",
        )
    pieces, is_cut = _split(parts, rule.encoding, most)
    return Seen(pieces, tokens, form, is_cut)


def _by_template(record: Mapping[str, Any], known: KnownTemplate) -> Iterator[Part]:
    source = record.get("input")
    if not isinstance(source, Mapping):
        yield from _rendered(record, known)
        return
    asked = source.get("messages")
    for label, side in (("preferred:", "preferred_output"), ("not preferred:", "non_preferred_output")):
        yield Part(f"{label}\n", "label", 0)
        answer = record.get(side)
        if isinstance(asked, list) and isinstance(answer, list):
            yield from _rendered({"messages": [*asked, *answer]}, known)


def _rendered(record: Mapping[str, Any], known: KnownTemplate) -> Iterator[Part]:
    try:
        rendered = render_example(known.template(), record)
    except FttuiError as error:
        raise InputError(f"This example has no form that such a model reads. {error.message}") from error
    at = 0
    for start, end in rendered.spans:
        yield from _marked(rendered.text[at:start], "masked", known.marks)
        yield from _marked(rendered.text[start:end], "trained", known.marks)
        at = end
    yield from _marked(rendered.text[at:], "masked", known.marks)


def _marked(text: str, kind: PartKind, marks: re.Pattern[str]) -> Iterator[Part]:
    """The text, parted where the form puts a token of its own."""
    at = 0
    for mark in marks.finditer(text):
        yield from [Part(text[at : mark.start()], kind)] if mark.start() > at else []
        yield Part(mark[0], "trained" if kind == "trained" else "format", 1)
        at = mark.end()
    if at < len(text):
        yield Part(text[at:], kind)


def _split(parts: Sequence[Part], encoding: str, most: int) -> tuple[tuple[Piece, ...], bool]:
    pieces: list[Piece] = []
    left = most
    for part in parts:
        if left <= 0:
            return tuple(pieces), True
        shown = part.text[:left]
        if part.tokens is not None:
            pieces.append(Piece(shown, part.kind, part.tokens))
        else:
            pieces.extend(_pieces(part.text[: left + _REACH], len(shown), part.kind, encoding))
        left -= len(shown)
        if len(shown) < len(part.text):
            return tuple(pieces), True
    return tuple(pieces), False


def _pieces(text: str, length: int, kind: PartKind, encoding: str) -> Iterator[Piece]:
    """The tokens of ``text``, up to ``length`` characters; those inside one character together."""
    vocabulary = load(encoding)
    group = b""
    tokens = at = 0
    for token in vocabulary.encode_ordinary(text):
        data = vocabulary.decode_single_token_bytes(token)
        if tokens and data[0] & 0xC0 != 0x80:  # it begins with a character, so the ones before it are whole
            word = group.decode("utf-8", "replace")
            yield Piece(word, kind, tokens)
            at += len(word)
            if at >= length:
                return
            group, tokens = b"", 0
        group += data
        tokens += 1
    if tokens:
        yield Piece(group.decode("utf-8", "replace"), kind, tokens)
