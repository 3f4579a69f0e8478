"""Counts line by line, and which lines of a file a worker is to count."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from fttui.dataset.index import Readable
from fttui.formats.lines import BOM, parse_line
from fttui.tokens.chat import count_example

BROKEN: Final = 2**32 - 1
"""Stands in `RowCounts.tokens` for a line that is no example."""

_READ_ON: Final = 1 << 16


def _unsigned() -> array[int]:
    return array("I")


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Tokens of consecutive lines.

    Attributes:
        tokens: All tokens of each line, or `BROKEN`.
        trainable: The trained ones among them (0 for a broken line).
    """

    tokens: array[int] = field(default_factory=_unsigned)
    trainable: array[int] = field(default_factory=_unsigned)


def count_lines(lines: Iterable[bytes], encoding: str) -> RowCounts:
    """Count each line, with or without its line ending; whatever it holds, nothing is raised."""
    counts = RowCounts()
    for line in lines:
        value = parse_line(line).value
        if isinstance(value, dict):
            example = count_example(value, encoding)
            counts.tokens.append(min(example.total, BROKEN - 1))
            counts.trainable.append(min(example.trainable, BROKEN - 1))
        else:
            counts.tokens.append(BROKEN)
            counts.trainable.append(0)
    return counts


def lines_starting_in(file: Readable, start: int, end: int) -> list[bytes]:
    """The lines whose first byte lies in ``[start, end)``, without their newlines; the last one is read to its end.

    Blocks that lie side by side thus give each line once, wherever their borders fall.
    """
    data = file.read(max(start - 1, 0), end - max(start - 1, 0))
    first = data.find(b"\n") + 1 if start else 0
    if start and not first:
        return []  # the whole block lies inside one line
    parts = [data[first:]]
    at = max(start - 1, 0) + len(data)
    while parts[-1] and not parts[-1].endswith(b"\n"):
        more = file.read(at, _READ_ON)
        newline = more.find(b"\n") + 1
        if not more or newline:
            parts.append(more[:newline])
            break
        parts.append(more)
        at += len(more)
    lines = b"".join(parts).split(b"\n")
    if not lines[-1] or (not start and lines == [BOM]):
        lines.pop()
    return lines
