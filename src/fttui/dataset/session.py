"""A file that is open for work: the document with its lock, its journal and its marks, and what a crash left of it."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.locks import KernelLock
from fttui.dataset.document import Document
from fttui.dataset.errors import name_of
from fttui.dataset.filling import STANDARD_INPUT
from fttui.dataset.fingerprint import identity_of
from fttui.dataset.journal.journal import Journal
from fttui.dataset.journal.places import journal_of, left_journals, lock_of, set_aside
from fttui.dataset.marks.marks import Marks
from fttui.dataset.reader import same_file

if TYPE_CHECKING:
    from fttui.dataset.journal.reading import LeftJournal
    from fttui.dataset.journal.recovery import Recovery
    from fttui.dataset.saving import SaveResult

log = logging.getLogger(__name__)


def _log(sentence: str) -> None:
    if sentence:
        log.warning("%s", sentence)


@dataclass
class Session:
    """What is open. `close` it at the end.

    Attributes:
        document: The file's rows; read-only when another window has the file.
        marks: Tags, notes and reviewed marks.
        on_trouble: Told a sentence when the journal cannot be written, and "" when it can again.
        on_note: Told sentences about marks, and about what was found at the start.
        recovery: The unsaved edits of a session that crashed; None when there are none, or when they are dealt with.
        lock: Held as long as the file is open; None when another window has it, or when there can be none.
        journal: Where edits are written; None for a document that is read-only here.
    """

    document: Document
    marks: Marks
    on_trouble: Callable[[str], None]
    on_note: Callable[[str], None]
    recovery: Recovery | None = None
    lock: KernelLock | None = None
    journal: Journal | None = None
    _path: Path | None = None
    """The file that the lock and the journal are for."""
    _stops: list[Callable[[], None]] = field(default_factory=list)

    def close(self, *, discard: bool = False) -> None:
        """Let go of the file. Unsaved edits stay in the journal for the next start, unless they are to be discarded."""
        while self._stops:
            self._stops.pop()()
        self.keep_marks()
        self.marks.close()
        if self.journal is not None:
            self.journal.close(keep=not discard and (self.document.is_dirty or self.journal.has_marks))
        self.document.close()
        self._release()

    def keep_marks(self) -> None:
        """Write the marks beside the file; a journal that has nothing else goes then."""
        journal = self.journal
        marked = journal.marked if journal is not None else 0
        if self.marks.keep() and journal is not None:
            journal.marks_kept(marked)

    def begin(self, path: Path) -> None:
        """Write down from now on what is edited."""
        self._path = path
        journal = self.journal = Journal(journal_of(path), self.document, identity_of(path), self.on_trouble)
        journal.brought_back = self.marks.brought_back
        self.document.recorder = journal
        self._stops.append(self.document.subscribe(lambda change: journal.notice_reload()))

    def _look_at(self, left: list[LeftJournal]) -> None:
        """See to what crashed sessions left: there is something to ask about, or only marks to take over."""
        if left:
            from fttui.dataset.journal.recovery import (
                Recovery,  # a crash is rare, and the first paint should not wait for it
            )
        for journal in left:
            recovery = Recovery(self, journal)
            if recovery.steps > 0:
                self.recovery = recovery
                return
            recovery.settle()

    def _release(self) -> None:
        if self.lock is not None:
            self.lock.release()
        self.lock = None

    def _saved(self, result: SaveResult) -> None:
        if self._path is None or not same_file(self._path, result.path):
            self._moved_to(result.path)
        self.keep_marks()

    def _moved_to(self, path: Path) -> None:
        """The document was saved as another file, which is the one that is edited from now on."""
        lock, is_ours = _take_lock(path)
        if not is_ours:
            self.on_note(held_by_another(path))
            return
        self._release()
        self.lock = lock
        set_aside(journal_of(path))
        if self.journal is None:
            self.begin(path)
            self.document.make_read_only("")
            return
        self._path = path
        try:
            self.journal.rename(journal_of(path))
        except OSError:
            log.exception("the journal of %s keeps its name", path)


def open_session(
    path: Path, *, on_trouble: Callable[[str], None] = _log, on_note: Callable[[str], None] = _log
) -> Session:
    """Open a file for work: alone, with a journal.

    Args:
        path: The file.
        on_trouble: Told a sentence when the journal cannot be written, and "" when it can again. It is called in any
            thread, while the document is locked, and must not wait for another thread.
        on_note: Told sentences about marks, and about what was found at the start; the same holds for it.

    Raises:
        InputError: The file cannot be opened; one sentence.
    """
    document = Document.open(path)
    has_name = path != STANDARD_INPUT  # else nobody finds it again: there is a journal once it has a name
    lock, is_ours = _take_lock(path) if has_name else (None, False)
    left: list[LeftJournal] = []
    if is_ours:
        left = left_journals(path, on_note)
        if left:
            from fttui.dataset.journal.mark_carrying import carry_marks

            carry_marks(left[0], identity_of(path), path, on_note)
    session = Session(document, Marks(document, on_note), on_trouble, on_note, lock=lock)
    session._stops.append(document.subscribe_saved(session._saved))
    if is_ours:
        session.begin(path)
        session._look_at(left)
    elif has_name:
        document.make_read_only(held_by_another(path))
    return session


def _take_lock(path: Path) -> tuple[KernelLock | None, bool]:
    """The lock of a file, and whether we may go on as if we had it; not when another window has it."""
    try:
        lock = KernelLock.take(lock_of(path), f"{os.getpid()} {time.time():.0f}")
    except OSError as error:  # the journal tells of it at the first edit, or is luckier then
        log.warning("no lock for %s: %s", path, error)
        return None, True
    return lock, lock is not None


def held_by_another(path: Path) -> str:
    """The sentence for a file that is open in another window."""
    pid, _, since = KernelLock.note_at(lock_of(path)).partition(" ")
    who = ""
    if pid.isdecimal() and since.isdecimal():
        who = f" (process {pid}, since {time.strftime('%H:%M', time.localtime(int(since)))})"
    return f"{name_of(path)} is open in another fttui window{who}, so it is read-only here."
