"""Cost: what training on the file for it costs, model by model, and how long its examples are."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from fttui.core.text import safe
from fttui.ui.cost_table import COLUMNS, FileSize, epochs_rule, rows_of, spread
from fttui.ui.keys import bindings_for
from fttui.ui.plot.bars import frequencies
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.tasks import task
from fttui.ui.widgets.histogram import Histogram
from fttui.ui.widgets.table_list import TableList

if TYPE_CHECKING:
    from fttui.ui.open_files import OpenFile

NO_FILE = "No file is open: fttui FILE.jsonl opens one, and its price appears here."
COUNTING = "The tokens are being counted."


class CostScreen(FttuiScreen):
    """Models with their prices for the open file, and a histogram of the tokens of its examples."""

    WHERE = "cost"
    HELP_TEXT = "What one training on the open file costs on each model. The model of the meter is marked ●."
    BINDINGS = bindings_for(WHERE)
    CSS_PATH = "cost.tcss"
    AUTO_FOCUS = "#cost-models"

    def __init__(self, today: str = "") -> None:
        super().__init__()
        self._today = today

    def body(self) -> ComposeResult:
        with Vertical(id="cost"):
            yield TableList(COLUMNS, id="cost-models")
            with Vertical(id="cost-file"):
                yield Static(id="epochs-rule", markup=False)
                yield Static(id="spread", markup=False)
                yield Histogram(empty=NO_FILE if self.services.document is None else COUNTING, id="histogram")

    @property
    def _file(self) -> OpenFile | None:
        """What is priced: the file for training, or else the one that is shown."""
        return self.services.training_file or self.services.files.active

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

        services = self.services
        size = self._file_size()
        rows = rows_of(
            all_prices(),
            services.training_model if services.profile.is_local else "SmolLM2-135M",
            services.model,
            size,
            services.epochs,
            services.settings.cost,
            self._today or date.today().isoformat(),
        )
        table = self.query_one(TableList)
        is_first = not table.rows
        table.set_rows(rows)
        if is_first:
            table.move_to(services.model)
        self._show_rule(size)
        await self._show_histogram()

    def _file_size(self) -> FileSize:
        totals = self._file.totals if self._file is not None else None
        if totals is None:
            return FileSize(0, 0, is_known=False)
        sums = totals.sums
        return FileSize(sums.examples, sums.billable, is_known=totals.progress >= 1)

    def _show_rule(self, size: FileSize) -> None:
        from fttui.templates.epochs import automatic_epochs

        rule = epochs_rule(size.examples, automatic_epochs(size.examples), self.services.epochs)
        file = self._file
        if file is not None and file is not self.services.files.active:
            rule = f"{file.title}, the file for training. {rule}"
        self.query_one("#epochs-rule", Static).update(Content(safe(rule)))

    async def _show_histogram(self) -> None:
        """Draw the histogram again when there are new counts; a million of them are summed up in a thread."""
        totals = self._file.totals if self._file is not None else None
        if totals is None or totals.progress < 1:
            return
        counts = await asyncio.to_thread(totals.counts)
        from fttui.tokens.totals import distribution

        frequency = await asyncio.to_thread(frequencies, counts)
        text = spread(await asyncio.to_thread(distribution, counts) if counts else None)
        self.query_one("#spread", Static).update(Content(text))
        self.query_one(Histogram).show_values(frequency, limit=totals.rule.limit, empty="There is no example to count.")

    @on(TableList.Selected)
    def _selected(self, event: TableList.Selected) -> None:
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Count and price with the model under the cursor from now on."""
        model = self.query_one(TableList).key
        if model is not None and model != self.services.model:
            self.app.model_chosen(model)
            self._show()
