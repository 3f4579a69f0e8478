"""Textual's two text widgets with keys from the registry: use these, never the bare ones."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input, TextArea

from fttui.core.text import safe
from fttui.ui.keys import bindings_for


class TextEditor(TextArea, inherit_bindings=False):
    """A text of several lines. Its cursor does not blink, so that a screen at rest sends nothing."""

    WHERE: ClassVar[str] = "text"
    BINDINGS = bindings_for("text")
    DEFAULT_CSS = """
    TextEditor, TextEditor:focus { border: none; padding: 0 1; background: $surface; }
    TextEditor:focus { background: $panel; }
    """

    def on_mount(self) -> None:
        self.cursor_blink = False


class Field(Input, inherit_bindings=False):
    """A text of one line. Its cursor does not blink; what a terminal would obey is replaced by a visible sign."""

    WHERE: ClassVar[str] = "field"
    BINDINGS = bindings_for("field")
    DEFAULT_CSS = """
    Field, Field:focus { border: none; height: 1; padding: 0 1; background: $surface; }
    Field:focus { background: $panel; }
    """

    def on_mount(self) -> None:
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Called by Textual for whatever is set, typed or pasted."""
        return one_line_of(value)


def one_line_of(text: str) -> str:
    """The first line of ``text``, safe to show: a field has room for one."""
    return safe(text.partition("\n")[0])
