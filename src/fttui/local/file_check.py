"""What is looked at when a file for fine-tuning arrives: each line is a JSON object. The rest is the job's matter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from fttui.formats.lines import BOM, MAX_DEPTH, parse_line

LINE_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of a line. A longer one would be read into memory as a whole, many times its size."""

TOO_LONG: Final = f"it is longer than {LINE_LIMIT >> 20} MB"
"""What is wrong with such a line, without a full stop."""

AT_ONCE: Final = 1024 * 1024
"""Bytes of a file that is looked at while its sender waits; it takes some hundredths of a second."""


def problem_of(path: Path) -> str | None:
    """Why a file is no JSON Lines file, naming the first line that is to blame, as one sentence; None when it is one.

    Blank lines are passed over.

    Raises:
        OSError: The file cannot be read.
    """
    holds_lines = False
    for number, line in bounded_lines(path):
        if len(line) > LINE_LIMIT:
            return f"Line {number}: {TOO_LONG}."
        if not line.strip():
            continue
        holds_lines = True
        reason = _reason_against(line)
        if reason is not None:
            return f"Line {number}: {reason}."
    return None if holds_lines else "The file holds no lines with JSON objects."


def _reason_against(line: bytes) -> str | None:
    """Why `parse_line` refuses a line. Most are seen to be right with less than it does to read them exactly."""
    if line.count(b"{") + line.count(b"[") <= MAX_DEPTH:
        with contextlib.suppress(orjson.JSONDecodeError):
            if isinstance(orjson.loads(line), dict):
                return None
    error = parse_line(line).error
    return None if error is None else error.reason


def bounded_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers from 1, without their ends and a byte order mark.

    Of one that is longer than `LINE_LIMIT` not all may be there; then it is the last.

    Raises:
        OSError: The file cannot be read.
    """
    most = LINE_LIMIT + 16  # the mark and the end are not the line's
    with path.open("rb") as file:
        number = 0
        while line := file.readline(most):
            number += 1
            if len(line) == most and not line.endswith(b"\n"):
                yield number, line
                return
            yield number, (line.removeprefix(BOM) if number == 1 else line).rstrip(b"\r\n")
