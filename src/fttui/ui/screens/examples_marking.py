"""Marked rows, and what is done to all of them at once: delete, duplicate, move, copy, tag, note, review, save."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.message import Message

from fttui.core.errors import FttuiError, InputError
from fttui.core.text import one_line, safe
from fttui.dataset.rowset import RowSet
from fttui.ui.open_files import OpenFile
from fttui.ui.screens.examples_browser import NO_ROWS, NONE_FOUND
from fttui.ui.screens.examples_finding import Finding
from fttui.ui.tasks import task
from fttui.ui.widgets.row_list import RowList

_AT_ONCE = 2_000
"""Rows up to which an edit is made while the person waits; more take a thread."""


def examples(count: int) -> str:
    """``1 example``, ``12 examples``."""
    return f"{count:,} example{'s' * (count != 1)}"


class Marking(Finding):
    """What can be done to the row under the cursor, or to all marked rows."""

    @dataclass
    class Done(Message):
        """A bulk edit has ended; a word on what it did, or ""."""

        said: str

    def __init__(self) -> None:
        super().__init__()
        self._again: Callable[[], None] | None = None

    # --- marking --------------------------------------------------------------------------------------------------
    def action_mark(self) -> None:
        """Mark the row, and go down."""
        if self._rows.cursor_row >= 0:
            self._browse.toggle(self._rows.cursor_row)
            if self._rows.has_focus:
                self._rows.cursor += 1
            self._show_marks()

    @on(RowList.Marked)
    def _mark_clicked(self, message: RowList.Marked) -> None:
        self._browse.toggle(message.row)
        self._show_marks()

    @on(RowList.Extended)
    def _mark_extent(self, message: RowList.Extended) -> None:
        self._browse.mark_extent(message.extent, message.before)
        self._show_marks()

    def action_mark_range(self) -> None:
        """Mark from here to wherever the cursor goes; or end that."""
        browse = self._browse
        if browse.is_marking_range:
            browse.end_range()
        elif self._rows.cursor_row >= 0:
            browse.begin_range(self._rows.cursor_row)
            self.notify("Marking from here on: V ends it.", markup=False, timeout=2)
        self._show_marks()

    def action_mark_all(self) -> None:
        """Mark all rows that are shown, or none."""
        self._browse.mark_shown()
        self._show_marks()

    def _show_marks(self) -> None:
        self._rows.sync()
        self._show_note()

    def _targets(self) -> RowSet:
        """What an action works on.

        Raises:
            InputError: There is no row.
        """
        row, browse = self._rows.cursor_row, self._browse
        if row < 0 and not browse.marked:
            raise InputError(NO_ROWS if browse.is_everything else NONE_FOUND)
        return browse.targets(row)

    # --- edits of many rows ---------------------------------------------------------------------------------------
    def _bulk(self, title: str, edit: Callable[[RowSet], str]) -> None:
        """Run an edit on the marked rows, or on the one under the cursor, and say what it says."""
        try:
            rows = self._targets()
            if len(rows) <= _AT_ONCE:
                self._bulk_done(self.Done(edit(rows)))
            else:
                self._bulk_in_thread(title, lambda: edit(rows))
        except FttuiError as error:
            self._say(error)
            return
        self._browse.clear_marks()
        self._show_marks()

    @task(group="bulk", thread=True, exclusive=False)
    def _bulk_in_thread(self, title: str, edit: Callable[[], str]) -> None:
        with self.app.works.running(title):
            said = edit()
        self.post_message(self.Done(said))

    @on(Done)
    def _bulk_done(self, message: Done) -> None:
        message.stop()
        self._sync()
        self._show_row(self._rows.cursor_row)
        self.refresh_bindings()
        self.app.document_edited(None)
        if message.said:
            self.notify(safe(message.said), markup=False, timeout=4)

    def action_delete_example(self) -> None:
        document = self._document

        def delete(rows: RowSet) -> str:
            document.delete_rows(rows)
            return f"Deleted {examples(len(rows))}; undo brings them back." if len(rows) > 1 else ""

        self._bulk("Deleting", delete)

    def action_duplicate(self) -> None:
        document, was_one = self._document, not self._browse.marked

        def duplicate(rows: RowSet) -> str:
            document.duplicate_rows(rows)
            return "" if was_one else f"Duplicated {examples(len(rows))}."

        self._bulk("Duplicating", duplicate)
        if was_one:
            self._rows.cursor += 1

    def action_move_example(self, step: int) -> None:
        """Move the row, or the marked rows together, one line up or down."""
        browse = self._browse
        if browse.view.is_sorted or browse.query:
            self.notify("Rows are moved in the file's own order: esc shows it.", markup=False, timeout=3)
            return
        try:
            rows = self._targets()
            first, last = rows.at(0), rows.at(len(rows) - 1)
            together = last - first + 1 == len(rows)
            to = first + step if together else first
            if not 0 <= to <= len(self._document) - len(rows):
                return
            row = self._rows.cursor_row
            self._document.move_rows(rows, to)
        except FttuiError as error:
            self._say(error)
            return
        self._sync()
        self._rows.go_to_row(to + rows.position(row) if row in rows else row)
        self.app.document_edited(None)

    # --- elsewhere ------------------------------------------------------------------------------------------------
    def action_move_elsewhere(self) -> None:
        """Move rows to the end of another open file."""
        from fttui.ui.screens.dialogs import Choice

        others = [file for file in self.services.files if file is not self.services.files.active]
        if not others:
            self.notify("No other file is open: f2 lists files and opens them.", markup=False, timeout=4)
            return
        try:
            rows = self._targets()
        except FttuiError as error:
            self._say(error)
            return
        document, marks = self._document, self._browse.marked

        def chosen(file: OpenFile | None) -> None:
            if file is None or self._document is not document or self._browse.marked is not marks:
                return

            def move(rows: RowSet) -> str:
                from fttui.ui.row_moves import move_rows_to

                move_rows_to(document, self.services.marks, rows, file.document, file.marks)
                return f"Moved {examples(len(rows))} to {file.title}: save both files."

            self._bulk(f"Moving to {file.title}", move)

        options = [(f"{one_line(file.title, 60)} · {file.role}", file) for file in others]
        self.app.push_screen(Choice(f"Move {examples(len(rows))} to", options=options), chosen)

    @task(group="save_marked")
    async def action_save_marked(self) -> None:
        """Ask for a name, and save the marked rows under it."""
        from fttui.ui.screens.dialogs import Confirm, Prompt

        document, rows = self._document, self._targets()
        title = f"Save {examples(len(rows))} as"
        name = await self.app.push_screen_wait(Prompt(title, value=f"{document.path.parent}/", is_kept=True))
        if not name or not name.strip():
            return
        path = Path(name.strip()).expanduser()
        is_there = path.exists()
        if is_there and not await self.app.push_screen_wait(
            Confirm("Overwrite the file?", f"{path} exists already.", yes="Overwrite it", cautious=True)
        ):
            return
        with self.app.works.running(f"Saving {path.name}"):
            result = await asyncio.to_thread(document.save_rows_as, rows, path, overwrite=is_there)
        self.notify(safe(f"Saved {examples(result.rows)} as {path}."), markup=False, timeout=4)

    def action_copy_example(self) -> None:
        from fttui.ui.row_copy import as_text

        try:
            rows = self._targets()
            self.app.copy_to_clipboard(as_text(self._document, rows))
        except FttuiError as error:
            self._say(error)
            return
        what = f"Line {rows.at(0) + 1:,} was" if len(rows) == 1 else f"{examples(len(rows))} were"
        self.notify(f"{what} sent to the clipboard.", markup=False, timeout=2)

    # --- what is kept beside the file -----------------------------------------------------------------------------
    def action_tag(self) -> None:
        """Ask for tags."""
        from fttui.ui import tagging
        from fttui.ui.screens.dialogs import Prompt

        try:
            rows = self._targets()
        except FttuiError as error:
            self._say(error)
            return
        before = tagging.common_tags(self._marks, rows)
        known = sorted(self._marks.tags().items(), key=lambda item: (-item[1], item[0]))[:12]
        names = "  ".join(f"#{name} {count:,}" for name, count in known)

        def tagged(text: str | None) -> None:
            if text is not None:
                change = tagging.change_to(text, before)
                self._again = lambda: self._mark_with(lambda rows: tagging.apply(self._marks, rows, change))
                self._mark_with(lambda rows: tagging.apply(self._marks, rows, change), tagging.said(change, len(rows)))

        self.app.push_screen(
            Prompt(
                f"Tags of {examples(len(rows))}",
                *([f"in use: {names}"] if names else []),
                value=" ".join(sorted(before)),
                placeholder="hard needs-source",
                check=tagging.problem_of,
            ),
            tagged,
        )

    def _mark_with(self, change: Callable[[RowSet], None], said: str = "") -> None:
        try:
            change(self._targets())
        except FttuiError as error:
            self._say(error)
            return
        self._marks_changed()
        if said:
            self.notify(safe(said), markup=False, timeout=3)

    def _marks_changed(self) -> None:
        self._rows.sync()
        self._pane.set_heading(self._heading(self._row, self._pane.view.cards) if self._row >= 0 else "")

    def action_note(self) -> None:
        """Ask for a note to the row under the cursor."""
        from fttui.ui.screens.dialogs import Prompt

        row = self._rows.cursor_row
        if row < 0:
            return

        def noted(text: str | None) -> None:
            if text is not None:
                self._mark_with(lambda _: self._marks.note(row, text.strip()))

        value = self._marks.of(row).note
        self.app.push_screen(Prompt("Note", "Kept beside the file, not in it.", value=value), noted)

    def action_reviewed(self) -> None:
        """Mark as reviewed; when all are reviewed already, not any more."""
        try:
            rows = self._targets()
        except FttuiError as error:
            self._say(error)
            return
        on = any(not self._marks.of(row).reviewed for row in rows) if len(rows) <= _AT_ONCE else True
        self._again = lambda: self._mark_with(lambda rows: self._marks.review(rows, on))
        word = "reviewed" if on else "not reviewed any more"
        self._mark_with(
            lambda rows: self._marks.review(rows, on), f"{examples(len(rows))} {word}." if len(rows) > 1 else ""
        )

    def action_again(self) -> None:
        """Do the last repeatable action again, where the cursor is now."""
        if self._again is None:
            self.notify(
                "Nothing to do again yet: tag, role, weight or review something first.", markup=False, timeout=3
            )
        else:
            self._again()
