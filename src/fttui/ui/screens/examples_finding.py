"""Which examples are shown and in which order: the query, sorting, columns, and leaps to what needs a look."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.worker import get_current_worker

from fttui.core.errors import InputError
from fttui.core.text import one_line
from fttui.ui.query_columns import SORTABLE, columns_of
from fttui.ui.row_columns_store import keep_columns
from fttui.ui.screens.examples_browser import ExamplesBrowser
from fttui.ui.tasks import task
from fttui.ui.widgets.query_bar import QueryBar
from fttui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Callable

    from fttui.dataset.document import Document
    from fttui.dataset.rowset import RowSet
    from fttui.ui.finding import Found
    from fttui.ui.messages import DocumentEdited
    from fttui.ui.widgets.row_columns import RowColumns

_IN_FILE = "in the order of the file"


class Finding(ExamplesBrowser):
    """Filtering and sorting what `ExamplesBrowser` shows."""

    @dataclass
    class News(Message):
        """The search for the query got further."""

        document: Document
        found: Found

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Finding.News)

    @dataclass
    class Sorted(Message):
        """The rows in their new order."""

        document: Document
        query: str
        column: str
        descending: bool
        revision: int
        rows: array[int]

    def __init__(self) -> None:
        super().__init__()
        self._began = 0
        self._searched_base = 0
        """The number of the saved file when the search began: reading the file anew gives it another."""

    @property
    def _bar(self) -> QueryBar:
        return self.query_one(QueryBar)

    def _open(self) -> None:
        super()._open()
        document = self.services.document
        if document is not None:
            self._searched_base = document.base
            self._bar.put(self._browse.query)

    # --- the query ------------------------------------------------------------------------------------------------
    def action_find(self) -> None:
        if self.services.document is None:
            return
        self._began = self._rows.cursor_row
        if self._is_narrow and self.has_class("-deep"):
            self.remove_class("-deep")
            self.call_after_refresh(self._bar.open)
        else:
            self._bar.open()
        self._get_ready(len(self._document))

    @task(group="ready", thread=True)
    def _get_ready(self, rows: int) -> None:
        from fttui.ui.finding import get_ready

        get_ready(rows)

    @on(QueryBar.Typed)
    def _typed_query(self, message: QueryBar.Typed) -> None:
        self.finish_draft()
        if message.text.strip():
            self.search(message.text)
        else:
            self._show_all()

    @task(group="search", thread=True)
    def search(self, text: str) -> None:
        """Find the rows of a query; a newer query ends an older one."""
        from fttui.ui.finding import find

        worker = get_current_worker()
        document = self._document
        columns = columns_of(document, self._marks, self.services.totals, self.services.checks)
        self._searched_base = document.base
        with self.app.works.running("Searching", cancel=worker.cancel):
            for found in find(document, columns, text, cancelled=lambda: worker.is_cancelled):
                self.post_message(self.News(document, found))

    @on(News)
    def _show_found(self, message: News) -> None:
        message.stop()
        found = message.found
        if found.text != self._bar.value or self.services.document is not message.document:
            return
        self._bar.show(found)
        if found.problem:
            return
        if message.document.revision != found.revision:  # edited since: the rows have other numbers now
            if found.is_done:
                self.search(found.text)
            return
        browse = self._browse
        is_first = browse.query != found.text
        browse.follow()
        browse.show_found(found.text, found.rows)
        self._show_view(self._began if is_first or self._bar_has_focus else self._rows.cursor_row)

    @property
    def _bar_has_focus(self) -> bool:
        return self.focused is not None and self._bar in self.focused.ancestors

    def _follow(self) -> None:
        super()._follow()
        document = self.services.document
        if document is not None and self._browse.query and document.base != self._searched_base:
            self.search(self._browse.query)

    def document_edited(self, edit: DocumentEdited) -> None:
        super().document_edited(edit)
        document = self.services.document
        if document is not None and self._browse.query and self._bar.value == self._browse.query:
            self._bar.count(len(self._browse.view), len(document))

    @on(QueryBar.Done)
    def action_find_done(self) -> None:
        """Keep what was found, and go to the rows."""
        if not self._bar.value.strip():
            self._bar.put("")
            self._bar.display = False
        self._go_to(self._rows)

    def action_find_back(self) -> None:
        """Show all rows again, where the search began."""
        self._show_all(self._began)
        self._go_to(self._rows)
        self._bar.put("")
        self._bar.display = False

    def _show_all(self, row: int | None = None) -> None:
        """Show all rows, in the order of the file."""
        self.workers.cancel_group(self, "search")
        browse = self._browse
        here = self._rows.cursor_row if row is None else row
        browse.follow()
        browse.show_everything()
        self._bar.say("")
        self._show_view(max(0, here))

    def action_back(self) -> None:
        """Take the marks away; then show all examples."""
        browse = self._browse
        if browse.clear_marks():
            self._rows.sync()
            self._show_note()
        elif not browse.is_everything:
            self._show_all()
            self._bar.put("")
            self._bar.display = False

    # --- the order ------------------------------------------------------------------------------------------------
    def action_sort(self) -> None:
        """Ask for a column; choosing the same again turns the order round."""
        if self.services.document is None:
            return
        from fttui.ui.screens.dialogs import Choice

        self._get_ready(len(self._document))
        now = self._browse.sorted_by
        options = [(_IN_FILE, "")]
        for name, label in SORTABLE.items():
            turned = f"{label}, {'smallest' if now[1] else 'greatest'} first" if now and now[0] == name else label
            options.append((turned, name))
        self.app.push_screen(Choice("Sort by", options=options, current=now[0] if now else ""), self._sort_chosen)

    def _sort_chosen(self, name: str | None) -> None:
        if name is None:
            return
        browse = self._browse
        if not name:
            self._unsort()
            return
        descending = browse.sorted_by == (name, False)
        self.sort(name, descending, browse.shown if browse.query else None, browse.query)

    def _unsort(self) -> None:
        browse, row = self._browse, self._rows.cursor_row
        if browse.query:
            browse.show_found(browse.query, browse.shown)
        else:
            browse.show_everything()
        self._show_view(row)

    @task(group="sort", thread=True)
    def sort(self, name: str, descending: bool, within: RowSet | None, query: str) -> None:
        """Put the rows that ``query`` left in another order."""
        from fttui.dataset.sorting import sort_rows

        worker = get_current_worker()
        document = self._document
        revision = document.revision
        column = columns_of(document, self._marks, self.services.totals, self.services.checks).get(name)
        if column is None:  # the counting has not begun
            raise InputError(f"Nothing is known about {SORTABLE[name]} yet.", hint="Sort again in a moment.")
        with self.app.works.running(f"Sorting by {SORTABLE[name]}", cancel=worker.cancel):
            rows = sort_rows(
                document, column, within=within, descending=descending, cancelled=lambda: worker.is_cancelled
            )
        if not worker.is_cancelled:
            self.post_message(self.Sorted(document, query, name, descending, revision, rows))

    @on(Sorted)
    def _show_sorted(self, message: Sorted) -> None:
        message.stop()
        if self.services.document is not message.document:
            return
        if message.revision != message.document.revision:
            self.notify("The file was edited meanwhile: sort again.", markup=False, timeout=3)
            return
        row = self._rows.cursor_row
        if self._browse.query != message.query:  # another query was typed meanwhile: its rows are shown
            return
        self._browse.follow()
        self._browse.show_sorted(message.column, message.descending, message.rows)
        self._show_view(row)

    def action_columns(self) -> None:
        """Choose the columns of the list."""
        from fttui.ui.screens.columns import ColumnsDialog

        self.app.push_screen(ColumnsDialog(self._rows.columns), self._columns_chosen)

    def _columns_chosen(self, chosen: RowColumns | None) -> None:
        if chosen is not None:
            self._rows.columns = chosen
            keep_columns(chosen)

    # --- leaps ----------------------------------------------------------------------------------------------------
    def action_next_of(self, what: str, step: int) -> None:
        """Go to the next or previous row with an issue, a change, or without a review."""
        if self.services.document is None:
            return
        from fttui.ui.row_sets import changed_rows, unreviewed_rows

        document = self._document
        look: dict[str, Callable[[], RowSet]] = {
            "issue": self._rows_with_issues,
            "changed": partial(changed_rows, document),
            "unreviewed": partial(unreviewed_rows, document, self._marks),
        }
        self._leap(what, self._browse.next_in(look[what](), self._rows.cursor, step))

    def _leap(self, what: str, row: int | None) -> None:
        """Go to the row that was found, or say that there is none."""
        if row is None:
            there = "in what is shown" if not self._browse.is_everything else "in the file"
            words = {"issue": "No issue", "changed": "No changed example", "unreviewed": "No unreviewed example"}
            self.notify(f"{one_line(words[what])} {there}.", markup=False, timeout=3)
        else:
            self._rows.go_to_row(row)

    def _rows_with_issues(self) -> RowSet:
        """Rows that need a look: those that are no examples."""
        from fttui.ui.row_sets import broken_rows

        return broken_rows(self._document, self.services.totals)

    @on(RowList.Moved)
    def _extend_range(self, message: RowList.Moved) -> None:
        if self.services.document is not None and self._browse.is_marking_range:
            self._browse.extend_range(message.row)
            self._rows.sync()
