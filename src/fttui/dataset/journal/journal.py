"""The journal of a document: an edit is in the kernel's hands before the screen shows it, on disk within a second."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fttui.core.errors import InputError
from fttui.dataset.edits import Bulk, Edit, Splice
from fttui.dataset.fingerprint import Identity, identity_of
from fttui.dataset.journal.file import JournalFile, reason_of, sync_file
from fttui.dataset.journal.format import (
    VERSION,
    Kind,
    frame,
    lines_frames,
    marks_frame,
    packed_json,
    spool_frame,
    step_frame,
)
from fttui.dataset.journal.syncing import sync_soon
from fttui.dataset.marks.changes import WITHIN, MarkChange
from fttui.dataset.pieces import PackedPieces, Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import Source, SpoolSource
from fttui.dataset.spool import SpoolFile

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.reader import Stamp
    from fttui.dataset.recording import RecordedStep, StepKind

log = logging.getLogger(__name__)

ADDED: Final = 0
"""The number of the source that holds the lines in memory."""


class _Lines(NamedTuple):
    """Lines of a source that are still to be written; the source is held, so that they can be."""

    number: int
    source: Source
    start: int
    rows: int

    def frames(self) -> Iterator[bytes]:
        return lines_frames(self.number, self.start, self.source.lines(self.start, self.rows))


class Journal:
    """Writes down what happens to a document; see `fttui.dataset.recording.Recorder`, which this is.

    Nothing is on disk before the first edit. No method raises: what cannot be written stays in memory, ``on_trouble``
    is told a sentence once, everything is tried again at each later call and by the thread that syncs, and
    ``on_trouble`` is told "" when all is written. It is called in any thread and must not wait for another one.
    """

    def __init__(
        self, path: Path, document: Document, identity: Identity | None, on_trouble: Callable[[str], None]
    ) -> None:
        """``identity`` is that of the file as it was opened; without one only its name can be recognised."""
        self._document = document
        self._identity = identity
        self._on_trouble = on_trouble
        self._lock = threading.RLock()
        self._file = JournalFile(path)
        self._waiting: list[bytes | _Lines] = []
        self._trouble = ""
        self._told = ""
        self._telling = threading.Lock()
        self._is_closed = False
        self.brought_back: Callable[[Sequence[Edit], int | None], Iterable[MarkChange]] = lambda edits, besides: ()
        """What is said about rows that edits, made just now, put in, but for the lines of that source."""
        self.marked = 0
        """How many changes of marks there were."""
        self._marks_kept = 0
        self._spooled: list[Path] = []
        """Spool files that are not synced yet."""
        self.spools: set[Path] = set()
        """All spool files that this journal ever named."""
        self._begin()

    def _begin(self) -> None:
        """Forget what was written: the next frame is the first of a new journal or of a new part of it."""
        self._has_begun = False
        self._steps = 0
        self._known: dict[int, RowSet] = {}
        """Lines, by source, whose bytes are in this part of the journal."""
        self._names: dict[int, str] = {}
        """Spool files, by source, that are named in it."""
        self._undoable = self._redoable = 0
        self._fresh: list[tuple[int, Sequence[bytes]]] = []
        self._bases = {self._document.base}
        """The sources that are the file on disk: while a save runs, the old and the new one."""
        self._saving: Stamp | None = None

    @property
    def path(self) -> Path:
        """Where the journal is, when there is one."""
        return self._file.path

    @property
    def steps(self) -> int:
        """How many steps, undos and redos were written since the file was opened or saved."""
        return self._steps

    # --- what a document tells --------------------------------------------------------------------------------------

    def added(self, first: int, lines: Sequence[bytes]) -> None:
        """Lines got numbers from ``first`` on in source 0; they are written with the next step."""
        with self._lock:
            self._fresh.append((first, lines))

    def spool(self) -> SpoolFile:
        """A new file beside the journal for the lines of a bulk edit, or elsewhere when there is no room for one."""
        try:
            self._file.make_folder()
            if os.access(self._file.path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
                return SpoolFile(self._file.path.with_name(f"{self._file.path.stem}-{secrets.token_hex(6)}.lines"))
        except OSError:
            log.warning("no spool file in %s", self._file.path.parent, exc_info=True)
        return SpoolFile.temporary()

    def step(self, kind: StepKind, edits: Sequence[Edit]) -> None:
        """Rows were edited, or an edit was taken back or made again."""
        with self._lock:
            self._restart_if_reloaded()
            if kind != "step":  # a replay may not know the examples that come back, nor what was said about them
                for rows, change in self.brought_back(edits, None):
                    self._put_marks(rows, change, within=len(edits))
            self._record(kind, edits, self._document.base)
        self._write()

    def marks(self, rows: RowSet, change: Mapping[str, object]) -> None:
        """Tags, a note or a reviewed mark of rows as they are numbered now."""
        with self._lock:
            self._restart_if_reloaded()
            self._put_marks(rows, change, within=self._document.made_in_group)
            self.marked += 1
        self._write()

    def saving(self, stamp: Stamp, base: int, meanwhile: Sequence[RecordedStep]) -> None:
        """A new part begins: what stands before it is of no use once the file on disk has that stamp."""
        with self._document.standing_still(), self._lock:  # in the order in which an edit takes them
            self._put_header()
            fresh = self._fresh
            self._begin()
            self._has_begun = True
            self._fresh = fresh
            self._bases.add(base)
            self._saving = stamp
            self._put_base(Identity(stamp), base, restated=len(meanwhile))
            for step in meanwhile:
                self._record(step.kind, step.edits, base)
            for rows, change in self.brought_back([edit for step in meanwhile for edit in step.edits], base):
                self._put_marks(rows, change, within=0)
        self._write()

    def saved(self) -> None:
        """The file on disk is the one that `saving` told of."""
        identity = identity_of(self._document.path)
        with self._lock:
            if self._saving is None:
                return
            if identity is None or identity.stamp != self._saving:  # somebody else was faster
                identity = Identity(self._saving)
            self._identity = identity
            self._saving = None
            self._bases = {self._document.base}
            self._put(frame(Kind.SAVED, packed_json({"path": str(self._document.path)} | identity.as_json())))
        self._write()

    @property
    def has_marks(self) -> bool:
        """Whether marks are in it that were not kept elsewhere since."""
        return self.marked != self._marks_kept

    def marks_kept(self, marked: int) -> None:
        """The marks are safe elsewhere, up to that change of them: a journal with nothing else in it goes."""
        with self._lock:
            self._marks_kept = marked
            if self._steps or self._saving is not None or self.has_marks:
                return
            self._waiting.clear()
            self._begin()
            self._file.remove()
            self._trouble = ""
        self._tell()

    def close(self, *, keep: bool) -> None:
        """No more is told. The journal stays for the next start, or goes."""
        self.sync()
        with self._lock:
            self._is_closed = True
            if keep:
                self._file.close()
                return
            self._waiting.clear()
            self._file.remove()
            self._remove_spools()

    # --- for the session --------------------------------------------------------------------------------------------

    def notice_reload(self) -> None:
        """Rows changed: if that was because the document was read anew, nothing of before is unsaved."""
        if self._document.base not in self._bases:
            with self._lock:
                self._restart_if_reloaded()
            self._tell()

    def rename(self, path: Path) -> None:
        """Go on under another name: the document is another file now. Raises `OSError`."""
        with self._lock:
            self._file.rename(path)

    def begin_restoring(self) -> None:
        """What is told until `end_restoring` is a copy from an earlier journal, which counts if we die before."""
        with self._lock:
            self._put(frame(Kind.RESTORING))

    def end_restoring(self) -> bool:
        """All was copied; whether it is on disk, so that the earlier journal can go."""
        with self._lock:
            self._put(frame(Kind.RESTORED))
        self.sync()
        with self._lock:
            return not self._waiting and not self._trouble

    def _remove_spools(self) -> None:
        for path in self.spools:
            with suppress(OSError):
                path.unlink(missing_ok=True)
        self.spools.clear()

    # --- frames -----------------------------------------------------------------------------------------------------

    def _restart_if_reloaded(self) -> None:
        if self._document.base in self._bases:
            return
        fresh = self._fresh
        self._waiting.clear()
        self._begin()
        self._fresh = fresh
        self._marks_kept = self.marked
        self._trouble = ""
        self._file.remove()
        self._remove_spools()
        self._identity = identity_of(self._document.path)

    def _record(self, kind: StepKind, edits: Sequence[Edit], base: int) -> None:
        self._steps += 1
        if kind == "undo" and self._undoable:
            self._undoable -= 1
            self._redoable += 1
            self._put(frame(Kind.UNDO))
        elif kind == "redo" and self._redoable:
            self._redoable -= 1
            self._undoable += 1
            self._put(frame(Kind.REDO))
        else:
            self._put_contents(edits, base)
            self._undoable = self._undoable + 1 if kind == "step" else 0  # a replay knows no step before this part
            self._redoable = 0
            self._put(step_frame(edits))

    def _put_contents(self, edits: Sequence[Edit], base: int) -> None:
        """Put what the edits' pieces hold, as far as neither this part of the journal nor the file ``base`` has it."""
        for first, lines in self._fresh:
            self._put(*lines_frames(ADDED, first, lines))
            self._know(ADDED, first, len(lines))
        self._fresh.clear()
        for edit in edits:
            if not isinstance(edit, Splice | Bulk):
                continue
            for number in _sources(edit.pieces):
                if number == base or self._is_named(number):
                    continue
                for piece in edit.pieces:
                    if piece.source == number:
                        self._put_lines(piece)

    def _put_marks(self, rows: RowSet, change: Mapping[str, object], *, within: int) -> None:
        """Put a change of marks, after that many edits of a step that comes after it."""
        self._put(marks_frame(rows, {**change, WITHIN: within} if within else change))

    def _is_named(self, number: int) -> bool:
        """Whether the source is a file beside the journal; its name is put down the first time."""
        if number in self._names:
            return True
        source = self._document.source(number)
        if not isinstance(source, SpoolSource) or source.reader.path.parent != self._file.path.parent:
            return False
        self._names[number] = source.name
        self._spooled.append(source.reader.path)
        self.spools.add(source.reader.path)
        self._put(spool_frame(number, source.name))
        return True

    def _put_lines(self, piece: Piece) -> None:
        source = self._document.source(piece.source)
        assert source is not None, "a step has lines that nobody holds"
        missing = RowSet.span(piece.start, piece.start + piece.rows) - self._known.get(piece.source, RowSet())
        for start, stop in missing.ranges():
            start, stop = max(start, piece.start), min(stop, piece.start + piece.rows)
            self._put(_Lines(piece.source, source, start, stop - start))
            self._know(piece.source, start, stop - start)

    def _know(self, number: int, first: int, count: int) -> None:
        self._known[number] = self._known.get(number, RowSet()) | RowSet.span(first, first + count)

    def _put(self, *items: bytes | _Lines) -> None:
        self._put_header()
        self._waiting.extend(items)

    def _put_header(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._put_base(self._identity, self._document.base)

    def _put_base(self, identity: Identity | None, base: int, *, restated: int | None = None) -> None:
        values: dict[str, Any] = {"version": VERSION, "path": str(self._document.path), "base": base}
        values |= identity.as_json() if identity is not None else {"stamp": [0, 0, 0, 0], "print": ""}
        if restated is not None:
            values |= {"restated": restated}
        self._waiting.append(frame(Kind.BASE, packed_json(values)))

    # --- writing ----------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Write what waits, as far as that is possible now."""
        with self._lock:
            if self._is_closed:
                return
            try:
                while self._waiting:
                    item = self._waiting[0]
                    for data in item.frames() if isinstance(item, _Lines) else (item,):
                        self._file.append(data)
                    del self._waiting[0]
                self._trouble = ""
            except OSError as error:
                self._trouble = (
                    f"Unsaved edits would be lost in a crash: their journal cannot be written, {reason_of(error)}."
                )
            except InputError as error:
                self._trouble = f"Unsaved edits would be lost in a crash: {error.message}"
        sync_soon(self)
        self._tell()

    def _tell(self) -> None:
        """Say what is wrong, or that it is right again, once each; without the lock, which the listener may want."""
        with self._telling:
            news, self._told = self._trouble != self._told, self._trouble
        if news:
            self._on_trouble(self._told)

    def sync(self) -> bool:
        """Have all that was written on the disk itself; whether nothing is left to do."""
        self._write_again()
        with self._lock:
            spooled, self._spooled = self._spooled, []
        try:
            for path in spooled:
                sync_file(path)
            self._file.sync()
        except OSError as error:
            with self._lock:
                self._spooled = spooled + self._spooled
                self._trouble = f"Unsaved edits would be lost in a power cut: {error.strerror}."
            self._tell()
            return False
        with self._lock:
            return not self._waiting or self._is_closed

    def _write_again(self) -> None:
        with self._lock:
            is_waiting = bool(self._waiting or self._trouble)
        if is_waiting:
            self._write()


def _sources(pieces: Iterable[Piece]) -> set[int]:
    return set(pieces.sources) if isinstance(pieces, PackedPieces) else {piece.source for piece in pieces}
