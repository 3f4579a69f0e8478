"""A query taken apart into its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"([A-Za-z_][\w-]*):")
_PHRASE: Final = re.compile(r'"((?:[^"\\]|\\.)*)("|\\?$)', re.DOTALL)
_REGEX: Final = re.compile(r"/((?:[^/\\]|\\.)+)/([imsx]*)(?=\s|$)", re.DOTALL)
_WORD: Final = re.compile(r"\S*")
_ESCAPED: Final = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class Word:
    """One term of a query as it is typed.

    Attributes:
        text: The text, without quotes or slashes.
        name: What stands before a colon, or None.
        is_negated: Whether a minus stands before it.
        is_quoted: Whether the text stands in quotes.
        flags: The letters after a regular expression; None when it is none.
    """

    text: str
    name: str | None = None
    is_negated: bool = False
    is_quoted: bool = False
    flags: str | None = None


def words_of(text: str) -> Iterator[Word]:
    """The words of a query; a quote that is still open goes to the end."""
    at = 0
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        is_negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += is_negated
        name = _NAME.match(text, at)
        if name:
            at = name.end()
        word, at = _value(text, at, name[1] if name else None, is_negated)
        yield word


def _value(text: str, at: int, name: str | None, is_negated: bool) -> tuple[Word, int]:
    phrase = _PHRASE.match(text, at)
    if phrase:
        return Word(_ESCAPED.sub(r"\1", phrase[1]), name, is_negated, is_quoted=True), phrase.end()
    regex = _REGEX.match(text, at)
    if regex:
        return Word(regex[1].replace("\\/", "/"), name, is_negated, flags=regex[2]), regex.end()
    word = _WORD.match(text, at)
    assert word is not None
    return Word(word[0], name, is_negated), word.end()
