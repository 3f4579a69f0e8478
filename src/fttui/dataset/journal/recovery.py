"""What a crashed session left: its unsaved edits, made again or let go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fttui.core.atomic import write_atomic
from fttui.core.errors import InputError
from fttui.dataset.errors import name_of, reading_failed, saving_failed
from fttui.dataset.fingerprint import identity_of
from fttui.dataset.journal.format import Kind
from fttui.dataset.journal.ghost import ghost_at
from fttui.dataset.journal.left_lines import LeftLines
from fttui.dataset.journal.reading import LeftJournal
from fttui.dataset.journal.replaying import Replay, mark, marks_of
from fttui.dataset.reader import stamp_of
from fttui.dataset.sources import terminated

if TYPE_CHECKING:
    from fttui.dataset.session import Session

log = logging.getLogger(__name__)

_DAMAGED: Final = "The journal of unsaved edits of {} is damaged; what comes after its first {} could not be restored."


class Recovery:
    """The unsaved edits of an earlier session of a file. All its methods may take long, and belong in a thread.

    Attributes:
        steps: How many edits; each can be undone when they are restored.
        when: When the last was made, in Unix seconds.
    """

    def __init__(self, session: Session, journal: LeftJournal) -> None:
        """Made by `fttui.dataset.session.open_session`."""
        self._session = session
        self._journal = journal
        self._start = journal.start(identity_of(session.document.path))
        self.when = journal.when
        self.steps = journal.steps(self._first)

    @property
    def _first(self) -> int:
        return self._journal.start_of_unsaved() if self._start is None else self._start

    @property
    def fits(self) -> bool:
        """Whether the file is still the one that the edits were made in; if not, they can only be saved as lines."""
        return self._start is not None

    def restore(self) -> None:
        """Make the edits again, as steps that can be undone; the journal of this session has them then.

        Raises:
            InputError: The file was changed or edited since, or the journal can only be read in part: as much as could
                be restored is, and the journal is kept.
        """
        session, document = self._session, self._session.document
        start = self._journal.start(identity_of(document.path))
        if start is None:
            raise InputError(f"{name_of(document.path)} was changed by another program: the edits do not fit any more.")
        if document.is_dirty:
            raise InputError(f"{document.title} has unsaved edits already.", hint="Save or undo them first.")
        document.build_index()
        journal = session.journal
        if journal is not None:
            journal.begin_restoring()
        replay = Replay(session, self._journal, start)
        try:
            replay.run()
        except (ValueError, IndexError, OSError) as error:
            log.warning("%s: %s", self._journal.path, error)
            steps = "edit" if replay.steps == 1 else f"{replay.steps:,} edits"
            raise InputError(_DAMAGED.format(document.title, steps)) from error
        finally:
            is_safe = journal.end_restoring() if journal is not None else False
            session.recovery = None
        if is_safe:
            self._remove()  # its files of lines are this session's now

    def discard(self) -> None:
        """Let go of the edits. What was said about examples (tags, notes, reviewed) is no edit, and stays."""
        self.keep_marks()
        self._remove()
        if self._session.recovery is self:
            self._session.recovery = None

    def settle(self) -> None:
        """Let go of a journal without edits to ask about, as all were undone or saved; what it says of marks stays."""
        if self._session.document.is_indexed:
            self.discard()
        else:
            threading.Thread(target=self.discard, name="restore-marks", daemon=True).start()

    def keep_marks(self) -> None:
        """Say again what was said about the examples that are in the file."""
        if self._start is None:
            return
        self._session.document.build_index()
        try:
            for rows, change in marks_of(self._journal, self._start).marks_of_file():
                mark(self._session, rows, change)
        except (ValueError, IndexError, OSError) as error:
            log.warning("%s: %s", self._journal.path, error)

    def _remove(self) -> None:
        """The journal goes, and what only it needs; a damaged one is kept for whoever may read more of it."""
        path, journal = self._journal.path, self._session.journal
        with suppress(OSError):
            if self._journal.is_damaged:
                path.rename(path.with_suffix(".damaged"))
                return
            needed = journal.spools if journal is not None else frozenset()
            for name in self._journal.spool_names():
                if path.with_name(name) not in needed:
                    path.with_name(name).unlink(missing_ok=True)
            path.unlink(missing_ok=True)

    def save_lines(self, path: Path) -> int:
        """Write the lines that were edited or new to a file, in their order; how many.

        Raises:
            InputError: There is such a file, or it could not be written.
        """
        if stamp_of(path) is not None:
            raise InputError(f"{name_of(path)} exists already; nothing was saved.", hint="Choose another name.")
        ghost = ghost_at(self._journal, self._first)
        lines = LeftLines(self._journal)
        count = 0

        def chunks() -> Iterator[bytes]:
            nonlocal count
            for piece in ghost.table:
                if piece.source == ghost.base:
                    continue
                for line in lines.of(piece):
                    count += 1
                    yield terminated(line, b"\n")

        try:
            for frame in self._journal.frames(self._first):
                if frame.kind in (Kind.LINES, Kind.SPOOL):
                    lines.learn(frame)
                ghost.run(self._journal, [frame])
        except (ValueError, IndexError) as error:
            log.warning("%s is damaged: %s", self._journal.path, error)  # save what came before
        except OSError as error:
            raise reading_failed(self._journal.path, error) from error
        try:
            write_atomic(path, chunks())
        except OSError as error:
            raise saving_failed(path, error) from error
        return count
