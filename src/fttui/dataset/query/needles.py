r"""Plain text, found in the bytes of JSON lines without parsing them.

A text stands in a line of JSON in many spellings: ``é`` or ``\u00e9``, a line break as ``\n``, a quote as ``\"``. And
what looks like it may be no text: a key, a role, the tail of an escape. A needle knows the spellings and passes over
the false hits, so a gigabyte is searched at the speed of `bytes.find`.
"""

from __future__ import annotations

import re
import sys
from typing import Final

from fttui.dataset.query.line import Line

_SHORT_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}
_PLAIN: Final = re.compile(r"[A-Za-z0-9 _.,;:!?()\[\]{}*#@%$^~`|=+-]+")
"""Characters that writers of JSON leave as they are."""
_IS_WORDS: Final = re.compile(r'[A-Za-z"\\]')
_NUMBER: Final = re.compile(r"-?[\d.]*\d[\d.]*")
_HEX: Final = frozenset("0123456789abcdefABCDEF")
_UNICODE_BEFORE: Final = re.compile(rb"\\u[0-9a-f]{0,3}\Z", re.IGNORECASE)
_REST_OF_KEY: Final = re.compile(rb'[^"\\\n]{0,64}"[ \t]*:')
_ROLE_BEFORE: Final = re.compile(rb'"role"[ \t]*:[ \t]*"[^"\\\n]{0,32}\Z')
_NEAR: Final = 64
_BACKSLASH: Final = 0x5C


def is_caseless(text: str) -> bool:
    """Whether letters match in either case: where the text has no capital letter."""
    return text == text.lower()


class Needle:
    """A text to find in the strings and numbers of lines, but not in keys and roles.

    Attributes:
        is_caseless: Whether it is found in either case; it then takes lines with ASCII letters made small.
        is_doubtful: Whether JSON's own punctuation may look like it, so that a hit must be looked at with `is_in`.
    """

    def __init__(self, text: str, *, caseless: bool | None = None) -> None:
        """``caseless``: whether case does not count; None: if the text has no capital letter."""
        self.is_caseless = is_caseless(text) if caseless is None else caseless
        text = text.lower() if self.is_caseless else text
        self.text = text
        self.is_doubtful = text.isascii() and not _IS_WORDS.search(text) and not _NUMBER.fullmatch(text)
        runs = _PLAIN.findall(text)
        self._anchor = max(runs, key=len, default="").encode()
        is_plain = len(self._anchor) == len(text)
        self._spellings = None if is_plain else re.compile(b"".join(_spellings(c, self.is_caseless) for c in text))
        has_one_case = all(ord(c) > 0x7F and c.lower() == c == c.upper() for c in text)
        self._in_utf8 = text.encode("utf-8", "surrogatepass") if has_one_case else b""

    def data_of(self, data: bytes) -> bytes:
        """The bytes to search in: as they are, or with small letters."""
        return data.lower() if self.is_caseless else data

    def next(self, data: bytes, at: int = 0, stop: int = sys.maxsize) -> tuple[int, int] | None:
        """Where the next hit in some lines (as `data_of` gives them), before ``stop``, begins and ends; or None."""
        while True:
            found = self._next(data, at, stop)
            if found is None or self._is_text(data, *found):
                return found
            at = found[0] + 1

    def is_in(self, line: Line) -> bool:
        """Whether a line has the text."""
        if self.is_doubtful:
            return any(self.text in text for text in line.texts)
        return self.next(self.data_of(line.raw)) is not None

    def _next(self, data: bytes, at: int, stop: int) -> tuple[int, int] | None:
        if self._spellings is None:
            found = data.find(self._anchor, at, stop)
            return None if found < 0 else (found, found + len(self._anchor))
        if not self._anchor:
            return self._next_without_anchor(data, at, stop, self._spellings)
        while (found := data.find(self._anchor, at, stop)) >= 0:  # much faster than the spellings, and there as well
            line = max(data.rfind(b"\n", at, found) + 1, at)
            end = data.find(b"\n", found)
            end = len(data) if end < 0 else end
            match = self._spellings.search(data, line, min(end, stop))
            if match:
                return match.span()
            at = end
        return None

    def _next_without_anchor(
        self, data: bytes, at: int, stop: int, spellings: re.Pattern[bytes]
    ) -> tuple[int, int] | None:
        """Of a text without a Latin letter, such as 返金: written as it is, unless an escape stands before that."""
        if self._in_utf8:
            found = data.find(self._in_utf8, at, stop)
            end = found + len(self._in_utf8) if found >= 0 else stop
            escape = data.find(b"\\u", at, end)
            if escape < 0:
                return None if found < 0 else (found, end)
            at = max(at, escape - len(self._in_utf8))  # the text may begin before its first escape
        match = spellings.search(data, at, stop)
        return match.span() if match else None

    def _is_text(self, data: bytes, start: int, end: int) -> bool:
        if start and data[start - 1] == _BACKSLASH and _is_escaped(data, start):
            return False
        escape = _UNICODE_BEFORE.search(data, max(start - 5, 0), start) if self.text[0] in _HEX else None
        if escape and not _is_escaped(data, escape.start()):
            return False
        if _REST_OF_KEY.match(data, end):
            return False
        return _ROLE_BEFORE.search(data, max(start - _NEAR, 0), start) is None


def _is_escaped(data: bytes, at: int) -> bool:
    """Whether the byte belongs to an escape that begins before it."""
    first = at
    while first and data[first - 1] == _BACKSLASH:
        first -= 1
    return (at - first) % 2 == 1


def _spellings(letter: str, caseless: bool) -> bytes:
    """A pattern of the ways to write a character in a JSON string."""
    letters = {letter, letter.lower(), letter.upper()} if caseless else {letter}
    ways: list[bytes] = []
    for one in sorted(letters):
        if len(one) != 1:  # ß has no capital of its own
            continue
        plain = one.encode("utf-8", "surrogatepass")
        if one >= " " and one not in '"\\':
            ways.append(re.escape(plain.lower() if caseless else plain))
        if one in _SHORT_ESCAPES:
            ways.append(re.escape(b"\\" + _SHORT_ESCAPES[one].encode()))
        if not _PLAIN.fullmatch(one):
            ways.append(_unicode_escape(one))
    return b"(?:" + b"|".join(dict.fromkeys(ways)) + b")"


def _unicode_escape(letter: str) -> bytes:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    either = "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in units)
    parts = re.findall(r"(?:\[..\]|\d){4}", either)
    return "".join(rf"\\u{part}" for part in parts).encode()
