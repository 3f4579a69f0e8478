"""The bytes of a journal: frames with a checksum each, so that one cut short by a crash is known and left out.

A journal is a line that says what it is, then frames: length of the payload, checksum, kind, payload. It begins with a
``BASE`` frame, the file that the steps after it start from; each save adds another. What comes after such a frame needs
nothing that stands before it.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple

from fttui.dataset.edits import Bulk, Edit, Move, MoveRows, Splice
from fttui.dataset.index import Readable
from fttui.dataset.pieces import PackedPieces, Piece
from fttui.dataset.rowset import RowSet

MAGIC: Final = b"fttui journal\n"
VERSION: Final = 1
_HEAD: Final = struct.Struct("<IIB")
_TWO: Final = struct.Struct("<QQ")
_COLUMN: Final = struct.Struct("<BQ")
_LINES_IN_FRAME: Final = 1 << 20


class Kind(IntEnum):
    """What a frame says."""

    BASE = 1  # the file as it was opened, or as a save is about to make it
    SAVED = 2  # that save took place
    LINES = 3  # bytes of lines that steps put somewhere
    SPOOL = 4  # the file that holds the lines of a source
    STEP = 5  # edits, as one step
    UNDO = 6  # the last step of this journal was taken back
    REDO = 7  # and made again
    MARKS = 8  # tags, a note or a reviewed mark of some rows
    RESTORING = 9  # the next steps are copied from an earlier journal, which stays until they all are
    RESTORED = 10


class Frame(NamedTuple):
    """One frame of a journal: its kind, and where in the file its payload is."""

    kind: int
    offset: int
    size: int


def frame(kind: Kind, *parts: bytes) -> bytes:
    """A frame as it stands in the file."""
    size, checksum = 0, int(kind)
    for part in parts:
        size += len(part)
        checksum = zlib.crc32(part, checksum)
    return b"".join((_HEAD.pack(size, checksum, kind), *parts))


def frames_of(reader: Readable, size: int) -> Iterator[Frame]:
    """The whole frames of a journal of ``size`` bytes, up to the first that is cut short or damaged."""
    start = len(MAGIC)
    while start + _HEAD.size <= size:
        length, checksum, kind = _HEAD.unpack(reader.read(start, _HEAD.size))
        offset = start + _HEAD.size
        if offset + length > size or zlib.crc32(reader.read(offset, length), kind) != checksum:
            return
        yield Frame(kind, offset, length)
        start = offset + length


def is_torn(rest: bytes, size: int) -> bool:
    """Whether ``size`` bytes that are no whole frame are what a crash leaves, and not damage with frames behind it.

    ``rest`` is their beginning, at least as much as the head of a frame.
    """
    if size < _HEAD.size or not any(rest):  # a power cut leaves zeros
        return True
    length, _, _ = _HEAD.unpack_from(rest)
    return _HEAD.size + int(length) >= size


# --- values ---------------------------------------------------------------------------------------------------------


def packed_json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value).encode()


def unpacked_json(payload: bytes) -> dict[str, Any]:
    """Raises `ValueError` when it is none."""
    value = json.loads(payload)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def lines_frames(source: int, first: int, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Frames that hold lines of a source, numbered from ``first``, about a megabyte in each."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line) + 4
        if size >= _LINES_IN_FRAME:
            yield _lines_frame(source, first, batch)
            first += len(batch)
            batch, size = [], 0
    if batch:
        yield _lines_frame(source, first, batch)


def _lines_frame(source: int, first: int, lines: Sequence[bytes]) -> bytes:
    sizes = array("Q", map(len, lines))
    return frame(Kind.LINES, _TWO.pack(source, first), _column(sizes), *lines)


def read_lines(payload: bytes) -> tuple[int, int, list[bytes]]:
    """The source, the number of the first line, and the lines of a ``LINES`` frame."""
    source, first = _TWO.unpack_from(payload)
    sizes, at = _read_column(payload, _TWO.size)
    ends = [*accumulate(sizes, initial=at)]
    if ends[-1] != len(payload):
        raise ValueError("the lines do not fill the frame")
    return source, first, [payload[start:stop] for start, stop in pairwise(ends)]


def marks_frame(rows: RowSet, change: Mapping[str, object]) -> bytes:
    """A frame for a change of marks."""
    starts, stops = array("Q"), array("Q")
    for start, stop in rows.ranges():
        starts.append(start)
        stops.append(stop)
    return frame(Kind.MARKS, _column(starts), _column(stops), packed_json(change))


def read_marks(payload: bytes) -> tuple[RowSet, dict[str, Any]]:
    """The rows and the change of a ``MARKS`` frame. Raises `ValueError` when it is none."""
    starts, at = _read_column(payload, 0)
    stops, at = _read_column(payload, at)
    return RowSet.from_ranges(zip(starts, stops, strict=True)), unpacked_json(payload[at:])


def spool_frame(source: int, name: str) -> bytes:
    """A frame that says which file, beside the journal, holds the lines of a source."""
    return frame(Kind.SPOOL, packed_json({"source": source, "name": name}))


def read_spool(payload: bytes) -> tuple[int, str]:
    """The source and the name of the file of a ``SPOOL`` frame. Raises `ValueError` when it is none."""
    match unpacked_json(payload):
        case {"source": int(source), "name": str(name)} if name and not set(name) & set("/\\:"):
            return source, name
    raise ValueError("no file is named")


# --- edits ----------------------------------------------------------------------------------------------------------


def step_frame(edits: Iterable[Edit]) -> bytes:
    """A frame for edits: of each a letter for the kind, then columns of numbers."""
    return frame(Kind.STEP, *(part for edit in edits for part in _packed(edit)))


def _packed(edit: Edit) -> tuple[bytes, ...]:
    match edit:
        case Splice(row, removed, pieces):
            return b"S", _column(array("Q", (row, removed))), *_packed_pieces(PackedPieces.of(pieces))
        case Move(row, to):
            return b"M", _column(array("Q", (row, to)))
        case Bulk(at, removed_counts, inserted, pieces):
            return b"B", _column(at), _column(removed_counts), _column(inserted), *_packed_pieces(pieces)
        case MoveRows(starts, counts, to, is_back):
            return b"R", _column(array("Q", (to, is_back))), _column(starts), _column(counts)


def _packed_pieces(pieces: PackedPieces) -> tuple[bytes, bytes, bytes]:
    return _column(array("Q", pieces.sources)), _column(pieces.starts), _column(pieces.rows)


def read_edits(payload: bytes) -> list[Edit]:
    """The edits of a ``STEP`` frame. Raises `ValueError` when it is none."""
    edits: list[Edit] = []
    at = 0
    while at < len(payload):
        kind = payload[at : at + 1]
        columns: list[array[int]] = []
        at += 1
        for _ in range(_COLUMNS.get(kind, 0)):
            column, at = _read_column(payload, at)
            columns.append(column)
        edits.append(_edit(kind, columns))
    return edits


_COLUMNS: Final = {b"S": 4, b"M": 1, b"B": 6, b"R": 3}


def _edit(kind: bytes, columns: Sequence[array[int]]) -> Edit:
    match kind, columns:
        case b"S", (place, *pieces):
            row, removed = place
            return Splice(row, removed, tuple(map(Piece, *pieces)))
        case b"M", (place,):
            row, to = place
            return Move(row, to)
        case b"B", (at, removed_counts, inserted, sources, starts, rows):
            return Bulk(at, removed_counts, inserted, PackedPieces(array("L", sources), starts, rows))
        case b"R", (place, starts, counts):
            to, is_back = place
            return MoveRows(starts, counts, to, bool(is_back))
    raise ValueError(f"no edit is called {kind!r}")


# --- columns: a column of one value is that value -------------------------------------------------------------------


def _column(numbers: array[int]) -> bytes:
    count = len(numbers)
    is_one = count > 1 and numbers[0] == numbers[-1] and numbers == numbers[:1] * count
    stored = numbers[:1] if is_one else numbers
    if sys.byteorder != "little":
        stored = stored[:]
        stored.byteswap()
    return b"".join((_COLUMN.pack(is_one, count), stored))


def _read_column(payload: bytes, at: int) -> tuple[array[int], int]:
    """A column, and where it ends. Raises `ValueError` when there is none."""
    try:
        is_one, count = _COLUMN.unpack_from(payload, at)
    except struct.error as error:
        raise ValueError("a column is missing") from error
    at += _COLUMN.size
    stored = 1 if is_one else count
    stop = at + 8 * stored
    if stop > len(payload) or count > 1 << 40:
        raise ValueError("a column is cut short")
    numbers = array("Q", payload[at:stop])
    if sys.byteorder != "little":
        numbers.byteswap()
    return (numbers * count if is_one else numbers), stop
