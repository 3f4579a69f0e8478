"""Why a line is not JSON, in words that lead to the place: better than the decoder's own where that is cheap."""

from __future__ import annotations

import json
import re
from typing import Final

_STRING: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
_TOKENS: Final = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_BYTE_TOKENS: Final = re.compile(_TOKENS.pattern.encode(), re.DOTALL)
_OPENERS: Final = {"{": "object", "[": "list"}


def too_deep_at(raw: bytes, limit: int) -> int | None:
    """The column (from 1, in characters) where nesting passes ``limit``, or None."""
    depth = 0
    for token in _BYTE_TOKENS.finditer(raw):
        first = token[0][:1]
        if first in (b"{", b"["):
            depth += 1
            if depth > limit:
                return len(raw[: token.start()].decode("utf-8", "replace")) + 1
        elif first in (b"}", b"]"):
            depth -= 1
    return None


def explain_json(text: str, error: json.JSONDecodeError) -> tuple[str, int]:
    """What is wrong and at which column (from 1), from Python's own finding and a look at the place."""
    at = error.pos
    message = error.msg
    here = text[at : at + 1]
    column = at + 1
    if message.startswith("Unterminated string"):
        return f"the string opened at column {column} never closes", column
    if message.startswith("Invalid control character"):
        return f"{_name(here)} at column {column} must be written as {_escape(here)}", column
    if message.startswith("Invalid \\escape"):
        escape = text[at : at + 2]
        return f"{escape!a} at column {column} is no escape of JSON; a backslash is written \\\\", column
    if message.startswith("Invalid \\uXXXX"):
        return f"\\u at column {at} needs four hexadecimal digits", at or 1
    if message.startswith("Extra data"):
        return f"something follows the end of the value at column {column}: one line holds one object", column
    rest = text[at:].strip()
    if not rest:
        return _ends_early(text)
    if message.startswith("Expecting property name") or message.startswith("Illegal trailing comma"):
        return _no_key(text, at)
    if message.startswith("Expecting ':'"):
        return f"a colon should stand at column {column}, after the key", column
    if message.startswith("Expecting ','"):
        return _no_comma(text, at)
    return _no_value(text, at)


def _ends_early(text: str) -> tuple[str, int]:
    """The line stops in the middle: name the bracket that is still open, if there is one."""
    column = len(text.rstrip()) + 1
    opened = _open_bracket(text)
    if opened is None:
        return "the line ends before its value", column
    kind = _OPENERS[text[opened]]
    return f"the line ends before the {kind} opened at column {opened + 1} closes", column


def _open_bracket(text: str) -> int | None:
    """The position of the innermost bracket that never closes."""
    stack: list[int] = []
    for token in _TOKENS.finditer(text):
        first = token[0][0]
        if first in _OPENERS:
            stack.append(token.start())
        elif first in "]}" and stack:
            stack.pop()
    return stack[-1] if stack else None


def _no_key(text: str, at: int) -> tuple[str, int]:
    place = at + len(text[at:]) - len(text[at:].lstrip())
    here = text[place]
    before = text[:place].rstrip()
    if here == "'":
        return f"the key at column {place + 1} stands in single quotes; JSON wants double quotes", place + 1
    if here == "}" and before.endswith(","):
        return f"nothing follows the comma at column {len(before)}", len(before)
    return f"a key in double quotes should stand at column {place + 1}", place + 1


def _no_comma(text: str, at: int) -> tuple[str, int]:
    opened = _open_bracket(text[:at])
    closing = "a closing bracket" if opened is None else ("}" if text[opened] == "{" else "]")
    return f"a comma or {closing} should stand at column {at + 1}", at + 1


_PYTHON_WORDS: Final = {"True": "true", "False": "false", "None": "null"}


def _no_value(text: str, at: int) -> tuple[str, int]:
    column = at + 1
    here = text[at]
    before = text[:at].rstrip()
    if here == "'":
        return f"the string at column {column} stands in single quotes; JSON wants double quotes", column
    if here in "]}" and before.endswith(","):
        return f"nothing follows the comma at column {len(before)}", len(before)
    word = re.match(r"\w+", text[at:])
    if word and word[0] in _PYTHON_WORDS:
        return f"{word[0]} at column {column} is Python; JSON writes {_PYTHON_WORDS[word[0]]}", column
    return f"a value should stand at column {column}", column


def _name(character: str) -> str:
    names = {"\t": "a tab", "\n": "a line break", "\r": "a carriage return", "\0": "a NUL character"}
    return names.get(character, f"the control character U+{ord(character):04X}")


def _escape(character: str) -> str:
    return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(character, f"\\u{ord(character):04x}")
