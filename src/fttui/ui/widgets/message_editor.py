"""Editing a text in place, without changing a character that was not typed.

Textual's text widget splits a text as ``str.splitlines`` does and joins it with line feeds, which turns U+2028,
vertical tabs and others into line ends; a terminal would obey some more. A text with such characters is edited in
escaped mode: ``\\uXXXX`` stands for each of them, a doubled backslash for a backslash; `MessageEditor.value` undoes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Paste
from textual.geometry import Offset
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Selection

from fttui.core.text import escape_for_editing, needs_escaped_editing, one_line, unescape_edited
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.text_fields import TextEditor

WRAP_LIMIT: Final = 32 * 1024
"""Characters above which lines are not wrapped: a key in a wrapped line of 100 KB takes 0.14 s."""
EDIT_LIMIT: Final = 256 * 1024
"""Characters above which a text is only for ``$EDITOR``."""
_TYPED_S: Final = 0.04
_BESIDE_PROBLEM: Final = 2
"""Cells beside a problem: the border and a blank."""
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

    @dataclass
    class Split(Message):
        """The message should be parted before character ``at`` of ``value``, its text as it is now."""

        value: str
        at: int

    class Resized(Message):
        """The text fills another number of lines, is escaped now, or has or has no more a problem."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, MessageEditor.Resized)

    def __init__(self, text: str, *, can_split: bool = True) -> None:
        """``can_split``: it is the text of a message, which can be parted in two."""
        self._can_split = can_split
        self.is_escaped = needs_escaped_editing(text)
        shown = escape_for_editing(text) if self.is_escaped else text
        super().__init__(shown, compact=True, soft_wrap=len(shown) <= WRAP_LIMIT, highlight_cursor_line=False)
        self._original = text
        self.problem = ""
        """What is wrong with the text, until something is typed."""
        self._refused = ""
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

    @property
    def place(self) -> int:
        """The cursor's place in `value`, in characters."""
        row, column = self.cursor_location
        lines = [self.document.get_line(index) for index in range(row)]
        before = "\n".join([*lines, self.document.get_line(row)[:column]])
        return len(unescape_edited(before)) if self.is_escaped else len(before)

    def show_problem(self, line: int, column: int, sentence: str) -> None:
        """Say what is wrong over the text, and put the cursor there; line and column count in `value`, from 1."""
        row = max(0, min(line - 1, self.document.line_count - 1))
        column -= 1
        if self.is_escaped:
            meant = unescape_edited(self.document.get_line(row))
            column = len(escape_for_editing(meant[:column]))
        self.move_cursor((row, max(0, min(column, len(self.document.get_line(row))))), center=True)
        self.problem = one_line(sentence)
        self._refused = self.value
        self.post_message(self.Resized())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._can_split if action == "split" else super().check_action(action, parameters)

    def action_split(self) -> None:
        """Ask for the message to be parted at the cursor."""
        self.post_message(self.Split(self.value, self.place))

    def on_text_area_changed(self, message: TextArea.Changed) -> None:
        message.stop()
        if self.problem and self.value != self._refused:
            self.problem = ""
            self.post_message(self.Resized())
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
    EditorBox > #editor-problem { color: $issue-error; height: auto; max-height: 2; text-wrap: wrap; }
    EditorBox > MessageEditor { background: $surface; padding: 0 0 0 1; scrollbar-size-vertical: 1; }
    """

    def __init__(self, text: str, *, can_split: bool = True) -> None:
        super().__init__()
        self.editor = MessageEditor(text, can_split=can_split)
        self._width = 0

    def compose(self) -> ComposeResult:
        yield Static(_BANNER, id="editor-banner", markup=False)
        yield Static("", id="editor-problem", markup=False)
        yield self.editor

    def on_mount(self) -> None:
        self._say()

    @property
    def height_wanted(self) -> int:
        """Lines for what is said over the text and all of the text, with one to spare for typing on."""
        return self.editor.lines_needed + 1 + self._said

    @property
    def _said(self) -> int:
        """Lines over the text: a long problem takes two, so that what to do about it is not cut off."""
        problem = self._problem
        is_long = bool(self._width) and cell_len(problem) > self._width - _BESIDE_PROBLEM
        return int(self.editor.is_escaped) + int(bool(problem)) + int(is_long)

    @property
    def _problem(self) -> str:
        return f"✖ {self.editor.problem}" if self.editor.problem else ""

    def place(self, top: int, width: int, height: int) -> None:
        """Lie at line ``top`` of the pane, ``width`` cells wide and ``height`` lines high."""
        self._width = width
        self._say()
        self.styles.offset = Offset(0, top)
        self.styles.width = width
        self.styles.height = height
        self.editor.styles.height = max(1, height - self._said)

    def _say(self) -> None:
        self.query_one("#editor-banner").display = self.editor.is_escaped
        problem = self.query_one("#editor-problem", Static)
        problem.display = bool(self._problem)
        problem.update(Content(self._problem))
