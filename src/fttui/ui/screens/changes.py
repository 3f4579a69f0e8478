"""What is not saved yet: each changed example, and how it differs from the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fttui.core.errors import FttuiError
from fttui.core.text import one_line, safe
from fttui.dataset.document import Document
from fttui.ui.change_text import COLUMNS, MOST_SHOWN, lines_of, revert, summary, table_row
from fttui.ui.diffing import diff_lines
from fttui.ui.key_hints import hints
from fttui.ui.keymap import Keymap
from fttui.ui.keys import bindings_for
from fttui.ui.tasks import task
from fttui.ui.widgets.diff_view import DiffView
from fttui.ui.widgets.footer import KeyBar
from fttui.ui.widgets.table_list import TableList

if TYPE_CHECKING:
    from fttui.dataset.changes import RowChange

NOTHING = "Nothing is changed: the file on disk is what is shown."


class Outcome(NamedTuple):
    """What to do after the list was closed: go to a row, or save."""

    kind: Literal["go", "save"]
    row: int = 0


class ChangesScreen(ModalScreen[Outcome | None], inherit_bindings=False):
    """The list on the left (on top when narrow), the difference beside it.

    Args:
        document: The open file.
        row: The row whose change to stand on at first.
    """

    WHERE = "changes"
    HELP_TEXT = "All examples that differ from the file on disk. Lines with - are in the file, lines with + are new."
    BINDINGS = bindings_for(WHERE)
    DEFAULT_CSS = """
    ChangesScreen {
        background: $background;
        & > #changes-title { height: 1; padding: 0 1; color: $text-muted; }
        & > #changes { height: 1fr; }
        #changes-list { width: 2fr; }
        #changes-diff { width: 3fr; border-left: solid $border-blurred; }
        &.-narrow #changes { layout: vertical; }
        &.-narrow #changes-list { width: 1fr; height: 2fr; }
        &.-narrow #changes-diff { width: 1fr; height: 3fr; border-left: none; border-top: solid $border-blurred; }
    }
    """

    def __init__(self, document: Document, row: int | None = None) -> None:
        super().__init__()
        self._document = document
        self._row = row
        self._changes: list[RowChange] = []
        self._revision = -1

    def compose(self) -> ComposeResult:
        yield Static(id="changes-title", markup=False)
        with Horizontal(id="changes"):
            yield TableList(COLUMNS, empty="Looking for changes…", id="changes-list")
            with Vertical(id="changes-diff"):
                yield DiffView()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TableList).focus()
        keymap = getattr(self.app, "keymap", Keymap())
        names = ("changes.go", "changes.revert", "changes.other", "changes.save", "changes.close")
        self.query_one(KeyBar).show(hints(keymap, names))
        self._look()

    @task(group="look", thread=True)
    def _look(self) -> None:
        """Find the changes; of a big file in a moment."""
        revision = self._document.revision
        changes = self._document.changes()
        rows = [table_row(self._document, number, change) for number, change in enumerate(changes[:MOST_SHOWN])]
        self.app.call_from_thread(self._show, revision, changes, rows)

    def _show(self, revision: int, changes: list[RowChange], rows: list) -> None:  # type: ignore[type-arg]
        self._revision, self._changes = revision, changes
        more = f"; the first {MOST_SHOWN:,} are listed" if len(changes) > MOST_SHOWN else ""
        title = f"{self._document.title}: {summary(changes)} since it was saved{more}"
        self.query_one("#changes-title", Static).update(safe(title))
        table = self.query_one(TableList)
        table.set_rows(rows, empty=NOTHING)
        rows_shown = [change.row for change in changes[:MOST_SHOWN]]
        here = rows_shown.index(self._row) if self._row is not None and self._row in rows_shown else None
        if here is not None:
            table.move_to(str(here))
        self._show_difference()

    @property
    def _change(self) -> RowChange | None:
        key = self.query_one(TableList).key
        return None if key is None else self._changes[int(key)]

    @on(TableList.Highlighted)
    def _show_difference(self) -> None:
        change = self._change
        if change is None:
            self.query_one(DiffView).show(())
            return
        try:
            before, after = lines_of(self._document, change)
        except FttuiError as error:
            self.notify(safe(str(error)), severity="warning", markup=False)
            return
        self.query_one(DiffView).show(diff_lines(before, after))

    @on(TableList.Selected)
    def action_go(self) -> None:
        """Close, and go to the example."""
        change = self._change
        if change is not None and change.row is not None:
            self.dismiss(Outcome("go", change.row))
        elif change is not None:
            self.notify("This example is deleted: x brings it back.", markup=False, timeout=3)

    def action_revert(self) -> None:
        """Take one change back."""
        change = self._change
        if change is None or self._revision != self._document.revision:  # rows have other numbers than in the list
            return
        try:
            revert(self._document, change)
        except FttuiError as error:
            self.notify(safe(str(error)), severity="warning", markup=False)
            return
        self.notify(f"Taken back: {one_line(change.kind)} line. Undo brings it again.", markup=False, timeout=3)
        self._row = change.row
        self._look()

    def action_save(self) -> None:
        self.dismiss(Outcome("save"))

    def action_other(self) -> None:
        table, diff = self.query_one(TableList), self.query_one(DiffView)
        (diff if table.has_focus else table).focus()

    def action_close(self) -> None:
        self.dismiss(None)
