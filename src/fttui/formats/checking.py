"""Whether a text that somebody edits is JSON, and if it is not, at which line and column."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from fttui.formats.lines import LineError, encode_line, parse_line, parse_value

_COLUMN: Final = re.compile(r"column (\d+)")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, as a clause that names the place, and where the cursor should go: both count from 1."""

    line: int
    column: int
    reason: str


def mistake_in_record(text: str) -> Mistake | None:
    """Why ``text``, spread over lines or not, is no example."""
    parsed = parse_line(encode_line(text))
    return None if parsed.error is None else _placed(text, parsed.error)


def read_value(text: str) -> tuple[Any, Mistake | None]:
    """The JSON value in ``text`` with the spelling of its numbers, or None and why there is none.

    A key that stands twice in one object is a mistake: only one of the two would be kept.
    """
    parsed = parse_value(encode_line(text))
    if parsed.error is not None:
        return None, _placed(text, parsed.error)
    if parsed.repeated:
        key = json.dumps(parsed.repeated[0], ensure_ascii=False)
        at = max(1, text.rfind(key) + 1)  # 1 for a key that is spelt with escapes
        return None, _placed(text, LineError(f"the key {key} at column {at} is there more than once", at))
    return parsed.value, None


def _placed(text: str, error: LineError) -> Mistake:
    """The error of a text taken as one line, with its places in the lines of the text."""
    if error.column is None:
        reason = "there is nothing here; null is JSON for nothing" if error.reason == "blank line" else error.reason
        return Mistake(1, 1, reason)

    def place(found: re.Match[str]) -> str:
        line, column = _line_and_column(text, int(found[1]))
        return f"column {column}" if line == 1 and "\n" not in text else f"line {line}, column {column}"

    line, column = _line_and_column(text, error.column)
    reason = error.reason.replace("the line ends", "the text ends").replace(": one line holds one object", "")
    return Mistake(line, column, _COLUMN.sub(place, reason))


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of the character at ``position`` (from 1)."""
    before = text[: position - 1]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
