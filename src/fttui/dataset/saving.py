"""Writing a document: untouched lines are copied from file to file, and where lines begin is known without reading."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from fttui.core.atomic import FilePart, ShortFileError, write_atomic
from fttui.dataset.errors import FileDamagedError, saving_failed
from fttui.dataset.filling import FillingReader
from fttui.dataset.index import LineIndex
from fttui.dataset.packed import Packing
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import Stamp
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import FileSource, IndexedSource, ReadAhead, terminated

MUST_CLOSE: Final = os.name == "nt"
"""Whether a file must be closed before another is renamed over it."""
_COPIED: Final = 1 << 18
"""Bytes of a run from which on the system copies it; fewer pass through our buffer."""
_STEP: Final = 16_384
"""Lines between two chances for another thread to run (about a millisecond)."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What was written: where, how many rows, how many bytes."""

    path: Path
    rows: int
    size: int


class _ChangedMeanwhile(Exception):
    """Somebody wrote to the file that is being copied."""


def write_snapshot(
    snapshot: Snapshot,
    path: Path,
    *,
    mode: int | None,
    packing: Packing | None = None,
    before_rename: Callable[[Path, os.stat_result, LineIndex], None] = lambda path, status, index: None,
    after_rename: Callable[[], None] = lambda: None,
) -> SaveResult:
    """Write the rows to ``path``, all or nothing.

    Args:
        snapshot: The rows.
        path: Where to.
        mode: Permissions of a new file.
        packing: How to compress them.
        before_rename: Given the complete file, its state, and where its lines begin (before they were compressed).
        after_rename: Called as soon as the file has its name.

    Raises:
        InputError: Nothing was changed on disk; says why.
    """
    files = [source for source in snapshot.sources.values() if isinstance(source, FileSource)]

    def write(*, is_trusted: bool) -> SaveResult:
        index = LineIndex(start=len(snapshot.bom))

        parts: Iterator[bytes | FilePart]

        def complete(temporary: Path, status: os.stat_result) -> None:
            if is_trusted and not all(map(_is_as_indexed, files)):
                raise _ChangedMeanwhile
            before_rename(temporary, status, index)

        parts = snapshot_parts(snapshot, index, may_copy=is_trusted and packing is None)
        parts = chain([snapshot.bom], parts if is_trusted else _verified(parts, index, path))
        chunks = parts if packing is None else packing.packed(part for part in parts if isinstance(part, bytes))
        size = write_atomic(path, chunks, mode=mode, before_rename=complete, after_rename=after_rename)
        return SaveResult(path, len(snapshot), size)

    try:
        try:
            return write(is_trusted=all(map(_is_as_indexed, files)))
        except _ChangedMeanwhile:
            return write(is_trusted=False)
    except ShortFileError as error:
        raise FileDamagedError(path) from error
    except OSError as error:
        raise saving_failed(path, error) from error


def snapshot_parts(snapshot: Snapshot, index: LineIndex, *, may_copy: bool) -> Iterator[bytes | FilePart]:
    """What is written after the byte order mark; ``index`` learns where its lines begin, from where they began.

    With ``may_copy`` long runs of a file are given as such, otherwise all comes as bytes.
    """
    body, last = snapshot.split_last()
    ahead: dict[int, ReadAhead] = {}
    for piece in body:
        source = snapshot.sources[piece.source]
        if isinstance(source, IndexedSource):
            if piece.source not in ahead:
                ahead[piece.source] = ReadAhead(source)
            yield from _parts_of_file(source, ahead[piece.source], piece, index, snapshot.newline, may_copy=may_copy)
            continue
        for line in source.lines(piece.start, piece.rows):
            line = terminated(line, snapshot.newline)
            _grow(index, len(line))
            yield line
    if last:
        _grow(index, len(last))
        index.ends_with_newline = last.endswith(b"\n")
        yield last


def _parts_of_file(
    source: IndexedSource, ahead: ReadAhead, piece: Piece, index: LineIndex, newline: bytes, *, may_copy: bool
) -> Iterator[bytes | FilePart]:
    offsets, start, stop = source.index.offsets, piece.start, piece.start + piece.rows
    first, size = offsets[start], offsets[stop] - offsets[start]
    shift = index.end - first
    for at in range(start + 1, stop + 1, _STEP):
        index.offsets.extend(map(shift.__add__, offsets[at : min(at + _STEP, stop + 1)]))
    index.end += size
    if size < _COPIED:
        yield ahead.bytes_of(start, piece.rows)
    elif may_copy:
        yield FilePart(source.reader, first, size)
    else:
        yield from source.raw_chunks(start, piece.rows)
    if stop == len(source.index) and not source.index.ends_with_newline:
        added = terminated(source.reader.read(first + size - 1, 1), newline)[1:]
        index.end += len(added)
        index.offsets[-1] = index.end
        yield added


def _grow(index: LineIndex, size: int) -> None:
    index.end += size
    index.offsets.append(index.end)


def _verified(parts: Iterable[bytes | FilePart], index: LineIndex, path: Path) -> Iterator[bytes | FilePart]:
    """The parts, if the lines that are read are where they were when the file was indexed.

    Raises:
        FileDamagedError: They are not: the file was rewritten in place.
    """
    found = LineIndex(start=index.end)
    for part in parts:
        assert isinstance(part, bytes), "what is copied is not read"
        found.feed(part)
        yield part
    found.finish()
    if found.offsets != index.offsets:
        raise FileDamagedError(path)


def _is_as_indexed(source: FileSource) -> bool:
    """Whether nobody wrote to the file since; one that was replaced by another is still what it was."""
    if isinstance(source.reader, FillingReader):
        return True
    try:
        return Stamp.of(os.fstat(source.reader.fileno())) == source.reader.stamp
    except OSError:
        return False
