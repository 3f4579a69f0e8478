"""Saving under another name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.text import safe
from fttui.ui.screens.dialogs import Confirm, Prompt

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.ui.files_app import FilesApp


async def save_as(app: FilesApp, document: Document, reason: str = "") -> bool:
    """Ask for a name, and save ``document`` under it; a file that is there already is asked about first.

    Args:
        reason: Why it needs another name, as a sentence.

    Returns:
        Whether it was saved.

    Raises:
        InputError: It could not be written.
    """
    path = await ask_for_path(app, "Save as", _proposed(document), reason, own=document.path)
    if path is None:
        return False
    from fttui.ui.saving import after_save, read_to_end

    if not await read_to_end(app, document):
        return False
    file = app.services.files.of(document)
    try:
        if file is not None:
            file.is_saving = True
        with app.works.running(f"Saving {path.name}"):
            await asyncio.to_thread(document.save_as, path, overwrite=path.exists() and path != document.path)
    finally:
        if file is not None:
            file.is_saving = False
    after_save(app, document)
    if file is not None:
        app.set_role(file, file.role)  # remembered under its new name
    app.notify(safe(f"Saved {document.path}."), timeout=3, markup=False)
    return True


async def ask_for_path(
    app: FilesApp, title: str, proposed: Path, reason: str = "", *, own: Path | None = None
) -> Path | None:
    """Ask where to write; a file that is there already is asked about. None when the person went back.

    Args:
        proposed: What the field begins with.
        reason: Why a name is needed, as a sentence.
        own: The one file that is not asked about.
    """
    name = await app.push_screen_wait(Prompt(title, *([reason] if reason else []), value=str(proposed)))
    if not name or not name.strip():
        return None
    path = Path(name.strip()).expanduser()
    question = Confirm("Overwrite the file?", f"{path} exists already.", yes="Overwrite it", cautious=True)
    if path.exists() and path != own and not await app.push_screen_wait(question):
        return None
    return path


def _proposed(document: Document) -> Path:
    """The file's own name, without the ending of what was unpacked."""
    path = document.path
    if not getattr(document, "needs_name", False):
        return path
    return path.with_suffix("") if path.suffix in (".gz", ".zst", ".bz2", ".xz") else path
