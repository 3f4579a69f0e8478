"""Finding plain text in the lines of a document: thin, and never on the thread that draws."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_BREATH = 512
"""Rows between two looks at ``cancelled``, and a pause in which the screen may draw."""


def needles_of(text: str) -> tuple[tuple[bytes, ...], bool]:
    """The ways in which ``text`` may stand in a line of JSON, and whether letters' case counts.

    Small letters match both cases (of ASCII letters), as in most editors.
    """
    ways = {text, json.dumps(text, ensure_ascii=False)[1:-1], json.dumps(text)[1:-1]}
    exact = text != text.lower()
    needles = {way.encode("utf-8", "surrogatepass") for way in ways}
    return tuple(needles if exact else {needle.lower() for needle in needles}), exact


def find_row(document: Document, text: str, start: int, step: int, *, cancelled: Callable[[], bool]) -> int | None:
    """The nearest row with ``text``, from ``start`` (itself included) in the direction of ``step``, round the end.

    None when no row has it, or when ``cancelled`` says stop.
    """
    needles, exact = needles_of(text)
    count = len(document)
    for walked in range(count):
        if walked % _BREATH == _BREATH - 1:
            if cancelled():
                return None
            time.sleep(0.0005)
        row = (start + walked * step) % count
        try:
            raw = document.raw(row)
        except IndexError:  # rows were deleted meanwhile
            return None
        if not exact:
            raw = raw.lower()
        if any(needle in raw for needle in needles):
            return row
    return None
