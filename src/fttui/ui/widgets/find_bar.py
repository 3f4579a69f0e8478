"""The line in which one types what to find."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from fttui.ui.keys import bindings_for
from fttui.ui.widgets.text_fields import Field


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
    class Sought(Message):
        """The text to find changed while it is typed."""

        text: str

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, FindBar.Sought)

    class Done(Message):
        """Enter was pressed: stay at what was found."""

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False)
        yield FindField(compact=True)

    @property
    def text(self) -> str:
        """What is in the field."""
        return self.query_one(FindField).value

    def open(self, text: str = "") -> None:
        """Show the bar, with ``text`` in it, selected."""
        self.display = True
        field = self.query_one(FindField)
        with self.prevent(Input.Changed):
            field.value = text
        field.action_select_all()
        field.focus()

    def close(self) -> None:
        """Hide the bar."""
        self.display = False

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Sought(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Done())
