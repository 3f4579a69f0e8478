"""A JSONL file that is open for editing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fttui.core.errors import InputError
from fttui.dataset.changes import RowChange, place_of_saved, row_changes
from fttui.dataset.committing import SavableFile
from fttui.dataset.edits import Splice
from fttui.dataset.errors import FileChangedError, name_of
from fttui.dataset.filling import STANDARD_INPUT, open_reader
from fttui.dataset.history import History
from fttui.dataset.index import BLOCK, LineIndex, index_file
from fttui.dataset.packed import packing_for
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import same_file, stamp_of
from fttui.dataset.rowset import RowSet
from fttui.dataset.saving import SaveResult, write_snapshot
from fttui.dataset.sources import FileSource
from fttui.dataset.style import FileStyle, newline_of
from fttui.formats.lines import BOM


class Document(SavableFile):
    """The rows of a file with edits laid over them; nothing on disk changes before `save`.

    Rows count from 0. Every method may be called from any thread; `build_index`, `save`, `reload`, `changes` and the
    edits of a `RowSet` take long and belong in one of their own, while the screen goes on reading and editing rows.
    """

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

    # --- what differs from the saved file ---------------------------------------------------------------------------

    def saved_line(self, row: int) -> bytes | None:
        """The row's line (without its ending) as it is in the saved file; None for an example that is not there.

        Raises:
            IndexError: There is no such row.
            InputError: The disk failed.
        """
        with self._rows.lock:
            line, file = self._saved_row(row), self._rows.file
        with self._reading_errors():
            return None if line is None else file.line(line).rstrip(b"\r\n")

    def _saved_row(self, row: int) -> int | None:
        """Where the row's example is in the saved file."""
        root = Piece(*self._rows.root(row), 1)
        line, _ = next(self._rows.origins.lines_of(self.base, root))
        return line

    def saved_raw(self, saved_row: int) -> bytes:
        """A line (without its ending) of the file as it was opened or saved.

        Raises:
            IndexError: It has no such line.
            InputError: The disk failed.
        """
        file = self._rows.file
        if not 0 <= saved_row < len(file.index):
            raise IndexError(f"row {saved_row} of {len(file.index)}")
        with self._reading_errors():
            return file.line(saved_row).rstrip(b"\r\n")

    def changes(self) -> list[RowChange]:
        """All rows that differ from the saved file, in their order, with the deleted ones where they were.

        Raises:
            InputError: The disk failed.
        """
        with self._rows.lock:
            snapshot, origins = self.snapshot(), self._rows.origins
        with self._reading_errors():
            return list(row_changes(snapshot, origins.roots, lambda root: origins.lines_of(snapshot.base, root)))

    def restore(self, row: int) -> None:
        """Make a row as it was saved, by the very line of the file: it counts as changed no more.

        Raises:
            IndexError: There is no such row.
            InputError: The file has no such example, or rows cannot be edited.
        """
        with self._editing():
            with self._rows.lock:
                saved_row = self._saved_row(row)
            if saved_row is None:
                raise InputError("This example is not in the saved file.")
            if self.is_changed(row):
                self._edit_back(Splice(row, 1, (Piece(self.base, saved_row, 1),)))

    def bring_back(self, saved_row: int) -> int:
        """Put a deleted example back as it was saved, among the neighbours that it had; its row.

        Raises:
            IndexError: The file has no such line.
            InputError: The example is there, or rows cannot be edited.
        """
        with self._editing():
            if not 0 <= saved_row < len(self._rows.file.index):
                raise IndexError(f"row {saved_row} of {len(self._rows.file.index)}")
            with self._rows.lock:
                snapshot, origins = self.snapshot(), self._rows.origins
            base = snapshot.base
            row = place_of_saved(snapshot, origins.roots, lambda root: origins.lines_of(base, root), saved_row)
            if row is None:
                raise InputError("This example is not deleted.")
            self._edit_back(Splice(row, 0, (Piece(base, saved_row, 1),)))
            return row

    # --- saving -----------------------------------------------------------------------------------------------------

    def save(self, *, overwrite: bool = False) -> SaveResult:
        """Write the rows to the file, all or nothing; rows that were not edited byte for byte. Undo goes on working.

        Raises:
            FileChangedError: Another program changed the file since; ``overwrite=True`` saves all the same.
            InputError: It needs another name, or could not be written; the file on disk is as it was.
        """
        if self.read_only_reason:
            raise InputError(self.read_only_reason, hint="Save under another name.")
        if self.needs_name:
            raise InputError(self._rows.file.reader.why_new_name, hint="Save under a new name.")
        with self._save_lock:
            if not overwrite and stamp_of(self.path) not in (None, self._rows.file.reader.stamp):
                raise FileChangedError(self.path)
            return self._write(self.path)

    def save_as(self, path: Path, *, overwrite: bool = False) -> SaveResult:
        """Write the rows to another file, which is the one that is open from then on; compressed if its name says so.

        Raises:
            InputError: There is a file of that name (``overwrite=True`` replaces it), or it could not be written.
        """
        if same_file(path, self.path) and not self.needs_name:
            return self.save(overwrite=overwrite)
        with self._save_lock:
            _refuse_existing(path, overwrite)
            return self._write(path)

    def save_rows_as(self, rows: RowSet, path: Path, *, overwrite: bool = False) -> SaveResult:
        """Write some rows to another file; what is open, and what is unsaved, stays as it is. Each line ends.

        Raises:
            IndexError: There are no such rows.
            InputError: There is a file of that name (``overwrite=True`` replaces it), or it could not be written.
        """
        if same_file(path, self.path):
            raise InputError(
                f"{name_of(path)} is the file that is open; nothing was saved.", hint="Choose another name."
            )
        _refuse_existing(path, overwrite)
        snapshot = replace(self.snapshot().only(rows), ends_with_newline=True)
        return write_snapshot(snapshot, path, mode=None, packing=packing_for(path))

    def reload(self) -> None:
        """Read the file as it is on disk now; edits and the way back are gone, examples are other ones.

        Raises:
            InputError: There is no such file any more, or the rows came from no file; nothing was changed.
        """
        if self.path == STANDARD_INPUT:
            raise InputError(self._rows.file.reader.why_new_name)
        with self._save_lock:
            reader = open_reader(self.path)
            head = reader.read(0, 1 << 16)
            bom = BOM if head.startswith(BOM) else b""
            index = LineIndex(len(bom))
            with self._reading_errors():
                for ends, position in index_file(reader, start=len(bom), stop=reader.size if reader.is_full else None):
                    index.add(ends, position)
            index.finish()
            with self._index_lock, self._edit_lock:
                source, number = FileSource(reader, index), self._rows.new_number()
                applied = self._rows.restart(source, number, bom=bom, newline=newline_of(head))
                self._indexed = True
                self._history = History()
                self._saved_state = self._history.state
                self._style = FileStyle(self._sample_lines)
                self._tell(applied.changes)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if not overwrite and stamp_of(path) is not None:
        raise InputError(f"{name_of(path)} exists already; nothing was saved.", hint="Choose another name.")
