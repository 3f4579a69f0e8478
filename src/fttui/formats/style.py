"""Writing an edited line the way the file writes its lines."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.formats.numbers import ExactNumber


@dataclass(frozen=True, slots=True)
class JsonStyle:
    """How a line spells JSON: what stands between items and after keys, and whether it is pure ASCII."""

    item_separator: str = ", "
    key_separator: str = ": "
    ensure_ascii: bool = False


PYTHON_STYLE: Final = JsonStyle()
"""What ``json.dumps(record, ensure_ascii=False)`` writes: for a file that shows no style of its own."""

_STRING: Final = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_FIRST_KEY: Final = re.compile(_STRING + rb"([ \t]*:[ \t]*)", re.DOTALL)
_STRING_OR_COMMA: Final = re.compile(_STRING + rb"|[ \t]*,[ \t]*", re.DOTALL)
# an escape that only a writer of pure ASCII needs: neither a control character nor half a surrogate pair alone
_HIGH_ESCAPE: Final = re.compile(
    rb"(?<!\\)(?:\\\\)*\\u(?:(?!00[0-6]|007[0-9a-e]|d[89a-f])[0-9a-f]{4}|d[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})",
    re.IGNORECASE,
)
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def style_of(raw: bytes, default: JsonStyle = PYTHON_STYLE) -> JsonStyle:
    """The style of a line that is JSON; what it does not show (no comma, only ASCII) is taken from ``default``."""
    key = _FIRST_KEY.search(raw)
    comma = next((found[0] for found in _STRING_OR_COMMA.finditer(raw) if found[0][:1] != b'"'), None)
    if not raw.isascii():
        ensure_ascii = False
    elif _HIGH_ESCAPE.search(raw):
        ensure_ascii = True
    else:
        ensure_ascii = default.ensure_ascii
    return JsonStyle(
        item_separator=comma.decode() if comma else default.item_separator,
        key_separator=key[1].decode() if key else default.key_separator,
        ensure_ascii=ensure_ascii,
    )


def shows_ascii_style(raw: bytes) -> bool:
    """Whether a line tells if its file writes other letters as they are or as escapes."""
    return not raw.isascii() or _HIGH_ESCAPE.search(raw) is not None


def dump_line(record: Mapping[str, Any], style: JsonStyle = PYTHON_STYLE) -> bytes:
    """The record as one line without a line ending.

    Key order is kept; integers of any size and every `ExactNumber` are written as they were read; a lone surrogate,
    which UTF-8 does not have, is written as its escape.
    """
    token = secrets.token_hex(8)
    spellings: list[str] = []
    plain = _with_placeholders(record, token, spellings) if _has_exact_numbers(record) else record
    text = json.dumps(plain, ensure_ascii=style.ensure_ascii, separators=(style.item_separator, style.key_separator))
    if spellings:
        text = re.sub(f'"{token}-([0-9]+)"', lambda found: spellings[int(found[1])], text)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text).encode("utf-8")


def _has_exact_numbers(record: Mapping[str, Any]) -> bool:
    pending: list[Any] = [record]
    while pending:
        item = pending.pop()
        if isinstance(item, ExactNumber):
            return True
        if isinstance(item, Mapping):
            pending.extend(item.values())
        elif isinstance(item, list | tuple):
            pending.extend(item)
    return False


def _with_placeholders(value: Any, token: str, spellings: list[str]) -> Any:
    """A copy in which each exact number is a string with its index in ``spellings``, which is what must stand there.

    `json` has no way to write a number by its spelling. The token is random, so no text of the data can be
    taken for one.
    """
    if isinstance(value, ExactNumber):
        spellings.append(value.spelling)
        return f"{token}-{len(spellings) - 1}"
    if isinstance(value, Mapping):
        return {key: _with_placeholders(item, token, spellings) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_placeholders(item, token, spellings) for item in value]
    return value
