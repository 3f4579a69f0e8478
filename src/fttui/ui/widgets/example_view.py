"""The conversation of one example as cards, drawn line by line, with a cursor that stands on a message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.events import Click, Resize
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from fttui.core.text import safe
from fttui.ui.card_flow import BETWEEN, INDENT, CardFlow, FlowLine, Hole
from fttui.ui.cards import Card, unfolded
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.quiet_scroll import QuietScroll
from fttui.ui.wrapping import clip, fit, wrap

_ROLE_STYLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_PREFIX = "example-view--"


class ExampleView(QuietScroll, can_focus=True, inherit_bindings=False):
    """The cards of one example. Lines of this widget are the lines of its `CardFlow`."""

    WHERE: ClassVar[str] = "conversation"
    BINDINGS: ClassVar[list[Binding]] = bindings_for("conversation")  # type: ignore[assignment]
    COMPONENT_CLASSES = {
        "example-view--system",
        "example-view--user",
        "example-view--assistant",
        "example-view--tool",
        "example-view--other",
        "example-view--muted",
        "example-view--problem",
        "example-view--current",
        "example-view--side",
    }
    DEFAULT_CSS = """
    ExampleView {
        .example-view--system { color: $role-system; text-style: bold; }
        .example-view--user { color: $role-user; text-style: bold; }
        .example-view--assistant { color: $role-assistant; text-style: bold; }
        .example-view--tool { color: $role-tool; text-style: bold; }
        .example-view--other { color: $issue-warn; text-style: bold; }
        .example-view--muted { color: $text-muted; }
        .example-view--problem { color: $issue-error; }
        .example-view--current { background: $primary 25%; }
        .example-view--side { text-style: bold; }
    }
    """

    card: reactive[int] = reactive(0, repaint=False, init=False)
    """The card under the cursor."""
    is_unfolded: reactive[bool] = reactive(False, repaint=False, init=False)
    """Whether the keys beside the messages are shown, of this example and of the next ones."""

    class Opened(Message):
        """The message under the cursor was chosen with two clicks."""

    @dataclass
    class Scrolled(Message):
        """What is shown begins at another line."""

        top: int

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ExampleView.Scrolled)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._flow = CardFlow((), 80)
        self._given: Sequence[Card] = ()
        self._cards: Sequence[Card] = ()
        self._hole: Hole | None = None
        self._empty = ""
        self._width = 0
        self._styles: dict[str, Style] = {}

    # --- what is shown --------------------------------------------------------------------------------------------
    @property
    def cards(self) -> Sequence[Card]:
        """The cards that are seen; those in a closed fold are not among them."""
        return self._cards

    @property
    def current(self) -> Card | None:
        """The card under the cursor."""
        return self._cards[self.card] if self.card < len(self._cards) else None

    def show(self, cards: Sequence[Card], *, empty: str = "", keep_place: bool = False) -> None:
        """Show ``cards``, or the sentence ``empty`` when there are none; from the top unless ``keep_place``."""
        self._given = cards
        self._cards = unfolded(cards, is_open=self.is_unfolded)
        self._empty = empty
        self._hole = None
        top = self.scroll_offset.y if keep_place else 0
        self._lay_out(at_least=top)
        self.set_reactive(
            ExampleView.card, self.validate_card(self.card if keep_place else _first_to_stand_on(self._cards))
        )
        self.scroll_to(y=top, animate=False)
        self.refresh()

    def make_hole(self, card: int | None, height: int = 0) -> int:
        """Leave ``height`` lines free in place of the text of ``card`` (None: close it); the hole's first line."""
        self._hole = None if card is None else Hole(card, height)
        self._lay_out(at_least=self.scroll_offset.y)
        self.refresh()
        if card is None:
            return 0
        start = self._flow.reach_card(card)
        self._grow()
        return next((y for y in range(start, len(self._flow.lines)) if self._flow.lines[y].kind == "hole"), start + 1)

    def _lay_out(self, at_least: int = 0) -> None:
        self._width = self.scrollable_content_region.width
        self._flow = CardFlow(self._cards, self._width, self._hole)
        self._reach(at_least)

    def _reach(self, line: int) -> None:
        """Lay out to two screens behind ``line``."""
        self._flow.reach_line(line + 2 * max(20, self.size.height))
        self._grow()

    def _grow(self) -> None:
        self.set_length(self._width, len(self._flow.lines))

    def on_resize(self, _event: Resize) -> None:
        if self.scrollable_content_region.width != self._width:
            self._lay_out(at_least=self.scroll_offset.y)
            self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._reach(round(new_value))
            self.post_message(self.Scrolled(round(new_value)))

    def notify_style_update(self) -> None:
        """Forget the styles: they have the colours of the old theme."""
        self._styles.clear()
        super().notify_style_update()

    # --- drawing --------------------------------------------------------------------------------------------------
    def render_line(self, y: int) -> Strip:
        return self.draw_line(y).apply_offsets(0, y + self.scroll_offset.y)

    def draw_line(self, y: int) -> Strip:
        width = self._width
        index = y + self.scroll_offset.y
        if not self._cards:
            return self._empty_line(y, width)
        if index >= len(self._flow.lines):
            return Strip.blank(width, self.base)
        line = self._flow.lines[index]
        segments = self._line_segments(line, width)
        span = self._span(line, index)
        if span is not None and line.kind != "title":
            segments = _marked(segments, span, self.screen.get_component_rich_style("screen--selection"))
        return Strip(segments).adjust_cell_length(width, self.base)

    def _empty_line(self, y: int, width: int) -> Strip:
        lines = wrap(safe(self._empty), max(8, width - INDENT))
        style = self._style("muted")
        segments = [Segment(" " * INDENT + lines[y], style)] if y < len(lines) else []
        return Strip(segments).adjust_cell_length(width, self.base)

    def _line_segments(self, line: FlowLine, width: int) -> list[Segment]:
        if line.halves is None:
            return self._half_segments(line, width)
        left = INDENT + self._flow.half
        between = Segment(BETWEEN, self._style("muted"))
        one, other = line.halves
        return [
            *self._half_segments(one, left, is_filled=True),
            between,
            *self._half_segments(other, width - left - len(BETWEEN)),
        ]

    def _style(self, name: str) -> Style:
        """The style of a component class: Textual forgets it at each refresh, this does not."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self.get_component_rich_style(_PREFIX + name)
        return style

    def _half_segments(self, line: FlowLine | None, width: int, *, is_filled: bool = False) -> list[Segment]:
        """A line of one card, with the bar of the cursor before it."""
        if line is None:
            return [Segment(" " * width, self.base)]
        card = self._cards[line.card]
        is_current = line.card == self.card and self.has_focus and line.kind != "gap"
        role = self._style(_style_of(card))
        bar = Segment("▌ " if is_current else "  ", role)
        if line.kind == "title":
            return [bar, *self._title(card, role, width - INDENT, is_current)]
        text = fit(line.text, width - INDENT) if is_filled else line.text
        return [bar, Segment(text, self._text_style(line))]

    def _title(self, card: Card, role: Style, width: int, is_current: bool) -> list[Segment]:
        right = clip(card.right, width)
        title = clip(card.title or "(no role)", max(0, width - len(right) - 1))
        style = role
        if is_current:
            style = role + Style(bgcolor=self._style("current").bgcolor)
        fill = " " * (width - cell_len(title) - cell_len(right))
        muted = self._style("muted") + Style(bgcolor=style.bgcolor)
        return [Segment(title + fill, style), Segment(right, muted)]

    def _text_style(self, line: FlowLine) -> Style:
        if line.kind == "problem":
            return self._style("problem")
        if line.kind == "side":
            return self._style("side")
        if line.kind in ("note", "rest"):
            return self._style("muted")
        return self.base

    # --- selecting with the mouse ---------------------------------------------------------------------------------
    def _span(self, line: FlowLine, index: int) -> tuple[int, int] | None:
        """The selected characters of a line's text."""
        selection = self.text_selection
        span = None if selection is None else selection.get_span(index)
        if span is None:
            return None
        end = len(line.text) if span[1] == -1 else span[1] - INDENT
        return max(0, span[0] - INDENT), max(0, end)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, its soft line breaks undone."""
        return self._flow.text_between(self._selected(selection)), "\n"

    def _selected(self, selection: Selection) -> Iterator[tuple[FlowLine, int, int | None]]:
        for index, line in enumerate(self._flow.lines):
            span = selection.get_span(index)
            if span is not None:
                yield line, max(0, span[0] - INDENT), None if span[1] == -1 else max(0, span[1] - INDENT)

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    # --- the cursor -----------------------------------------------------------------------------------------------
    def validate_card(self, card: int) -> int:
        return max(0, min(card, len(self._cards) - 1))

    def watch_card(self, _old: int, _new: int) -> None:
        self.refresh()

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh()

    def stand_on_message(self, message: int) -> None:
        """Put the cursor on the example's message ``message`` (from 0), and show it."""
        for index, card in enumerate(self._cards):
            if card.message == message:
                self.stand_on(index)
                return

    def stand_on(self, card: int) -> None:
        """Put the cursor on a card, and show as much of it as fits, from its title."""
        self.card = card
        start = self._flow.reach_card(self.card)
        self._grow()
        top, height = self.scroll_offset.y, max(1, self.size.height)
        end = self._flow.end_of(self.card)
        if start < top or end - start >= height:
            self.scroll_to(y=start, animate=False)
        elif end > top + height:
            self.scroll_to(y=end - height, animate=False)

    def action_move(self, step: int) -> None:
        """The next or previous card; a card longer than the pane is scrolled through first."""
        if not self._cards:
            return
        top, height = self.scroll_offset.y, max(1, self.size.height)
        start = self._flow.reach_card(self.card)
        self._grow()
        if step > 0 and self._flow.end_of(self.card) > top + height:
            self.scroll_to(y=max(start, top + height // 2) if start <= top else start, animate=False)
        elif step < 0 and start < top:
            self.scroll_to(y=max(start, top - height // 2), animate=False)
        else:
            self._step(step)

    def _step(self, step: int) -> None:
        target = self.validate_card(self.card + step)
        if target == self.card:
            return
        self.stand_on(target)
        start, height = self._flow.starts[target], max(1, self.size.height)
        if step < 0 and self._flow.end_of(target) - start > height:
            self.scroll_to(y=self._flow.end_of(target) - height, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages; the cursor follows to the first card whose title is in sight."""
        height = max(1, self.size.height - 1)
        self._reach(self.scroll_offset.y + pages * height)
        self.scroll_to(y=max(0, self.scroll_offset.y + pages * height), animate=False)
        top = self.scroll_offset.y
        lines = self._flow.lines
        if top < len(lines):
            in_sight = (c for c, start in self._flow.starts.items() if top <= start < top + height)
            self.card = next(in_sight, lines[top].card)

    def action_first(self) -> None:
        """The first card."""
        self.stand_on(0)

    def action_last(self) -> None:
        """The end of the last card."""
        self._flow.reach_end()
        self._grow()
        self.card = len(self._cards) - 1
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def action_fold(self) -> None:
        """Show the keys beside the messages, or fold them away; the cursor goes to the fold."""
        if self._hole is None:
            self.is_unfolded = not self.is_unfolded

    def watch_is_unfolded(self, _old: bool, is_open: bool) -> None:
        self._cards = unfolded(self._given, is_open=is_open)
        self._lay_out(at_least=self.scroll_offset.y)
        fold = next((index for index, card in enumerate(self._cards) if card.kind == "fold"), None)
        if fold is not None:
            self.stand_on(fold)
            if is_open:  # as much of what is in it as fits, from the top of the fold
                self.scroll_to(y=max(self.scroll_offset.y, self._shown_from(fold)), animate=False)
        self.refresh()

    def _shown_from(self, fold: int) -> int:
        """The line to begin at so that an opened fold is in sight with what it holds."""
        self._reach(self._flow.starts[fold] + self.size.height)
        return min(self._flow.starts[fold], len(self._flow.lines) - max(1, self.size.height))

    def on_click(self, event: Click) -> None:
        index = event.y + self.scroll_offset.y
        if index < len(self._flow.lines):
            self.card = self._flow.card_at(index, event.x)
            card = self.current
            if event.chain == 2:
                self.post_message(self.Opened())
            elif card is not None and card.kind == "fold" and self._flow.lines[index].kind == "title":
                self.action_fold()


def _marked(segments: Iterable[Segment], span: tuple[int, int], marked: Style) -> list[Segment]:
    """``segments`` with the characters of ``span`` (counted behind the indent) in another style."""
    start, end = span[0] + INDENT, span[1] + INDENT
    result: list[Segment] = []
    at = 0
    for text, style, _ in segments:
        cuts = [0, *(min(max(0, cut - at), len(text)) for cut in (start, end)), len(text)]
        styles = (style, (style or Style()) + marked, style)
        result += [Segment(text[cuts[i] : cuts[i + 1]], styles[i]) for i in range(3) if cuts[i] < cuts[i + 1]]
        at += len(text)
    return result


def _style_of(card: Card) -> str:
    if card.kind == "message":
        return _ROLE_STYLES.get(card.title, "other")
    if card.kind == "call":
        return "tool"
    return "problem" if card.kind == "broken" else "muted"


def _first_to_stand_on(cards: Sequence[Card]) -> int:
    """The first user's message, which is what one looks for; else the first card."""
    return next((index for index, card in enumerate(cards) if card.title == "user"), 0)
