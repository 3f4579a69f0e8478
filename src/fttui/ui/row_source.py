"""The open document and its token counts, as the row list asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fttui.formats.chat import messages_of, preview_of
from fttui.ui.cards import decode_line, where_broken
from fttui.ui.services import Services
from fttui.ui.widgets.row_list import RowCells

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_PREVIEW = 400


class DocumentRows:
    """A `RowSource` over a document; the counts come from the services, as far as they are known."""

    def __init__(self, document: Document, services: Services) -> None:
        self._document = document
        self._services = services

    @property
    def revision(self) -> int:
        return self._document.revision

    def __len__(self) -> int:
        return len(self._document)

    def cells(self, row: int) -> RowCells:
        """Parses one line; the document keeps the last ones."""
        parsed = self._document.parsed(row)
        is_changed = self._document.is_changed(row)
        if parsed.error is not None:
            start = decode_line(self._document.raw(row)[:_PREVIEW])
            return RowCells(start, None, is_changed, where_broken(parsed))
        record = parsed.value
        assert isinstance(record, dict)
        messages = record.get("messages")
        turns = len(messages) if isinstance(messages, list) else len(messages_of(record))
        return RowCells(preview_of(record), turns, is_changed)

    def tokens(self, row: int) -> int | None:
        totals = self._services.totals
        return None if totals is None else totals.tokens_of(row)
