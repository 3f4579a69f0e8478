"""Cost: what training on the file for it costs, model by model, and when calls of the tuned model have paid for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from fttui.core.errors import FttuiError, SettingsError
from fttui.core.text import safe
from fttui.ui.cost_inputs import BASE, TUNED, Defaults, Plan, read_plan
from fttui.ui.cost_pane_text import load_of, pays_of, placeholders
from fttui.ui.cost_table import COLUMNS, CallSize, FileSize, epochs_rule, rows_of, spread, validation_sentence
from fttui.ui.cost_text import model_text, problems_text
from fttui.ui.keys import bindings_for
from fttui.ui.plot.bars import frequencies
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.tasks import task
from fttui.ui.widgets.calls_pane import CallsPane
from fttui.ui.widgets.histogram import Histogram
from fttui.ui.widgets.money_bar import MoneyBar
from fttui.ui.widgets.table_list import TableList

if TYPE_CHECKING:
    from fttui.costs.rows import ModelPrice, ProviderBilling
    from fttui.tokens.live import LiveTotals
    from fttui.ui.open_files import OpenFile

NO_FILE = "No file is open: fttui FILE.jsonl opens one, and its price appears here."
COUNTING = "The tokens are being counted."


class CostScreen(FttuiScreen):
    """Models with their prices for the open file, and beside them one of three panes: tokens, break-even, load."""

    WHERE = "cost"
    HELP_TEXT = (
        "What one training on the open file costs on each model, and a thousand calls of it. The model of the meter is "
        "marked ●. b says when the training has paid, t whether a daily load fits."
    )
    BINDINGS = bindings_for(WHERE)
    CSS_PATH = "cost.tcss"
    AUTO_FOCUS = "#cost-models"

    def __init__(self, today: str = "") -> None:
        super().__init__()
        self._today = today
        self._prices: Sequence[ModelPrice] = ()
        self._model_text = ""
        self._drawn: tuple[object, ...] = ()
        """What the histogram is of, or will be in a moment."""

    def body(self) -> ComposeResult:
        with Vertical(id="cost"):
            yield MoneyBar(self.services.settings.cost, self.services.epochs, id="cost-money")
            with Container(id="cost-panes"):
                with Vertical(id="cost-left"):
                    yield TableList(COLUMNS, id="cost-models")
                    yield Static(id="cost-model", markup=False)
                with Vertical(id="cost-file"):
                    yield Static(id="epochs-rule", markup=False)
                    yield Static(id="spread", markup=False)
                    yield Histogram(empty=NO_FILE if self.services.document is None else COUNTING, id="histogram")
                yield CallsPane(id="cost-calls", classes="-pays")

    # --- what is priced ---

    @property
    def _file(self) -> OpenFile | None:
        """What is priced: the file for training, or else the one that is shown."""
        return self.services.training_file or self.services.files.active

    def _file_size(self) -> FileSize:
        totals = self._file.totals if self._file is not None else None
        if totals is None:
            return FileSize(0, 0, is_known=False)
        sums = totals.sums
        return FileSize(sums.examples, sums.billable, is_known=totals.progress >= 1)

    def _defaults(self, size: FileSize) -> Defaults:
        """What the open file says about a call: its mean prompt and answer, and what training on it costs."""
        from fttui.costs.prices import billing_of, local_price, price_for
        from fttui.costs.training import training_cost

        model = self.services.model
        totals = self._file.totals if self._file is not None else None
        if totals is None or not size.is_known or not size.examples:
            return Defaults(model)
        sums = totals.sums
        tuned = self.query_one(CallsPane).text_of(TUNED) or model
        price = local_price(tuned) if tuned == self._local_model else price_for(tuned)
        billing = billing_of(price.provider) if price is not None else None
        usd = training_cost(
            size.tokens,
            size.examples,
            self.services.epochs,
            price,
            validation=self._validation_tokens or 0,
            billing=billing,
        ).usd
        return Defaults(
            model,
            prompt=round((sums.tokens - sums.trainable) / sums.examples),
            completion=round(sums.trainable / sums.examples),
            training=None if usd is None else usd * self.services.settings.cost.rate,
        )

    @property
    def _validation_tokens(self) -> int | None:
        """Tokens of the file for validation; None without one, or before it is counted."""
        file = self.services.files.by_role("validation")
        totals = file.totals if file is not None else None
        return totals.sums.billable if totals is not None and totals.progress >= 1 else None

    @property
    def _local_model(self) -> str:
        return self.services.training_model if self.services.profile.is_local else "SmolLM2-135M"

    @property
    def _day(self) -> date:
        return date.fromisoformat(self._today or date.today().isoformat())

    # --- showing it ---

    def show_numbers(self) -> None:
        """The app calls this when counts, model or epochs changed."""
        super().show_numbers()
        if self.is_mounted:
            self._show()

    def on_mount(self) -> None:
        self._show()

    @task(group="show")
    async def _show(self) -> None:
        from fttui.costs.prices import all_prices

        try:
            self._prices = all_prices()
        except SettingsError as error:
            self._prices = ()
            self.query_one("#cost-models", TableList).set_rows((), empty=f"✖ {error}")
            return
        self._show_prices()
        self._show_rule(self._file_size())
        self._show_histogram()

    def _show_prices(self) -> None:
        """The table and the calls: cheap enough for every key in a field."""
        size = self._file_size()
        try:
            defaults = self._defaults(size)
            plan = self._plan(defaults)
        except FttuiError as error:
            self.query_one(CallsPane).show_problems(problems_text([str(error)]))
            return
        services = self.services
        rows = rows_of(
            self._prices,
            self._local_model,
            services.model,
            size,
            services.epochs,
            services.settings.cost,
            self._day.isoformat(),
            CallSize(*plan.prompts, plan.completion),
        )
        table = self.query_one("#cost-models", TableList)
        is_first = not table.rows
        if tuple(rows) != table.rows:
            table.set_rows(rows)
        if is_first:
            table.move_to(services.model)
        self._show_model()
        self._show_calls(plan, defaults)

    def _plan(self, defaults: Defaults) -> Plan:
        pane = self.query_one(CallsPane)
        return read_plan(pane.texts(), defaults, batch=pane.is_batch)

    def _show_calls(self, plan: Plan, defaults: Defaults) -> None:
        pane = self.query_one(CallsPane)
        cost = self.services.settings.cost
        pane.show_defaults(placeholders(defaults, cost))
        pane.show_problems(problems_text([*plan.problems.values()]))
        pane.show_pays(*pays_of(plan, cost))
        pane.show_load(load_of(plan, cost))

    def _show_model(self) -> None:
        """Where the prices of the model under the cursor are from."""
        from fttui.costs.prices import billing_of, local_price

        key = self.query_one("#cost-models", TableList).key
        if key is None:
            return
        price = next((price for price in self._prices if price.name == key), None) or local_price(key)
        try:
            text = model_text(price, billing_of(price.provider), self.services.settings.cost, self._day)
        except SettingsError as error:  # the file was changed since the table was read
            text = f"✖ {error}"
        if text != self._model_text:
            self._model_text = text
            self.query_one("#cost-model", Static).update(Content(safe(text)))

    def _billing(self, model: str) -> ProviderBilling:
        """How the provider of a model bills."""
        from fttui.costs.prices import billing_of, price_for

        price = price_for(model)
        return billing_of("local" if model == self._local_model else price.provider if price is not None else "openai")

    def _show_rule(self, size: FileSize) -> None:
        from fttui.templates.epochs import automatic_epochs

        rule = epochs_rule(size.examples, automatic_epochs(size.examples), self.services.epochs)
        file = self._file
        if file is not None and file is not self.services.files.active:
            rule = f"{file.title}, the file for training. {rule}"
        held_out = self.services.files.by_role("validation")
        if held_out is not None and held_out is not file:
            rule += "\n" + validation_sentence(
                held_out.title, self._validation_tokens, self._billing(self.services.model)
            )
        self.query_one("#epochs-rule", Static).update(Content(safe(rule)))

    def _show_histogram(self) -> None:
        """Draw the histogram again when there are new counts: most news are about something else."""
        file = self._file
        totals = file.totals if file is not None else None
        if file is None or totals is None or totals.progress < 1:
            return
        document = file.document
        # `is_complete` is asked last: it waits for counts that are being taken in while `counted` has them already
        state = (totals, document.revision, document.base, len(document), totals.counted, totals.is_complete)
        if state != self._drawn:
            self._drawn = state
            self._draw_histogram(totals)

    @task(group="histogram")
    async def _draw_histogram(self, totals: LiveTotals) -> None:
        """Sum up the counts of all rows, a million of them in a thread."""
        try:
            await self._sum_up(totals)
        except Exception:
            self._drawn = ()
            raise

    async def _sum_up(self, totals: LiveTotals) -> None:
        from fttui.tokens.totals import distribution

        counts = await asyncio.to_thread(totals.counts)
        frequency = await asyncio.to_thread(frequencies, counts)
        text = spread(await asyncio.to_thread(distribution, counts) if counts else None)
        self.query_one("#spread", Static).update(Content(text))
        self.query_one(Histogram).show_values(frequency, limit=totals.rule.limit, empty="There is no example to count.")

    # --- what was typed ---

    @on(MoneyBar.Changed)
    def _money_changed(self, event: MoneyBar.Changed) -> None:
        """Use another currency or number of epochs, on all screens, until the app is left."""
        event.stop()
        services = self.services
        cost = replace(services.settings.cost, currency=event.currency, rate=Decimal(event.rate))
        services.settings = replace(services.settings, cost=cost)
        services.epochs = event.epochs
        self.app.on_numbers_changed()

    @on(CallsPane.Changed)
    def _calls_changed(self, event: CallsPane.Changed) -> None:
        event.stop()
        self._show_prices()

    # --- models ---

    @on(TableList.Highlighted)
    def _model_highlighted(self, event: TableList.Highlighted) -> None:
        event.stop()
        self._show_model()

    @on(TableList.Selected)
    def _selected(self, event: TableList.Selected) -> None:
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Count and price with the model under the cursor from now on."""
        model = self.query_one("#cost-models", TableList).key
        price = next((price for price in self._prices if price.name == model), None)
        if price is not None and not price.is_tunable:
            self.notify(f"{safe(price.name)} cannot be tuned: v compares with it.", timeout=4, markup=False)
        elif model is not None and model != self.services.model:
            self.app.model_chosen(model, self.services.epochs)
            self._show()

    def action_compare(self) -> None:
        """Take the model under the cursor as the one that calls go to now, and show when a tuned one pays."""
        model = self.query_one("#cost-models", TableList).key
        if model is not None:
            self.query_one(CallsPane).fill(BASE, model)
            self.action_break_even()

    # --- panes ---

    def action_tokens(self) -> None:
        """Show the histogram."""
        self._show_pane("-tokens")

    def action_break_even(self) -> None:
        """Show when the training has paid."""
        self._show_pane("-pays")

    def action_load(self) -> None:
        """Show what a daily load needs."""
        self._show_pane("-load")

    def action_inputs(self) -> None:
        """Fill in the calls."""
        panes = self.query_one("#cost")
        if not (panes.has_class("-pays") or panes.has_class("-load")):
            self._show_pane("-pays")
        self.query_one(CallsPane).focus_inputs()

    def action_money(self) -> None:
        """Set the currency."""
        self.query_one("#currency").focus()

    def action_toggle_batch(self) -> None:
        """Compare at batch prices, or not."""
        self.query_one(CallsPane).toggle_batch()

    def action_back(self) -> None:
        """Leave the field; from a pane, go back to the models."""
        calls = self.query_one(CallsPane)
        if isinstance(self.focused, Input) and calls.display:
            calls.focus_results()
        else:
            self._show_pane("")

    def _show_pane(self, name: str) -> None:
        """Show the pane of the class ``name``, or the models first when it is ""."""
        outer, calls = self.query_one("#cost"), self.query_one(CallsPane)
        for pane in ("-tokens", "-pays", "-load"):
            outer.set_class(pane == name, pane)
        if name in ("-pays", "-load"):
            calls.set_class(name == "-pays", "-pays").set_class(name == "-load", "-load")
            calls.focus_results()
        else:
            self.query_one("#cost-models").focus()
