"""The file beside the data that remembers what was said about examples: JSON lines, written whole or not at all.

The first line says which state of the data the others mean; each of these is one example: the row (from 0) and a hash
of its line, then its id, tags, note and reviewed mark as far as it has them. A line with ``orphaned`` (Unix seconds)
has no example at present; it is kept for a while, as the example may come back.
"""

from __future__ import annotations

import hashlib
import json
import time
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from fttui.core.atomic import write_atomic
from fttui.core.text import one_line
from fttui.dataset.marks.example_ids import id_text
from fttui.dataset.marks.table import Mark, MarkPool
from fttui.dataset.reader import Stamp

VERSION: Final = 1
LONGEST_TAG: Final = 100
LONGEST_NOTE: Final = 1_000_000
KEPT_S: Final = 90 * 86_400.0
"""How long an example that is not in the file any more is remembered."""

NOWHERE: Final = -1
"""The line of an example that is not in the file."""
_CHUNK: Final = 1024
"""Lines that are written, or looked at, before another thread may run."""


class Header(NamedTuple):
    """Which state of the data file the rows mean; None and 0 when the file does not say."""

    version: int
    size: int | None
    mtime_ns: int | None

    def fits(self, stamp: Stamp | None) -> bool:
        """Whether the data file is as it was: the rows are right."""
        return stamp is not None and (self.size, self.mtime_ns) == (stamp.size, stamp.mtime_ns)

    @property
    def is_newer(self) -> bool:
        """Whether a later fttui wrote the file: not to be read, and not to be overwritten."""
        return self.version > VERSION


UNKNOWN: Final = Header(VERSION, None, None)


class Entry(NamedTuple):
    """What is remembered about an example: where it was, a hash of its line (0: not known), the number of its mark in
    a `MarkPool`, the number of its id (0: none), and since when it is missing (0: it is there)."""

    row: int
    hash: int
    mark: int
    id: int
    orphaned: float


EntryValues: TypeAlias = tuple[int, int, int, int, float]
"""An `Entry`, or a plain tuple of its values, which is made in half the time."""


class Entries:
    """Many entries, 36 bytes each.

    Attributes:
        rows, hashes, marks, ids: What each entry has, see `Entry`.
        lacks_hashes: Whether the hash of some entry's line is not known.
        has_missing: Whether some are of examples that are missing.
    """

    def __init__(self, entries: Iterable[EntryValues] = ()) -> None:
        self.lacks_hashes = self.has_missing = False
        self.rows = array("Q")
        self.hashes = array("Q")
        self.marks = array("I")
        self.ids = array("Q")
        self._orphaned = array("d")
        for entry in entries:
            self.append(entry)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Entry]:
        return map(Entry._make, self.values())

    def values(self) -> Iterator[EntryValues]:
        """The entries as plain tuples: row, hash, mark, id, orphaned."""
        return zip(self.rows, self.hashes, self.marks, self.ids, self._orphaned, strict=True)

    def part(self, start: int, stop: int) -> Entries:
        """Some of the entries."""
        part, some = Entries(), slice(start, stop)
        part.rows, part.hashes, part.marks = self.rows[some], self.hashes[some], self.marks[some]
        part.ids, part._orphaned = self.ids[some], self._orphaned[some]
        part.lacks_hashes, part.has_missing = 0 in part.hashes, self.has_missing and any(part._orphaned)
        return part

    def rows_there(self) -> array[int]:
        """The rows of the entries, -1 for those of examples that are missing."""
        if not self.has_missing:
            return self.rows
        return array("q", (-1 if since else row for row, since in zip(self.rows, self._orphaned, strict=True)))

    def parted(self) -> list[Entries]:
        """Those of examples that are there, and those of examples that are missing; without empty ones."""
        if not self.has_missing:
            return [self] if len(self) else []
        parts = (
            Entries(entry for entry in self.values() if not entry[-1]),
            Entries(entry for entry in self.values() if entry[-1]),
        )
        return [part for part in parts if len(part)]

    def common_ids(self, others: Entries) -> set[int]:
        """The ids that both have."""
        wanted, found = set(others.ids) - {0}, set[int]()
        for start in range(0, len(self) if wanted else 0, _CHUNK):  # each for less than a millisecond
            found |= wanted.intersection(self.ids[start : start + _CHUNK])
        return found

    def append(self, entry: EntryValues) -> None:
        row, line_hash, mark, identity, orphaned = entry
        self.rows.append(row)
        self.hashes.append(line_hash)
        self.marks.append(mark)
        self.ids.append(identity)
        self._orphaned.append(orphaned)
        self.lacks_hashes |= not line_hash
        self.has_missing |= bool(orphaned)

    def extend(self, rows: Iterable[int], hashes: Iterable[int], marks: Iterable[int], ids: Iterable[int]) -> None:
        """Append entries of examples that are there; as many of each."""
        first = len(self)
        self.rows.extend(rows)
        self.hashes.extend(hashes)
        self.lacks_hashes |= 0 in self.hashes[first:]
        self.marks.extend(marks)
        self.ids.extend(ids)
        self._orphaned.extend(repeat(0.0, len(self.rows) - len(self._orphaned)))


@dataclass(slots=True)
class Sidecar:
    """What was read.

    Attributes:
        header: Which state of the data it means.
        entries: The examples, in the order of the file.
        bad: How many lines could not be read; the others are here.
    """

    header: Header = UNKNOWN
    entries: Entries = field(default_factory=Entries)
    bad: int = 0


def follow_each_other(numbers: array[int]) -> bool:
    """Whether each is the one before and 1; there must be one."""
    return numbers == array(numbers.typecode, range(numbers[0], numbers[0] + len(numbers)))


def hash_of(line: bytes) -> int:
    """64 bits of a line without its ending; never 0, which means that it is not known."""
    return int.from_bytes(hashlib.blake2b(line.rstrip(b"\r\n"), digest_size=8).digest(), "big") or 1


def clean_tag(tag: str) -> str:
    """The tag as it is kept, one line without blanks at its ends; empty when it is none or too long."""
    cleaned = one_line(tag) if len(tag) <= 4 * LONGEST_TAG else ""
    return cleaned if len(cleaned) <= LONGEST_TAG else ""


def write_sidecar(path: Path, stamp: Stamp, entries: Entries, pool: MarkPool, *, mode: int | None) -> None:
    """Write a sidecar for the data file in the state ``stamp``; its directory must be there.

    Raises:
        OSError: Nothing was changed.
    """
    write_atomic(path, _chunks(stamp, entries, pool), mode=mode if not path.exists() else None)


def _chunks(stamp: Stamp, entries: Entries, pool: MarkPool) -> Iterator[bytes]:
    header = {"fttui_marks": VERSION, "file": {"size": stamp.size, "mtime_ns": stamp.mtime_ns}}
    yield json.dumps(header).encode() + b"\n"
    ends: dict[int, str] = {}
    lines: list[str] = []
    for row, line_hash, mark, identity, orphaned in entries.values():
        end = ends.get(mark)
        if end is None:
            end = ends[mark] = _end_of(pool.marks[mark])
        parts = f'{{"row": {row}'
        if line_hash:
            parts += f', "hash": "{line_hash:016x}"'
        if identity:
            parts += f', "id": "{id_text(identity)}"'
        if orphaned:
            parts += f', "orphaned": {round(orphaned)}'
        lines.append(parts + end)
        if len(lines) == _CHUNK:
            yield "".join(lines).encode()
            lines.clear()
            time.sleep(0)
    yield "".join(lines).encode()


def _end_of(mark: Mark) -> str:
    """A mark as the end of a line; non-ASCII as escapes, so that half of a surrogate pair survives."""
    known: dict[str, Any] = {}
    if mark.tags:
        known["tags"] = sorted(mark.tags)
    if mark.note:
        known["note"] = mark.note
    if mark.reviewed:
        known["reviewed"] = True
    return (", " + json.dumps(known)[1:] if known else "}") + "\n"
