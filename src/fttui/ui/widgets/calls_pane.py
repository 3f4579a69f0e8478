"""The calls that are to pay for a training: the form, when it pays with a small chart, and what a daily load needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, Static

from fttui.core.text import one_line, safe
from fttui.ui.cost_inputs import FIELDS, ROWS, FieldOf
from fttui.ui.keys import bindings_for
from fttui.ui.plot.lines import Line
from fttui.ui.widgets.line_chart import LineChart
from fttui.ui.widgets.option import Option
from fttui.ui.widgets.text_fields import Field

FIRST = 6
"""Cells of the labels at the left, so that the first fields stand below each other."""
HINT = "a model, or dollars a million in/out: 0.15/0.60"


class Sentences(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Text that is read and scrolled."""

    WHERE: ClassVar[str] = "pane"
    BINDINGS = bindings_for("pane")
    DEFAULT_CSS = """
    Sentences { height: auto; padding: 0 1; scrollbar-size-vertical: 1; }
    Sentences Static { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._text = ""

    def compose(self) -> ComposeResult:
        yield Static(markup=False)

    def show(self, text: str) -> None:
        """Show this text; it is made safe here. The same text again costs nothing."""
        if text != self._text:
            self._text = text
            self.query_one(Static).update(Content(safe(text)))


class CallsPane(Vertical):
    """Reads nothing and computes nothing: the screen does, at every `Changed`."""

    DEFAULT_CSS = """
    CallsPane {
        height: 1fr;
        .calls--row { height: 1; padding: 0 1; }
        .calls--row Label { width: auto; padding-right: 1; color: $text-muted; }
        .calls--row Field { margin-right: 2; }
        .calls--problem { height: auto; max-height: 3; padding: 0 1; color: $issue-error; display: none; }
        .calls--problem.-shown { display: block; }
        #calls-results { height: 1fr; margin-top: 1; }
        #calls-pays { height: 1fr; }
        #calls-pays Sentences { max-height: 6; }
        #calls-pays LineChart { height: 1fr; min-height: 4; max-height: 16; padding: 0 1; }
        #calls-load { height: 1fr; }
        &.-load #calls-pays, &.-pays #calls-load { display: none; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._problems = ""
        self._lines: Sequence[Line] = ()
        self._placeholders: dict[str, str] = {}

    class Changed(Message):
        """Something else is in a field, or the batch option was turned."""

    def compose(self) -> ComposeResult:
        for row in ROWS:
            with Horizontal(classes="calls--row"):
                for field in row:
                    yield Label(field.label.ljust(FIRST) if field is row[0] else field.label)
                    yield self._field(field)
        with Horizontal(classes="calls--row"):
            yield Option("batch prices", id="calls-batch")
            yield Label(HINT)
        yield Static(classes="calls--problem", markup=False)
        with Horizontal(id="calls-results"):
            with Vertical(id="calls-pays"):
                yield Sentences(id="calls-pays-text")
                yield LineChart(empty="")
            yield Sentences(id="calls-load")

    @staticmethod
    def _field(field: FieldOf) -> Field:
        shown = Field(id=field.id, max_length=200, select_on_focus=True)
        shown.styles.width = field.width + 2  # one cell of padding on each side
        return shown

    # --- what the screen asks for ---

    def texts(self) -> dict[str, str]:
        """What is typed, by the fields' ids."""
        return {field.id: self.query_one(f"#{field.id}", Field).value for field in FIELDS}

    def text_of(self, field: FieldOf) -> str:
        """What is typed in one field."""
        return self.query_one(f"#{field.id}", Field).value.strip()

    @property
    def is_batch(self) -> bool:
        return self.query_one(Option).value

    def fill(self, field: FieldOf, text: str) -> None:
        """Put ``text`` into a field, as if typed."""
        self.query_one(f"#{field.id}", Field).value = text

    def toggle_batch(self) -> None:
        self.query_one(Option).action_toggle_button()

    # --- what it shows ---

    def show_defaults(self, placeholders: dict[str, str]) -> None:
        """What an empty field stands for, by the fields' ids."""
        for name, text in placeholders.items():
            if self._placeholders.get(name) != text:
                self.query_one(f"#{name}", Field).placeholder = one_line(text, 60)
        self._placeholders = placeholders

    def show_problems(self, text: str) -> None:
        """What cannot be used, or "" when all can."""
        if text == self._problems:
            return
        self._problems = text
        line = self.query_one(".calls--problem", Static)
        line.update(Content(safe(text)))
        line.set_class(bool(text), "-shown")

    def show_pays(self, text: str, lines: Sequence[Line] = ()) -> None:
        """When it pays, and the curves of what was spent after so many calls."""
        self.query_one("#calls-pays-text", Sentences).show(text)
        if lines != self._lines:
            self._lines = lines
            self.query_one(LineChart).show_lines(lines, x_name="calls")

    def show_load(self, text: str) -> None:
        """What a daily load needs."""
        self.query_one("#calls-load", Sentences).show(text)

    def focus_results(self) -> None:
        name = "#calls-load" if self.has_class("-load") else "#calls-pays-text"
        self.query_one(name, Sentences).focus()

    def focus_inputs(self) -> None:
        self.query_one(f"#{FIELDS[0].id}", Field).focus()

    # --- what happens in it ---

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def on_option_changed(self, event: Option.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.app.action_focus_next()
