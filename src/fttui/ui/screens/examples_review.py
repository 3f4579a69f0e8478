"""The focus mode: one example at a time, to accept, fix or drop with a single key."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from fttui.core.errors import FttuiError
from fttui.ui.keys import bindings_for
from fttui.ui.messages import DocumentEdited
from fttui.ui.screens.examples_marking import Marking
from fttui.ui.widgets.example_pane import ExamplePane
from fttui.ui.widgets.example_view import ExampleView
from fttui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from fttui.ui.reviewing import Review

ALL_DONE = "Every example that is shown is reviewed."


class ReviewView(ExampleView):
    """A conversation with the keys of a review."""

    WHERE = "review"
    HELP_TEXT = "Accept the example, fix it (e) or drop it; what was accepted is marked as reviewed beside the file."
    BINDINGS: ClassVar[list[Binding]] = bindings_for(WHERE)  # type: ignore[assignment]


class ReviewPane(Vertical):
    """The example under review, with how far one is above it."""

    DEFAULT_CSS = """
    ReviewPane { display: none; }
    ReviewPane > #review-progress { height: 1; padding: 0 1; background: $surface; color: $accent; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="review-progress", markup=False)
        yield ExamplePane(ReviewView(id="review-conversation"), id="review-example")


class Reviewing(Marking):
    """Accepting, fixing and dropping, example after example."""

    def __init__(self) -> None:
        super().__init__()
        self._review: Review | None = None
        self._passed: list[tuple[int, int]] = []

    @property
    def is_reviewing(self) -> bool:
        """Whether the screen shows one example at a time."""
        return self._review is not None

    @property
    def _pane(self) -> ExamplePane:
        name = "#review-example" if self.is_reviewing else "#example-pane"
        return self.query_one(name, ExamplePane)

    def _open(self) -> None:
        """Another file is looked at in its list first."""
        was_reviewing = self.is_reviewing
        self._review = None
        self.remove_class("-reviewing")
        super()._open()
        if was_reviewing:
            self._go_to(self._rows)

    def _go_to(self, pane: RowList | ExampleView) -> None:
        """During a review the list is hidden: keys pressed there would work on what nobody sees."""
        super()._go_to(self._pane.view if self.is_reviewing else pane)

    def action_find(self) -> None:
        """Finding needs the list."""
        self.action_end_review()
        super().action_find()

    def document_edited(self, edit: DocumentEdited) -> None:
        super().document_edited(edit)
        self._show_progress()

    async def action_review(self) -> None:
        """Begin with the row under the cursor, or the next that is not reviewed; again: end it."""
        from fttui.ui.finding import get_ready
        from fttui.ui.reviewing import Review

        if self.is_reviewing:
            self.action_end_review()
            return
        if self.services.document is None or self._rows.cursor_row < 0:
            return
        self.finish_draft()
        await asyncio.to_thread(get_ready, len(self._document))
        review = Review(self._browse, self._marks)
        row = review.next_row(self._rows.cursor, include=True)
        if row is None:
            self.notify(ALL_DONE, markup=False, timeout=3)
            return
        if not self.query(ReviewPane):
            await self.query_one("#examples").mount(ReviewPane())
        self._review = review
        self._passed = []
        self.add_class("-reviewing")
        self._rows.go_to_row(row)
        self._show_row(row)
        self._pane.view.focus()
        self._show_progress()

    def action_end_review(self) -> None:
        """Back to the list."""
        if not self.is_reviewing:
            return
        self.finish_draft()
        self._review = None
        self.remove_class("-reviewing")
        self._sync()
        self._show_row(self._rows.cursor_row)
        self._go_to(self._rows)

    def action_accept(self) -> None:
        """The example is good."""
        if self._review is not None and self._row >= 0:
            self._passed.append(self._document.root(self._row))
            self._review.accept(self._row)
            self._go_on()

    def action_drop(self) -> None:
        """Delete the example."""
        if self._review is None or self._row < 0:
            return
        try:
            self._review.drop(self._row)
        except FttuiError as error:
            self._say(error)
            return
        self._sync()
        self.app.document_edited(None)
        self._go_on(include=True)

    def action_skip(self) -> None:
        """Leave the example for later."""
        if self._review is not None and self._row >= 0:
            self._passed.append(self._document.root(self._row))
            self._review.skip(self._row)
            self._go_on()

    def _go_on(self, *, include: bool = False) -> None:
        """Show the next example to review, at the cursor or after it; at the end say so."""
        review = self._review
        assert review is not None
        row = review.next_row(self._rows.cursor, include=include) if self._rows.count else None
        if row is None:
            self.notify(f"{ALL_DONE} {review.progress.text}.", markup=False, timeout=6)
            self.action_end_review()
            return
        self._sync()
        with self.prevent(RowList.Moved):
            self._rows.go_to_row(row)
        self._show_row(row)
        self._show_progress()

    def action_review_back(self) -> None:
        """Go back to the example that was decided before."""
        from fttui.dataset.marks.row_roots import row_of_root

        if self._passed:
            row = row_of_root(self._document, self._passed.pop())
            if row is not None:
                self._show_again(row)

    def _take_back_accepting(self) -> bool:
        """Undo for an acceptance, which is no edit of the file; False when the last decision was none."""
        row = self._review.take_back() if self._review is not None else None
        if row is None:
            return False
        root = self._document.root(row)
        self._passed = [passed for passed in self._passed if passed != root]
        self._show_again(row)
        return True

    def _show_again(self, row: int) -> None:
        """Go back to a row, if it is still among those that are shown."""
        self._sync()
        if self._browse.view.position_of(row) is not None:
            with self.prevent(RowList.Moved):
                self._rows.go_to_row(row)
            self._show_row(row)
        self._show_progress()

    def _show_progress(self) -> None:
        if self._review is not None:
            self.query_one("#review-progress", Static).update(Content(self._review.progress.text), layout=False)
