"""Writing all rows of a document and making the written file the one they come from, while editing goes on."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from fttui.core.errors import InputError
from fttui.dataset.bulk_editing import BulkEditableFile
from fttui.dataset.edits import with_pieces
from fttui.dataset.errors import name_of
from fttui.dataset.filling import FillingReader, open_reader
from fttui.dataset.index import LineIndex
from fttui.dataset.packed import Packing, packing_for
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader, Stamp, same_file, stamp_of
from fttui.dataset.rebase import Rebase
from fttui.dataset.recording import RecordedStep
from fttui.dataset.saving import MUST_CLOSE, SaveResult, write_snapshot
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import FileSource

_MOST_COPIED: Final = 16 << 20
"""Bytes of deleted and replaced rows that a save copies into memory for undo; beyond it the old file is kept open."""
_ALL: Final = 1 << 62


class SavableFile(BulkEditableFile):
    """Rows that can be written, after which they come from the new file.

    Attributes:
        needs_name: Whether the rows can only be saved under a new name, as they come from standard input or from a
            compressed file.
    """

    def __init__(self, path: Path, reader: FileReader) -> None:
        super().__init__(path, reader)
        self.needs_name = bool(reader.why_new_name)
        self._save_lock = threading.Lock()
        """One save or reload at a time. Before the lock for edits."""
        self._rebase_listeners: list[Callable[[Sequence[Piece], int], None]] = []
        self._saved_listeners: list[Callable[[SaveResult], None]] = []
        self._copied_listeners: list[Callable[[Sequence[Piece], Sequence[Piece]], None]] = []

    def subscribe_rebase(self, listener: Callable[[Sequence[Piece], int], None]) -> Callable[[], None]:
        """Call ``listener`` when a save numbers lines anew: line ``i`` of the new source is row ``i`` of the pieces.

        It is called in the thread that saves, before any row has the new number, and must not call the document.
        """
        self._rebase_listeners.append(listener)
        return lambda: self._rebase_listeners.remove(listener)

    def subscribe_copied(self, listener: Callable[[Sequence[Piece], Sequence[Piece]], None]) -> Callable[[], None]:
        """Call ``listener`` when lines that only undo needs are copied from the file: these pieces, those copies.

        It is called in the thread that saves, while nobody edits, and must not call the document.
        """
        self._copied_listeners.append(listener)
        return lambda: self._copied_listeners.remove(listener)

    def subscribe_saved(self, listener: Callable[[SaveResult], None]) -> Callable[[], None]:
        """Call ``listener`` after each save that took place, in the thread that saves; call the result to end it."""
        self._saved_listeners.append(listener)
        return lambda: self._saved_listeners.remove(listener)

    def _write(self, path: Path) -> SaveResult:
        """Write the rows to ``path`` and have them come from there. Raises `InputError`: nothing was changed."""
        self.build_index()
        if not self._indexed:
            raise InputError(f"{name_of(self.path)} is closed and not read to its end; nothing was saved.")
        try:
            with self._reading_errors(), self._edit_lock:
                self._keep_history_readable()
                snapshot, state, old = self.snapshot(), self._history.state, self._rows.file.reader
                self._meanwhile = []
            result = self._write_snapshot(snapshot, state, old, path)
        finally:
            self._meanwhile = None
        for listener in tuple(self._saved_listeners):
            listener(result)
        return result

    def _write_snapshot(self, snapshot: Snapshot, state: int, old: FileReader, path: Path) -> SaveResult:
        is_packed = isinstance(old, FillingReader) or not same_file(path, self.path)
        packing = packing_for(path) if is_packed else None
        number = self._rows.new_number()
        rebase = Rebase(snapshot.pieces, number)
        roots = self._rows.origins.runs_of(snapshot.pieces)
        written: list[FileSource] = []
        with ExitStack() as stack:

            def before_rename(temporary: Path, status: os.stat_result, index: LineIndex) -> None:
                """From here until the new file is taken in nobody edits, so that no step falls between the two."""
                written.append(FileSource(_reader_of(temporary, path, packing), index))
                if MUST_CLOSE:
                    old.close_now()
                    written[0].reader.close_now()
                with self._edit_lock:
                    edits = self._history.edits()
                for edit in edits:
                    rebase.edit(edit)  # those of many rows take long
                stack.enter_context(self._edit_lock)
                if self.recorder is not None:
                    steps = [
                        RecordedStep(kind, tuple(map(rebase.edit, edits))) for kind, edits in self._meanwhile or ()
                    ]
                    self.recorder.saving(Stamp.of(status), number, steps)

            def after_rename() -> None:
                with self._rows.lock:
                    for listener in tuple(self._rebase_listeners):
                        listener(snapshot.pieces, number)
                    self._rows.take_as_base(snapshot, written[0], number, roots, rebase)
                self._history.exchange(rebase.edit)
                self._rows.let_go(self._history.sources())
                self._saved_state = state
                self.path = path
                self.needs_name = False
                self._meanwhile = None
                if self.recorder is not None:
                    self.recorder.saved()
                stack.close()

            return write_snapshot(
                snapshot,
                path,
                mode=old.mode if stamp_of(path) is None else None,
                packing=packing,
                before_rename=before_rename,
                after_rename=after_rename,
            )

    def _keep_history_readable(self) -> None:
        """Copy the few rows that only the history knows into memory, so that a save can let go of the old file."""
        if not MUST_CLOSE and not 0 < self._rows.size_in_files(self._history.pieces()) <= _MOST_COPIED:
            return
        originals: list[Piece] = []
        copies: list[Piece] = []

        def copied(pieces: Iterable[Piece]) -> Iterator[Piece]:
            known = tuple(pieces)
            originals.extend(known)
            for copy in self._rows.copied_to_memory(known):
                copies.append(copy)
                yield copy

        self._history.exchange(lambda edit: with_pieces(edit, copied))
        for listener in tuple(self._copied_listeners):
            listener(originals, copies)


def _reader_of(temporary: Path, path: Path, packing: Packing | None) -> FileReader:
    """A reader of a file that is about to be renamed to ``path``, unpacked if it is compressed."""
    reader = FileReader(temporary) if packing is None else open_reader(temporary)
    reader.fill(_ALL, lambda: False)
    reader.path = path
    return reader
