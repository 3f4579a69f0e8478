"""The line in which one types what to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static
from textual.worker import get_current_worker

from fttui.ui.keys import bindings_for
from fttui.ui.row_search import find_row
from fttui.ui.tasks import task
from fttui.ui.widgets.text_fields import Field

if TYPE_CHECKING:
    from fttui.dataset.document import Document


class FindField(Field):
    """The field of the bar; escape leaves it."""

    WHERE = "find"
    BINDINGS = bindings_for("find")


class FindBar(Horizontal):
    """A field behind a slash; hidden until `open`."""

    DEFAULT_CSS = """
    FindBar {
        height: 1; display: none; background: $surface;
        & > Static { width: 3; padding: 0 1; color: $text-muted; }
        & > FindField { width: 1fr; border: none; height: 1; padding: 0; background: $surface; }
    }
    """

    @dataclass
    class Found(Message):
        """This row has the text."""

        row: int

    @dataclass
    class Missed(Message):
        """No row has it."""

        text: str

    class Closed(Message):
        """The bar is hidden again."""

    def __init__(self, document: Callable[[], Document | None], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._document = document
        self._began = 0
        self.sought = ""
        """What was looked for last."""

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False)
        yield FindField(compact=True)

    def open(self, row: int) -> None:
        """Show the bar, with what was looked for last in it, selected; looking begins at ``row``."""
        self._began = row
        self.display = True
        field = self.query_one(FindField)
        with self.prevent(Input.Changed):
            field.value = self.sought
        field.action_select_all()
        field.focus()

    def go_back(self) -> None:
        """Hide the bar, and go back to the row where looking began."""
        self.workers.cancel_group(self, "find")
        self.post_message(self.Found(self._began))
        self._close()

    def _close(self) -> None:
        self.display = False
        self.post_message(self.Closed())

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.sought = event.value
        if event.value:
            self.search(self._began, 1)
        else:
            self.post_message(self.Found(self._began))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close()

    @task(group="find", thread=True)
    def search(self, start: int, step: int) -> None:
        """Look for `sought` from row ``start`` on, forwards or backwards; a newer search ends an older one."""
        document, text, worker = self._document(), self.sought, get_current_worker()
        if document is None or len(document) == 0:
            return
        row = find_row(document, text, start % len(document), step, cancelled=lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.Missed(text) if row is None else self.Found(row))
