"""Bringing back what a crashed session left, and taking it away again where that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.errors import FttuiError
from fttui.core.text import one_line, safe
from fttui.ui.screens.dialogs import Prompt
from fttui.ui.screens.recover import RecoverDialog, RecoveredLine

if TYPE_CHECKING:
    from fttui.dataset.changes import RowChange
    from fttui.dataset.document import Document
    from fttui.dataset.journal.recovery import Recovery
    from fttui.ui.files_app import FilesApp
    from fttui.ui.open_files import OpenFile

MOST_SHOWN = 10
_LONGEST = 100_000
"""Bytes of a line that are looked at for a difference."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the dialog says about a file.

    Attributes:
        changes: How many rows differ from the file on disk.
        lines: The first of them.
    """

    changes: int
    lines: tuple[RecoveredLine, ...]


async def recover(app: FilesApp, file: OpenFile) -> None:
    """Ask about the unsaved edits of an earlier session of ``file``; nothing is lost until the person says so.

    Where they fit, they are brought back first, as steps that can be undone: so the person sees what it is about, and
    whatever happens in the meantime, the journal has them.
    """
    recovery = file.recovery
    if recovery is None:
        return
    app.show_file(file)
    try:
        if recovery.fits:
            await _keep_or_undo(app, file, recovery)
        else:
            await _save_elsewhere(app, file, recovery)
    except FttuiError as error:
        app.show_error(error)


async def _keep_or_undo(app: FilesApp, file: OpenFile, recovery: Recovery) -> None:
    document = file.document
    with app.works.running(f"Restoring {file.title}"):
        try:
            await asyncio.to_thread(recovery.restore)
        except FttuiError as error:  # what could be restored is there all the same
            app.show_error(error)
        found = await asyncio.to_thread(what_changed, document)
    app.document_edited()
    if not found.changes and file.recovery is not None:
        return
    dialog = RecoverDialog(file.title, recovery.steps, recovery.when, found.lines, found.changes, fits=True)
    if await app.push_screen_wait(dialog) == "discard":
        with app.works.running(f"Undoing in {file.title}"):
            await asyncio.to_thread(undo_all, document)
        app.document_edited()
        app.notify("The edits of the earlier session were undone; redo brings them back.", timeout=5, markup=False)


async def _save_elsewhere(app: FilesApp, file: OpenFile, recovery: Recovery) -> None:
    """The file changed since: its edits have no place in it, but their lines can be kept."""
    while True:
        dialog = RecoverDialog(file.title, recovery.steps, recovery.when, (), 0, fits=False)
        answer = await app.push_screen_wait(dialog)
        if answer == "discard":
            await asyncio.to_thread(recovery.discard)
            return
        if answer != "save":
            app.notify("The edits stay in the journal: the next start asks again.", timeout=5, markup=False)
            return
        name = await app.push_screen_wait(Prompt("Save the edited lines as", value=str(_beside(file.path))))
        name = (name or "").strip()
        if not name:
            continue
        path = Path(name).expanduser()
        try:
            lines = await asyncio.to_thread(recovery.save_lines, path)
        except FttuiError as error:
            app.show_error(error)
            continue
        await asyncio.to_thread(recovery.discard)
        app.notify(safe(f"Saved {lines:,} lines as {path}."), timeout=5, markup=False)
        return


def _beside(path: Path) -> Path:
    """A name that is free, beside the file."""
    number = 1
    while (free := path.with_name(f"{path.stem}-edits{'' if number == 1 else f'-{number}'}{path.suffix}")).exists():
        number += 1
    return free


def undo_all(document: Document) -> None:
    """Take back every step of this session. May take long: in a thread."""
    while document.can_undo:
        document.undo()


def what_changed(document: Document) -> Found:
    """How many rows differ from the file, and the first of them. Reads lines: in a thread."""
    document.build_index()
    changes = document.changes()
    return Found(len(changes), tuple(_lines(document, changes[:MOST_SHOWN])))


def _lines(document: Document, changes: Sequence[RowChange]) -> Iterator[RecoveredLine]:
    for change in changes:
        row, saved_row = change.row, change.saved_row
        before = document.saved_raw(saved_row) if saved_row is not None and change.kind != "moved" else b""
        after = document.raw(row) if row is not None and change.kind != "moved" else b""
        line = row if row is not None else saved_row
        yield RecoveredLine((line or 0) + 1, change.kind, *difference(_text(before), _text(after)))


def _text(line: bytes) -> str:
    return line[:_LONGEST].decode("utf-8", "replace")


def difference(before: str, after: str, *, around: int = 12, length: int = 300) -> tuple[str, str]:
    """Both texts as one safe line each, from shortly before the place where they begin to differ."""
    same = next((i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), None)
    start = max(0, (min(len(before), len(after)) if same is None else same) - around) if before and after else 0
    dots = "…" if start else ""
    old, new = (one_line(text[start : start + length], length) for text in (before, after))
    return (dots + old if before else "", dots + new if after else "")
