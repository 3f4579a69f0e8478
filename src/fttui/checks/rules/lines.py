"""Rules about the bytes of a line: whether it is one JSON object, and what in it other readers refuse."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fttui.checks.model import Found, Path, Target
from fttui.checks.table import FilePlan, file_fix, fix
from fttui.checks.whole.encodings import looks_like
from fttui.checks.whole.facts import FileFacts
from fttui.checks.words import quoted
from fttui.formats.lines import BOM, ParsedLine, parse_line

_LONE: Final = re.compile("[\ud800-\udfff]")
_BLANK: Final = b" \t\r\n"
_SPACE: Final = re.compile(r"[ \t\n\r]*")


def check_line(raw: bytes, row: int, is_last: bool) -> list[tuple[str, Found]]:
    """What the rules of the scope ``line`` find in a line that the fast reader refused, or read in doubt.

    Args:
        raw: The line, with or without its ending.
        row: From 0: a byte order mark belongs at the file's beginning, and nowhere else.
        is_last: Whether the file ends here: perhaps too early.
    """
    return list(_look(raw, row, is_last))


def _look(raw: bytes, row: int, is_last: bool) -> Iterator[tuple[str, Found]]:
    if not raw.removeprefix(BOM).strip(_BLANK):
        yield "blank-line", Found("the line is blank: delete it")
        return
    if row and raw.startswith(BOM):
        yield "bom-inside", Found("a byte order mark stands inside the file, perhaps where two files were joined")
    parsed = parse_line(raw)
    if parsed.error is not None:
        yield _refused(raw, parsed.error.reason, parsed.error.column, is_last)
        return
    yield from _oddities(parsed)


def _refused(raw: bytes, reason: str, column: int | None, is_last: bool) -> tuple[str, Found]:
    guess = looks_like(raw) if reason.startswith("not UTF-8") or b"\x00" in raw else ""
    if guess:
        return "not-utf8", Found(f"not UTF-8, it looks like {guess}: write the file anew as UTF-8", column=column)
    if reason.startswith("not UTF-8"):
        return "not-utf8", Found(reason, column=column)
    if reason.startswith("nested"):
        return "nested-too-deep", Found(reason, column=column)
    if reason.startswith("a line must be a JSON object"):
        return "not-an-object", Found(reason, column=column)
    if column is not None and _is_another_value(raw, column):
        return "two-values", Found(
            f"a second value begins at column {column}: put each example on a line of its own", column=column
        )
    if is_last and ("the line ends before" in reason or "never closes" in reason):
        reason += "; the file may have been cut off here"
    return "not-json", Found(reason, column=column)


def _is_another_value(raw: bytes, column: int) -> bool:
    """Whether a whole value ends before the column, and a whole one begins there."""
    text = raw.removeprefix(BOM).decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    try:
        _, end = decoder.raw_decode(text, _skip(text, 0))
        if _skip(text, end) != column - 1:
            return False
        decoder.raw_decode(text, column - 1)
    except (ValueError, RecursionError):
        return False
    return True


def _skip(text: str, start: int) -> int:
    blank = _SPACE.match(text, start)
    return blank.end() if blank else start


def _oddities(parsed: ParsedLine) -> Iterator[tuple[str, Found]]:
    """What Python reads all the same."""
    if parsed.repeated:
        names = ", ".join(quoted(key) for key in parsed.repeated[:3])
        more = f" and {len(parsed.repeated) - 3} more" if len(parsed.repeated) > 3 else ""
        be = "is" if len(parsed.repeated) == 1 else "are"
        yield "duplicate-keys", Found(f"{names}{more} {be} there more than once in one object; the last one counts")
    if not parsed.warnings:
        return
    infinite = next(_paths(parsed.value, _is_not_finite), None)
    if infinite is not None:
        yield "not-finite", Found("NaN and Infinity are not JSON: write null, or leave the key out", infinite)
    half = next(_paths(parsed.value, _has_lone), None)
    if half is not None:
        yield "lone-surrogate", Found("half of a surrogate pair stands alone in the text, or in a key", half)


def _paths(value: Any, is_bad: Any) -> Iterator[Path]:
    """Where values, or keys, are bad; depth is bounded by the reader."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, item = pending.pop()
        if isinstance(item, dict):
            if any(is_bad(key) for key in item):
                yield path
            pending.extend(((*path, key), inner) for key, inner in reversed(item.items()))
        elif isinstance(item, list):
            pending.extend(((*path, number), inner) for number, inner in reversed(list(enumerate(item))))
        elif is_bad(item):
            yield path


def _is_not_finite(value: Any) -> bool:
    # a number such as 1e400 is JSON, and keeps its spelling: only the words are none
    return type(value) is float and not math.isfinite(value)


def _has_lone(value: Any) -> bool:
    return isinstance(value, str) and _LONE.search(value) is not None


@fix("duplicate-keys")
@fix("bom-inside")
def write_again(record: dict[str, Any], path: Path) -> None:
    """Nothing to change: the line that is written anew has neither."""


@fix("not-finite")
def write_null(record: dict[str, Any], path: Path) -> None:
    _rewrite(record, lambda value: None if _is_not_finite(value) else value)


@fix("lone-surrogate")
def write_replacement_character(record: dict[str, Any], path: Path) -> None:
    _rewrite(record, lambda value: _LONE.sub("\ufffd", value) if isinstance(value, str) else value)


def _rewrite(value: Any, new: Any) -> Any:
    """``value`` with all keys and values passed through ``new``; objects and lists are changed in place."""
    if isinstance(value, dict):
        items = list(value.items())
        value.clear()
        for key, item in items:
            name = new(key)
            while name in value and name != key:  # two keys that differ only in what is replaced
                name += "\ufffd"
            value[name] = _rewrite(item, new)
        return value
    if isinstance(value, list):
        value[:] = [_rewrite(item, new) for item in value]
        return value
    return new(value)


@file_fix("blank-line")
def delete_blank_lines(facts: FileFacts, targets: Sequence[Target]) -> FilePlan:
    return FilePlan(delete=facts.block.blank)
