"""The line in which one types which examples to see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from fttui.core.text import one_line
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.text_fields import Field

if TYPE_CHECKING:
    from fttui.ui.finding import Found

_TYPED_S: Final = 0.08
PLACEHOLDER: Final = "text  role:assistant  tokens:>500  tag:hard  changed:  -not  /regex/"


class QueryField(Field):
    """The field of the bar."""

    WHERE = "find"
    BINDINGS = bindings_for("find")


class QueryBar(Horizontal):
    """A field behind a slash, and how many rows it leaves; hidden while it filters nothing."""

    DEFAULT_CSS = """
    QueryBar {
        height: 1; display: none; background: $surface;
        & > Static { width: auto; padding: 0 1; color: $text-muted; }
        & > Static.-problem { color: $issue-error; }
        & > QueryField { width: 1fr; border: none; height: 1; padding: 0; background: $surface; }
    }
    """

    @dataclass
    class Typed(Message):
        """Another query was typed."""

        text: str

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, QueryBar.Typed)

    class Done(Message):
        """The person is done with typing: enter."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._note = ""
        self._timer: Timer | None = None
        self._typed = ""

    def compose(self) -> ComposeResult:
        yield Static("/", markup=False)
        yield QueryField(placeholder=PLACEHOLDER, compact=True)
        yield Static(id="query-count", markup=False)

    @property
    def value(self) -> str:
        """The query as typed."""
        return self.query_one(QueryField).value

    def open(self) -> None:
        """Show the bar with its text selected; it has the focus when this returns, so that no key goes astray."""
        self.display = True
        field = self.query_one(QueryField)
        field.action_select_all()
        self.screen.set_focus(field)

    def put(self, text: str) -> None:
        """Show another query that is in force already; an empty one hides the bar."""
        field = self.query_one(QueryField)
        self._typed = text
        with self.prevent(Input.Changed):
            field.value = text
        self.display = bool(text)
        if not text:
            self.say("")

    def show(self, found: Found | None) -> None:
        """Say how many rows were found, or what is wrong with the query."""
        if found is None:
            self.say("")
        elif found.problem:
            self.say(found.problem, is_problem=True)
        else:
            sought = "" if found.is_done else f" · {100 * found.searched // max(found.total, 1)}%"
            self._note = f" · {found.note}" if found.note else ""
            self.count(len(found.rows), found.total, sought)

    def count(self, shown: int, total: int, sought: str = "") -> None:
        """Say how many rows are shown: as many as were found, or fewer or more when they were edited since."""
        self.say(f"{shown:,} of {total:,}{sought}{self._note}")

    def say(self, text: str, *, is_problem: bool = False) -> None:
        """A word at the end of the line."""
        word = self.query_one("#query-count", Static)
        word.set_class(is_problem, "-problem")
        word.update(Content(one_line(text, 120)))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_TYPED_S, self._tell)

    def _tell(self) -> None:
        self._timer = None
        if self.value != self._typed:
            self._typed = self.value
            self.post_message(self.Typed(self._typed))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._tell()
        self.post_message(self.Done())
