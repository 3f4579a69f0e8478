"""Where in a line's text a value stands, by its path: for a caret under it, or for marking it in an editor."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from fttui.formats.slots import Path

Place = tuple[int, int]
"""Start and end, in characters from 0."""

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_ATOM: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[^\s"\[\]{},:]+', re.DOTALL)
_INSIDE: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


class _NotJson(Exception):
    """The text is no JSON where it would have to be read."""


def place_of(text: str, path: Path) -> Place | None:
    """Where the value at ``path`` stands in a JSON text; None where the path leads nowhere or the text is no JSON.

    Of a key that an object has twice, the last one counts, as when the text is read. Nothing is read but what lies
    before the value, and values beside the way are stepped over token by token: no depth of nesting is too much.
    """
    places = _places(text, path)
    return None if places is None else places[1]


def key_place_of(text: str, path: Path) -> Place | None:
    """Where the key that ends ``path`` stands, with its quotes; None as `place_of`, and for an index in a list."""
    places = _places(text, path)
    return None if places is None else places[0]


def _places(text: str, path: Path) -> tuple[Place | None, Place] | None:
    """The place of the last key of a path, if it is one, and of its value."""
    key: Place | None = None
    at = _after_blanks(text, 1 if text.startswith("\ufeff") else 0)
    try:
        for step in path:
            found = _in_object(text, at, step) if isinstance(step, str) else _in_list(text, at, step)
            if found is None:
                return None
            key, at = found
        return key, (at, _end_of_value(text, at))
    except _NotJson:
        return None


def _in_object(text: str, at: int, name: str) -> tuple[Place, int] | None:
    """The place of a key of the object that starts at ``at``, and where its value starts."""
    found: tuple[Place, int] | None = None
    if text[at : at + 1] != "{":
        return None
    for start in _items(text, at, "}"):
        end = _end_of_value(text, start)
        colon = _after_blanks(text, end)
        if text[start] != '"' or text[colon : colon + 1] != ":":
            raise _NotJson
        if _is_spelt(text[start:end], name):
            found = (start, end), _after_blanks(text, colon + 1)
    return found


def _in_list(text: str, at: int, number: int) -> tuple[None, int] | None:
    """Where an item of the list that starts at ``at`` starts."""
    if text[at : at + 1] != "[":
        return None
    for index, start in enumerate(_items(text, at, "]")):
        if index == number:
            return None, start
    return None


def _items(text: str, at: int, closer: str) -> Iterator[int]:
    """Where each item of a list, or each key of an object, starts."""
    at = _after_blanks(text, at + 1)
    if text[at : at + 1] == closer:
        return
    while True:
        yield at
        end = _after_blanks(text, _end_of_value(text, at))
        if closer == "}":
            end = _after_blanks(text, _end_of_value(text, _after_blanks(text, end + 1)))
        if text[end : end + 1] == closer:
            return
        if text[end : end + 1] != ",":
            raise _NotJson
        at = _after_blanks(text, end + 1)


def _end_of_value(text: str, at: int) -> int:
    """Where the value that starts at ``at`` ends."""
    if text[at : at + 1] not in ("{", "["):
        atom = _ATOM.match(text, at)
        if atom is None:
            raise _NotJson
        return atom.end()
    depth = 0
    for token in _INSIDE.finditer(text, at):
        first = token[0][0]
        if first in "{[":
            depth += 1
        elif first in "}]":
            depth -= 1
            if not depth:
                return token.end()
    raise _NotJson


def _is_spelt(token: str, name: str) -> bool:
    """Whether a string token says ``name``."""
    if "\\" not in token:
        return token[1:-1] == name
    try:
        return bool(json.loads(token, strict=False) == name)
    except ValueError:
        raise _NotJson from None


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
