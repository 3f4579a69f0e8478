"""JSON spread over lines to be read and edited, and put back on one line, token by token.

No value is read and written again, so that numbers, escapes and repeated keys stay as they are spelt.
"""

from __future__ import annotations

import re
from typing import Final

from fttui.core.text import needs_escaped_editing
from fttui.formats.lines import encode_line
from fttui.formats.style import PYTHON_STYLE, JsonStyle, style_of

INDENT: Final = "  "
_STRING: Final = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_TOKENS: Final = re.compile(rf'{_STRING}|[\[\]{{}}:,]|[^\s"\[\]{{}}:,]+', re.DOTALL)
_CLOSER: Final = {"{": "}", "[": "]"}
_ESCAPE: Final = re.compile(r"\\(?:u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|u([0-9a-f]{4})|.)", re.IGNORECASE | re.S)
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def lay_out(text: str) -> str:
    """A JSON value as indented lines. ``text`` must be JSON; `on_one_line` is the way back.

    A value in pure ASCII is shown with its letters; characters that a terminal would obey become escapes.
    """
    has_escaped_letters = style_of(encode_line(text)).ensure_ascii
    parts: list[str] = []
    depth = 0
    opened = ""  # a bracket that was opened last, and nothing stands in it yet
    for found in _TOKENS.finditer(text):
        token = found[0]
        if opened:
            if token == _CLOSER[opened]:
                parts.append(token)
                depth -= 1
                opened = ""
                continue
            parts.append("\n" + INDENT * depth)
            opened = ""
        if token in "{[":
            parts.append(token)
            depth += 1
            opened = token
        elif token in "}]":
            depth -= 1
            parts.append("\n" + INDENT * depth + token)
        elif token == ",":
            parts.append(",\n" + INDENT * depth)
        elif token == ":":
            parts.append(": ")
        else:
            parts.append(_readable(token, has_escaped_letters) if token[0] == '"' else token)
    return "".join(parts)


def on_one_line(edited: str, original: str, default: JsonStyle = PYTHON_STYLE) -> str:
    """``edited``, which must be JSON, on one line, spelt as ``original`` is (or else as ``default`` says)."""
    style = style_of(encode_line(original), default)
    plain = {letter for letter in set(original) if needs_escaped_editing(letter)}
    parts: list[str] = []
    for found in _TOKENS.finditer(edited):
        token = found[0]
        if token == ",":
            parts.append(style.item_separator)
        elif token == ":":
            parts.append(style.key_separator)
        else:
            parts.append(_spelt(token, style.ensure_ascii, plain) if token[0] == '"' else token)
    return "".join(parts)


def without_line_ends(text: str) -> str:
    """Any text, JSON or not, on one line: a line end and the indent behind it become a blank."""
    first, *others = text.replace("\r\n", "\n").split("\n")
    return " ".join([first, *(line.lstrip(" ") for line in others)])


def _readable(string: str, has_escaped_letters: bool) -> str:
    """A string token with its letters, and no character that a terminal obeys."""
    if has_escaped_letters and "\\u" in string:
        string = _ESCAPE.sub(_letter, string)
    if needs_escaped_editing(string):
        string = "".join(f"\\u{ord(letter):04x}" if needs_escaped_editing(letter) else letter for letter in string)
    return string


def _letter(escape: re.Match[str]) -> str:
    high, low, single = escape.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + (int(low, 16) - 0xDC00))
    if single:
        letter = chr(int(single, 16))
        return letter if letter > "\x7f" and not needs_escaped_editing(letter) else escape[0]
    return escape[0]


def _spelt(string: str, ensure_ascii: bool, plain: set[str]) -> str:
    """A string token as the line spells strings; ``plain`` are odd letters that the line has without an escape."""
    if plain and "\\u" in string:
        string = _ESCAPE.sub(lambda found: _plain(found, plain), string)
    return _NOT_ASCII.sub(_escaped, string) if ensure_ascii else string


def _plain(escape: re.Match[str], plain: set[str]) -> str:
    letter = chr(int(escape[3], 16)) if escape[3] else ""
    return letter if letter in plain else escape[0]


def _escaped(letter: re.Match[str]) -> str:
    code = ord(letter[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
