"""Reading the open file: its rows, and the conversation of the row under the cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import one_line, safe
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.ui.browse import Browse
from fttui.ui.cards import Card, cards_of, heading_of
from fttui.ui.handover import Handover, ShowRow
from fttui.ui.messages import DocumentEdited
from fttui.ui.query_columns import SORTABLE
from fttui.ui.row_columns_store import load_columns
from fttui.ui.row_source import DocumentRows, Order
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.widgets.example_pane import ExamplePane
from fttui.ui.widgets.example_view import ExampleView
from fttui.ui.widgets.query_bar import QueryBar
from fttui.ui.widgets.row_header import SortedBy
from fttui.ui.widgets.row_list import RowList, RowPane

NO_FILE = "No file is open. Leave with ctrl+q and start with fttui FILE.jsonl; fttui demo opens a sample."
NO_ROWS = "The file has no examples yet. n adds the first one; ctrl+s saves it."
NONE_FOUND = "No example is found. esc shows all."
_FOLLOW_S = 0.1


class _Panes(Horizontal):
    BLANK = True  # nothing of its own is ever seen


class _Left(Vertical):
    BLANK = True


class ExamplesBrowser(FttuiScreen):
    """Rows on the left, the conversation on the right; one of the two on a narrow screen."""

    WHERE = "examples"
    AUTO_FOCUS = "RowList"
    DEFAULT_CSS = """
    ExamplesBrowser {
        #examples { height: 1fr; }
        #left { width: 2fr; min-width: 40; }
        #row-note { height: 1; padding: 0 1; background: $surface; color: $primary; display: none; }
        #example-pane { width: 3fr; border-left: solid $border-blurred; }

        &.-narrow #left { width: 1fr; }
        &.-narrow #example-pane { width: 1fr; border-left: none; display: none; }
        &.-narrow.-deep #left { display: none; }
        &.-narrow IssueStrip { height: 3; }
        &.-narrow.-deep #example-pane { display: block; }

        &.-reviewing #left { display: none; }
        &.-reviewing #example-pane, &.-reviewing.-narrow.-deep #example-pane { display: none; }
        &.-reviewing ReviewPane { display: block; width: 1fr; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown: Document | None = None
        self._row = -1
        self._is_raw = False
        self._is_raw_for_now = False
        self._timer: Timer | None = None
        self._growth: tuple[int, ...] = ()

    def body(self) -> ComposeResult:
        with _Panes(id="examples"):
            with _Left(id="left"):
                yield QueryBar(id="find")
                yield Static(id="row-note", markup=False)
                yield RowPane(columns=load_columns(), id="row-pane")
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
        return self.query_one("#example-pane", ExamplePane)

    @property
    def _document(self) -> Document:
        document = self.services.document
        if document is None:
            raise InputError(NO_FILE)
        return document

    @property
    def _marks(self) -> Marks:
        marks = self.services.marks
        if marks is None:
            raise InputError(NO_FILE)
        return marks

    @property
    def _browse(self) -> Browse:
        """How the open file is looked at; it stays with the file when another is shown."""
        file = self.services.files.active
        if file is None:
            raise InputError(NO_FILE)
        if not isinstance(file.place, Browse):
            file.place = Browse(file.document)
        return file.place

    def _say(self, error: FttuiError) -> None:
        self.notify(safe(str(error)), severity="warning", markup=False)

    # --- showing --------------------------------------------------------------------------------------------------
    def _open(self) -> None:
        """Show the open document where it was left."""
        document = self.services.document
        self._shown = document
        self._is_raw_for_now = False
        self._growth = ()
        if document is None:
            self._rows.empty = NO_FILE
            self._rows.show(None)
            self._show_row(-1)
            return
        browse = self._browse
        browse.follow()
        self._show_view(browse.row)

    def _show_view(self, row: int) -> None:
        """Show the rows in view, with the cursor on ``row`` or the nearest to it."""
        browse = self._browse
        self._rows.empty = NO_ROWS if browse.is_everything else NONE_FOUND
        with self.prevent(RowList.Moved):
            self._rows.show(self._source(browse.view))
            self._rows.cursor = browse.view.nearest(row)
        self.query_one(RowPane).show_sorted(None if browse.sorted_by is None else SortedBy(*browse.sorted_by))
        self._show_note()
        self._show_row(self._rows.cursor_row, keep_place=self._rows.cursor_row == self._row)

    def _source(self, view: Order) -> DocumentRows:
        """The rows as the list asks for them."""
        browse = self._browse
        return DocumentRows(browse.document, self.services, view, lambda: browse.marked)

    def _show_note(self) -> None:
        """A word over the list: how it is sorted, how many rows are marked."""
        browse = self._browse
        parts = []
        if browse.sorted_by is not None:
            name, is_descending = browse.sorted_by
            parts.append(f"by {SORTABLE[name]}, {'greatest' if is_descending else 'smallest'} first")
        if browse.marked:
            hidden = 0 if browse.is_everything else len(browse.marked - browse.shown)
            parts.append(f"{len(browse.marked):,} marked" + (f", {hidden:,} of them not shown" if hidden else ""))
        note = self.query_one("#row-note", Static)
        note.display = bool(parts)
        note.update(Content(" · ".join(parts)))

    def _follow(self) -> None:
        """Take over rows and counts that arrived since the last look."""
        document = self.services.document
        if document is not self._shown:
            self.finish_draft()
            self._open()
        if document is None:
            return
        totals = self.services.totals
        growth = (len(document), 0 if totals is None else totals.counted, document.revision, self._marks.revision)
        if growth != self._growth:
            had_rows = self._rows.count > 0
            self._growth = growth
            self._sync()
            if not had_rows:
                self._show_row(self._rows.cursor_row)
            elif 0 <= self._row < len(document):
                self._pane.set_heading(self._heading(self._row, self._pane.view.cards))

    def _sync(self) -> None:
        """Let the list follow edits, marks and counts."""
        self._browse.follow()
        self._rows.sync()

    def _show_row(self, row: int, *, keep_place: bool = False) -> None:
        """Show the conversation of ``row``."""
        document = self.services.document
        if document is None or not 0 <= row < len(document):
            self._row = -1
            self._pane.show("", (), empty=self._rows.empty)
            return
        self._row = self._browse.row = row
        cards = cards_of(document.parsed(row), document.raw(row), as_raw=self._is_raw or self._is_raw_for_now)
        self._pane.show(self._heading(row, cards), cards, keep_place=keep_place)

    def _heading(self, row: int, cards: Sequence[Card]) -> str:
        document, totals, mark = self._document, self.services.totals, self._marks.of(row)
        count = None if totals is None else totals.count_of(row)
        parts = [heading_of(row, cards, None if count is None else count.total)]
        if count is not None and count.trainable != count.total:
            parts[0] += f", {count.trainable:,} trained"
        parts += ["changed" if document.is_changed(row) else "", "reviewed" if mark.reviewed else ""]
        parts += [" ".join(f"#{tag}" for tag in sorted(mark.tags)), f"“{one_line(mark.note, 80)}”" if mark.note else ""]
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
        if self._shown is None:
            return
        self._sync()
        if self._pane.editor is None:
            row = self._rows.cursor_row
            self._show_row(row, keep_place=self._row == row)

    def finish_draft(self) -> None:
        """Take what is being typed into the document; the app calls this too, before it saves."""

    def receive(self, handover: Handover) -> None:
        self.finish_draft()
        if isinstance(handover, ShowRow):
            self._go_to_row(handover.row)

    def _go_to_row(self, row: int) -> None:
        """Put the cursor on a row; when it is filtered out, all rows are shown again."""
        browse = self._browse
        if browse.view.position_of(row) is None:
            browse.show_everything()
            self.query_one(QueryBar).put("")
            self._show_view(row)
        else:
            self._rows.go_to_row(row)

    # --- panes ----------------------------------------------------------------------------------------------------
    @property
    def _is_narrow(self) -> bool:
        return self.has_class("-narrow")

    def _go_to(self, pane: RowList | ExampleView) -> None:
        """Give a pane the focus; on a narrow screen it takes the place of the other."""
        self.set_class(isinstance(pane, ExampleView), "-deep")
        if pane.display and not self._is_narrow:
            self.set_focus(pane)
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
        if self.focused in (self._pane.view, self._rows):  # what is typed at stays in sight when the screen gets narrow
            self.set_class(self.focused is self._pane.view, "-deep")

    def action_raw(self) -> None:
        self._is_raw = not self._is_raw
        self._show_row(self._rows.cursor_row)

    def action_goto(self) -> None:
        from fttui.ui.screens.dialogs import Prompt

        def check(text: str) -> str:
            return "" if text.replace(",", "").strip().isdecimal() else "A line is a number from 1."

        def go(text: str | None) -> None:
            if text is not None:
                self._go_to_row(max(0, min(int(text.replace(",", "")), len(self._document)) - 1))

        if self.services.document is not None and len(self._document) > 0:
            self.app.push_screen(Prompt("Go to line", f"1 to {len(self._document):,}", check=check), go)
