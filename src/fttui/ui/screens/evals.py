"""Evals: how often a base and a tuned model give exactly the answer that the file has."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from fttui.core.text import one_line, safe
from fttui.evals.exact import Outcome, cells_of, run_exact
from fttui.ui.eval_text import (
    CELL_COLUMNS,
    FAILING_COLUMNS,
    TestRows,
    cell_row,
    failing_rows,
    price_sentence,
    sample_test_for,
    test_rows,
)
from fttui.ui.handover import ShowRow
from fttui.ui.keys import bindings_for
from fttui.ui.model_choice import default_pair
from fttui.ui.model_list import listed_models
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.screens.dialogs import Choice, Confirm
from fttui.ui.tasks import task
from fttui.ui.widgets.table_list import TableList

if TYPE_CHECKING:
    from fttui.ui.open_files import OpenFile

REDRAW_S = 0.1
EMPTY = "Nothing evaluated yet. n asks the base and the newest tuned model every row and counts exact matches."
NO_FILE = "No file is open: start fttui with a JSONL file of held-out examples to score models on it."
NO_FAILING = "No answer missed so far."
TRAINED_ON = "If a model was trained on these rows, a high rate shows memory; held-out rows show what was learnt."


class EvalsScreen(FttuiScreen):
    """A score for each model, and the rows that failed."""

    WHERE = "evals"
    HELP_TEXT = "Asks models the rows of a file, greedily, and counts the answers that match word for word."
    BINDINGS = bindings_for(WHERE)
    CSS_PATH = "evals.tcss"
    AUTO_FOCUS = "#evals-cells"

    def __init__(self) -> None:
        super().__init__()
        self._rows: TestRows | None = None
        self._asked: OpenFile | None = None
        self._models: tuple[str, ...] = ()
        self._outcomes: list[Outcome] = []
        self._state = ""
        self._is_dirty = False

    def body(self) -> ComposeResult:
        with Vertical(id="evals"):
            yield Static("Exact match", id="evals-headline", markup=False)
            yield Static(id="evals-remark", markup=False)
            yield TableList(CELL_COLUMNS, empty=NO_FILE if self.services.document is None else EMPTY, id="evals-cells")
            yield Static(id="evals-failing-title", markup=False)
            yield TableList(FAILING_COLUMNS, id="evals-failing")

    # --- a new run ---

    @task(group="new")
    async def action_new_run(self) -> None:
        found = await self._rows_to_ask()
        if found is None:
            return
        rows, file = found
        if not rows.cases:
            self.notify(f"{safe(rows.name)} has no row that is one question with one answer.", markup=False)
            return
        models = await self._models_to_ask()
        if not models:
            self.notify("There is no model to ask yet: the provider lists none.", markup=False)
            return
        if self.services.profile.costs_money and not await self._is_paid_for(rows, models):
            return
        self._rows, self._asked, self._models, self._outcomes = rows, file, models, []
        self._run()

    async def _rows_to_ask(self) -> tuple[TestRows, OpenFile | None] | None:
        """The rows of the file that is there to test with; where several come into question, the person says which."""
        files = self.services.files
        if files.active is None:
            self.notify(NO_FILE, markup=False)
            return None
        options: list[tuple[str, OpenFile | Path]] = [
            (f"{file.title}: {file.role}{', the file that is shown' if file is files.active else ''}", file)
            for file in self._by_use()
        ]
        held_out = await asyncio.to_thread(sample_test_for, files.active.path)
        if held_out is not None and files.find(held_out) is None:
            options.insert(0, (f"{held_out.name}: held-out rows", held_out))
        chosen: OpenFile | Path | None = options[0][1]
        if len(options) > 1:
            chosen = await self.app.push_screen_wait(Choice("Ask which rows?", options=options))
        if chosen is None:
            return None
        if isinstance(chosen, Path):
            from fttui.dataset.document import Document

            other = await asyncio.to_thread(Document.open, chosen)
            try:
                return await asyncio.to_thread(test_rows, other, is_open_file=False), None
            finally:
                other.close()
        return await asyncio.to_thread(test_rows, chosen.document, is_open_file=True), chosen

    def _by_use(self) -> list[OpenFile]:
        """The open files: those for testing first, then those for validation, then the one that is shown."""
        files = self.services.files
        order: dict[str, int] = {"test": 0, "validation": 1}
        return sorted(files, key=lambda file: (order.get(file.role, 2), file is not files.active))

    async def _models_to_ask(self) -> tuple[str, ...]:
        with self.app.works.running("Asking for the models") as work:
            models = await listed_models(self.services, lambda text: work.advance(0, detail=text))
        return tuple(model for model in default_pair(models, self.services.training_model) if model)

    async def _is_paid_for(self, rows: TestRows, models: tuple[str, ...]) -> bool:
        price = await asyncio.to_thread(price_sentence, models, rows.cases)
        profile = self.services.profile.name
        question = Confirm(
            f"Evaluate at {profile}?",
            f"This sends {len(rows.cases):,} questions of {rows.name} to {profile}, to each of {len(models)} models.",
            f"It costs {price}, and cannot be undone.",
            yes="Ask them",
            cautious=True,
        )
        is_agreed: bool | None = await self.app.push_screen_wait(question)
        return bool(is_agreed)

    @task(group="run")
    async def _run(self) -> None:
        rows = self._rows
        assert rows is not None, "a run begins with rows"
        self._state = "running"
        self._redraw()
        total = len(rows.cases) * len(self._models)
        try:
            with self.app.works.running("Evaluating", total=total, cancel=self.action_stop) as work:
                client = await self.services.client()
                async for outcome in run_exact(client, self._models, rows.cases):
                    self._outcomes.append(outcome)
                    work.advance(len(self._outcomes))
                    self._changed()
            self._state = "done"
        except BaseException:
            self._state = "stopped"
            raise
        finally:
            self._redraw()

    def action_stop(self) -> None:
        """Stop the run; what was done stays."""
        self.workers.cancel_group(self, "run")

    # --- what is shown ---

    def _changed(self) -> None:
        if not self._is_dirty:
            self._is_dirty = True
            self.set_timer(REDRAW_S, self._redraw)

    def _redraw(self) -> None:
        self._is_dirty = False
        rows = self._rows
        if rows is None or not self.is_attached:
            return
        done, total = len(self._outcomes), len(rows.cases) * len(self._models)
        state = "" if self._state == "done" else f" · {self._state} at {done:,} of {total:,}"
        self._say("#evals-headline", f"Exact match, greedy: {rows.sentence}{state}")
        is_held_out = self._asked is None or self._asked.role in ("test", "validation")
        remarks = [] if is_held_out else [TRAINED_ON]
        if len(self._models) == 1:
            remarks.append(f"Only {one_line(self._models[0], 80)} was asked: there is no tuned model yet.")
        self._say("#evals-remark", " ".join(remarks))
        cells = cells_of(self._models, self._outcomes)
        self.query_one("#evals-cells", TableList).set_rows([cell_row(cell) for cell in cells])
        self._say("#evals-failing-title", "Answers that missed")
        failing = failing_rows(self._outcomes, self._models)
        self.query_one("#evals-failing", TableList).set_rows(failing, empty=NO_FAILING)

    def _say(self, selector: str, text: str) -> None:
        self.query_one(selector, Static).update(Content(text))

    @on(TableList.Selected, "#evals-failing")
    async def _show_row(self, event: TableList.Selected) -> None:
        """Show a failing row of an open file in Examples."""
        event.stop()
        if self._asked is not None and self._asked in [*self.services.files]:
            self.app.show_file(self._asked)
            await self.app.go("examples", ShowRow(int(event.key.split(":", 1)[0])))
        else:
            self.notify("This row is in another file than those that are open.", timeout=4, markup=False)
