"""What of a record is trained, as eight bytes: for finding examples that are there twice without keeping them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from fttui.formats.kinds import Kind
from fttui.formats.slots import NON_PREFERRED, PREFERRED

NONE: Final = 0
"""Stands for no example, or for no question."""

_BESIDE: Final = ("tools", "functions", "response_format", "systemInstruction", "system_instruction", "system")
_BESIDE_KEYS: Final = frozenset(_BESIDE)
_NAMES: Final = frozenset(("id", "_id", "uuid", "index", "idx", "custom_id", "metadata"))
_ANSWERS: Final = ("assistant", "model")


class Digests(NamedTuple):
    """Of an example: all that is trained, and what the answer answers (`NONE` where there is no such thing)."""

    whole: int
    question: int


def digests(record: Mapping[str, Any], kind: Kind) -> Digests:
    """Equal for two records of a kind when they train the same, in whatever order their keys stand.

    Keys that no provider trains on (``id``, ``metadata``, …) do not count.
    """
    if kind == "completion":
        return _completion(record)
    if kind == "preference":
        sides = [next((record[key] for key in keys if key in record), None) for keys in (PREFERRED, NON_PREFERRED)]
        # several pairs of answers to one question are usual
        return Digests(_number(hashlib.blake2b(_bytes([record.get("input"), *sides]), digest_size=8)), NONE)
    messages = record.get("contents" if kind == "gemini" else "messages")
    if not isinstance(messages, list) or kind == "other":
        return Digests(_number(hashlib.blake2b(_bytes(dict(record)), digest_size=8)), NONE)
    if kind == "reinforcement":
        return _graded(record, messages)
    return _conversation(record, messages)


def _conversation(record: Mapping[str, Any], messages: list[Any]) -> Digests:
    last = messages[-1] if messages else None
    is_answered = isinstance(last, dict) and last.get("role") in _ANSWERS
    question = messages[:-1] if is_answered else messages
    hashed = hashlib.blake2b(_bytes(question), digest_size=8)
    if len(record) > 1 and not _BESIDE_KEYS.isdisjoint(record):
        hashed.update(_bytes([record.get(key) for key in _BESIDE]))
    asks = _number(hashed) if is_answered and _asks(question) else NONE
    if is_answered:
        hashed.update(_bytes(last))
    return Digests(_number(hashed), asks)


def _graded(record: Mapping[str, Any], messages: list[Any]) -> Digests:
    hashed = hashlib.blake2b(_bytes(messages), digest_size=8)
    hashed.update(_bytes([record.get(key) for key in _BESIDE]))
    asks = _number(hashed) if _asks(messages) else NONE
    rest = {key: value for key, value in record.items() if key != "messages" and key not in _NAMES}
    hashed.update(_bytes(rest))
    return Digests(_number(hashed), asks)


def _completion(record: Mapping[str, Any]) -> Digests:
    prompt = record.get("prompt")
    hashed = hashlib.blake2b(_bytes(prompt), digest_size=8)
    is_open = not prompt or (isinstance(prompt, str) and prompt.isspace())
    asks = NONE if is_open else _number(hashed)
    hashed.update(_bytes(record.get("completion")))
    return Digests(_number(hashed), asks)


def _asks(messages: list[Any]) -> bool:
    """Whether anything but instructions comes before the answer."""
    last = messages[-1] if messages else None
    return isinstance(last, dict) and last.get("role") not in ("system", "developer")


def _number(hashed: Any) -> int:
    return int.from_bytes(hashed.digest(), "little") or 1


def _bytes(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # integers of many digits, numbers with a spelling, half a surrogate pair, deep nesting
        return json.dumps(value, sort_keys=True).encode("utf-8", "surrogatepass")
