"""One line of a JSONL file: its value, or why it has none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

from fttui.formats.numbers import read_float, read_int, spelt_float, spelt_int
from fttui.formats.reasons import explain_json, too_deep_at

BOM: Final = b"\xef\xbb\xbf"
MAX_DEPTH: Final = 400
"""Deeper values are refused: whatever walks or writes a record may then recurse without a thought."""

_BLANK: Final = b" \t\r\n"
# orjson rounds what does not fit a double (or 64 bits) without a word
_MAY_LOSE_DIGITS: Final = re.compile(rb"\d[\d.]{15}|\d[eE][+-]?\d{3}")
# the same in a line where every digit and point is 0, every E is e, every sign is +
_DIGITS: Final = bytes.maketrans(b"123456789.E-", b"0000000000e+")
_LONG_NUMBERS: Final = (b"0" * 16, b"0e000", b"0e+000")
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line is no example: a sentence without a full stop, and the column (from 1, in characters) if any."""

    reason: str
    column: int | None


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line as read.

    Attributes:
        value: The record, a dict, when ``error`` is None.
        error: Why there is none.
        warnings: Short sentences without a full stop.
        repeated: Keys that some object in it has twice; only their last values are in ``value``.
    """

    value: Any | None
    error: LineError | None
    warnings: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()


def parse_line(raw: bytes) -> ParsedLine:
    """Read one line, with or without its line ending and a byte order mark. Never raises, whatever the bytes.

    Values are exact: integers of any size, numbers that a float cannot hold (`ExactNumber`), lone surrogates. NaN and
    Infinity, which JSON does not have but Python writes, are read with a warning; so are duplicate keys.
    """
    raw = raw.removeprefix(BOM)
    refused = _refused_unread(raw)
    if refused is not None:
        return refused
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _parse_exactly(raw)
    if not isinstance(value, dict):
        return _not_an_object(value)
    return ParsedLine(value, None) if is_read_whole(raw, value) else _parse_exactly(raw)


def is_read_whole(raw: bytes, value: dict[str, Any]) -> bool:
    """Whether orjson, which read an object in a line, lost nothing of it: then `parse_line` gives the same.

    What may get lost are digits of a number, and the first of two equal keys. Written again, a record that lost a key
    has fewer colons.
    """
    try:
        written = orjson.dumps(value)
    except TypeError:  # nested deep
        return False
    if raw.count(b":") != written.count(b":") or b"\\u003a" in raw or b"\\u003A" in raw:  # a colon in disguise
        return False
    return not _may_lose_digits(raw, value)


def parse_exact(raw: bytes) -> ParsedLine:
    """Read one line for editing: as `parse_line`, but every number keeps its spelling (``1.50``, ``1e3``, ``-0``).

    `fttui.formats.style.dump_line` writes the value back so that only what was changed differs.
    """
    raw = raw.removeprefix(BOM)
    return _refused_unread(raw) or _parse_exactly(raw, keeps_spellings=True)


def _refused_unread(raw: bytes) -> ParsedLine | None:
    """A line that is blank, or nested so deep that reading it is a risk."""
    if not raw.strip(_BLANK):
        return _broken("blank line", None)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH:
        column = too_deep_at(raw, MAX_DEPTH)
        if column is not None:
            return _broken(f"nested deeper than {MAX_DEPTH} levels at column {column}", column)
    return None


def parse_value(raw: bytes) -> ParsedLine:
    """Read any JSON value, spread over lines or not, with the spelling of its numbers. Columns count from the start."""
    return _refused_unread(raw) or _decoded(raw, keeps_spellings=True)


def decode_line(raw: bytes) -> str:
    """The text of a line; bytes that are no UTF-8 become lone surrogates, so that `encode_line` gives them back."""
    return raw.decode("utf-8", "surrogateescape")


def encode_line(text: str) -> bytes:
    """The inverse of `decode_line`; a surrogate that stands for no byte becomes three bytes, as Python writes it."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _broken(reason: str, column: int | None) -> ParsedLine:
    return ParsedLine(None, LineError(reason, column))


_KINDS: Final = {list: "a list", str: "a string", bool: "true or false", type(None): "null", int: "a number"}


def _not_an_object(value: object) -> ParsedLine:
    kind = _KINDS.get(type(value), "a number")
    return _broken(f"a line must be a JSON object in braces; this is {kind}", 1)


def _may_lose_digits(raw: bytes, value: dict[str, Any]) -> bool:
    """Whether the fast reader may have rounded a number. Most lines have nothing that looks like a long one."""
    marks = raw.translate(_DIGITS)
    if not any(mark in marks for mark in _LONG_NUMBERS):
        return False
    return _has_float(value) and _MAY_LOSE_DIGITS.search(raw) is not None


def _has_float(value: dict[str, Any]) -> bool:
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is dict:
            pending.extend(item.values())
        elif kind is list:
            pending.extend(item)
        elif kind is float:
            return True
    return False


def _parse_exactly(raw: bytes, *, keeps_spellings: bool = False) -> ParsedLine:
    parsed = _decoded(raw, keeps_spellings=keeps_spellings)
    return parsed if parsed.error is not None or isinstance(parsed.value, dict) else _not_an_object(parsed.value)


def _decoded(raw: bytes, *, keeps_spellings: bool) -> ParsedLine:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        column = len(raw[: error.start].decode("utf-8")) + 1
        return _broken(f"not UTF-8: byte 0x{raw[error.start]:02x} at column {column} belongs to no character", column)
    warnings: list[str] = []
    repeated: list[str] = []
    try:
        value = _decoder(warnings, repeated, keeps_spellings=keeps_spellings).decode(text)
    except json.JSONDecodeError as error:
        reason, column = explain_json(text, error)
        return _broken(f"not JSON: {reason}", column)
    except RecursionError:
        return _broken("nested too deep to read", None)
    if b"\\u" in raw and _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        warnings.append("half of a surrogate pair stands alone in a text")
    return ParsedLine(value, None, tuple(dict.fromkeys(warnings)), tuple(dict.fromkeys(repeated)))


def _decoder(warnings: list[str], repeated: list[str], *, keeps_spellings: bool) -> json.JSONDecoder:
    """A reader of JSON that loses nothing; what is odd goes to ``warnings``, keys that stand twice to ``repeated``."""

    def constant(name: str) -> float:
        warnings.append(f"{name} is not JSON, only Python reads it")
        return float(name)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(items)
        if len(record) < len(items):
            seen: set[str] = set()
            for key, _ in items:
                if key in seen:
                    repeated.append(key)
                    warnings.append(f"the key {json.dumps(key)} is there more than once; the last one counts")
                seen.add(key)
        return record

    return json.JSONDecoder(
        object_pairs_hook=pairs,
        parse_int=spelt_int if keeps_spellings else read_int,
        parse_float=spelt_float if keeps_spellings else read_float,
        parse_constant=constant,
    )
