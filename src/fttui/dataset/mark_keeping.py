"""Reading the marks of a document from its sidecar, and writing them there."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.dataset.errors import name_of
from fttui.dataset.filling import STANDARD_INPUT
from fttui.dataset.mark_store import MarkedRun, MarkStore
from fttui.dataset.mark_table import MarkPool
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import Stamp, stamp_of
from fttui.dataset.rematch import NOWHERE, hashes_of, rematch
from fttui.dataset.row_roots import RootMap, roots_of
from fttui.dataset.rowset import RowSet
from fttui.dataset.sidecar import (
    Entries,
    Entry,
    EntryValues,
    Sidecar,
    hash_of,
    path_beside,
    path_elsewhere,
    read_header,
    read_sidecar,
    write_elsewhere,
    write_sidecar,
)
from fttui.dataset.sources import FileSource

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_AT_ONCE: Final = 256 << 10
"""Bytes of a sidecar that is read while the file opens."""
_TOGETHER: Final = 64
"""Lines of a stretch from which all its lines are read at once."""


class MarkKeeper:
    """The sidecar of one document, wherever it may be written. `read` and `write` take long for a million marks.

    Attributes:
        refusal: Why marks must not be changed, or empty.
    """

    def __init__(self, document: Document, on_trouble: Callable[[str], None]) -> None:
        self.refusal = ""
        self._document: Final = document
        self._on_trouble = on_trouble
        self._lock = threading.Lock()
        self._own: dict[Path, Stamp] = {}
        """The sidecars as we last read or wrote them."""
        self._bad: set[Path] = set()
        """The sidecars with lines that we could not read."""
        self._missing_since: dict[tuple[int, int], float] = {}
        self._stale: list[tuple[int, list[Piece]]] = []
        self._told: set[str] = set()
        self._opened: Final = stamp_of(document.path)

    # --- reading ----------------------------------------------------------------------------------------------------

    def read_at_once(self) -> MarkStore | None:
        """What is remembered, if that takes no time; otherwise None: call `read`, in a thread."""
        path = self._latest()
        if path is None:
            return MarkStore()
        try:
            if path.stat().st_size > _AT_ONCE or not read_header(path).fits(self._stamp()):
                return None
        except OSError:
            return None
        return self.read()

    def read(self, cancel: Callable[[], bool] = lambda: False) -> MarkStore | None:
        """What is remembered; None when ``cancel`` said to stop. Examples that have moved are found by their content.

        Raises:
            InputError: The data cannot be read.
        """
        store = MarkStore()
        path = self._latest()
        if path is None:
            return store
        sidecar = self._read_file(path, store.pool)
        if sidecar.header.fits(self._stamp()):
            roots, known = self._saved_roots()
            self._place(store, sidecar.entries, roots, known)
            return store
        self._document.build_index(cancel=cancel)
        return store if self._place_by_content(store, sidecar.entries, cancel) else None

    def _latest(self) -> Path | None:
        """The sidecar to read: beside the data, or elsewhere if that was written later."""
        data = self._document.path
        found = [(known.mtime_ns, path) for path in _places(data) if (known := stamp_of(path)) is not None]
        return max(found)[1] if found else None

    def _read_file(self, path: Path, pool: MarkPool) -> Sidecar:
        stamp = stamp_of(path)
        try:
            sidecar = read_sidecar(path, pool)
        except OSError as error:
            self._say(f"{name_of(path)}, with the tags and notes, cannot be read: {error.strerror or error}.")
            return Sidecar()
        if sidecar.header.is_newer:
            self.refusal = f"{name_of(path)} was written by a newer fttui: tags and notes cannot be read here."
            self._say(self.refusal)
            return sidecar
        if stamp is not None:
            self._own[path] = stamp
        if sidecar.bad:
            self._bad.add(path)
            lines = "1 line" if sidecar.bad == 1 else f"{sidecar.bad:,} lines"
            self._say(f"{lines} of {name_of(path)} cannot be read; the other tags and notes are here.")
        return sidecar

    def _place(self, store: MarkStore, entries: Entries, roots: RootMap, known: bool) -> None:
        """The rows of the entries are right."""
        now = time.time()
        base = self._document.base

        def placed() -> Iterator[tuple[tuple[int, int], EntryValues]]:
            for entry in entries.values():
                row, *_, orphaned = entry
                root = None if orphaned else roots.root(row) if known else (base, row)
                if root is None:
                    store.add_orphan(entry, now)
                else:
                    yield root, entry

        store.put_all(placed())

    def _place_by_content(self, store: MarkStore, entries: Entries, cancel: Callable[[], bool]) -> bool:
        document = self._document
        with document.standing_still():
            roots, _ = self._saved_roots()
            file = document.source(document.base)
        if not len(entries) or not isinstance(file, FileSource):
            return True
        try:
            lines = hashes_of(file.lines(0, len(file.index)), cancel)
        except OSError as error:
            raise InputError(f"{name_of(document.path)} cannot be read: {error.strerror or error}.") from error
        if lines is None:
            return False
        for is_second_look in (False, True):  # what was there last time has the first choice
            looked_for = Entries(entry for entry in entries.values() if bool(entry[-1]) is is_second_look)
            found = rematch(looked_for.rows, looked_for.hashes, lines)
            store.put_all(_found(store, looked_for, found, roots))
            for line in found:
                if line != NOWHERE:
                    lines[line] = 0
        return True

    # --- writing ----------------------------------------------------------------------------------------------------

    def rebased(self, pieces: tuple[Piece, ...], base: int, old_base: int) -> None:
        """A save numbers lines anew: the hashes of those that were edited are known no more."""
        lines, stale = 0, []
        for piece in pieces:
            if piece.source != old_base:
                stale.append(Piece(base, lines, piece.rows))
            lines += piece.rows
        self._stale.append((base, stale))

    def write(self, store: MarkStore) -> bool:
        """Write the sidecar for the file on disk; whether it could be done."""
        document = self._document
        with self._lock:
            if self.refusal:
                return False
            with document.standing_still():
                self._forget_stale(store)
                file, path, base = document.source(document.base), document.path, document.base
                roots, known = self._saved_roots()
                stamp = self._stamp()
            if stamp is None or not isinstance(file, FileSource):
                return False
            runs = list(roots.runs()) if known else [(c.start, c) for c in store.chunks() if c.source == base]
            entries = self._entries(store, runs, file)
            return self._write_entries(path, stamp, entries, store.pool)

    def _write_entries(self, data: Path, stamp: Stamp, entries: Entries, pool: MarkPool) -> bool:
        beside, elsewhere = _places(data)
        try:
            self._step_aside(beside)
            if self.refusal:
                return False
            if not len(entries):
                beside.unlink(missing_ok=True)
                elsewhere.unlink(missing_ok=True)
                return True
            write_sidecar(beside, stamp, entries, pool, mode=stat.S_IMODE(data.stat().st_mode))
            self._remember(beside)
            elsewhere.unlink(missing_ok=True)
        except OSError as error:
            return self._write_elsewhere(data, stamp, entries, pool, error)
        return True

    def _write_elsewhere(self, data: Path, stamp: Stamp, entries: Entries, pool: MarkPool, reason: OSError) -> bool:
        try:
            self._remember(write_elsewhere(data, stamp, entries, pool))
        except OSError as error:
            self._say(f"The tags and notes of {name_of(data)} cannot be kept: {error.strerror or error}.")
            return False
        self._say(
            f"The tags and notes of {name_of(data)} cannot be kept beside it ({reason.strerror or reason}); "
            f"they are kept in {name_of(path_elsewhere(data).parent)}."
        )
        return True

    def _step_aside(self, path: Path) -> None:
        """Keep a copy of a sidecar that has what we do not know: lines we could not read, or another's changes."""
        present = stamp_of(path)
        if present is None or (present == self._own.get(path) and path not in self._bad):
            return
        if present != self._own.get(path) and read_header(path).is_newer:
            self.refusal = f"{name_of(path)} was written by a newer fttui: tags and notes cannot be kept here."
            self._say(self.refusal)
            return
        aside = path.with_name(f"{path.name}.{datetime.now():%Y%m%d-%H%M%S-%f}.old")
        path.rename(aside)
        self._bad.discard(path)
        self._say(f"{name_of(path)} was changed by another program; what it said is kept in {name_of(aside)}.")

    def _entries(self, store: MarkStore, runs: list[tuple[int, Piece]], file: FileSource) -> Entries:
        """The examples of the file on disk that have something, then those that were in it once, then the orphans."""
        can_read = self._is_packed or Stamp.of(os.fstat(file.reader.fileno())) == file.reader.stamp
        entries = Entries()
        for row, root in runs:
            for run in store.runs(root):
                at = row + run.first - root.start
                if can_read and _add_hashes(run, at, file):
                    store.hashes.put_run(run.source, run.first, run.hashes)
                columns = (map(column.__getitem__, run.positions) for column in (run.hashes, run.marks, run.ids))
                entries.extend(map(at.__add__, run.positions), *columns)
        for entry in chain(self._missing(store, runs), store.orphans):
            entries.append(entry)
        return entries

    def _missing(self, store: MarkStore, runs: list[tuple[int, Piece]]) -> Iterator[Entry]:
        """The examples that were in the file once and are not now: deleted and saved. Undo may bring them back."""
        there = _by_source(root for _, root in runs)
        now, before, self._missing_since = time.time(), self._missing_since, {}
        for chunk in store.chunks():
            missing = RowSet.span(chunk.start, chunk.start + chunk.rows) - there.get(chunk.source, RowSet())
            for first, stop in missing.ranges():
                for run in store.runs(Piece(chunk.source, first, stop - first)):
                    for at in run.positions:
                        if run.hashes[at]:  # others were never in a file
                            key = (run.source, run.first + at)
                            since = self._missing_since[key] = before.get(key, now)
                            yield Entry(key[1], run.hashes[at], run.marks[at], run.ids[at], since)

    # --- helpers ----------------------------------------------------------------------------------------------------

    @property
    def _is_packed(self) -> bool:
        """Whether the rows come from a file of ours, unpacked from the one that the person knows."""
        return self._document.needs_name

    def _stamp(self) -> Stamp | None:
        """The state of the data file that the rows come from; None when there is no such file."""
        if self._document.path == STANDARD_INPUT:
            return None
        if self._is_packed:
            return self._opened
        file = self._document.source(self._document.base)
        return file.reader.stamp if isinstance(file, FileSource) else None

    def _saved_roots(self) -> tuple[RootMap, bool]:
        """The examples of the lines on disk; False when not all lines are known: then each is its own."""
        document = self._document
        if not document.is_indexed:
            return RootMap(()), False
        with document.standing_still():
            file = document.source(document.base)
            assert isinstance(file, FileSource)
            return RootMap(roots_of(document, Piece(document.base, 0, len(file.index)))), True

    def _forget_stale(self, store: MarkStore) -> None:
        base = self._document.base
        stale, self._stale = self._stale, [known for known in self._stale if known[0] > base]
        for number, pieces in stale:
            if number == base:
                for piece in pieces:
                    store.hashes.change(roots_of(self._document, piece), lambda known: 0)

    def saved(self, store: MarkStore) -> None:
        """A save took effect."""
        with self._document.standing_still():
            self._forget_stale(store)

    def _remember(self, path: Path) -> None:
        stamp = stamp_of(path)
        if stamp is not None:
            self._own[path] = stamp

    def _say(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._on_trouble(sentence)


def _places(data: Path) -> tuple[Path, Path]:
    return path_beside(data), path_elsewhere(data)


def _found(
    store: MarkStore, entries: Entries, lines: Iterable[int], roots: RootMap
) -> Iterator[tuple[tuple[int, int], EntryValues]]:
    """The entries that have a line now, with its example; the others go to the orphans."""
    now = time.time()
    for entry, line in zip(entries.values(), lines, strict=True):
        root = roots.root(line) if line != NOWHERE else None
        if root is None:
            store.add_orphan(entry, now)
        else:
            yield root, entry


def _by_source(pieces: Iterable[Piece]) -> dict[int, RowSet]:
    """The lines of the pieces, by source."""
    ranges: dict[int, list[tuple[int, int]]] = {}
    for source, start, rows in sorted(pieces):
        own = ranges.setdefault(source, [])
        if own and start <= own[-1][1]:
            own[-1] = (own[-1][0], max(own[-1][1], start + rows))
        elif rows:
            own.append((start, start + rows))
    return {source: RowSet.from_ranges(own) for source, own in ranges.items()}


def _add_hashes(run: MarkedRun, row: int, file: FileSource) -> bool:
    """Fill in the hashes of lines that are not known, the first line being ``row`` of the file; whether there were any.

    Raises:
        OSError: The disk failed.
    """
    known = len(file.index)
    wanted = [at for at in run.positions if not run.hashes[at] and row + at < known]
    if len(wanted) <= _TOGETHER:
        for at in wanted:
            run.hashes[at] = hash_of(file.line(row + at))
    else:
        first, stop = wanted[0], wanted[-1] + 1
        own = set(wanted)
        for at, line in enumerate(file.lines(row + first, stop - first), first):
            if at in own:
                run.hashes[at] = hash_of(line)
    return bool(wanted)
