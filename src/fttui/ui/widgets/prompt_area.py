"""A small text box for a prompt, which gives back exactly what was put in."""

from __future__ import annotations

from fttui.core.text import escape_for_editing, needs_escaped_editing, unescape_edited
from fttui.ui.widgets.text_fields import TextEditor

_WRAP_LIMIT = 32_000
"""Characters above which lines are not wrapped: a wrapped line of 1 MB takes 1.6 s a key."""


class PromptArea(TextEditor):
    """A `TextEditor` that does not change its text.

    A plain one turns U+2028, vertical tabs and the like into line feeds. A text with such characters is edited with
    ``\\uXXXX`` in their place (`is_escaped`), and `prompt` undoes that.
    """

    DEFAULT_CSS = """
    PromptArea {
        height: 3;
        border: none;
        padding: 0 1;
        background: $surface;
        scrollbar-size-vertical: 1;
        &:focus { border: none; background: $surface-lighten-1; }
    }
    """

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, language=None, placeholder=placeholder, compact=True, tab_behavior="focus")
        self.is_escaped = False

    @property
    def prompt(self) -> str:
        """The text as it is meant."""
        return unescape_edited(self.text) if self.is_escaped else self.text

    @prompt.setter
    def prompt(self, text: str) -> None:
        self.is_escaped = needs_escaped_editing(text)
        shown = escape_for_editing(text) if self.is_escaped else text
        self.soft_wrap = len(shown) <= _WRAP_LIMIT
        self.load_text(shown)
        self.move_cursor(self.document.end)
