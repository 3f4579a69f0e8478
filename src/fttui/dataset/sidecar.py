"""The file beside the data that remembers what was said about examples: JSON lines, written whole or not at all.

The first line says which state of the data the others mean; each of these is one example: the row (from 0) and a hash
of its line, then its id, tags, note and reviewed mark as far as it has them. A line with ``orphaned`` (Unix seconds)
has no example at present; it is kept for a while, as the example may come back.
"""

from __future__ import annotations

import errno
import hashlib
import json
import stat
import time
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, TypeAlias

import orjson

from fttui.core.atomic import write_atomic
from fttui.core.text import one_line
from fttui.dataset.example_ids import id_number, id_text
from fttui.dataset.mark_table import Mark, MarkPool
from fttui.dataset.reader import Stamp

VERSION: Final = 1
LONGEST_TAG: Final = 100
LONGEST_NOTE: Final = 1_000_000
KEPT_S: Final = 90 * 86_400.0
"""How long an example that is not in the file any more is remembered."""

_LONGEST_LINE: Final = 16 << 20
_MOST_TAGS: Final = 1000
_ROWS: Final = 1 << 48
_YEAR_5000: Final = 1e11
_CHUNK: Final = 4096
_UNSEEN: Final = -1


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
    """Many entries, 36 bytes each."""

    def __init__(self, entries: Iterable[EntryValues] = ()) -> None:
        self.rows = array("Q")
        self.hashes = array("Q")
        self._marks = array("I")
        self._ids = array("Q")
        self._orphaned = array("d")
        for entry in entries:
            self.append(entry)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Entry]:
        return map(Entry._make, self.values())

    def values(self) -> Iterator[EntryValues]:
        """The entries as plain tuples: row, hash, mark, id, orphaned."""
        return zip(self.rows, self.hashes, self._marks, self._ids, self._orphaned, strict=True)

    def parted(self) -> list[Entries]:
        """Those of examples that are there, and those of examples that are missing; without empty ones."""
        if not any(self._orphaned):
            return [self] if len(self) else []
        parts = (
            Entries(entry for entry in self.values() if not entry[-1]),
            Entries(entry for entry in self.values() if entry[-1]),
        )
        return [part for part in parts if len(part)]

    def common_ids(self, others: Entries) -> set[int]:
        """The ids that both have."""
        wanted, found = set(others._ids) - {0}, set[int]()
        for start in range(0, len(self) if wanted else 0, _CHUNK):  # each for less than a millisecond
            found |= wanted.intersection(self._ids[start : start + _CHUNK])
        return found

    def append(self, entry: EntryValues) -> None:
        row, line_hash, mark, identity, orphaned = entry
        self.rows.append(row)
        self.hashes.append(line_hash)
        self._marks.append(mark)
        self._ids.append(identity)
        self._orphaned.append(orphaned)

    def extend(self, rows: Iterable[int], hashes: Iterable[int], marks: Iterable[int], ids: Iterable[int]) -> None:
        """Append entries of examples that are there; as many of each."""
        self.rows.extend(rows)
        self.hashes.extend(hashes)
        self._marks.extend(marks)
        self._ids.extend(ids)
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


def hash_of(line: bytes) -> int:
    """64 bits of a line without its ending; never 0, which means that it is not known."""
    return int.from_bytes(hashlib.blake2b(line.rstrip(b"\r\n"), digest_size=8).digest(), "big") or 1


def clean_tag(tag: str) -> str:
    """The tag as it is kept, one line without blanks at its ends; empty when it is none or too long."""
    cleaned = one_line(tag) if len(tag) <= 4 * LONGEST_TAG else ""
    return cleaned if len(cleaned) <= LONGEST_TAG else ""


# --- reading --------------------------------------------------------------------------------------------------------


def read_header(path: Path) -> Header:
    """Which state of the data a sidecar means. Raises `OSError`."""
    with _opened(path) as file:
        return _header_of(_parsed(next(_lines(file), None))) or UNKNOWN


def read_sidecar(path: Path, pool: MarkPool) -> Sidecar:
    """Read a sidecar; marks are taken into ``pool``. Lines that make no sense are counted, never fatal.

    Raises:
        OSError: It cannot be read.
    """
    found = Sidecar()
    ids: set[int] = set()
    oldest = time.time() - KEPT_S
    reader = _EntryReader(pool)
    with _opened(path) as file:
        lines = _lines(file)
        header = _header_of(_parsed(next(lines, None)))
        if header is None:
            found.bad += 1
        else:
            found.header = header
        if found.header.is_newer:
            return found
        for line in lines:
            entry = reader.entry_of(_parsed(line))
            if entry is None:
                found.bad += 1
                continue
            identity, orphaned = entry[3:]
            if identity:
                if identity in ids:
                    found.bad += 1
                    entry = (*entry[:3], 0, orphaned)
                ids.add(identity)
            if not 0 < orphaned < oldest:
                found.entries.append(entry)
    return found


def _opened(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep us waiting, and a device has no end
        raise OSError(errno.EINVAL, "it is no file")
    return path.open("rb")


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Lines, None for one that is too long; blank ones are passed over."""
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield None
        elif line.strip():
            yield line


def _parsed(line: bytes | None) -> dict[str, Any]:
    if line is None:
        return {}
    try:
        value = orjson.loads(line)
    except ValueError:
        try:
            value = json.loads(line)  # half of a surrogate pair in a note
        except (ValueError, RecursionError):
            return {}
    return value if isinstance(value, dict) else {}


def _header_of(value: dict[str, Any]) -> Header | None:
    version, file = _number(value.get("fttui_marks")), value.get("file")
    if not version:
        return None
    size, mtime = (_number(file.get(key)) for key in ("size", "mtime_ns")) if isinstance(file, dict) else (None, None)
    return Header(version, size, mtime)


class _EntryReader:
    """Makes entries of parsed lines; the marks that are alike are looked at once."""

    def __init__(self, pool: MarkPool) -> None:
        self._pool = pool
        self._known: dict[tuple[object, ...], int | None] = {}

    def entry_of(self, value: dict[str, Any]) -> EntryValues | None:
        """The entry; None when the line makes no sense."""
        get = value.get
        row, line_hash = get("row"), _hash_number(get("hash"))
        identity = id_number(value["id"]) if "id" in value else 0
        orphaned = get("orphaned", 0)
        if type(row) is not int or not 0 <= row < _ROWS or line_hash is None or identity is None:
            return None
        if type(orphaned) not in (int, float) or not 0 <= orphaned < _YEAR_5000:
            return None
        mark = self._mark_of(get("tags", []), get("note", ""), get("reviewed", False))
        if mark is None or not (mark or identity):
            return None
        return row, line_hash, mark, identity, float(orphaned)

    def _mark_of(self, tags: object, note: object, reviewed: object) -> int | None:
        if not isinstance(note, str) or not isinstance(tags, list) or not isinstance(reviewed, bool):
            return None
        try:
            key = (*tags, note, reviewed)
            known = self._known.get(key, _UNSEEN)
        except TypeError:  # a list or a dictionary among the tags
            return None
        if known != _UNSEEN:
            return known
        self._known[key] = mark = self._new_mark(tags, note, reviewed)
        return mark

    def _new_mark(self, tags: list[Any], note: str, reviewed: bool) -> int | None:
        if len(tags) > _MOST_TAGS or len(note) > LONGEST_NOTE or not all(isinstance(tag, str) for tag in tags):
            return None
        cleaned = frozenset(map(clean_tag, tags))
        return None if "" in cleaned else self._pool.number(Mark(cleaned, note, reviewed))


def _hash_number(text: object) -> int | None:
    if text is None:
        return 0
    if not isinstance(text, str) or len(text) != 16:
        return None
    try:
        return int.from_bytes(bytes.fromhex(text), "big")
    except ValueError:
        return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63 else None


# --- writing --------------------------------------------------------------------------------------------------------


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
