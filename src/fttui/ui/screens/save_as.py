"""Saving under another name."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from fttui.core.text import safe
from fttui.ui.screens.dialogs import Confirm, Prompt

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.ui.app import FttuiApp


async def save_as(app: FttuiApp, document: Document) -> bool:
    """Ask for a name, and save ``document`` under it; a file that is there already is asked about first.

    Returns:
        Whether it was saved.

    Raises:
        InputError: It could not be written.
    """
    name = await app.push_screen_wait(Prompt("Save as", value=str(document.path)))
    if not name or not name.strip():
        return False
    path = Path(name.strip()).expanduser()
    is_there = path.exists() and path != document.path
    if is_there and not await app.push_screen_wait(
        Confirm("Overwrite the file?", f"{path} exists already.", yes="Overwrite it", cautious=True)
    ):
        return False
    with app.works.running(f"Saving {path.name}"):
        await asyncio.to_thread(document.save_as, path, overwrite=is_there)
    app.document_edited()
    app.notify(safe(f"Saved {document.path}."), timeout=3, markup=False)
    return True
