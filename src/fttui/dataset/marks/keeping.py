"""From what is remembered about examples to the lines of a sidecar, and back: by row, or else by content."""

from __future__ import annotations

import logging
import os
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final

from fttui.dataset.errors import name_of, reading_failed
from fttui.dataset.filling import STANDARD_INPUT, FillingReader
from fttui.dataset.marks.row_roots import RootMap, roots_of
from fttui.dataset.marks.sidecar import NOWHERE, Entries, Entry, EntryValues, follow_each_other, hash_of
from fttui.dataset.marks.sidecar_places import SidecarPlaces
from fttui.dataset.marks.store import MarkedRun, MarkStore
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader, Stamp
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import FileSource

if TYPE_CHECKING:
    from fttui.dataset.document import Document

log = logging.getLogger(__name__)

_AT_ONCE: Final = 256 << 10
"""Bytes of a sidecar that is read while the file opens."""
_TOGETHER: Final = 64
"""Lines of a stretch from which all its lines are read at once."""
_BATCH: Final = 1024
"""Entries that are put in their places before another thread may run."""


class MarkKeeper:
    """What is remembered about the examples of one document, on disk. All but `read_at_once` takes long for many marks.

    Attributes:
        is_as_kept: Whether what was read last stands in the sidecar just so, and need not be written again.
    """

    def __init__(self, document: Document, on_trouble: Callable[[str], None]) -> None:
        self.is_as_kept = False
        self._document: Final = document
        self._places: Final = SidecarPlaces(on_trouble)
        self._lock = threading.Lock()
        self._missing_since: dict[tuple[int, int], float] = {}
        """Since when an example is missing that was in the file earlier in this session."""
        self._stale: list[tuple[int, list[Piece]]] = []
        self._before: tuple[FileSource, list[tuple[Piece, Piece]]] | None = None
        """While a save takes effect: the file before, and the examples of its lines, if hashes of some are needed."""

    @property
    def refusal(self) -> str:
        """Why marks must not be changed, or empty."""
        return self._places.refusal

    # --- reading ----------------------------------------------------------------------------------------------------

    def read_at_once(self) -> MarkStore | None:
        """What is remembered, if that takes no time; otherwise None: call `read`, in a thread."""
        path = self._places.latest(self._document.path)
        self.is_as_kept = path is None
        if path is None:
            return MarkStore()
        from fttui.dataset.marks.sidecar_reading import read_header

        try:
            if path.stat().st_size > _AT_ONCE or not read_header(path).fits(self._file().reader.stamp):
                return None
        except OSError:
            return None
        base, roots = self._document.base, self._saved_roots()
        if roots is None and not self._file().reader.is_full:
            return None
        most = self._document.size  # rows that are not known yet are their own examples; each has a byte at least
        store = MarkStore()
        sidecar = self._places.read(path, store.pool)
        self.is_as_kept = not sidecar.bad and not sidecar.entries.lacks_hashes
        first_rows = RootMap([Piece(base, 0, most)])
        _place(store, sidecar.entries, (roots or first_rows).from_line)
        return store

    def read(self, cancel: Callable[[], bool] = lambda: False) -> MarkStore | None:
        """What is remembered, when all rows are known; None when ``cancel`` said to stop before.

        The examples are found by their rows, or by their content when the file was changed by another program.

        Raises:
            InputError: The data cannot be read.
        """
        store = MarkStore()
        path = self._places.latest(self._document.path)
        self.is_as_kept = path is None
        if path is None:
            return store
        sidecar = self._places.read(path, store.pool)
        self._document.build_index(cancel=cancel)
        with self._document.standing_still():
            file, roots = self._file(), self._saved_roots()
        if roots is None:
            return None
        if sidecar.header.fits(file.reader.stamp):
            self.is_as_kept = not sidecar.bad and not sidecar.entries.lacks_hashes
            _place(store, sidecar.entries, roots.from_line)
            return store
        return store if self._place_by_content(store, sidecar.entries, file, roots, cancel) else None

    def find_again(self, old: MarkStore, cancel: Callable[[], bool] = lambda: False) -> MarkStore | None:
        """What was remembered before the document was reloaded, found by content; None when ``cancel`` said to stop.

        Raises:
            InputError: The data cannot be read.
        """
        self.is_as_kept = False
        with self._document.standing_still():
            base, file, roots = self._document.base, self._file(), self._saved_roots()
        if roots is None:
            return None
        store, gone = MarkStore(old.pool), Entries()
        for chunk in old.chunks():
            for run in old.runs(chunk):
                entries = Entries()
                columns = (map(column.__getitem__, run.positions) for column in (run.hashes, run.marks, run.ids))
                entries.extend(map(run.first.__add__, run.positions), *columns)
                if chunk.source == base:  # marked since
                    store.put_all(((base, entry[0]), entry) for entry in entries.values())
                else:
                    for entry in entries.values():
                        gone.append(entry)
        for entry in old.orphans.values():
            gone.append(entry)
        return store if self._place_by_content(store, gone, file, roots, cancel) else None

    def _place_by_content(
        self, store: MarkStore, entries: Entries, file: FileSource, roots: RootMap, cancel: Callable[[], bool]
    ) -> bool:
        if not len(entries):
            return True
        from fttui.dataset.marks.rematch import hashes_of, rematch

        try:
            lines = hashes_of(file.lines(0, len(file.index)), cancel)
        except OSError as error:
            raise reading_failed(self._document.path, error) from error
        if lines is None:
            return False
        parts = entries.parted()
        for looked_for in parts:  # what was there last time has the first choice
            found = rematch(looked_for.rows, looked_for.hashes, lines)
            _place(store, looked_for, roots.from_line, found)
            for line in found if len(parts) > 1 else ():
                if line != NOWHERE:
                    lines[line] = 0
        return True

    # --- writing ----------------------------------------------------------------------------------------------------

    def rebased(self, store: MarkStore, pieces: Sequence[Piece], base: int, old_base: int) -> None:
        """A save numbers lines anew: the hashes of those that were edited are known no more."""
        if store.lacks_hashes():  # of lines that may not be in the new file
            file = self._file()
            self._before = file, list(self._document.roots(Piece(old_base, 0, len(file.index))))
        lines, stale = 0, []
        for piece in pieces:
            if piece.source != old_base:
                stale.append(Piece(base, lines, piece.rows))
            lines += piece.rows
        self._stale.append((base, stale))

    def saved(self, store: MarkStore) -> None:
        """A save took effect."""
        with self._document.standing_still():
            self._forget_stale(store)
            before, self._before = self._before, None
            roots = self._saved_roots() if before is not None else None
        if before is not None and roots is not None:
            try:
                _add_hashes_of_gone(store, *before, _by_source(roots.roots))
            except OSError as error:
                log.warning("examples that were deleted cannot be found again: %s", error)

    def write(self, store: MarkStore) -> bool:
        """Write the sidecar for the file on disk; whether it could be done."""
        document = self._document
        with self._lock:
            if self.refusal or document.path == STANDARD_INPUT:
                return False
            with document.standing_still():
                self._forget_stale(store)
                file, path, base, roots = self._file(), document.path, document.base, self._saved_roots()
            if roots is not None:
                runs = list(roots.runs())
            else:  # each line is its own example until all are known
                runs = [(chunk.start, chunk) for chunk in store.chunks() if chunk.source == base]
            try:
                entries = self._entries(store, runs, file)
            except OSError as error:
                self._places.say(f"The tags and notes of {name_of(path)} cannot be kept: {error.strerror or error}.")
                return False
            return self._places.write(path, file.reader.stamp, entries, store.pool)

    def _entries(self, store: MarkStore, runs: list[tuple[int, Piece]], file: FileSource) -> Entries:
        """The examples of the file on disk that have something, then those that were in it once, then the orphans."""
        can_read = _is_unchanged(file.reader)
        entries = Entries()
        for row, root in runs:
            for run in store.runs(root):
                time.sleep(0)  # the screen goes on drawing
                at = row + run.first - root.start
                if can_read and _add_hashes(run, at, file):
                    store.hashes.put_run(run.source, run.first, run.hashes)
                columns = (map(column.__getitem__, run.positions) for column in (run.hashes, run.marks, run.ids))
                entries.extend(map(at.__add__, run.positions), *columns)
        are_back = entries.common_ids(store.orphans)
        for entry in chain(self._missing(store, runs), store.orphans):
            if entry.id not in are_back:
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

    def _file(self) -> FileSource:
        """The file that the rows come from."""
        file = self._document.source(self._document.base)
        assert isinstance(file, FileSource)
        return file

    def _saved_roots(self) -> RootMap | None:
        """The examples of the lines on disk; None when not all lines are known."""
        document = self._document
        with document.standing_still():
            if not document.is_indexed:
                return None
            return RootMap(roots_of(document, Piece(document.base, 0, len(self._file().index))))

    def _forget_stale(self, store: MarkStore) -> None:
        base = self._document.base
        stale, self._stale = self._stale, [known for known in self._stale if known[0] > base]
        for number, pieces in stale:
            if number == base:
                for piece in pieces:
                    store.hashes.change(roots_of(self._document, piece), lambda known: 0)


def _place(
    store: MarkStore, entries: Entries, roots: Callable[[int], Piece | None], lines: array[int] | None = None
) -> None:
    """Put entries at the examples of their lines, or, where they have none, with the orphans.

    Args:
        store: Where to.
        entries: Which.
        roots: The examples from a line on, as far as they follow each other; None beyond the last line.
        lines: The line of each entry, `NOWHERE` for one that has none; None when the rows of all are right.
    """
    now = time.time()
    for start in range(0, len(entries), _BATCH):
        part = entries.part(start, start + _BATCH)
        rows = part.rows_there() if lines is None else lines[start : start + _BATCH]
        root = roots(rows[0]) if rows[0] != NOWHERE else None
        if root is not None and root.rows >= len(rows) and follow_each_other(rows):
            store.put_part(Piece(root.source, root.start, len(rows)), part)
        else:
            store.put_all(_placed(store, part, rows, roots, now))
        time.sleep(0)


def _placed(
    store: MarkStore, entries: Entries, lines: Iterable[int], roots: Callable[[int], Piece | None], now: float
) -> Iterator[tuple[tuple[int, int], EntryValues]]:
    """The entries that have a line, with its example; the others go to the orphans."""
    for entry, line in zip(entries.values(), lines, strict=True):
        root = roots(line) if line != NOWHERE else None
        if root is None:
            store.add_orphan(entry, now)
        else:
            yield (root.source, root.start), entry


def _is_unchanged(reader: FileReader) -> bool:
    """Whether the open file was not written to by another program, so that its lines are those that we know."""
    if isinstance(reader, FillingReader):
        return True  # unpacked to a file of ours
    try:
        reader.read(0, 1)  # opens it again where a save had to close it
        return Stamp.of(os.fstat(reader.fileno())) == reader.stamp
    except OSError:
        return False


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


def _add_hashes_of_gone(
    store: MarkStore, file: FileSource, lines: Iterable[tuple[Piece, Piece]], there: Mapping[int, RowSet]
) -> None:
    """Fill in the hashes of examples that were marked and deleted since they were last written: they may come back.

    Args:
        store: What is said.
        file: The file before the save.
        lines: Its lines, with the examples they were.
        there: The examples that are in the file now.

    Raises:
        OSError: The disk failed.
    """
    if not _is_unchanged(file.reader):
        return
    for piece, root in lines:
        own = RowSet.span(root.start, root.start + root.rows)
        for start, stop in (own - there.get(root.source, RowSet())).ranges():
            for run in store.runs(Piece(root.source, start, stop - start)):
                if _add_hashes(run, piece.start + run.first - root.start, file):
                    store.hashes.put_run(run.source, run.first, run.hashes)


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
