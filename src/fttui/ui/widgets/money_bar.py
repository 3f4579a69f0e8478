"""The currency, its rate and the epochs: one line above the prices, read at every key."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Label, Static

from fttui.core.errors import InputError
from fttui.core.settings import CostSettings
from fttui.core.text import safe
from fttui.ui.cost_inputs import DOLLAR, read_currency, read_epochs, read_rate
from fttui.ui.widgets.text_fields import Field


class MoneyBar(Horizontal):
    """Three fields, and a sentence about what cannot be used."""

    DEFAULT_CSS = """
    MoneyBar {
        height: 1;
        padding: 0 1;
        & Label { width: auto; color: $text-muted; padding: 0 1 0 0; }
        & Field { margin: 0 2 0 0; }
        #currency { width: 7; }
        #rate { width: 12; }
        #epochs { width: 8; }
        #money-problem { width: 1fr; height: 1; color: $issue-error; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    @dataclass
    class Changed(Message):
        """Another currency, rate or number of epochs is to be used."""

        currency: str
        rate: Decimal
        epochs: int | None

    def __init__(self, cost: CostSettings, epochs: int | None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._cost = cost
        self._epochs = epochs

    def compose(self) -> ComposeResult:
        cost = self._cost
        rate = "" if cost.currency == DOLLAR else f"{cost.rate:f}"
        yield Label("currency")
        yield Field(cost.currency, id="currency", max_length=3, select_on_focus=True)
        yield Label("for $1")
        yield Field(rate, id="rate", max_length=20, placeholder="1", select_on_focus=True)
        yield Label("epochs")
        yield Field(str(self._epochs or "auto"), id="epochs", max_length=5, select_on_focus=True)
        yield Static(id="money-problem", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._read()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.app.action_focus_next()

    def _read(self) -> None:
        """Take what is typed when all of it can be used; say what cannot."""
        try:
            currency = read_currency(self._text("currency"))
            rate = read_rate(currency, self._text("rate"))
            epochs = read_epochs(self._text("epochs"))
        except InputError as error:
            self._say(str(error))
            return
        self._say("")
        self.post_message(self.Changed(currency, rate, epochs))

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Field).value

    def _say(self, sentence: str) -> None:
        self.query_one("#money-problem", Static).update(Content(safe(f"✖ {sentence}" if sentence else "")))
