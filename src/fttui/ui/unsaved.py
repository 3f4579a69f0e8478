"""How many rows of a document differ from its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fttui.dataset.sources import FileSource

if TYPE_CHECKING:
    from fttui.dataset.document import Document


def unsaved_changes(document: Document) -> int:
    """Rows that were changed, added or deleted since the file was opened or saved; at least 1 when anything differs."""
    if not document.is_dirty:
        return 0
    snapshot = document.snapshot()
    files = {number: source for number, source in snapshot.sources.items() if isinstance(source, FileSource)}
    newest = max(files)
    kept = sum(piece.rows for piece in snapshot.pieces if piece.source == newest)
    return max(len(snapshot) - kept, len(files[newest].index) - kept, 1)
