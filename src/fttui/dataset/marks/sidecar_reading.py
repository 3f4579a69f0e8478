"""Reading the file beside the data: the good lines of it, whatever else somebody wrote there."""

from __future__ import annotations

import errno
import json
import re
import stat
import sys
import time
from array import array
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import orjson

from fttui.dataset.marks.example_ids import id_number
from fttui.dataset.marks.sidecar import (
    KEPT_S,
    LONGEST_NOTE,
    UNKNOWN,
    EntryValues,
    Header,
    Sidecar,
    clean_tag,
)
from fttui.dataset.marks.table import Mark, MarkPool

_LONGEST_LINE: Final = 16 << 20
_BLOCK: Final = 1 << 16
"""Bytes that are read at once: the lines in them take less than a millisecond, and then another thread may run."""
_MOST_TAGS: Final = 1000
_ROWS: Final = 1 << 48
_YEAR_5000: Final = 1e11
_UNSEEN: Final = -1
_MOST_ENDS: Final = 10_000
"""Different marks that are looked up by their bytes: notes are different each time."""

_PLAIN: Final = re.compile(
    rb'^\{"row": (0|[1-9][0-9]{0,13}), "hash": "([0-9a-f]{16})"((?:, "id": "[0-9a-z]{10}")?)(, "[tnr][^\n]*|)\}$', re.M
)
"""A line as we write it: row, hash, id, and the mark."""
_ID: Final = len(b', "id": "')


def read_header(path: Path) -> Header:
    """Which state of the data a sidecar means. Raises `OSError`."""
    with _opened(path) as file:
        first = next(_blocks(file), None)
        return _header_of(_parsed(first and first.split(b"\n", 1)[0])) or UNKNOWN


def read_sidecar(path: Path, pool: MarkPool) -> Sidecar:
    """Read a sidecar; marks are taken into ``pool``. Lines that make no sense are counted, never fatal.

    Raises:
        OSError: It cannot be read.
    """
    found = Sidecar()
    reader = _EntryReader(pool, found)
    with _opened(path) as file:
        blocks = _blocks(file)
        first, _, rest = (next(blocks, None) or b"").lstrip().partition(b"\n")
        header = _header_of(_parsed(first))
        if header is None:
            found.bad += 1
        else:
            found.header = header
        if found.header.is_newer:
            return found
        for block in chain((rest,), blocks):
            reader.read(block)
            time.sleep(0)
    return found


def _opened(path: Path) -> BinaryIO:
    if not stat.S_ISREG(path.stat().st_mode):  # a pipe would keep us waiting, and a device has no end
        raise OSError(errno.EINVAL, "it is no file")
    return path.open("rb")


def _blocks(file: BinaryIO) -> Iterator[bytes | None]:
    """Whole lines, many at once; None for one that is too long."""
    rest = b""
    while data := file.read(_BLOCK):
        data = rest + data if rest else data
        stop = data.rfind(b"\n") + 1
        if stop:
            yield data[:stop]
            rest = data[stop:]
        elif len(data) < _LONGEST_LINE:
            rest = data
        else:
            yield None
            while data and b"\n" not in data:
                data = file.read(_BLOCK)
            rest = data.partition(b"\n")[2]
    if rest:
        yield rest


def _parsed(line: bytes | None) -> dict[str, Any]:
    if not line:
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
    """Makes entries of lines; the marks that are alike are looked at once."""

    def __init__(self, pool: MarkPool, found: Sidecar) -> None:
        self._pool = pool
        self._found = found
        self._known: dict[tuple[object, ...], int | None] = {}
        self._ends: dict[bytes, int | None] = {}
        """The numbers of the marks that lines of ours end with; None for an end that makes no sense."""
        self._ids: set[int] = set()
        self._oldest = time.time() - KEPT_S

    def read(self, block: bytes | None) -> None:
        """Take in lines; None is one that is too long."""
        if block is None:
            self._found.bad += 1
        elif not self._read_plain(block):
            for line in block.split(b"\n"):
                if line.strip():
                    self._read_line(line)

    def _read_plain(self, block: bytes) -> bool:
        """Take in lines if all are as we write them for examples that are there; whether they were."""
        lines = _PLAIN.findall(block)
        if len(lines) != block.count(b"\n") or not lines:
            return False
        rows, hashes, names, ends = zip(*lines, strict=True)
        marks = [self._mark_of_end(end) for end in ends]
        ids = [id_number(name[_ID:-1].decode()) if name else 0 for name in names] if any(names) else [0] * len(names)
        own = set(filter(None, ids))
        if (
            (None in marks or None in ids or (0, 0) in zip(marks, ids, strict=True))
            or not own.isdisjoint(self._ids)
            or len(own) + ids.count(0) < len(ids)
        ):
            return False
        self._ids |= own
        numbers = array("Q")
        numbers.frombytes(bytes.fromhex(b"".join(hashes).decode()))
        if sys.byteorder == "little":
            numbers.byteswap()
        self._found.entries.extend(map(int, rows), numbers, cast(list[int], marks), cast(list[int], ids))
        return True

    def _mark_of_end(self, end: bytes) -> int | None:
        known = self._ends.get(end, _UNSEEN)
        if known != _UNSEEN:
            return known
        value = _parsed(b"{" + end[2:] + b"}")
        is_plain = bool(value) or not end
        mark = self._mark_of(value.get("tags", []), value.get("note", ""), value.get("reviewed", False))
        if not is_plain or not value.keys() <= {"tags", "note", "reviewed"}:
            mark = None
        if len(self._ends) < _MOST_ENDS:
            self._ends[end] = mark
        return mark

    def _read_line(self, line: bytes) -> None:
        entry = self.entry_of(_parsed(line))
        if entry is None:
            self._found.bad += 1
            return
        identity, orphaned = entry[3:]
        if identity:
            if identity in self._ids:
                self._found.bad += 1
                entry = (*entry[:3], 0, orphaned)
            self._ids.add(identity)
        if not 0 < orphaned < self._oldest:
            self._found.entries.append(entry)

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
