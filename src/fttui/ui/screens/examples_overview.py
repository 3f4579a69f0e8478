"""What differs from the file, and changing many texts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.worker import get_current_worker

from fttui.ui.screens.examples_marking import examples
from fttui.ui.screens.examples_review import Reviewing
from fttui.ui.tasks import task

if TYPE_CHECKING:
    from fttui.dataset.replace import Replacement
    from fttui.dataset.rowset import RowSet
    from fttui.ui.screens.changes import Outcome


class Overview(Reviewing):
    """The list of changes, one example's difference, find and replace."""

    @dataclass
    class Replaced(Message):
        """Find and replace has ended."""

        rows: int
        hits: int
        skipped: int
        slow: int = 0

    def action_changes(self) -> None:
        """List all changes since the file was saved."""
        from fttui.ui.screens.changes import ChangesScreen

        if self.services.document is not None:
            self.finish_draft()
            self.app.push_screen(ChangesScreen(self._document), self._changes_closed)

    def action_diff(self) -> None:
        """Show how the example under the cursor differs from the saved one."""
        from fttui.ui.screens.changes import ChangesScreen

        row = self._rows.cursor_row
        if row < 0:
            return
        self.finish_draft()
        if self._document.is_changed(row):
            self.app.push_screen(ChangesScreen(self._document, row), self._changes_closed)
        else:
            self.notify("This example is as it was saved.", markup=False, timeout=3)

    def action_see_example(self) -> None:
        """Show the example under the cursor as its model sees it."""
        from fttui.tokens.models import rule_for
        from fttui.ui.screens.seen import SeenScreen

        row, file = self._rows.cursor_row, self.services.files.active
        if row < 0 or file is None:
            return
        self.finish_draft()
        rule = rule_for(self.services.model)
        self.app.push_screen(SeenScreen(self._document, row, rule, file.totals), self._seen_closed)

    def _seen_closed(self, row: int | None) -> None:
        if row is not None and row != self._rows.cursor_row:
            self._go_to_row(row)

    def _changes_closed(self, outcome: Outcome | None) -> None:
        self._sync()
        self._show_row(self._rows.cursor_row)
        self.app.document_edited(None)
        if outcome is not None and outcome.kind == "go":
            self._go_to_row(outcome.row)
        elif outcome is not None:
            self.app.action_save()

    # --- find and replace -----------------------------------------------------------------------------------------
    def action_replace(self) -> None:
        """Ask what to replace, in the marked examples or in those that are shown."""
        from fttui.ui.screens.replace import ReplaceScreen

        if self.services.document is None:
            return
        self.finish_draft()
        browse = self._browse
        rows: RowSet | None = None
        where = "in all examples"
        if browse.marked:
            rows, where = browse.marked, f"in the {len(browse.marked):,} marked examples"
        elif not browse.is_everything:
            rows = browse.shown
            where = f"in the {examples(len(rows))} shown"
        revision = self._document.revision

        def chosen(replacement: Replacement | None) -> None:
            if replacement is None:
                return
            if self._document.revision != revision and rows is not None:
                self.notify("The file was edited meanwhile: open find and replace again.", markup=False, timeout=4)
                return
            self.replace(replacement, rows)

        self.app.push_screen(ReplaceScreen(self._document, rows, where), chosen)

    @task(group="replace", thread=True)
    def replace(self, replacement: Replacement, rows: RowSet | None) -> None:
        """Replace, as one step; stopping it changes nothing."""
        from fttui.dataset.replace import replace_all

        worker = get_current_worker()
        document = self._document
        with self.app.works.running("Replacing", total=len(document), cancel=worker.cancel) as work:
            result = replace_all(
                document,
                replacement,
                rows,
                cancelled=lambda: worker.is_cancelled,
                on_progress=lambda done, total: work.advance(done, total=total),
            )
        if not result.is_cancelled:
            self.post_message(self.Replaced(len(result.rows), result.hits, result.skipped, result.slow))

    @on(Replaced)
    def _replaced(self, message: Replaced) -> None:
        message.stop()
        self._sync()
        self._show_row(self._rows.cursor_row, keep_place=True)
        self.refresh_bindings()
        self.app.document_edited(None)
        said = f"Replaced {message.hits:,} in {examples(message.rows)}; undo takes all of it back."
        if message.skipped:
            said += f" {examples(message.skipped)} with a key that is there twice stayed as they were."
        if message.slow:
            from fttui.ui.finding import left_out

            said += f" {left_out(message.slow)}"
        self.notify(said, markup=False, timeout=5)
