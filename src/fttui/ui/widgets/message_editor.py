"""Editing a text in place, without changing a character that was not typed.

Textual's text widget splits a text as ``str.splitlines`` does and joins it with line feeds, which turns U+2028,
vertical tabs and others into line ends; a terminal would obey some more. A text with such characters is edited in
escaped mode: ``\\uXXXX`` stands for each of them, a doubled backslash for a backslash; `MessageEditor.value` undoes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Paste
from textual.geometry import Offset
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Selection

from fttui.core.text import escape_for_editing, needs_escaped_editing, unescape_edited
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.text_fields import TextEditor

WRAP_LIMIT: Final = 32 * 1024
"""Characters above which lines are not wrapped: a key in a wrapped line of 100 KB takes 0.14 s."""
EDIT_LIMIT: Final = 256 * 1024
"""Characters above which a text is only for ``$EDITOR``."""
_TYPED_S: Final = 0.04
_BANNER: Final = r"escaped: \uXXXX stands for a character that a terminal cannot show, \\ for one backslash"


def fits(text: str) -> bool:
    """Whether ``text`` is short enough to be edited in place."""
    return len(text) <= EDIT_LIMIT


class MessageEditor(TextEditor):
    """A text editor whose `value` is exactly what was put in, but for what was typed."""

    WHERE = "editor"
    BINDINGS = bindings_for("editor")

    @dataclass
    class Typed(Message):
        """The text changed; posted at most every 40 ms, with the newest text."""

        value: str

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MessageEditor.Typed)

    class Resized(Message):
        """The text fills another number of lines, or is escaped now."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MessageEditor.Resized)

    def __init__(self, text: str) -> None:
        self.is_escaped = needs_escaped_editing(text)
        shown = escape_for_editing(text) if self.is_escaped else text
        super().__init__(shown, compact=True, soft_wrap=len(shown) <= WRAP_LIMIT, highlight_cursor_line=False)
        self._original = text
        self._timer: Timer | None = None
        self._height = 0
        self._clipboard = ("", "")

    @property
    def value(self) -> str:
        """The text as it is meant; the very text given when nothing was typed."""
        text = str(self.text)
        return unescape_edited(text) if self.is_escaped else text

    @property
    def is_changed(self) -> bool:
        """Whether the text differs from the one given."""
        return self.value != self._original

    @property
    def lines_needed(self) -> int:
        """Lines of cells that the whole text fills at the present width."""
        return max(1, self.wrapped_document.height)

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        message.stop()
        if self._timer is None:
            self._timer = self.set_timer(_TYPED_S, self._tell)
        self._tell_height()

    def on_resize(self) -> None:
        self._tell_height()

    def _tell(self) -> None:
        self._timer = None
        self.post_message(self.Typed(self.value))

    def _tell_height(self) -> None:
        if self.lines_needed != self._height:
            self._height = self.lines_needed
            self.post_message(self.Resized())

    # --- the clipboard --------------------------------------------------------------------------------------------
    def on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        self._insert(event.text)

    def action_paste(self) -> None:
        """Insert what was cut or copied in the app."""
        shown, exact = self._clipboard
        self._insert(exact if shown and self.app.clipboard == shown else self.app.clipboard)

    def action_copy(self) -> None:
        """Copy the selected text, as it is meant."""
        if self.selected_text:
            self._copy(self.selected_text)

    def action_cut(self) -> None:
        """Cut the selected text, or the line."""
        if not self.selected_text:
            self.action_select_line()
        self._copy(self.selected_text)
        self.replace("", *self.selection, maintain_selection_offset=False)

    def _copy(self, shown: str) -> None:
        exact = unescape_edited(shown) if self.is_escaped else shown
        # a lone surrogate cannot be sent to a clipboard; within the editor the exact text comes back
        sent = exact.encode("utf-8", "replace").decode("utf-8")
        self._clipboard = (sent, exact)
        self.app.copy_to_clipboard(sent)

    def _insert(self, text: str) -> None:
        """Insert pasted text; terminals send line ends as carriage returns."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if needs_escaped_editing(text) and not self.is_escaped:
            self._become_escaped()
        self.replace(
            escape_for_editing(text) if self.is_escaped else text, *self.selection, maintain_selection_offset=False
        )

    def _become_escaped(self) -> None:
        """Go over to escaped mode; the cursor stays where it is, undoing begins anew."""

        def escaped(location: tuple[int, int]) -> tuple[int, int]:
            row, column = location
            return row, len(escape_for_editing(self.document.get_line(row)[:column]))

        start, end = (escaped(location) for location in self.selection)
        text = escape_for_editing(str(self.text))
        self.is_escaped = True
        self.load_text(text)
        self.selection = Selection(start, end)
        self.post_message(self.Resized())


class EditorBox(Vertical):
    """The editor with a banner over it when it is in escaped mode, laid over the pane at a given line."""

    DEFAULT_CSS = """
    EditorBox {
        position: absolute;
        layer: above;
        background: $surface;
        height: auto;
        border-left: outer $accent;
    }
    EditorBox > Static { height: 1; padding-left: 1; color: $issue-warn; text-overflow: ellipsis; text-wrap: nowrap; }
    EditorBox > MessageEditor { background: $surface; padding: 0 0 0 1; scrollbar-size-vertical: 1; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.editor = MessageEditor(text)

    def compose(self) -> ComposeResult:
        yield Static(_BANNER, markup=False)
        yield self.editor

    def on_mount(self) -> None:
        self.query_one(Static).display = self.editor.is_escaped

    @property
    def height_wanted(self) -> int:
        """Lines for the banner and all of the text, with one to spare for typing on."""
        return self.editor.lines_needed + 1 + int(self.editor.is_escaped)

    def place(self, top: int, width: int, height: int) -> None:
        """Lie at line ``top`` of the pane, ``width`` cells wide and ``height`` lines high."""
        banner = int(self.editor.is_escaped)
        self.query_one(Static).display = bool(banner)
        self.styles.offset = Offset(0, top)
        self.styles.width = width
        self.styles.height = height
        self.editor.styles.height = max(1, height - banner)
