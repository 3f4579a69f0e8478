"""The files that are open: which is shown, what each is for, and what belongs to each of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.dataset.filling import STANDARD_INPUT
from fttui.dataset.reader import same_file
from fttui.dataset.recent import RecentFiles, Role, guess_role
from fttui.ui.unsaved import unsaved_changes

if TYPE_CHECKING:
    from fttui.checks.live.live import LiveChecks
    from fttui.dataset.document import Document
    from fttui.dataset.journal.recovery import Recovery
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.session import Session
    from fttui.tokens.live import LiveTotals

log = logging.getLogger(__name__)


class OpenFile:
    """One open file and all that hangs on it.

    Attributes:
        document: Its rows.
        session: Its journal, lock and marks; None for a document that was handed over without any.
        role: What it is for.
        totals: Its counts, or None until counting has begun.
        checks: What is wrong with it, or None until checking has begun.
        checks_news: Another number whenever that may be something else.
        trouble: Why its edits cannot be journalled now, as a sentence; "" when they are.
        notes: Sentences to show once; whoever shows them takes them out.
        is_saving: Whether it is being written at the moment.
        place: Where the Examples screen stood in it: the screen's own.
    """

    def __init__(self, document: Document, role: Role, session: Session | None = None) -> None:
        self.document = document
        self.session = session
        self.role: Role = role
        self.totals: LiveTotals | None = None
        self.checks: LiveChecks | None = None
        self.checks_news = 0
        self.trouble = ""
        self.notes: list[str] = []
        self.is_saving = False
        self._marks_at = -1
        self._unsaved: tuple[object, int] = (None, 0)
        self.place: object = None
        self._marks: Marks | None = None

    @property
    def path(self) -> Path:
        return self.document.path

    @property
    def title(self) -> str:
        """The file's name, or what stands for it."""
        return getattr(self.document, "title", "") or self.path.name

    @property
    def marks(self) -> Marks:
        """Tags, notes and the reviewed mark; of a document without a session they are not kept."""
        if self.session is not None:
            return self.session.marks
        if self._marks is None:
            from fttui.dataset.marks.marks import Marks

            self._marks = Marks(self.document)
        return self._marks

    @property
    def recovery(self) -> Recovery | None:
        """What a crashed session left of this file."""
        return self.session.recovery if self.session is not None else None

    @property
    def unsaved(self) -> int:
        """Number of rows that differ from the file; asked ten times a second, counted when there was an edit."""
        document = self.document
        state = (document.revision, document.base, len(document), document.is_dirty)
        if state != self._unsaved[0]:
            self._unsaved = (state, unsaved_changes(document))
        return self._unsaved[1]

    @property
    def has_unkept_marks(self) -> bool:
        """Whether something was said about examples that no file is beside which it could be kept."""
        if self.path != STANDARD_INPUT:
            return False
        marks = self.marks
        return bool(marks.tags() or marks.reviewed() or marks.rows_with(noted=True))

    @property
    def has_unsaved(self) -> bool:
        """Whether anything is lost when it is closed without saving."""
        return self.document.is_dirty or self.has_unkept_marks

    @property
    def problem(self) -> str:
        """Why it was not read to its end, as a sentence; "" when it was."""
        return str(getattr(self.document, "problem", ""))

    @property
    def has_journal(self) -> bool:
        """Whether edits are written down before the screen shows them."""
        return getattr(self.document, "recorder", None) is not None

    @property
    def needs_name(self) -> bool:
        """Whether it can only be saved under a name of its own: standard input, or unpacked."""
        return bool(getattr(self.document, "needs_name", False))

    @property
    def is_read_only(self) -> bool:
        return bool(getattr(self.document, "is_read_only", False))

    @property
    def read_only_reason(self) -> str:
        return str(getattr(self.document, "read_only_reason", ""))

    def reload(self) -> None:
        """Take the file as it is on the disk now; edits and history are gone, marks stay. In a thread.

        Raises:
            InputError: It cannot be read; everything stays as it was.
        """
        if self.session is not None:
            self.session.marks.keep()
        self.document.reload()
        if self.session is not None:
            self.session.marks.reload()

    def load_marks(self, cancel: Callable[[], bool]) -> None:
        """Read tags, notes and reviewed marks; waits for the index: in a thread."""
        if self.marks is not None:
            self.marks.load(cancel)

    def keep_marks_when_idle(self) -> None:
        """Write tags, notes and reviewed marks when none was set since the last call. In a thread."""
        if self.session is None:
            return
        marks = self.session.marks
        is_idle, self._marks_at = marks.revision == self._marks_at, marks.revision
        if is_idle and marks.is_loaded:
            self.session.marks.keep()

    def close(self, *, discard: bool = False) -> None:
        """Let go of the file; the journal goes when nothing is unsaved, or when the edits are to be discarded.

        Writes what is to be remembered: in a thread.
        """
        if self.totals is not None:
            self.totals.close()
        if self.checks is not None:
            self.checks.close()
        if self.session is not None:
            self.session.close(discard=discard)
        self.document.close()


class OpenFiles:
    """The open files in the order of opening; one of them is shown.

    Args:
        recent: What is known of files that were open before.
        on_news: Called, from any thread, when ``trouble`` or ``notes`` of a file changed; must not wait.
    """

    def __init__(
        self, recent: RecentFiles | None = None, on_news: Callable[[OpenFile], None] = lambda file: None
    ) -> None:
        self.recent = recent or RecentFiles()
        self.on_news = on_news
        self._files: list[OpenFile] = []
        self._active: OpenFile | None = None

    def __iter__(self) -> Iterator[OpenFile]:
        return iter(tuple(self._files))

    def __len__(self) -> int:
        return len(self._files)

    @property
    def active(self) -> OpenFile | None:
        """The file that is shown, or None when none is open."""
        return self._active

    def activate(self, file: OpenFile) -> None:
        """Show another file."""
        if file not in self._files:
            raise ValueError("only an open file can be shown")
        self._active = file

    def next_after(self, file: OpenFile | None) -> OpenFile | None:
        """The file after ``file``, round to the first."""
        if not self._files:
            return None
        at = self._files.index(file) if file in self._files else -1
        return self._files[(at + 1) % len(self._files)]

    def by_role(self, role: Role) -> OpenFile | None:
        """The file of a role: the one that is shown, else the first that was opened; None when there is none."""
        shown = [self._active] if self._active is not None else []
        return next((file for file in (*shown, *self._files) if file.role == role), None)

    def remarks(self) -> tuple[str, ...]:
        """What one has to know of the file that is shown: its role unless it is the usual one, that it is read-only,
        which of several it is."""
        file = self._active
        if file is None:
            return ()
        role = file.role if file.role != "training" else ""
        read_only = "read-only" if file.is_read_only else ""
        place = f"{self._files.index(file) + 1} of {len(self._files)}" if len(self._files) > 1 else ""
        return tuple(remark for remark in (role, read_only, place) if remark)

    def find(self, path: Path) -> OpenFile | None:
        """The open file that ``path`` leads to."""
        if path == STANDARD_INPUT:  # a file of that name has a longer path
            return next((file for file in self._files if file.path == path), None)
        files = (file for file in self._files if file.path != STANDARD_INPUT)
        return next((file for file in files if same_file(file.path, path)), None)

    def of(self, document: Document) -> OpenFile | None:
        """The open file that ``document`` belongs to."""
        return next((file for file in self._files if file.document is document), None)

    def open(self, path: Path) -> OpenFile:
        """Open a file, unless it is open already; the first one is shown.

        Raises:
            InputError: No such file, a directory, no permission, a binary file; one sentence each.
        """
        found = self.find(path)
        if found is not None:
            return found
        news = _News(self)
        file = self.add(*open_document(path, news.trouble, news.note))
        news.belong_to(file)
        return file

    def add(self, document: Document, session: Session | None = None) -> OpenFile:
        """Take a document that is open already."""
        has_training = self.by_role("training") is not None
        role = self.recent.role_of(document.path) or guess_role(document.path, has_training=has_training)
        file = OpenFile(document, role, session)
        self._files.append(file)
        if self._active is None:
            self._active = file
        return file

    def close(self, file: OpenFile, *, discard: bool = False) -> None:
        """Let go of a file; its neighbour is shown. Writes what is to be remembered: in a thread."""
        if file in self._files:
            self.drop(file)
            file.close(discard=discard)

    def drop(self, file: OpenFile) -> None:
        """Take a file out of the list without closing it; its neighbour is shown."""
        at = self._files.index(file)
        self._files.remove(file)
        if file is self._active:
            self._active = self._files[min(at, len(self._files) - 1)] if self._files else None

    def set_role(self, file: OpenFile, role: Role) -> None:
        """Say what a file is for. Writes to the disk: in a thread."""
        file.role = role
        if file.path != STANDARD_INPUT:
            self.recent.set_role(file.path, role)

    def remember(self) -> None:
        """Note for the next time that these files were open. Writes to the disk: in a thread."""
        files = (file for file in self if file.path != STANDARD_INPUT)
        self.recent.remember((file.path, file.role) for file in files if file.path.exists())

    def close_all(self, *, discard: bool = False) -> None:
        """Let go of all files, whatever happens with one of them. In a thread."""
        for file in self:
            try:
                file.close(discard=discard)
            except Exception:
                log.exception("a file was not closed cleanly")


class _News:
    """What a session says, from any thread: kept until the file is there, then passed on."""

    def __init__(self, files: OpenFiles) -> None:
        self._files = files
        self._file: OpenFile | None = None
        self._trouble = ""
        self._notes: list[str] = []

    def belong_to(self, file: OpenFile) -> None:
        """The file is open."""
        file.trouble, file.notes = self._trouble, self._notes
        self._file = file

    def trouble(self, sentence: str) -> None:
        """The journal cannot be written, or ("") can again."""
        self._trouble = sentence
        if self._file is not None:
            self._file.trouble = sentence
            self._files.on_news(self._file)

    def note(self, sentence: str) -> None:
        """Something that is worth a notice."""
        if not sentence:
            return
        self._notes.append(sentence)
        if self._file is not None:
            self._files.on_news(self._file)


def open_document(
    path: Path, on_trouble: Callable[[str], None], on_note: Callable[[str], None]
) -> tuple[Document, Session]:
    """Open a file with its journal, lock and marks.

    Raises:
        InputError: It cannot be opened.
    """
    from fttui.dataset.session import open_session

    session = open_session(path, on_trouble=on_trouble, on_note=on_note)
    return session.document, session
