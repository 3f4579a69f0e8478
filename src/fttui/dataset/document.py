"""A JSONL file that is open for editing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from fttui.core.errors import InputError
from fttui.dataset.cache import ParsedCache
from fttui.dataset.edits import Change, Edit, Move, Splice, changes_of, row_shown_after
from fttui.dataset.errors import FileChangedError, name_of, reading_failed
from fttui.dataset.filling import open_reader
from fttui.dataset.history import History, Step
from fttui.dataset.index import BLOCK, index_file
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader, same_file, stamp_of
from fttui.dataset.rows import Rows
from fttui.dataset.saving import MUST_CLOSE, SaveResult, write_snapshot
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import FileSource, Source
from fttui.dataset.style import FileStyle, clean_line, newline_of
from fttui.formats.lines import BOM, LineError, ParsedLine, parse_line
from fttui.formats.style import dump_line

_MOST_COPIED: Final = 16 << 20
"""Bytes of deleted and replaced rows that a save copies into memory for undo; beyond it the old file is kept open."""


class Document:
    """The rows of a file with edits laid over them; nothing on disk changes before `save`.

    Rows count from 0. Every method may be called from any thread; `build_index` and `save` take long and belong in one
    of their own, while the screen goes on reading and editing rows. Listeners are called in the thread that edits.

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
        self._rows = Rows(reader, bom=BOM if self.has_bom else b"", newline=self.newline)
        self._history = History()
        self._saved_state = self._history.state
        self._revision = 0
        self._index_lock = threading.Lock()
        self._save_lock = threading.Lock()
        self._indexed = False
        self._closed = False
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
        reader = open_reader(path)
        document = cls(path, reader)
        document._index(reader.first_look(), lambda done: None, stop=BLOCK)
        return document

    def close(self) -> None:
        """Stop indexing. The file is let go of with the document and the last snapshot of it."""
        self._closed = True

    # --- indexing ---------------------------------------------------------------------------------------------------

    @property
    def is_indexed(self) -> bool:
        """Whether all rows of the file are known."""
        return self._indexed

    @property
    def size(self) -> int:
        """Bytes of the file when it was opened, or last saved; an estimate while it is unpacked."""
        return self._rows.file.reader.size

    @property
    def indexed_bytes(self) -> int:
        """How much of the file was searched for rows."""
        return self._rows.file.index.end

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
        self._index(cancel, on_progress or (lambda done: None), stop=None)

    def _index(self, cancel: Callable[[], bool], on_progress: Callable[[int], None], stop: int | None) -> None:
        with self._index_lock:
            if self._indexed:
                return
            rows = self._rows
            reader = rows.file.reader
            until = stop
            if reader.is_full:  # what is appended later is not ours
                until = reader.size if stop is None else min(stop, reader.size)
            is_stopped = False

            def stopped() -> bool:
                nonlocal is_stopped
                is_stopped = self._closed or cancel()
                return is_stopped

            try:
                for ends, position in index_file(reader, start=rows.file.index.end, stop=until, cancel=stopped):
                    rows.grow(ends, position)
                    on_progress(position)
            except OSError as error:
                raise reading_failed(self.path, error) from error
            at_end = reader.is_full and rows.file.index.end == reader.size
            is_cut_short = reader.is_full and (until is None or rows.file.index.end < until)  # by another program
            if at_end or (is_cut_short and not is_stopped):
                rows.finish()
                self._indexed = True

    # --- reading ----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def revision(self) -> int:
        """Grows with each edit, undo and redo."""
        return self._revision

    @property
    def is_dirty(self) -> bool:
        """Whether some edit is not saved; undoing all edits since the save makes it False."""
        return self._history.state != self._saved_state

    def raw(self, row: int) -> bytes:
        """The row's line without its line ending.

        Raises:
            IndexError: There is no such row.
            InputError: The disk failed.
        """
        return self._line(row).rstrip(b"\r\n")

    def parsed(self, row: int) -> ParsedLine:
        """The row's line, parsed; one that cannot be read has the reason in ``error``. Do not change its value.

        Raises:
            IndexError: There is no such row.
        """
        key = self._rows.locate(row)
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
        return self.key(row)[0] != self.base

    @property
    def base(self) -> int:
        """The number of the source that is the file on disk; a save gives it a new one."""
        return self._rows.base

    def key(self, row: int) -> tuple[int, int]:
        """Which line a row is: the number of its source, and of the line in it. It stays while rows move around it.

        Raises:
            IndexError: There is no such row.
        """
        return self._rows.locate(row)

    def source(self, number: int) -> Source | None:
        """The lines behind the keys of that number, as long as a row or the history needs them."""
        return self._rows.source(number)

    def snapshot(self) -> Snapshot:
        """The rows as they are now, to be read from another thread while editing goes on."""
        return self._rows.snapshot()

    def lines(self) -> Iterator[bytes]:
        """All rows' lines with their endings, as `save` would write them after the byte order mark, if there is one."""
        return self.snapshot().lines()

    def _line(self, row: int) -> bytes:
        try:
            return self._rows.line(row)
        except OSError as error:
            raise reading_failed(self.path, error) from error

    def _sample_lines(self) -> Iterator[bytes]:
        for row in range(min(len(self), 64)):
            yield self.raw(row)

    # --- editing ----------------------------------------------------------------------------------------------------

    def replace(self, row: int, record: Mapping[str, Any]) -> None:
        """Put a record in the place of a row, spelt as the line (or else the file) spells JSON."""
        self.replace_raw(row, dump_line(record, self._style.of_line(self.raw(row))))

    def replace_raw(self, row: int, raw: bytes) -> None:
        """Put other bytes in the place of a row; it keeps its line ending. Line breaks become blanks, as in JSON."""
        line = self._line(row)
        old = line.rstrip(b"\r\n")
        new = clean_line(raw)
        if new != old:
            self._edit(Splice(row, 1, (self._rows.add(new + line[len(old) :]),)))

    def insert(self, row: int, record: Mapping[str, Any]) -> None:
        """Insert a record before ``row`` (or at the end), spelt as the file spells JSON."""
        self.insert_raw(row, dump_line(record, self._style.of_file()))

    def insert_raw(self, row: int, raw: bytes) -> None:
        """Insert a line before ``row`` (or at the end)."""
        self._edit(Splice(row, 0, (self._rows.add(clean_line(raw) + self.newline),)))

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

        Rows that appear while the file is indexed are not told: they come after all others. A listener must not wait
        for another thread.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """No other thread changes rows in this block: to look at them and to subscribe at one moment."""
        with self._rows.lock:
            yield

    def subscribe_rebase(self, listener: Callable[[tuple[Piece, ...], int], None]) -> Callable[[], None]:
        """Call ``listener`` when a save numbers lines anew: line ``i`` of the new source is row ``i`` of the pieces.

        It is called in the thread that saves, before any row has the new number, and must not call the document.
        """
        self._rebase_listeners.append(listener)
        return lambda: self._rebase_listeners.remove(listener)

    def _edit(self, edit: Edit) -> None:
        with self._rows.lock:
            inverse = self._rows.apply(edit)
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

    # --- undo -------------------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to make again."""
        return self._history.can_redo

    def undo(self) -> int | None:
        """Take back the last step; the row to show, or None when there is nothing to take back."""
        return self._travel(self._history.undo)

    def redo(self) -> int | None:
        """Make the step again that was taken back last; the row to show, or None."""
        return self._travel(self._history.redo)

    def _travel(self, direction: Callable[[Callable[[Step], tuple[Edit, ...]]], Step | None]) -> int | None:
        if self._group is not None:
            raise RuntimeError("undo and redo do not belong in a group of edits")
        inverses: list[Edit] = []

        def apply(step: Step) -> tuple[Edit, ...]:
            inverses.extend(self._rows.apply(edit) for edit in step.edits)
            return tuple(reversed(inverses))

        with self._rows.lock:
            step = direction(apply)
            if step is None:
                return None
            self._revision += 1
            last_row = len(self) - 1
            self._tell(zip(step.edits, inverses, strict=True))
        return max(min(row_shown_after(step.edits[-1]), last_row), 0)

    # --- saving -----------------------------------------------------------------------------------------------------

    def save(self, *, overwrite: bool = False) -> SaveResult:
        """Write the rows to the file, all or nothing; rows that were not edited byte for byte. Undo goes on working.

        Raises:
            FileChangedError: Another program changed the file since; ``overwrite=True`` saves all the same.
            InputError: It could not be written; the file on disk is as it was.
        """
        with self._save_lock:
            if not overwrite and stamp_of(self.path) not in (None, self._rows.file.reader.stamp):
                raise FileChangedError(self.path)
            return self._write(self.path)

    def save_as(self, path: Path, *, overwrite: bool = False) -> SaveResult:
        """Write the rows to another file, which is the one that is open from then on.

        Raises:
            InputError: There is a file of that name (``overwrite=True`` replaces it), or it could not be written.
        """
        if same_file(path, self.path):
            return self.save(overwrite=overwrite)
        with self._save_lock:
            if not overwrite and stamp_of(path) is not None:
                raise InputError(f"{name_of(path)} exists already; nothing was saved.", hint="Choose another name.")
            return self._write(path)

    def _write(self, path: Path) -> SaveResult:
        self.build_index()
        if not self._indexed:
            raise InputError(f"{name_of(self.path)} is closed and not read to its end; nothing was saved.")
        try:
            with self._rows.lock:
                self._keep_history_readable()
                snapshot, state, reader = self.snapshot(), self._history.state, self._rows.file.reader
            mode = reader.mode if stamp_of(path) is None else None
            before_rename = reader.close_now if MUST_CLOSE else lambda: None
            result, index = write_snapshot(snapshot, path, mode=mode, before_rename=before_rename)
            file = FileSource(FileReader(path), index)
        except OSError as error:
            raise reading_failed(self.path, error) from error
        with self._rows.lock:
            for listener in tuple(self._rebase_listeners):
                listener(snapshot.pieces, self.base + 1)
            self._history.exchange_pieces(self._rows.take_as_base(snapshot, file))
            self._rows.let_go(self._history.pieces())
            self._saved_state = state
            self.path = path
        return result

    def _keep_history_readable(self) -> None:
        """Copy the few rows that only the history knows into memory, so that a save can let go of the old file."""
        if MUST_CLOSE or 0 < self._rows.size_in_files(self._history.pieces()) <= _MOST_COPIED:
            self._history.exchange_pieces(self._rows.copied_to_memory)
