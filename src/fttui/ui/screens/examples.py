"""Examples: the rows of the open file, and the conversation of the row under the cursor, to read and to edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from textual import on

from fttui.core.errors import FttuiError, InputError
from fttui.ui.cards import Card
from fttui.ui.example_edits import ROLES, next_role
from fttui.ui.handover import Handover, NewExample, TryExample
from fttui.ui.keys import bindings_for
from fttui.ui.screens.examples_browser import NO_FILE, NO_ROWS
from fttui.ui.screens.examples_issues import Issues
from fttui.ui.tasks import task
from fttui.ui.widgets.message_editor import MessageEditor, fits
from fttui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from fttui.ui.row_edits import RowEdits, Spot

_KEEPS_IT = "esc again keeps it as it is"


def _nothing_to_say(_spot: Spot) -> str:
    return ""


class ExamplesScreen(Issues):
    """Editing the examples and messages that the other parts of the screen show."""

    WHERE = "examples"
    HELP_TEXT = "The examples of the open file, one a row, and the conversation of the row under the cursor."
    BINDINGS = bindings_for(WHERE)

    @property
    def _edits(self) -> RowEdits:
        from fttui.ui.row_edits import RowEdits

        return RowEdits(self._document)

    def receive(self, handover: Handover) -> None:
        super().receive(handover)
        if isinstance(handover, NewExample):
            self._change(lambda edits: edits.add_example(self._rows.cursor_row, handover.record))

    # --- editing --------------------------------------------------------------------------------------------------
    def _change(self, edit: Callable[[RowEdits], Spot | None]) -> Spot | None:
        """Run an edit, show where it happened, and tell the app; a sentence says why it could not be done."""
        try:
            spot = edit(self._edits)
        except FttuiError as error:
            self._say(error)
            return None
        if spot is not None:
            self._sync()
            same_row = spot.row == self._row
            with self.prevent(RowList.Moved):
                self._go_to_row(spot.row)
            self._show_row(spot.row, keep_place=same_row)
            if spot.message is not None:
                self._pane.view.stand_on_message(spot.message)
            self.refresh_bindings()
            self.app.document_edited(None if spot.moved else spot.row)
        return spot

    async def action_edit(self) -> None:
        """Edit the card under the cursor in place."""
        card = self._pane.view.current
        if card is None or self._pane.editor is not None:
            self._say(InputError(NO_FILE if self.services.document is None else NO_ROWS))
            return
        if card.kind == "fold":
            self._pane.view.action_fold()
            return
        if card.kind == "keys":  # these are edited in the line, which is shown for as long as that takes
            self._is_raw_for_now = True
            self._show_row(self._row)
            card = self._pane.view.cards[0]
        await self._edit_card(card)

    async def action_edit_call(self) -> None:
        """Edit a whole tool call, with its name and id."""
        card = self._pane.view.current
        if card is None:
            return
        try:
            whole = self._edits.whole_call(self._row, card)
        except FttuiError as error:
            self._say(error)
        else:
            await self._edit_card(card, whole)

    async def _edit_card(self, card: Card, instead: Card | None = None) -> None:
        edited = instead or card
        try:
            self._check_writable()
            self._edits.check_editable(self._row, edited)
        except FttuiError as error:
            self._say(error)
            return
        if not fits(edited.body):
            self._say(InputError(f"This text has {len(edited.body):,} characters.", hint="E opens it in your editor."))
            return
        self.add_class("-deep")
        await self._pane.edit(self._pane.view.card, instead)

    def _check_writable(self) -> None:
        if self._document.is_read_only:
            raise InputError(self._document.read_only_reason, hint="S saves a copy that can be edited.")

    def action_commit(self) -> None:
        """Keep what was typed, and close the editor; a mistake in JSON keeps it open the first time."""
        editor, card = self._pane.editor, self._pane.edited_card
        if editor is not None and card is not None and not editor.problem:
            mistake = self._edits.mistake(card, editor.value)
            if mistake is not None and editor.value != card.body:
                editor.show_problem(mistake.line, mistake.column, f"{mistake.reason}; {_KEEPS_IT}")
                return
        self.finish_draft()
        if not self.is_reviewing:
            self._go_to(self._pane.view)

    def on_screen_suspend(self) -> None:
        self.finish_draft()

    def action_save_draft(self) -> None:
        """Keep what was typed, and save."""
        self._leave_editor()
        self.app.action_save()

    async def action_quit_draft(self) -> None:
        """Keep what was typed, and leave; the app asks about unsaved changes."""
        self._leave_editor()
        await self.app.run_action("quit")

    def _leave_editor(self) -> None:
        self.finish_draft()
        self._go_to(self._pane.view)

    @task(group="save_as")
    async def action_save_as(self) -> None:
        """Ask for a name, and save under it."""
        from fttui.ui.screens.save_as import save_as

        document = self._document
        self.finish_draft()
        await save_as(self.app, document)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        document = self.services.document
        if action == "undo" and self._review is not None and self._review.can_take_back:
            return True
        if action in ("undo", "redo"):
            return document is not None and (document.can_undo if action == "undo" else document.can_redo)
        return super().check_action(action, parameters)

    def finish_draft(self) -> None:
        editor, card = self._pane.editor, self._pane.edited_card
        if editor is None or card is None:
            return
        text, row, index = editor.value, self._row, self._pane.view.card
        self._pane.close_editor()
        self.app.draft(row, None)
        was_raw_for_now, self._is_raw_for_now = self._is_raw_for_now, False
        if self._change(lambda edits: edits.set_text(row, card, text)) is not None:
            self._pane.view.stand_on(index)
        elif was_raw_for_now:
            self._show_row(row)

    @on(MessageEditor.Typed)
    def _typed(self, message: MessageEditor.Typed) -> None:
        card = self._pane.edited_card
        if card is None:
            return
        try:
            draft, problem = self._edits.drafted(self._row, card, message.value)
        except FttuiError:  # the row was changed under the editor: said when the text is kept
            return
        if draft is not None:
            self.app.draft(self._row, draft)
            self.show_draft_issues(draft, len(message.value))
        if card.holds != "text":
            self._pane.set_heading(f"line {self._row + 1:,} · {problem or 'an example'}")

    @on(MessageEditor.Split)
    def _split(self, message: MessageEditor.Split) -> None:
        """Part the message that is being edited."""
        card = self._pane.edited_card
        if card is None or card.kind != "message" or card.message is None:
            self._say(InputError("Only the text of a message can be split."))
            return
        try:
            spot = self._edits.split_message(self._row, card.message, message.at, text=message.value)
        except FttuiError as error:  # the editor stays open, with all that was typed
            self._say(error)
            return
        row = self._row
        self._pane.close_editor()
        self.app.draft(row, None)
        self._change(lambda _: spot)
        self._pane.view.focus()

    def action_outside(self) -> None:
        """Edit the card under the cursor, or what is being typed, in $EDITOR."""
        from fttui.ui.external_editor import edit_outside

        self.finish_draft()
        card = self._pane.view.current
        if card is None:
            return
        try:
            self._check_writable()
            self._edits.check_editable(self._row, card)
            with self.app.suspend():
                text = edit_outside(card.body, ".txt" if card.holds == "text" else ".json")
        except FttuiError as error:
            self._say(error)
            return
        mistake = self._edits.mistake(card, text)
        if self._change(lambda edits: edits.set_text(self._row, card, text)) is not None and mistake is not None:
            self._say(
                InputError(f"Line {mistake.line}, column {mistake.column}: {mistake.reason}.", hint="e mends it.")
            )

    def action_undo(self) -> None:
        if not self._take_back_accepting():
            self._travel("undo")

    def action_redo(self) -> None:
        self._travel("redo")

    def _travel(self, way: Literal["undo", "redo"]) -> None:
        """Take a step back or make it again; one that goes through a whole big file takes a thread."""

        def travel(edits: RowEdits) -> Spot:
            return edits.undo() if way == "undo" else edits.redo()

        if self._document.takes_long(way):
            title = "Undoing" if way == "undo" else "Redoing"
            self._bulk_in_thread(title, lambda: _nothing_to_say(travel(self._edits)))
        else:
            self._change(travel)

    async def action_add_example(self) -> None:
        if self._change(lambda edits: edits.add_example(self._rows.cursor_row)) is not None:
            await self.action_edit()

    # --- messages -------------------------------------------------------------------------------------------------
    def _message(self) -> int:
        """The message under the cursor; raises a sentence when there is none."""
        self._edits.record(self._row)
        card = self._pane.view.current
        if card is None or card.message is None:
            raise InputError("This is no message.", hint="Stand on one first; r shows the messages.")
        return card.message

    def action_delete_message(self) -> None:
        card = self._pane.view.current
        if card is not None and card.call is not None and card.message is not None:
            message, call = card.message, card.call
            self._change(lambda edits: edits.delete_tool_call(self._row, message, call))
        else:
            self._change(lambda edits: edits.delete_message(self._row, self._message()))

    def action_move_message(self, step: int) -> None:
        """Move the message one place up or down."""

        def move(edits: RowEdits) -> Spot:
            index = self._message()
            return edits.move_message(self._row, index, index + step)

        self._change(move)

    def action_merge_messages(self) -> None:
        self._change(lambda edits: edits.merge_messages(self._row, self._message()))

    def action_toggle_weight(self) -> None:
        if self._change(lambda edits: edits.toggle_weight(self._row, self._message())) is not None:
            self._again = self.action_toggle_weight

    def action_change_role(self) -> None:
        try:
            index = self._message()
        except FttuiError as error:
            self._say(error)
            return
        card = self._pane.view.current
        self._choose_role(
            "Role", card.title if card else "", lambda edits, role: edits.set_role(self._row, index, role), again=True
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
        again: bool = False,
    ) -> None:
        from fttui.ui.screens.dialogs import Choice

        async def chosen(role: str | None) -> None:
            if role is None or self._change(lambda edits: edit(edits, role)) is None:
                return
            if again:
                self._again = lambda: self._set_role(role)
            if and_edit:
                await self.action_edit()

        self.app.push_screen(Choice(title, options=[(role, role) for role in ROLES], current=current), chosen)

    def _set_role(self, role: str) -> None:
        self._change(lambda edits: edits.set_role(self._row, self._message(), role))

    # --- the next step --------------------------------------------------------------------------------------------
    def action_try_example(self) -> None:
        try:
            record = self._edits.record(self._rows.cursor_row)
        except FttuiError as error:
            self._say(error)
            return
        self.app.call_later(self.app.go, "playground", TryExample(self._rows.cursor_row, record))
