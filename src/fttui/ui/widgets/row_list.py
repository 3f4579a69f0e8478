"""A virtual list of rows: only what is on the screen is ever read, parsed and drawn, so a million rows cost no more.

The list knows nothing of documents: it asks a `RowSource` for the cells of one row at a time and keeps the drawn
strips in a cache keyed by row, revision, width and tokens. The rows may grow while the list is on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding
from textual.cache import LRUCache
from textual.containers import Vertical
from textual.events import Click, Resize
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from fttui.core.text import one_line
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.quiet_scroll import QuietScroll
from fttui.ui.wrapping import fit, wrap

CHANGED = "✎"
BROKEN = "✖"
_TURNS_WIDTH = 5
_TOKENS_WIDTH = 7


@dataclass(frozen=True, slots=True)
class RowCells:
    """What the list shows of one row.

    Attributes:
        preview: Any text; it is made safe and put on one line here.
        turns: Number of messages, or None where that makes no sense.
        is_changed: Whether the row differs from the saved file.
        problem: Why the row cannot be read as an example; empty when it can.
    """

    preview: str
    turns: int | None = None
    is_changed: bool = False
    problem: str = ""


class RowSource(Protocol):
    """Where the rows come from; each call must be quick, it happens while the list is drawn."""

    @property
    def revision(self) -> int:
        """Another number after every change of a row."""

    def __len__(self) -> int: ...

    def cells(self, row: int) -> RowCells:
        """The cells of one row (from 0)."""

    def tokens(self, row: int) -> int | None:
        """Tokens of one row, or None while they are not known."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells: the number's, and what is left for the preview."""

    number: int
    preview: int

    @classmethod
    def of(cls, count: int, width: int) -> Columns:
        """The columns of ``count`` rows in ``width`` cells; narrow lists give up nothing but preview."""
        number = max(4, len(f"{count:,}"))
        # bar, number, blank, mark, turns, tokens, two blanks
        return cls(number, max(0, width - (1 + number + 2 + _TURNS_WIDTH + _TOKENS_WIDTH + 3)))


class RowList(QuietScroll, can_focus=True, inherit_bindings=False):
    """The rows of a `RowSource` with a cursor.

    Lines of this widget are rows: line ``n`` of its virtual size is row ``n``.
    """

    WHERE: ClassVar[str] = "rows"
    BINDINGS: ClassVar[list[Binding]] = bindings_for("rows")  # type: ignore[assignment]
    COMPONENT_CLASSES = {
        "row-list--number",
        "row-list--figures",
        "row-list--changed",
        "row-list--broken",
        "row-list--cursor",
        "row-list--empty",
    }
    DEFAULT_CSS = """
    RowList {
        .row-list--number { color: $text-muted; }
        .row-list--figures { color: $text-muted; }
        .row-list--changed { color: $accent; }
        .row-list--broken { color: $issue-error; }
        .row-list--cursor { background: $surface; }
        .row-list--empty { color: $text-muted; }
        &:focus .row-list--cursor { background: $primary 35%; text-style: bold; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    @dataclass
    class Moved(Message):
        """The cursor is on another row; only the newest of a burst is handled."""

        row: int

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RowList.Moved)

    class Opened(Message):
        """The row under the cursor was chosen, with enter or two clicks."""

    @dataclass
    class Resized(Message):
        """The columns have other widths now."""

        columns: Columns

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.empty = ""
        """What to say when there are no rows; with what to do about it."""
        self._source: RowSource | None = None
        self._count = 0
        self._columns = Columns.of(0, 0)
        self._drawn: tuple[object, ...] = ()
        self._strips: LRUCache[tuple[int, int, int, int | None], Strip] = LRUCache(1024)

    # --- what is shown --------------------------------------------------------------------------------------------
    @property
    def count(self) -> int:
        """Rows that the list knows of."""
        return self._count

    def show(self, source: RowSource | None) -> None:
        """Show the rows of ``source`` from its first."""
        self._source = source
        self._strips.clear()
        self._count = -1
        self.sync()
        self.cursor = 0
        self.scroll_home(animate=False)

    def sync(self) -> None:
        """Take over a changed number of rows, and draw again if anything in sight changed.

        May be called ten times a second while a file is read and counted: a line that is drawn again is sent to the
        terminal again.
        """
        count = 0 if self._source is None else len(self._source)
        if count != self._count:
            self._count = count
            self._lay_out()
            self.cursor = self.validate_cursor(self.cursor)
        in_sight = self._in_sight()
        if in_sight != self._drawn:
            self._drawn = in_sight
            self.refresh()

    def _in_sight(self) -> tuple[object, ...]:
        """What the lines on the screen depend on, but for the cursor."""
        if self._source is None or self._count <= 0:
            return (self._source, self.empty)
        top = self.scroll_offset.y
        rows = range(top, min(self._count, top + self.size.height))
        return (self._source, self._source.revision, self._columns, rows, *map(self._source.tokens, rows))

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        columns = Columns.of(self._count, width)
        self.set_length(width, max(0, self._count))
        if columns != self._columns:
            self._columns = columns
            self._strips.clear()
            self.post_message(self.Resized(columns))

    def on_resize(self, _event: Resize) -> None:
        self._lay_out()
        self._keep_cursor_visible()

    def notify_style_update(self) -> None:
        """Forget the drawn strips: they hold the colours of the old theme."""
        self._strips.clear()
        super().notify_style_update()

    # --- drawing --------------------------------------------------------------------------------------------------
    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        row = y + self.scroll_offset.y
        if self._source is None or row >= self._count:
            return self._blank(y, width)
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row)
        if row == self.cursor or span is not None:
            strip = Strip(self._segments(row, span)).adjust_cell_length(width, self.base)
            if row == self.cursor:
                strip = strip.apply_style(self._cursor_style())
        else:
            strip = self._cached(row, width)
        return strip.apply_offsets(0, row)

    def _blank(self, y: int, width: int) -> Strip:
        """A line behind the last row; `empty` stands there when there are no rows."""
        lines = wrap(self.empty, max(8, width - 2)) if self._count <= 0 else []
        style = self.get_component_rich_style("row-list--empty")
        segments = [Segment(f" {lines[y]}", style)] if y < len(lines) else []
        return Strip(segments).adjust_cell_length(width, self.base)

    def _cached(self, row: int, width: int) -> Strip:
        assert self._source is not None
        key = (row, self._source.revision, width, self._source.tokens(row))
        strip = self._strips.get(key)
        if strip is None:
            strip = Strip(self._segments(row, None)).adjust_cell_length(width, self.base)
            self._strips[key] = strip
        return strip

    def _cursor_style(self) -> Style:
        style = self.get_component_rich_style("row-list--cursor")
        return Style(bgcolor=style.bgcolor, bold=style.bold)

    def _segments(self, row: int, span: tuple[int, int] | None) -> list[Segment]:
        """One row as segments; ``span`` is the part (in characters) that the mouse has selected."""
        figures, mark, preview, is_broken = self._texts(row)
        bar = "▌" if row == self.cursor else " "
        mark_style = "row-list--broken" if is_broken else "row-list--changed"
        pieces = [
            (bar + figures[0], self.get_component_rich_style("row-list--number")),
            (f" {mark}", self.get_component_rich_style(mark_style)),
            (f"{figures[1]}  ", self.get_component_rich_style("row-list--figures")),
            (preview, self.get_component_rich_style("row-list--broken") if is_broken else self.base),
        ]
        if span is None:
            return [Segment(text, style) for text, style in pieces]
        return _select(pieces, span, self.screen.get_component_rich_style("screen--selection"))

    def _texts(self, row: int) -> tuple[tuple[str, str], str, str, bool]:
        """(number, turns and tokens), mark, preview, is it broken."""
        assert self._source is not None
        cells = self._source.cells(row)
        tokens = self._source.tokens(row)
        turns_text = "–" if cells.turns is None else f"{cells.turns:,}"
        tokens_text = "–" if tokens is None else f"{tokens:,}"
        figures = f"{turns_text:>{_TURNS_WIDTH}}{tokens_text:>{_TOKENS_WIDTH}}"
        mark = BROKEN if cells.problem else CHANGED if cells.is_changed else " "
        limit = self._columns.preview
        text = f"{cells.problem} · {cells.preview}" if cells.problem else cells.preview
        preview = fit(one_line(text), limit)
        return (f"{row + 1:>{self._columns.number},}", figures), mark, preview, bool(cells.problem)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected part of the rows as they are shown; at most the rows that a screen can hold."""
        first = 0 if selection.start is None else selection.start.y
        last = self._count - 1 if selection.end is None else min(selection.end.y, self._count - 1)
        last = min(last, first + 1000)
        lines = []
        for row in range(first, last + 1):
            span = selection.get_span(row)
            if span is None:
                continue
            line = "".join(segment.text for segment in self._segments(row, None))
            lines.append(line[span[0] : None if span[1] == -1 else span[1]].rstrip())
        return ("\n".join(lines), "\n") if lines else None

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()

    # --- the cursor -----------------------------------------------------------------------------------------------
    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        if old == new:
            return
        self._keep_cursor_visible()
        self.refresh_line(old)
        self.refresh_line(new)
        self.post_message(self.Moved(new))

    def _keep_cursor_visible(self) -> None:
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif height and self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def action_move(self, rows: int) -> None:
        """Move the cursor by ``rows``."""
        self.cursor += rows

    def action_page(self, pages: int) -> None:
        """Move the cursor, and what is shown, by ``pages``."""
        height = max(1, self.scrollable_content_region.height - 1)
        self.scroll_to(y=self.scroll_offset.y + pages * height, animate=False)
        self.cursor += pages * height

    def action_first(self) -> None:
        """Go to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Go to the last row that is known."""
        self.cursor = self._count - 1

    def action_open(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self._count > 0:
            self.post_message(self.Opened())

    def on_click(self, event: Click) -> None:
        row = event.y + self.scroll_offset.y
        if row < self._count:
            self.cursor = row
            if event.chain == 2:
                self.action_open()


class RowHeader(Widget):
    """The names of the columns, over the list."""

    DEFAULT_CSS = """
    RowHeader { height: 1; color: $text-muted; }
    """

    columns: reactive[Columns] = reactive(Columns.of(0, 0))

    def render_line(self, y: int) -> Strip:
        turns, tokens = f"{'turns':>{_TURNS_WIDTH}}", f"{'tokens':>{_TOKENS_WIDTH}}"
        text = f" {'#':>{self.columns.number}}  {turns}{tokens}  preview"
        return Strip([Segment(text, self.rich_style)]).adjust_cell_length(self.size.width, self.rich_style)


class RowPane(Vertical):
    """The list under its header."""

    def compose(self) -> ComposeResult:
        yield RowHeader()
        yield RowList(id="rows")

    def on_row_list_resized(self, message: RowList.Resized) -> None:
        message.stop()
        self.query_one(RowHeader).columns = message.columns


def _select(pieces: list[tuple[str, Style]], span: tuple[int, int], style: Style) -> list[Segment]:
    """``pieces`` with ``style`` over the characters of ``span`` (its end -1 means to the end)."""
    start, end = span[0], span[1] if span[1] != -1 else sum(len(text) for text, _ in pieces)
    segments: list[Segment] = []
    at = 0
    for text, own in pieces:
        low, high = (min(max(edge - at, 0), len(text)) for edge in (start, end))
        segments += [Segment(text[:low], own), Segment(text[low:high], own + style), Segment(text[high:], own)]
        at += len(text)
    return [segment for segment in segments if segment.text]
