"""Reading the open file: its rows, the conversation of the row under the cursor, and finding text."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from fttui.core.errors import InputError
from fttui.core.text import safe
from fttui.dataset.document import Document
from fttui.ui.cards import Card, cards_of, heading_of
from fttui.ui.handover import Handover, ShowRow
from fttui.ui.messages import DocumentEdited
from fttui.ui.row_source import DocumentRows
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.screens.dialogs import Prompt
from fttui.ui.widgets.example_pane import ExamplePane
from fttui.ui.widgets.example_view import ExampleView
from fttui.ui.widgets.find_bar import FindBar
from fttui.ui.widgets.row_list import RowList, RowPane

NO_FILE = "No file is open. Leave with ctrl+q and start with fttui FILE.jsonl; fttui demo opens a sample."
NO_ROWS = "The file has no examples yet. i adds the first one; ctrl+s saves it."
_FOLLOW_S = 0.1


class ExamplesBrowser(FttuiScreen):
    """Rows on the left, the conversation on the right; one of the two on a narrow screen."""

    WHERE = "examples"
    CSS_PATH = "examples.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._shown: Document | None = None
        self._row = -1
        self._is_raw = False
        self._is_raw_for_now = False
        self._timer: Timer | None = None
        self._growth = (0, 0)

    def body(self) -> ComposeResult:
        with Horizontal(id="examples"):
            with Vertical(id="left"):
                yield RowPane(id="row-pane")
                yield FindBar(lambda: self.services.document, id="find")
            yield ExamplePane(id="example-pane")

    def on_mount(self) -> None:
        self._rows.focus()
        self._timer = self.set_interval(_FOLLOW_S, self._follow)
        self._open()

    # --- the parts ------------------------------------------------------------------------------------------------
    @property
    def _rows(self) -> RowList:
        return self.query_one(RowList)

    @property
    def _pane(self) -> ExamplePane:
        return self.query_one(ExamplePane)

    @property
    def _document(self) -> Document:
        document = self.services.document
        if document is None:
            raise InputError(NO_FILE)
        return document

    # --- showing --------------------------------------------------------------------------------------------------
    def _open(self) -> None:
        """Show the open document from its first row."""
        document = self.services.document
        self._shown = document
        self._rows.empty = NO_FILE if document is None else NO_ROWS
        self._rows.show(None if document is None else DocumentRows(document, self.services))
        self._show_row(0)

    def _follow(self) -> None:
        """Take over rows and counts that arrived since the last look."""
        document = self.services.document
        if document is not self._shown:
            self._open()
        if document is None:
            return
        totals = self.services.totals
        growth = (len(document), 0 if totals is None else totals.counted)
        if growth != self._growth:
            had_rows = self._rows.count > 0
            self._growth = growth
            self._rows.sync()
            if not had_rows:
                self._show_row(self._rows.cursor)
            elif 0 <= self._row < len(document):
                self._pane.set_heading(self._heading(self._row, self._pane.view.cards))

    def _show_row(self, row: int, *, keep_place: bool = False) -> None:
        """Show the conversation of ``row``."""
        document = self.services.document
        if document is None or row >= len(document):
            self._row = -1
            self._pane.show("", (), empty=NO_FILE if document is None else NO_ROWS)
            return
        self._row = row
        cards = cards_of(document.parsed(row), document.raw(row), as_raw=self._is_raw or self._is_raw_for_now)
        self._pane.show(self._heading(row, cards), cards, keep_place=keep_place)

    def _heading(self, row: int, cards: Sequence[Card]) -> str:
        document, totals = self._document, self.services.totals
        tokens = None if totals is None else totals.tokens_of(row)
        parts = [heading_of(row, cards, tokens), "changed" if document.is_changed(row) else ""]
        return " · ".join(part for part in (*parts, *document.parsed(row).warnings) if part)

    @on(RowList.Moved)
    def _row_moved(self, message: RowList.Moved) -> None:
        self.finish_draft()
        self._show_row(message.row)

    def document_edited(self, edit: DocumentEdited) -> None:
        """The document changed, here or on another screen."""
        if self.services.document is not self._shown:
            self._open()
            return
        self._rows.sync()
        if self._pane.editor is None:
            self._show_row(self._rows.cursor, keep_place=self._row == self._rows.cursor)

    def finish_draft(self) -> None:
        """Take what is being typed into the document; the app calls this too, before it saves."""

    def receive(self, handover: Handover) -> None:
        self.finish_draft()
        if isinstance(handover, ShowRow):
            self._rows.cursor = handover.row

    # --- panes ----------------------------------------------------------------------------------------------------
    @property
    def _is_narrow(self) -> bool:
        return self.has_class("-narrow")

    def _go_to(self, pane: RowList | ExampleView) -> None:
        """Give a pane the focus; on a narrow screen it takes the place of the other."""
        self.set_class(isinstance(pane, ExampleView), "-deep")
        if pane.display and not self._is_narrow:
            pane.focus()
        else:
            self.call_after_refresh(pane.focus)

    @on(RowList.Opened)
    def _enter(self) -> None:
        self._go_to(self._pane.view)

    def action_leave(self) -> None:
        self._go_to(self._rows)

    def action_other_pane(self) -> None:
        self._go_to(self._pane.view if self._rows.has_focus else self._rows)

    def action_step(self, step: int) -> None:
        self._rows.cursor += step

    def on_descendant_focus(self) -> None:
        """Whatever takes the focus from the editor, its text is kept."""
        editor = self._pane.editor
        if editor is not None and self.focused is not None and self.focused is not editor:
            self.finish_draft()
        if self.focused is self._pane.view:
            self.add_class("-deep")

    def action_raw(self) -> None:
        self._is_raw = not self._is_raw
        self._show_row(self._rows.cursor)

    def action_goto(self) -> None:
        def check(text: str) -> str:
            return "" if text.replace(",", "").strip().isdecimal() else "A line is a number from 1."

        def go(text: str | None) -> None:
            if text is not None:
                self._rows.cursor = int(text.replace(",", "")) - 1

        if self._rows.count > 0:
            self.app.push_screen(Prompt("Go to line", f"1 to {self._rows.count:,}", check=check), go)

    # --- finding --------------------------------------------------------------------------------------------------
    def action_find(self) -> None:
        self.remove_class("-deep")
        self.call_after_refresh(self.query_one(FindBar).open, self._rows.cursor)

    def action_find_back(self) -> None:
        self.query_one(FindBar).go_back()

    def action_find_next(self, step: int) -> None:
        bar = self.query_one(FindBar)
        if bar.sought:
            bar.search(self._rows.cursor + step, step)
        else:
            self.action_find()

    @on(FindBar.Found)
    def _found(self, message: FindBar.Found) -> None:
        self._rows.cursor = message.row

    @on(FindBar.Missed)
    def _missed(self, message: FindBar.Missed) -> None:
        self.notify(safe(f"Nothing in the file has “{message.text}”."), timeout=3, markup=False)

    @on(FindBar.Closed)
    def _find_closed(self) -> None:
        self._go_to(self._rows)
