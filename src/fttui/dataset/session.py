"""A file that is open for work: the document with its lock, its journal and its marks, and what a crash left of it."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fttui.core.locks import KernelLock
from fttui.core.paths import data_dir
from fttui.dataset.document import Document
from fttui.dataset.errors import name_of
from fttui.dataset.fingerprint import identity_of
from fttui.dataset.journal import Journal
from fttui.dataset.marks import Marks

log = logging.getLogger(__name__)


@dataclass
class Session:
    """What is open. `close` it at the end, with nothing unsaved or with `discard`.

    Attributes:
        document: The file's rows; read-only when another window has the file.
        marks: Tags, notes and reviewed marks.
        recovery: The unsaved edits of a session that crashed, to be restored or discarded; None when there are none.
        lock: Held as long as the file is open; None when another window has it.
        note: A sentence about what was found at the start, empty when all was well.
    """

    document: Document
    marks: Marks
    recovery: None = None
    lock: KernelLock | None = None
    journal: Journal | None = None
    note: str = ""
    _ends: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def close(self, *, discard: bool = False) -> None:
        """Let go of the file. Unsaved edits stay in the journal for the next start, unless they are to be discarded."""
        for end in self._ends:
            end()
        self._ends.clear()
        self.marks.keep()
        if self.journal is not None:
            self.journal.close(keep=self.document.is_dirty and not discard)
        self.document.close()
        if self.lock is not None:
            self.lock.release()


def open_session(path: Path, *, on_trouble: Callable[[str], None] = lambda sentence: None) -> Session:
    """Open a file for work: alone, with a journal.

    Args:
        path: The file.
        on_trouble: Told a sentence when the journal cannot be written, and "" when it can again. It is called in any
            thread, while the document is locked, and must not wait for another thread.

    Raises:
        InputError: The file cannot be opened; one sentence.
    """
    document = Document.open(path)
    session = Session(document, Marks(document))
    journal_path = journal_of(path)
    try:
        session.lock = KernelLock.take(journal_path.with_suffix(".lock"), f"{os.getpid()} {time.time():.0f}")
        if session.lock is None:
            document.make_read_only(_held_by_another(path, journal_path.with_suffix(".lock")))
            return session
    except OSError as error:  # the journal will tell of it at the first edit, or be luckier then
        log.warning("no lock for %s: %s", path, error)
    session.journal = Journal(journal_path, document, identity_of(path), on_trouble)
    document.recorder = session.journal
    return session


def journal_of(path: Path) -> Path:
    """Where the journal of a file is: links lead to the file's own."""
    name = hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=12).hexdigest()
    return data_dir() / "journal" / f"{name}.journal"


def _held_by_another(path: Path, lock: Path) -> str:
    pid, _, since = KernelLock.note_at(lock).partition(" ")
    who = ""
    if pid.isdecimal() and since.isdecimal():
        who = f" (process {pid}, since {time.strftime('%H:%M', time.localtime(int(since)))})"
    return f"{name_of(path)} is open in another fttui window{who}, so it is read-only here."
