"""The right-hand pane: a line about the example, its conversation with an editor over the message it edits, issues."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from fttui.core.text import one_line
from fttui.ui.cards import Card
from fttui.ui.widgets.example_view import ExampleView
from fttui.ui.widgets.issue_strip import IssueStrip
from fttui.ui.widgets.message_editor import EditorBox, MessageEditor

_LEAST_HEIGHT = 2


class _Cards(Container):
    BLANK = True  # nothing of its own is ever seen


class ExamplePane(Vertical):
    """An `ExampleView` under a heading, with room for a `MessageEditor`."""

    DEFAULT_CSS = """
    ExamplePane > #example-heading { height: 1; color: $text-muted; padding: 0 1; }
    ExamplePane > #example-cards { layers: below above; }
    ExamplePane ExampleView { layer: below; height: 1fr; }
    """

    def __init__(self, view: ExampleView | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view = view or ExampleView(id="conversation")
        self._box: EditorBox | None = None
        self._edited = 0
        self._edited_card: Card | None = None
        self._heading = ""

    def compose(self) -> ComposeResult:
        yield Static(id="example-heading", markup=False)
        with _Cards(id="example-cards"):
            yield self._view
        yield IssueStrip()

    @property
    def view(self) -> ExampleView:
        """The conversation."""
        return self._view

    @property
    def editor(self) -> MessageEditor | None:
        """The open editor, if there is one."""
        return None if self._box is None else self._box.editor

    @property
    def edited_card(self) -> Card | None:
        """The card that is being edited."""
        return self._edited_card if self._box is not None else None

    def show(self, heading: str, cards: Sequence[Card], *, empty: str = "", keep_place: bool = False) -> None:
        """Show the cards of an example, and close the editor."""
        self.close_editor()
        self.set_heading(heading)
        self.view.show(cards, empty=empty, keep_place=keep_place)

    def set_heading(self, heading: str) -> None:
        """Say something else over the conversation."""
        if heading != self._heading:
            self._heading = heading
            self.query_one("#example-heading", Static).update(Content(one_line(heading)), layout=False)

    async def edit(self, card: int, instead: Card | None = None, *, text: str | None = None) -> None:
        """Lay an editor over the text of card ``card``. It has the focus when this returns: no key goes astray.

        Args:
            card: Index among the view's cards.
            instead: A card whose body is edited in the place of that one's: a whole tool call, not its arguments.
            text: What stands in the editor at first, if it is not the body: what came from elsewhere with a mistake.
        """
        self.close_editor()
        self.view.stand_on(card)
        self._edited = card
        edited = self._edited_card = instead or self.view.cards[card]
        can_split = edited.kind == "message" and edited.message is not None
        box = self._box = EditorBox(edited.body if text is None else text, can_split=can_split)
        await self.query_one("#example-cards").mount(box)
        self._place()
        self.screen.set_focus(box.editor)

    def close_editor(self) -> None:
        """Take the editor away; what it holds must have been fetched."""
        if self._box is not None:
            had_focus = self._box.editor.has_focus
            self._box.remove()
            self._box = None
            self.view.make_hole(None)
            if had_focus:
                self.view.focus()

    def on_message_editor_resized(self, message: MessageEditor.Resized) -> None:
        message.stop()
        self._place()

    def on_example_view_scrolled(self, message: ExampleView.Scrolled) -> None:
        message.stop()
        if self._box is not None:
            self._place(follow=False)

    def on_resize(self) -> None:
        if self._box is not None:
            self.call_after_refresh(self._place)

    def _place(self, *, follow: bool = True) -> None:
        """Put the editor where its card is; ``follow`` scrolls so that all of it is in sight."""
        if self._box is None or not self._box.is_mounted:
            return
        view, room = self.view, max(_LEAST_HEIGHT, self.view.size.height - 1)
        height = max(_LEAST_HEIGHT, min(self._box.height_wanted, room))
        top = view.make_hole(self._edited, height)
        if follow:
            if top + height > view.scroll_offset.y + view.size.height:
                view.scroll_to(y=top + height - view.size.height, animate=False)
            if top - 1 < view.scroll_offset.y:
                view.scroll_to(y=top - 1, animate=False)
        self._box.place(top - view.scroll_offset.y, view.scrollable_content_region.width, height)
