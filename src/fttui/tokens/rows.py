"""Counts line by line, and which lines of a file a worker is to count."""

from __future__ import annotations

import hashlib
import zlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from fttui.dataset.index import Readable
from fttui.formats.lines import BOM, MAX_DEPTH, parse_line
from fttui.tokens.chat import ExampleCounter
from fttui.tokens.parts import Parts, add_parts

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
        parts: All tokens of these lines by role and other part.
    """

    tokens: array[int] = field(default_factory=_unsigned)
    trainable: array[int] = field(default_factory=_unsigned)
    parts: Parts = field(default_factory=dict, compare=False)

    def extend(self, following: RowCounts) -> None:
        """Add the lines that follow."""
        self.trainable.extend(following.trainable)  # first: who reads beside goes by the other's length
        self.tokens.extend(following.tokens)
        add_parts(self.parts, following.parts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines that lie together in a file, to know them again.

    Attributes:
        start: Where the first of them begins, in bytes.
        size: Their bytes, with their line endings.
        lines: Their number.
        digest: 16 bytes that stand for theirs.
        head: A checksum of the first line, by which the rest is looked for where lines before it came or went.
        parts: As in `RowCounts`.
    """

    start: int
    size: int
    lines: int
    digest: bytes
    head: int
    parts: Parts


@dataclass(frozen=True, slots=True)
class BlockCounts(RowCounts):
    """Counts of consecutive lines of a file, and the stretches these lie in."""

    stretches: tuple[Stretch, ...] = ()


def count_lines(lines: Iterable[bytes], encoding: str) -> RowCounts:
    """Count each line, with or without its line ending; whatever it holds, nothing is raised."""
    counter = ExampleCounter(encoding)
    counts = RowCounts(parts=counter.parts)
    for line in lines:
        value = _value_of(line)
        if isinstance(value, dict):
            example = counter.count(value)
            counts.tokens.append(min(example.total, BROKEN - 1))
            counts.trainable.append(min(example.trainable, BROKEN - 1))
        else:
            counts.tokens.append(BROKEN)
            counts.trainable.append(0)
    return counts


def _value_of(line: bytes) -> Any:
    """What `parse_line` reads, sooner; but numbers may lose digits where they do not count (anywhere but in tools)."""
    if line.count(b"{") + line.count(b"[") < MAX_DEPTH and b'"enum"' not in line:
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError:
            pass
    return parse_line(line).value


def count_block(file: Readable, start: int, end: int, encoding: str) -> BlockCounts:
    """Count the lines whose first byte lies in ``[start, end)``."""
    at, data = bytes_starting_in(file, start, end)
    counts = count_lines(lines_of(data, at), encoding)
    stretch = Stretch(at, len(data), len(counts.tokens), digest_of(data), head_of(data), counts.parts)
    return BlockCounts(counts.tokens, counts.trainable, counts.parts, (stretch,) if data else ())


def digest_of(data: bytes) -> bytes:
    """16 bytes that stand for ``data`` (1.7 GB/s where the processor knows SHA-256)."""
    return hashlib.sha256(data).digest()[:16]


def head_of(data: bytes) -> int:
    """A checksum of the first line of ``data``."""
    return zlib.crc32(data[: data.find(b"\n") + 1] or data)


def lines_starting_in(file: Readable, start: int, end: int) -> list[bytes]:
    """The lines whose first byte lies in ``[start, end)``, without their newlines; the last one is read to its end.

    Blocks that lie side by side thus give each line once, wherever their borders fall.
    """
    at, data = bytes_starting_in(file, start, end)
    return lines_of(data, at)


def lines_of(data: bytes, at: int) -> list[bytes]:
    """The lines of ``data``, which begins at ``at`` in its file, without their newlines."""
    lines = data.split(b"\n")
    if not lines[-1] or (not at and lines == [BOM]):
        lines.pop()
    return lines


def bytes_starting_in(file: Readable, start: int, end: int) -> tuple[int, bytes]:
    """Where the first line that begins in ``[start, end)`` does, and the bytes from there to the end of the last one.

    No bytes when none begins there.
    """
    first_read = max(start - 1, 0)
    data = file.read(first_read, end - first_read)
    skipped = data.find(b"\n") + 1 if start else 0
    if start and not skipped:
        return end, b""  # the whole block lies inside one line
    parts = [data[skipped:]]
    at = first_read + len(data)
    while parts[-1] and not parts[-1].endswith(b"\n"):
        more = file.read(at, _READ_ON)
        newline = more.find(b"\n") + 1
        if not more or newline:
            parts.append(more[:newline])
            break
        parts.append(more)
        at += len(more)
    return first_read + skipped, b"".join(parts)


def line_at(file: Readable, number: int) -> bytes | None:
    """Line ``number`` of a file, from 0, without its newline; None when it has no such line."""
    at = seen = 0
    while data := file.read(at, 1 << 20):
        ends = data.count(b"\n")
        if seen + ends >= number:
            start = 0
            for _ in range(number - seen):
                start = data.find(b"\n", start) + 1
            begins, line = bytes_starting_in(file, at + start, at + start + 1)
            return next(iter(lines_of(line, begins)), None)
        at, seen = at + len(data), seen + ends
    return None
