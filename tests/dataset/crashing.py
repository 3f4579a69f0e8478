"""What the tests of journals share: a session that dies, and a comparison of what comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fttui.dataset.document import Document
from fttui.dataset.session import Session, open_session


def die(session: Session) -> None:
    """End a session as a kill does: the kernel closes its files, nothing else happens."""
    if session.journal is not None:
        session.journal._file.close()
        session.journal._is_closed = True
    if session.lock is not None:
        session.lock.release()


def state(session: Session) -> tuple[list[bytes], list[Any]]:
    """All lines, and the marks of each row."""
    document = session.document
    return list(document.lines()), [session.marks.of(row) for row in range(len(document))]


def reopened(path: Path) -> Session:
    """Open a file after a crash and restore what there is."""
    session = open_session(path)
    session.document.build_index()
    if session.recovery is not None:
        session.recovery.restore()
    session.marks.load()
    return session


def journal_folder(home: Path) -> Path:
    return home / "data" / "journal"


def while_saving(document: Document, action: Callable[[], object]) -> None:
    """Do something in the next save, after its rows were taken and before they are written."""
    original = document._write_snapshot

    def write(*args: Any) -> Any:
        document._write_snapshot = original  # type: ignore[method-assign]
        action()
        return original(*args)

    document._write_snapshot = write  # type: ignore[method-assign]


class Killed(BaseException):
    """Where a process would have been killed."""


def kill_after_rename(session: Session) -> None:
    """Die in the next save when the file is the new one and nobody knows yet."""
    assert session.journal is not None

    def saved() -> None:
        raise Killed

    session.journal.saved = saved  # type: ignore[method-assign]
