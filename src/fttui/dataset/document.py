"""A JSONL file that is open for editing."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from fttui.core.errors import InputError
from fttui.dataset.cache import ParsedCache
from fttui.dataset.edits import Change, Edit, Move, Splice, apply_edit, changes_of, row_shown_after
from fttui.dataset.errors import FileChangedError, name_of, reading_failed
from fttui.dataset.history import History, Step
from fttui.dataset.index import BLOCK, LineIndex, index_file
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.reader import MUST_CLOSE, FileReader, open_text_file, same_file, stamp_of
from fttui.dataset.saving import Rebase, SaveResult, write_snapshot
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import AddedLines, FileSource, Source
from fttui.dataset.style import FileStyle, clean_line, newline_of
from fttui.formats.lines import BOM, LineError, ParsedLine, parse_line
from fttui.formats.style import dump_line

_ADDED: Final = 0
"""The number of the source that holds edited and new lines; files are numbered from 1, a new number with each save."""
_MOST_COPIED: Final = 16 << 20
"""Bytes of deleted and replaced rows that a save copies into memory for undo; beyond it the old file is kept open."""


class Document:
    """The rows of a file with edits laid over them; nothing on disk changes before `save`.

    Rows count from 0. Every method may be called from any thread; `build_index` and `save` take long and belong in one
    of their own, while the screen goes on reading rows. Listeners are called in the thread that edits.

    Attributes:
        path: The file.
        newline: The line ending of new lines, the file's most frequent one.
        has_bom: Whether the file begins with a byte order mark; it stays.
    """

    def __init__(self, path: Path, reader: FileReader) -> None:
        """Use `open`."""
        head = reader.read(0, 1 << 16)
        self.path = path
        self.has_bom: Final = head.startswith(BOM)
        self.newline: Final = newline_of(head)
        self._lock = threading.RLock()
        self._index_lock = threading.Lock()
        self._save_lock = threading.Lock()
        self._base = 1
        self._file = FileSource(reader, LineIndex(len(BOM) if self.has_bom else 0))
        self._added = AddedLines()
        self._sources: dict[int, Source] = {_ADDED: self._added, self._base: self._file}
        self._table = PieceTable()
        self._history = History()
        self._saved_state = self._history.state
        self._revision = 0
        self._indexed = False
        self._closed = False
        self._ends_with_newline = True
        self._group: list[Edit] | None = None
        self._cache = ParsedCache()
        self._style = FileStyle(self._sample_lines)
        self._listeners: list[Callable[[Change], None]] = []
        self._rebase_listeners: list[Callable[[tuple[Piece, ...], int], None]] = []

    @classmethod
    def open(cls, path: Path) -> Document:
        """Open a file and index its first megabytes: a small file is ready, a big one shows its first rows.

        Raises:
            InputError: No such file, a directory, no permission, a binary file; one sentence each.
        """
        document = cls(path, open_text_file(path))
        document._index(lambda: False, None, stop=BLOCK)
        return document

    def close(self) -> None:
        """Stop indexing and let go of the file, as soon as no snapshot reads it any more."""
        with self._lock:
            self._closed = True

    # --- indexing -------------------------------------------------------------------------------------------------

    @property
    def is_indexed(self) -> bool:
        """Whether all rows of the file are known."""
        return self._indexed

    @property
    def size(self) -> int:
        """Bytes of the file on disk when it was opened, or last saved."""
        return self._file.reader.stamp.size

    @property
    def indexed_bytes(self) -> int:
        return self._file.index.end

    def build_index(
        self, *, cancel: Callable[[], bool] = lambda: False, on_progress: Callable[[int], None] | None = None
    ) -> None:
        """Find all rows; they appear as they are found. Returns at once when they are known; goes on where it stopped.

        Args:
            cancel: Asked every few megabytes; True stops the work, which a later call takes up again.
            on_progress: Told the bytes done, in the calling thread.

        Raises:
            InputError: The disk failed.
        """
        self._index(cancel, on_progress, stop=None)

    def _index(self, cancel: Callable[[], bool], on_progress: Callable[[int], None] | None, stop: int | None) -> None:
        with self._index_lock:
            if self._indexed:
                return
            file = self._file
            end = file.reader.stamp.size
            until = end if stop is None else min(stop, end)

            def take(ends: array[int], position: int) -> None:
                with self._lock:
                    known = len(file.index)
                    file.index.add(ends, position)
                    self._table.append(Piece(self._base, known, len(ends)))
                if on_progress is not None:
                    on_progress(position)

            def stopped() -> bool:
                return self._closed or cancel()

            try:
                reached = index_file(file.reader, start=file.index.end, stop=until, cancel=stopped, on_batch=take)
            except OSError as error:
                raise reading_failed(self.path, error) from error
            if reached >= until == end or (reached < until and not stopped()):  # or another program cut the file short
                self._finish_index()

    def _finish_index(self) -> None:
        with self._lock:
            known = len(self._file.index)
            self._ends_with_newline = self._file.ends_with_newline = self._file.index.finish()
            self._table.append(Piece(self._base, known, len(self._file.index) - known))
            self._indexed = True

    # --- reading --------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._table)

    @property
    def revision(self) -> int:
        """Grows with each edit, undo and redo."""
        return self._revision

    @property
    def is_dirty(self) -> bool:
        """Whether the rows differ from the saved file by some edit; undoing all edits makes it False."""
        return self._history.state != self._saved_state

    def raw(self, row: int) -> bytes:
        """The row's line without its line ending.

        Raises:
            IndexError: There is no such row.
            InputError: The disk failed.
        """
        return self._line(row)[1].rstrip(b"\r\n")

    def parsed(self, row: int) -> ParsedLine:
        """The row's line, parsed; one that cannot be read has the reason in ``error``. Do not change its value.

        Raises:
            IndexError: There is no such row.
        """
        with self._lock:
            key = self._table.locate(row)
        parsed = self._cache.get(key)
        if parsed is not None:
            return parsed
        try:
            raw = self.raw(row)
        except InputError as error:
            return ParsedLine(None, LineError(error.message.rstrip("."), None))
        parsed = parse_line(raw)
        self._cache.put(key, parsed, len(raw))
        return parsed

    def is_changed(self, row: int) -> bool:
        """Whether the row was changed or is new since the file was opened or saved."""
        with self._lock:
            return self._table.locate(row)[0] != self._base

    @property
    def base(self) -> int:
        """The number of the source that is the file on disk; a save gives it a new one."""
        return self._base

    def key(self, row: int) -> tuple[int, int]:
        """Which line a row is: the number of its source, and of the line in it. It stays while rows move around it.

        Raises:
            IndexError: There is no such row.
        """
        with self._lock:
            return self._table.locate(row)

    def source(self, number: int) -> Source | None:
        """The lines behind the keys of that number, as long as a row or the history needs them."""
        with self._lock:
            return self._sources.get(number)

    def snapshot(self) -> Snapshot:
        """The rows as they are now, to be read from another thread while editing goes on."""
        with self._lock:
            return Snapshot(
                pieces=tuple(self._table),
                sources=dict(self._sources),
                bom=BOM if self.has_bom else b"",
                newline=self.newline,
                ends_with_newline=self._ends_with_newline,
                revision=self._revision,
            )

    def lines(self) -> Iterator[bytes]:
        """All rows' lines with their endings, as `save` would write them after the byte order mark, if there is one."""
        return self.snapshot().lines()

    def _sample_lines(self) -> Iterator[bytes]:
        for row in range(min(len(self), 64)):
            yield self.raw(row)

    def _line(self, row: int) -> tuple[tuple[int, int], bytes]:
        with self._lock:
            key = self._table.locate(row)
            source = self._sources[key[0]]
        try:
            return key, source.line(key[1])
        except OSError as error:
            raise reading_failed(self.path, error) from error

    # --- editing --------------------------------------------------------------------------------------------------

    def replace(self, row: int, record: Mapping[str, Any]) -> None:
        """Put a record in the place of a row, spelt as the line (or else the file) spells JSON."""
        raw = self.raw(row)
        self.replace_raw(row, dump_line(record, self._style.of_line(raw)))

    def replace_raw(self, row: int, raw: bytes) -> None:
        """Put other bytes in the place of a row; it keeps its line ending. Line breaks become blanks, as in JSON."""
        line = self._line(row)[1]
        old = line.rstrip(b"\r\n")
        new = clean_line(raw)
        if new != old:
            self._edit(Splice(row, 1, (self._add(new + line[len(old) :]),)))

    def insert(self, row: int, record: Mapping[str, Any]) -> None:
        """Insert a record before ``row`` (or at the end), spelt as the file spells JSON."""
        self.insert_raw(row, dump_line(record, self._style.of_file()))

    def insert_raw(self, row: int, raw: bytes) -> None:
        """Insert a line before ``row`` (or at the end)."""
        self._edit(Splice(row, 0, (self._add(clean_line(raw) + self.newline),)))

    def delete(self, row: int, count: int = 1) -> None:
        """Delete ``count`` rows from ``row`` on."""
        self._edit(Splice(row, count))

    def duplicate(self, row: int) -> None:
        """Insert a copy of a row after it."""
        self.insert_raw(row + 1, self.raw(row))

    def move(self, row: int, to: int) -> None:
        """Take a row out and put it back so that it stands at ``to``."""
        if row != to:
            self._edit(Move(row, to))

    @contextmanager
    def group(self) -> Iterator[None]:
        """Make the edits within one step of undo. Groups within groups belong to the outermost."""
        if self._group is not None:
            yield
            return
        self._group = []
        try:
            yield
        finally:
            inverses, self._group = self._group, None
            if inverses:
                self._history.record(reversed(inverses))

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``listener`` for each change of rows by an edit, undo or redo; call the result to end it.

        Rows that appear while the file is indexed are not told: they come after all others.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def subscribe_rebase(self, listener: Callable[[tuple[Piece, ...], int], None]) -> Callable[[], None]:
        """Call ``listener`` when a save numbers lines anew: line ``i`` of the new source is row ``i`` of the pieces.

        It is called in the thread that saves, before any row has the new number, and must not call the document.
        """
        self._rebase_listeners.append(listener)
        return lambda: self._rebase_listeners.remove(listener)

    def _add(self, line: bytes) -> Piece:
        with self._lock:
            return Piece(_ADDED, self._added.add(line), 1)

    def _edit(self, edit: Edit) -> None:
        with self._lock:
            inverse = apply_edit(self._table, edit)
            self._revision += 1
            if self._group is None:
                self._history.record((inverse,))
            else:
                self._group.append(inverse)
        self._tell([(edit, inverse)])

    def _tell(self, edits: Iterable[tuple[Edit, Edit]]) -> None:
        for edit, inverse in edits:
            for change in changes_of(edit, inverse):
                for listener in tuple(self._listeners):
                    listener(change)

    # --- undo -----------------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    def undo(self) -> int | None:
        """Take back the last step; the row to show, or None when there is nothing to take back."""
        return self._travel(self._history.undo)

    def redo(self) -> int | None:
        """Make the step again that was taken back last; the row to show, or None."""
        return self._travel(self._history.redo)

    def _travel(self, direction: Callable[[Callable[[Step], tuple[Edit, ...]]], Step | None]) -> int | None:
        inverses: list[Edit] = []

        def apply(step: Step) -> tuple[Edit, ...]:
            inverses.extend(apply_edit(self._table, edit) for edit in step.edits)
            return tuple(reversed(inverses))

        if self._group is not None:
            raise RuntimeError("undo and redo do not belong in a group of edits")
        with self._lock:
            step = direction(apply)
            if step is None:
                return None
            self._revision += 1
            last_row = len(self._table) - 1
        self._tell(zip(step.edits, inverses, strict=True))
        return max(min(row_shown_after(step.edits[-1]), last_row), 0)

    # --- saving ---------------------------------------------------------------------------------------------------

    def save(self, *, overwrite: bool = False) -> SaveResult:
        """Write the rows to the file, all or nothing; rows that were not edited byte for byte. Undo goes on working.

        Raises:
            FileChangedError: Another program changed the file since; ``overwrite=True`` saves all the same.
            InputError: It could not be written; the file on disk is as it was.
        """
        self.build_index()
        if not overwrite and stamp_of(self.path) not in (None, self._file.reader.stamp):
            raise FileChangedError(self.path)
        return self._write(self.path)

    def save_as(self, path: Path, *, overwrite: bool = False) -> SaveResult:
        """Write the rows to another file, which is the one that is open from then on.

        Raises:
            InputError: There is a file of that name (``overwrite=True`` replaces it), or it could not be written.
        """
        if same_file(path, self.path):
            return self.save(overwrite=overwrite)
        if not overwrite and stamp_of(path) is not None:
            raise InputError(f"{name_of(path)} exists already; nothing was saved.", hint="Choose another name.")
        self.build_index()
        return self._write(path)

    def _write(self, path: Path) -> SaveResult:
        with self._save_lock:
            with self._lock:
                self._keep_history_readable()
                snapshot = self.snapshot()
                state = self._history.state
                reader = self._file.reader
            mode = reader.mode if stamp_of(path) is None else None
            before_rename = reader.close_now if MUST_CLOSE else lambda: None
            result, index = write_snapshot(snapshot, path, mode=mode, before_rename=before_rename)
            self._take_as_base(snapshot, index, path, state)
            return result

    def _take_as_base(self, snapshot: Snapshot, index: LineIndex, path: Path, state: int) -> None:
        """From now on rows that were saved come from the file that was written, edits made meanwhile lie over it."""
        try:
            file = FileSource(FileReader(path), index)
        except OSError as error:
            raise reading_failed(path, error) from error
        with self._lock:
            self._base += 1
            for listener in tuple(self._rebase_listeners):
                listener(snapshot.pieces, self._base)
            rebase = Rebase(snapshot.pieces, self._base)
            self._table = PieceTable(rebase(self._table))
            self._history.exchange_pieces(rebase)
            used = {piece.source for piece in self._history.pieces()} | {_ADDED}
            self._sources = {number: source for number, source in self._sources.items() if number in used}
            self._sources[self._base] = self._file = file
            self._saved_state = state
            self.path = path

    def _keep_history_readable(self) -> None:
        """Copy the few rows that only the history knows into memory, so that a save can let go of the old file."""
        files = [piece for piece in self._history.pieces() if piece.source != _ADDED]
        size = sum(self._sources[piece.source].size_of(piece.start, piece.rows) for piece in files)
        if not files or (size > _MOST_COPIED and not MUST_CLOSE):
            return

        def copy(pieces: Iterable[Piece]) -> Iterator[Piece]:
            for piece in pieces:
                if piece.source == _ADDED:
                    yield piece
                    continue
                first = len(self._added)
                for line in self._sources[piece.source].lines(piece.start, piece.rows):
                    self._added.add(line)
                yield Piece(_ADDED, first, piece.rows)

        self._history.exchange_pieces(copy)
