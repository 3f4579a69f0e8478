"""Examples: the rows of the open file, and the conversation of the row under the cursor, to read and to edit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.worker import get_current_worker

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import safe
from fttui.dataset.document import Document
from fttui.ui.cards import Card, cards_of, decode_line
from fttui.ui.example_edits import ROLES, next_role
from fttui.ui.external_editor import edit_outside
from fttui.ui.handover import Handover, NewExample, ShowRow, TryExample
from fttui.ui.keys import bindings_for
from fttui.ui.messages import DocumentEdited
from fttui.ui.row_edits import RowEdits, Spot
from fttui.ui.row_search import find_row
from fttui.ui.row_source import DocumentRows
from fttui.ui.screens.base import FttuiScreen
from fttui.ui.screens.dialogs import Choice, Confirm, Prompt
from fttui.ui.tasks import task
from fttui.ui.widgets.example_pane import ExamplePane
from fttui.ui.widgets.example_view import ExampleView
from fttui.ui.widgets.find_bar import FindBar
from fttui.ui.widgets.message_editor import MessageEditor, fits
from fttui.ui.widgets.row_list import RowList, RowPane

NO_FILE = "No file is open. Leave with ctrl+q and start with fttui FILE.jsonl; fttui demo opens a sample."
NO_ROWS = "The file has no examples yet. i adds the first one; ctrl+s saves it."
_FOLLOW_S = 0.1


class ExamplesScreen(FttuiScreen):
    """Rows on the left, the conversation on the right; one of the two on a narrow screen."""

    WHERE = "examples"
    HELP_TEXT = "The examples of the open file, one a row, and the conversation of the row under the cursor."
    BINDINGS = bindings_for(WHERE)
    CSS_PATH = "examples.tcss"

    class Found(Message):
        """A search ended: ``row`` has the text, or None has it."""

        def __init__(self, text: str, row: int | None) -> None:
            super().__init__()
            self.text = text
            self.row = row

    def __init__(self) -> None:
        super().__init__()
        self._shown: Document | None = None
        self._row = -1
        self._is_raw = False
        self._sought = ""
        self._find_began = 0
        self._timer: Timer | None = None
        self._growth = (0, 0)

    def body(self) -> ComposeResult:
        with Horizontal(id="examples"):
            with Vertical(id="left"):
                yield RowPane(id="row-pane")
                yield FindBar(id="find")
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

    @property
    def _edits(self) -> RowEdits:
        return RowEdits(self._document)

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

    def _show_row(self, row: int, *, keep_place: bool = False) -> None:
        """Show the conversation of ``row``."""
        document = self.services.document
        if document is None or row >= len(document):
            self._row = -1
            self._pane.show("", (), empty=NO_FILE if document is None else NO_ROWS)
            return
        self._row = row
        cards = cards_of(document.parsed(row), document.raw(row), as_raw=self._is_raw)
        self._pane.show(self._heading(document, row, cards), cards, keep_place=keep_place)

    def _heading(self, document: Document, row: int, cards: list[Card]) -> str:
        parts = [f"example {row + 1:,}"]
        if any(card.kind == "broken" for card in cards):
            parts = [f"line {row + 1:,}", "broken"]
        turns = sum(card.kind == "message" for card in cards)
        if turns:
            parts.append(f"{turns:,} message{'s' * (turns != 1)}")
        tokens = None if self.services.totals is None else self.services.totals.tokens_of(row)
        if tokens is not None:
            parts.append(f"{tokens:,} tokens")
        if document.is_changed(row):
            parts.append("changed")
        return " · ".join([*parts, *document.parsed(row).warnings])

    @on(RowList.Moved)
    def _row_moved(self, message: RowList.Moved) -> None:
        self._keep_input()
        self._show_row(message.row)

    def document_edited(self, edit: DocumentEdited) -> None:
        """The document changed, here or on another screen."""
        if self.services.document is not self._shown:
            self._open()
            return
        self._rows.sync()
        if self._pane.editor is None:
            self._show_row(self._rows.cursor, keep_place=self._row == self._rows.cursor)

    def receive(self, handover: Handover) -> None:
        self._keep_input()
        if isinstance(handover, ShowRow):
            self._rows.cursor = handover.row
        elif isinstance(handover, NewExample):
            self._change(lambda edits: edits.add_example(self._rows.cursor, handover.record))

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
            self._keep_input()
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

    # --- editing --------------------------------------------------------------------------------------------------
    def _change(self, edit: Callable[[RowEdits], Spot | None]) -> Spot | None:
        """Run an edit, show where it happened, and tell the app; a sentence says why it could not be done."""
        try:
            spot = edit(self._edits)
        except FttuiError as error:
            self._say(error)
            return None
        if spot is not None:
            self._rows.sync()
            same_row = spot.row == self._row
            with self.prevent(RowList.Moved):
                self._rows.cursor = spot.row
            self._show_row(spot.row, keep_place=same_row)
            if spot.message is not None:
                self._pane.view.stand_on_message(spot.message)
            self.refresh_bindings()
            self.app.document_edited(None if spot.moved else spot.row)
        return spot

    def _say(self, error: FttuiError) -> None:
        self.notify(safe(str(error)), severity="warning", markup=False)

    async def action_edit(self) -> None:
        """Edit the card under the cursor in place."""
        card = self._pane.view.current
        if card is None or self._pane.editor is not None:
            self._say(InputError(NO_FILE if self.services.document is None else NO_ROWS))
            return
        if card.kind == "keys":
            self._is_raw = True
            self._show_row(self._row)
            card = self._pane.view.current
            assert card is not None
        if not fits(card.body):
            self._say(InputError(f"This text has {len(card.body):,} characters.", hint="E opens it in your editor."))
            return
        self.add_class("-deep")
        await self._pane.edit(self._pane.view.card)

    def action_commit(self) -> None:
        """Keep what was typed, and close the editor."""
        self._keep_input()
        self._go_to(self._pane.view)

    def finish_draft(self) -> None:
        """Take what is being typed into the document; the app calls this before it saves."""
        self._keep_input()

    def on_screen_suspend(self) -> None:
        self._keep_input()

    def action_save_draft(self) -> None:
        """Keep what was typed, and save."""
        self.action_commit()
        self.app.action_save()

    async def action_quit_draft(self) -> None:
        """Keep what was typed, and leave; the app asks about unsaved changes."""
        self.action_commit()
        await self.app.run_action("quit")

    @task(group="save_as")
    async def action_save_as(self) -> None:
        """Ask for a name, and save under it; a file that is there already is asked about."""
        document = self._document
        self._keep_input()
        name = await self.app.push_screen_wait(Prompt("Save as", value=str(document.path)))
        if not name or not name.strip():
            return
        path = Path(name.strip()).expanduser()
        is_there = path.exists() and path != document.path
        if is_there and not await self.app.push_screen_wait(
            Confirm("Overwrite the file?", f"{path} exists already.", yes="Overwrite it", cautious=True)
        ):
            return
        with self.app.works.running(f"Saving {path.name}"):
            await asyncio.to_thread(document.save_as, path, overwrite=is_there)
        self.app.document_edited()
        self.notify(safe(f"Saved {document.path}."), timeout=3, markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        document = self.services.document
        if action in ("undo", "redo"):
            return document is not None and (document.can_undo if action == "undo" else document.can_redo)
        return super().check_action(action, parameters)

    def _keep_input(self) -> None:
        editor, card = self._pane.editor, self._pane.edited_card
        if editor is None or card is None:
            return
        text, row, index = editor.value, self._row, self._pane.view.card
        self._pane.close_editor()
        self.app.draft(row, None)
        if self._change(lambda edits: edits.set_text(row, card, text)) is None:
            return
        self._pane.view.stand_on(index)

    @on(MessageEditor.Typed)
    def _typed(self, message: MessageEditor.Typed) -> None:
        card = self._pane.edited_card
        if card is None:
            return
        draft = self._edits.drafted(self._row, card, message.value)
        if draft is not None:
            self.app.draft(self._row, draft)

    def action_outside(self) -> None:
        """Edit the card under the cursor, or what is being typed, in $EDITOR."""
        self._keep_input()
        card = self._pane.view.current
        if card is None:
            return
        suffix = ".txt" if card.kind == "message" else ".json"
        try:
            with self.app.suspend():
                text = edit_outside(card.body, suffix)
        except FttuiError as error:
            self._say(error)
            return
        self._change(lambda edits: edits.set_text(self._row, card, text))

    def action_undo(self) -> None:
        self._change(RowEdits.undo)

    def action_redo(self) -> None:
        self._change(RowEdits.redo)

    async def action_add_example(self) -> None:
        if self._change(lambda edits: edits.add_example(self._rows.cursor)) is not None:
            await self.action_edit()

    def action_duplicate(self) -> None:
        self._change(lambda edits: edits.duplicate(self._rows.cursor))

    def action_delete_example(self) -> None:
        self._change(lambda edits: edits.delete_example(self._rows.cursor))

    # --- messages -------------------------------------------------------------------------------------------------
    def _message(self) -> int:
        """The message under the cursor; raises a sentence when there is none."""
        self._edits.record(self._row)
        card = self._pane.view.current
        if card is None or card.message is None:
            raise InputError("This is no message.", hint="Stand on one first; r shows the messages.")
        return card.message

    def action_delete_message(self) -> None:
        self._change(lambda edits: edits.delete_message(self._row, self._message()))

    def action_toggle_weight(self) -> None:
        self._change(lambda edits: edits.toggle_weight(self._row, self._message()))

    def action_change_role(self) -> None:
        try:
            index = self._message()
        except FttuiError as error:
            self._say(error)
            return
        card = self._pane.view.current
        self._choose_role(
            "Role", card.title if card else "", lambda edits, role: edits.set_role(self._row, index, role)
        )

    def action_add_message(self, behind: int) -> None:
        """Add a message behind (1) or before (0) the one under the cursor, and edit it."""
        try:
            record = self._edits.record(self._row)
        except FttuiError as error:
            self._say(error)
            return
        card = self._pane.view.current
        at = 0 if card is None or card.message is None else card.message + behind

        def added(edits: RowEdits, role: str) -> Spot:
            return edits.add_message(self._row, at, role)

        self._choose_role("Role of the new message", next_role(record, at), added, and_edit=True)

    def _choose_role(
        self,
        title: str,
        current: str,
        edit: Callable[[RowEdits, str], Spot],
        *,
        and_edit: bool = False,
    ) -> None:
        async def chosen(role: str | None) -> None:
            if role is not None and self._change(lambda edits: edit(edits, role)) is not None and and_edit:
                await self.action_edit()

        self.app.push_screen(Choice(title, options=[(role, role) for role in ROLES], current=current), chosen)

    # --- the next step --------------------------------------------------------------------------------------------
    def action_copy_example(self) -> None:
        try:
            self.app.copy_to_clipboard(self._edits.as_json(self._rows.cursor))
        except FttuiError as error:
            self._say(error)
        else:
            self.notify(f"Line {self._rows.cursor + 1:,} was sent to the clipboard.", markup=False, timeout=2)

    def action_try_example(self) -> None:
        try:
            record = self._edits.record(self._rows.cursor)
        except FttuiError as error:
            self._say(error)
            return
        self.app.call_later(self.app.go, "playground", TryExample(self._rows.cursor, record))

    # --- finding --------------------------------------------------------------------------------------------------
    def action_find(self) -> None:
        self._find_began = self._rows.cursor
        self.remove_class("-deep")
        self.call_after_refresh(self.query_one(FindBar).open, self._sought)

    def action_find_back(self) -> None:
        self.query_one(FindBar).close()
        self._rows.cursor = self._find_began
        self._go_to(self._rows)

    @on(FindBar.Done)
    def _find_done(self) -> None:
        bar = self.query_one(FindBar)
        bar.close()
        self._go_to(self._rows)
        if bar.text and bar.text == self._sought and self._rows.cursor == self._find_began:
            self._search(bar.text, self._find_began, 1)

    @on(FindBar.Sought)
    def _find_typed(self, message: FindBar.Sought) -> None:
        self._sought = message.text
        if message.text:
            self._search(message.text, self._find_began, 1)
        else:
            self._rows.cursor = self._find_began

    def action_find_next(self, step: int) -> None:
        if not self._sought:
            self.action_find()
            return
        self._search(self._sought, self._rows.cursor + step, step)

    @task(group="find", thread=True)
    def _search(self, text: str, start: int, step: int) -> None:
        document = self.services.document
        worker = get_current_worker()
        if document is None or len(document) == 0:
            return
        row = find_row(document, text, start % len(document), step, cancelled=lambda: worker.is_cancelled)
        if not worker.is_cancelled:
            self.post_message(self.Found(text, row))

    @on(Found)
    def _found(self, message: Found) -> None:
        if message.text != self._sought:
            return
        if message.row is None:
            self.notify(f"Nothing has {safe(decode_line(message.text.encode('utf-8', 'replace')))!r}.", markup=False)
        else:
            self._rows.cursor = message.row
