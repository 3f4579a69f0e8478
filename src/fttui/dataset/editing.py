"""A JSONL file whose rows can be edited: every edit is a step that can be undone, is recorded, and is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fttui.core.errors import InputError
from fttui.dataset.edits import Change, Edit, Move, Splice, row_shown_after
from fttui.dataset.history import Direction, History
from fttui.dataset.opened import OpenedFile
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader
from fttui.dataset.recording import RecordedStep, Recorder, StepKind
from fttui.dataset.rows import Applied
from fttui.dataset.style import clean_line
from fttui.formats.style import dump_line


class EditableFile(OpenedFile):
    """Edits of single rows, groups of them, undo and redo; from any thread.

    Listeners are called in the thread that edits.

    Attributes:
        recorder: Who keeps the edits safe, or None.
        read_only_reason: Why rows cannot be edited, a sentence; empty when they can.
    """

    def __init__(self, path: Path, reader: FileReader) -> None:
        super().__init__(path, reader)
        self.recorder: Recorder | None = None
        self.read_only_reason = ""
        self._edit_lock = threading.RLock()
        """Held for an edit and all that goes with it: the history, the record, the listeners. Before the rows' lock."""
        self._history = History()
        self._saved_state = self._history.state
        self._group: list[tuple[Edit, Edit]] | None = None
        self._meanwhile: list[RecordedStep] | None = None
        """The steps since the rows were taken for a save that is running."""
        self._listeners: list[Callable[[Change], None]] = []

    @property
    def is_dirty(self) -> bool:
        """Whether some edit is not saved; undoing all edits since the save makes it False."""
        return self._history.state != self._saved_state

    @property
    def state(self) -> int:
        """A number for the rows as they are: undo leads back to the one before, redo to the one after."""
        return self._history.state

    @property
    def is_read_only(self) -> bool:
        """Whether edits raise `InputError`. Saving as another file works all the same."""
        return bool(self.read_only_reason)

    def make_read_only(self, reason: str) -> None:
        """Refuse edits from now on, with this sentence; an empty one allows them again."""
        self.read_only_reason = reason

    # --- editing ----------------------------------------------------------------------------------------------------

    def replace(self, row: int, record: Mapping[str, Any]) -> None:
        """Put a record in the place of a row, spelt as the line (or else the file) spells JSON."""
        self.replace_raw(row, dump_line(record, self._style.of_line(self.raw(row))))

    def replace_raw(self, row: int, raw: bytes) -> None:
        """Put other bytes in the place of a row; it keeps its line ending. Line breaks become blanks, as in JSON."""
        with self._editing():
            line = self._line(row)
            old = line.rstrip(b"\r\n")
            new = clean_line(raw)
            if new != old:
                self._edit(Splice(row, 1, (self._add([new + line[len(old) :]]),)))

    def insert(self, row: int, record: Mapping[str, Any]) -> None:
        """Insert a record before ``row`` (or at the end), spelt as the file spells JSON."""
        self.insert_raw(row, dump_line(record, self._style.of_file()))

    def insert_raw(self, row: int, raw: bytes) -> None:
        """Insert a line before ``row`` (or at the end)."""
        with self._editing():
            self._edit(Splice(row, 0, (self._add([clean_line(raw) + self.newline]),)))

    def delete(self, row: int, count: int = 1) -> None:
        """Delete ``count`` rows from ``row`` on."""
        with self._editing():
            self._edit_back(Splice(row, count))

    def duplicate(self, row: int) -> None:
        """Insert a copy of a row after it."""
        raw = self.raw(row)
        with self.group():  # what is said about the copy belongs to the step
            self.insert_raw(row + 1, raw)

    def move(self, row: int, to: int) -> None:
        """Take a row out and put it back so that it stands at ``to``."""
        if row != to:
            with self._editing():
                self._edit(Move(row, to))

    @contextmanager
    def group(self) -> Iterator[None]:
        """Make the edits within one step of undo. Groups within groups belong to the outermost."""
        with self._edit_lock:
            if self._group is not None:
                yield
                return
            self._group = []
            try:
                yield
            finally:
                made, self._group = self._group, None
                if made:
                    self._history.record(inverse for _, inverse in reversed(made))
                    self._record("step", [edit for edit, _ in made])

    @property
    def made_in_group(self) -> int:
        """How many edits were made in a group that has not ended: rows are numbered as after them. 0 outside of one."""
        return len(self._group or ())

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
        with self._edit_lock, self._rows.lock:
            yield

    @contextmanager
    def _editing(self) -> Iterator[None]:
        with self._edit_lock:
            if self.read_only_reason:
                raise InputError(self.read_only_reason, hint="Save under another name to edit a copy.")
            yield

    def _add(self, lines: Sequence[bytes]) -> Piece:
        """Keep the lines (with their endings) of an edit in memory."""
        with self._edit_lock:
            piece = self._rows.add(lines)
            if self.recorder is not None:
                self.recorder.added(piece.start, lines)
            return piece

    def _edit(self, edit: Edit) -> None:
        self._made([edit], self._rows.apply([edit]))

    def _edit_back(self, edit: Edit) -> None:
        """Make an edit that may have taken back the last difference from the saved file, as undo does."""
        self._edit(edit)
        if self._group is None and self._rows.are_as_saved:
            self._history.state = self._saved_state  # equal numbers mean equal rows

    def _made(self, edits: Sequence[Edit], applied: Applied) -> None:
        """Edits were made: keep what takes them back, record them, and tell."""
        if self._group is None:
            self._history.record(reversed(applied.inverses))
            self._record("step", edits)
        else:
            self._group.extend(zip(edits, applied.inverses, strict=True))
        self._tell(applied.changes)

    def _record(self, kind: StepKind, edits: Sequence[Edit]) -> None:
        if self.recorder is not None:
            self.recorder.step(kind, edits)
        if self._meanwhile is not None:
            self._meanwhile.append(RecordedStep(kind, tuple(edits)))

    def _tell(self, changes: Iterable[Change]) -> None:
        for change in changes:
            for listener in tuple(self._listeners):
                listener(change)

    # --- undo -------------------------------------------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._history.next("undo") is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to make again."""
        return self._history.next("redo") is not None

    def takes_long(self, direction: Direction) -> bool:
        """Whether the next undo (or redo) goes through all rows, so that it belongs in a thread."""
        step = self._history.next(direction)
        return step is not None and step.is_bulk

    def undo(self) -> int | None:
        """Take back the last step; the row to show, or None when there is nothing to take back."""
        return self._travel("undo")

    def redo(self) -> int | None:
        """Make the step again that was taken back last; the row to show, or None."""
        return self._travel("redo")

    def _travel(self, direction: Direction) -> int | None:
        while True:
            with self._editing():
                if self._group is not None:
                    raise RuntimeError("undo and redo do not belong in a group of edits")
                step = self._history.next(direction)
                if step is None:
                    return None
                if not step.is_bulk:
                    return self._travelled(direction, step.edits, self._rows.apply(step.edits))
                snapshot = self.snapshot()
            prepared = self._rows.prepare(snapshot, step.edits, are_new=False)
            with self._editing():
                if self._history.next(direction) is step and self._rows.swap(prepared):
                    return self._travelled(direction, step.edits, prepared.applied)

    def _travelled(self, direction: Direction, edits: Sequence[Edit], applied: Applied) -> int:
        self._history.travelled(direction, applied.inverses)
        self._record(direction, edits)
        last_row = len(self) - 1
        self._tell(applied.changes)
        return max(min(row_shown_after(edits[-1]), last_row), 0)
