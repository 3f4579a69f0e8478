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
    if _needs_a_closer_look(raw, value):
        return _parse_exactly(raw)
    return ParsedLine(value, None)


def is_read_whole(raw: bytes, value: Any) -> bool:
    """Whether a line holds no more than the value that orjson read of it: then it is what `parse_line` gives, too."""
    return isinstance(value, dict) and _refused_unread(raw) is None and not _needs_a_closer_look(raw, value)


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


def _needs_a_closer_look(raw: bytes, value: dict[str, Any]) -> bool:
    """Whether the fast reader may have lost something: digits of a number, or the first of two equal keys.

    Keys are counted in two ways that agree on ordinary lines; where they do not (a repeated key, a text that begins
    with a colon, odd spaces) the slow reader has a look.
    """
    keys = len(value)
    has_float = False
    pending: list[Any] = [value]
    for holder in pending:  # which grows meanwhile
        for item in holder.values() if type(holder) is dict else holder:
            kind = type(item)
            if kind is dict:
                keys += len(item)
                pending.append(item)
            elif kind is list:
                pending.append(item)
            elif kind is float:
                has_float = True
    # mostly there is no other colon, which is counted fast
    if raw.count(b":") != keys and _count_keys(raw) != keys:
        return True
    return has_float and _MAY_LOSE_DIGITS.search(raw) is not None


def _count_keys(raw: bytes) -> int:
    """How often a quote stands before a colon, those left out that are escaped: JSON inside a text has such ones."""
    colons = (b'":', b'" :') if b'" :' in raw else (b'":',)
    keys = sum(map(raw.count, colons))
    # a backslash that is escaped itself may end a key, which then counts
    if b'\\"' in raw and b'\\\\"' not in raw:
        keys -= sum(raw.count(b"\\" + colon) for colon in colons)
    return keys


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
