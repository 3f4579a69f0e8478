"""Messages that cross screens; a widget's own messages are nested in the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from fttui.ui.open_files import OpenFile


class DocumentEdited(Message):
    """The open file was edited, saved or opened. The app posts it to the active screen and to each that comes later.

    Attributes:
        revision: The document's revision.
        row: The one row that changed, or None when others moved or many changed.
    """

    bubble = False

    def __init__(self, revision: int, row: int | None) -> None:
        super().__init__()
        self.revision = revision
        self.row = row


class NumbersChanged(Message):
    """Counts, model, price or epochs changed: what shows them reads ``app.meter_numbers`` again."""

    bubble = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, NumbersChanged)


class WorkChanged(Message):
    """Long work began, moved on or ended: the status line reads ``app.works`` again."""

    bubble = False

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, WorkChanged)


class SessionNews(Message):
    """The journal or the marks of a file have something to say: ``file.trouble`` and ``file.notes``."""

    bubble = False

    def __init__(self, file: OpenFile) -> None:
        super().__init__()
        self.file = file
