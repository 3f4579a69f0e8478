"""Saving the open file, and leaving without losing anything: what is asked and in which order."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fttui.core.text import one_line
from fttui.dataset.errors import FileChangedError
from fttui.ui.screens.dialogs import Answer, Question

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.ui.app import FttuiApp


async def save_document(app: FttuiApp, document: Document) -> bool:
    """Save in a thread; a file that another program changed in the meantime is asked about. Whether it was saved.

    Raises:
        InputError: It could not be written; the file on disk is as it was.
    """
    try:
        await _write(app, document, overwrite=False)
    except FileChangedError as error:
        answer = await app.push_screen_wait(_ask_about_other_file(str(error)))
        if answer == "elsewhere":
            from fttui.ui.screens.save_as import save_as

            return await save_as(app, document)
        if answer != "overwrite":
            return False
        await _write(app, document, overwrite=True)
    app.document_edited()
    app.notify(f"Saved {one_line(document.path.name, 60)}.", timeout=3, markup=False)
    return True


async def _write(app: FttuiApp, document: Document, *, overwrite: bool) -> None:
    with app.works.running(f"Saving {document.path.name}"):
        await asyncio.to_thread(document.save, overwrite=overwrite)


def _ask_about_other_file(sentence: str) -> Question[str]:
    """Overwrite what somebody else wrote, save elsewhere, or neither: "overwrite", "elsewhere", "back" or None."""
    return Question[str](
        "The file changed on disk",
        sentence,
        answers=(
            Answer("yes", "Overwrite it", "overwrite"),
            Answer("save", "Save elsewhere", "elsewhere"),
            Answer("no", "Back", "back"),
        ),
        focus="no",
    )


def ask_about_unsaved(document: Document, changes: int) -> Question[str]:
    """Save, discard or stay: the answer is "save", "discard", "stay" or None."""
    return Question[str](
        "Unsaved changes",
        f"{document.path.name} has {changes:,} unsaved change{'' if changes == 1 else 's'}.",
        answers=(
            Answer("save", "Save and quit", "save"),
            Answer("discard", "Discard and quit", "discard"),
            Answer("no", "Stay", "stay"),
        ),
    )
