"""Lone surrogates: JSON can say them, but no tokenizer, database or UTF-8 file takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def encodable(value: Any) -> Any:
    """A JSON value with U+FFFD for each lone surrogate in it."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {encodable(key): encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [encodable(item) for item in value]
    return value
