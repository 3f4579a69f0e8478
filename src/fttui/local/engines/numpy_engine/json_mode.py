"""What a JSON object may go on with, byte by byte (RFC 8259).

`JsonProgress` is a small pushdown automaton. A few things are refused that the grammar allows, because a small model
gets lost in them: blanks where no usual layout has them (a model that would rather write prose fills every gap with new
lines), endless numbers, deep nesting, escaped halves of surrogate pairs. Every JSON reader takes what is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

MOST_DEPTH: Final = 32
MOST_NUMBER: Final = 30
"""Characters of a number, and the few more that it needs to be one ("1." must go on)."""
MOST_EXPONENT: Final = 2
"""Digits of an exponent: no reader makes infinity of 1e99."""
INDENTATION: Final = 8
"""Blanks for each level behind a new line."""

_BLANKS: Final = frozenset(b" \t\r\n")
_DIGITS: Final = frozenset(b"0123456789")
_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_WORDS: Final = {ord("t"): b"rue", ord("f"): b"alse", ord("n"): b"ull"}
_ENDS_NUMBER: Final = frozenset({"zero", "integer", "fraction", "exponent"})
"""Places in a number where it may be over."""
_CONTINUATION: Final = (0x80, 0xBF)
# Table 3-7 of the Unicode standard: the first byte of a character, how many follow, and what the second one may be.
_CHARACTERS: Final = (
    (0xC2, 0xDF, 1, _CONTINUATION), (0xE0, 0xE0, 2, (0xA0, 0xBF)), (0xE1, 0xEC, 2, _CONTINUATION),
    (0xED, 0xED, 2, (0x80, 0x9F)), (0xEE, 0xEF, 2, _CONTINUATION), (0xF0, 0xF0, 3, (0x90, 0xBF)),
    (0xF1, 0xF3, 3, _CONTINUATION), (0xF4, 0xF4, 3, (0x80, 0x8F)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JsonProgress:
    """How far an object is. `START` is where it begins.

    Attributes:
        place: What is expected now: start, first key (or the end), key, colon, value, first value (or the end), after a
            value; inside a string: text, escape, hex, character; inside a number: minus, zero, integer, point,
            fraction, e, sign, exponent; word; done.
        open: The brackets that are open: "{" and "[".
        is_key: Whether the string is a key.
        count: Blanks in this gap, characters of this number, hex digits to come, bytes to come of this character.
        is_indented: Whether this gap began with a new line.
        exponent: Digits of the exponent so far.
        rest: What is left of true, false or null.
        second: What the next byte of a character may be.
        is_surrogate: Whether the hex digits began with d: the next one must not make half of a pair.
    """

    place: str = "start"
    open: str = ""
    is_key: bool = False
    count: int = 0
    is_indented: bool = False
    exponent: int = 0
    rest: bytes = b""
    second: tuple[int, int] = _CONTINUATION
    is_surrogate: bool = False

    @property
    def is_done(self) -> bool:
        """Whether the object is complete; a few blanks may still follow."""
        return self.place == "done"

    def after(self, text: bytes) -> JsonProgress | None:
        """Where ``text`` leads; None when the object cannot go on so."""
        progress: JsonProgress | None = self
        for byte in text:
            assert progress is not None
            progress = progress.after_byte(byte)
            if progress is None:
                return None
        return progress

    def after_byte(self, byte: int) -> JsonProgress | None:
        if self.place in _IN_STRING:
            return self._in_string(byte)
        if self.place in _IN_NUMBER:
            return self._in_number(byte)
        if self.place == "word":
            if byte != self.rest[0]:
                return None
            return replace(self, rest=self.rest[1:]) if self.rest[1:] else self._after_value()
        return self._blank(byte) if byte in _BLANKS else self._between(byte)

    def shortest_end(self) -> bytes:
        """A shortest text that completes the object."""
        match self.place:
            case "done":
                return b""
            case "start":
                return b"{}"
            case "first key" | "first value" | "after":
                here = b""
            case "key":
                here = b'"":0'
            case "colon":
                here = b":0"
            case "value" | "minus" | "point" | "e" | "sign":
                here = b"0"
            case "word":
                here = self.rest
            case "escape":
                here = b'""'  # an escaped quote, and the end
            case "hex":
                here = b"0" * self.count + b'"'
            case "character":
                here = bytes([self.second[0], *[0x80] * (self.count - 1)]) + b'"'
            case "text":
                here = b'"'
            case _:  # a number that may be over
                here = b""
        if self.is_key and self.place in _IN_STRING:
            here += b":0"
        return here + bytes(ord("}" if bracket == "{" else "]") for bracket in reversed(self.open))

    def _blank(self, byte: int) -> JsonProgress | None:
        """A blank between signs: one space, or a new line and an indentation where layouts have one."""
        if self.place == "done":
            return self
        if self.count == 0 and byte == ord(" ") and self.place != "colon":
            return replace(self, count=1)
        if self.place in ("start", "colon") or (self.place == "value" and self.open[-1] == "{"):
            return None
        if self.count == 0:
            return replace(self, count=1, is_indented=True) if byte == ord("\n") else None
        is_indentation = self.is_indented and byte in b" \t" and self.count <= INDENTATION * len(self.open)
        return replace(self, count=self.count + 1) if is_indentation else None

    def _between(self, byte: int) -> JsonProgress | None:
        """A sign between strings, numbers and words."""
        sign = chr(byte)
        match self.place, sign:
            case "start", "{":
                return JsonProgress("first key", "{")
            case (("first key" | "key"), '"'):
                return JsonProgress("text", self.open, is_key=True)
            case "colon", ":":
                return JsonProgress("value", self.open)
            case "after", "," if self.count == 0:
                return JsonProgress("key" if self.open[-1] == "{" else "value", self.open)
            case ("first key", "}") | ("first value", "]"):
                return self._close()
            case "after", ("}" | "]"):
                return self._close() if (sign == "}") == (self.open[-1] == "{") else None
            case (("value" | "first value"), _):
                return self._begin_value(byte)
            case _:
                return None

    def _begin_value(self, byte: int) -> JsonProgress | None:
        sign = chr(byte)
        if sign == '"':
            return JsonProgress("text", self.open)
        if sign in "{[":
            inside = "first key" if sign == "{" else "first value"
            return JsonProgress(inside, self.open + sign) if len(self.open) < MOST_DEPTH else None
        if byte in _WORDS:
            return JsonProgress("word", self.open, rest=_WORDS[byte])
        if sign == "-":
            return JsonProgress("minus", self.open, count=1)
        if byte in _DIGITS:
            return JsonProgress("zero" if sign == "0" else "integer", self.open, count=1)
        return None

    def _in_string(self, byte: int) -> JsonProgress | None:
        if self.place == "escape":
            if byte == ord("u"):
                return replace(self, place="hex", count=4, is_surrogate=False)
            return replace(self, place="text") if byte in b'"\\/bfnrt' else None
        if self.place == "hex":
            return self._hex_digit(byte)
        if self.place == "character":
            if not self.second[0] <= byte <= self.second[1]:
                return None
            place = "character" if self.count > 1 else "text"
            return replace(self, place=place, count=self.count - 1, second=_CONTINUATION)
        if byte == ord('"'):
            return JsonProgress("colon", self.open) if self.is_key else self._after_value()
        if byte == ord("\\"):
            return replace(self, place="escape")
        if 0x20 <= byte < 0x80:
            return self
        for first, last, following, second in _CHARACTERS:
            if first <= byte <= last:
                return replace(self, place="character", count=following, second=second)
        return None

    def _hex_digit(self, byte: int) -> JsonProgress | None:
        if byte not in _HEX or (self.is_surrogate and byte not in b"01234567"):
            return None
        is_surrogate = self.count == 4 and byte in b"dD"
        place = "hex" if self.count > 1 else "text"
        return replace(self, place=place, count=self.count - 1, is_surrogate=is_surrogate)

    def _in_number(self, byte: int) -> JsonProgress | None:
        sign, place = chr(byte), self.place
        if place in _ENDS_NUMBER and byte not in _DIGITS and sign not in ".eE":
            return self._after_value().after_byte(byte)
        if self.count >= MOST_NUMBER and place in _ENDS_NUMBER:
            return None
        longer = replace(self, count=self.count + 1)
        if byte in _DIGITS:
            if place == "exponent" or place in ("e", "sign"):
                if self.exponent >= MOST_EXPONENT:
                    return None
                return replace(longer, place="exponent", exponent=self.exponent + 1)
            if place == "zero":
                return None
            if place == "minus":
                return replace(longer, place="zero" if sign == "0" else "integer")
            return replace(longer, place="fraction" if place == "point" else place)
        if sign == "." and place in ("zero", "integer"):
            return replace(longer, place="point")
        if sign in "eE" and place in ("zero", "integer", "fraction"):
            return replace(longer, place="e")
        if sign in "+-" and place == "e":
            return replace(longer, place="sign")
        return None

    def _after_value(self) -> JsonProgress:
        return JsonProgress("after", self.open)

    def _close(self) -> JsonProgress:
        left = self.open[:-1]
        return JsonProgress("after", left) if left else JsonProgress("done")


_IN_STRING: Final = frozenset({"text", "escape", "hex", "character"})
_IN_NUMBER: Final = frozenset({"minus", "zero", "integer", "point", "fraction", "e", "sign", "exponent"})

START: Final = JsonProgress()
