"""A virtual list of rows: only what is on the screen is ever read, parsed and drawn, so a million rows cost no more.

The list knows nothing of documents: it asks a `RowSource` for what stands at one position at a time, and keeps drawn
strips by what they say. A position (from 0) counts the lines of the list; a row (from 0) is the number of the line in
the file; where the rows are filtered or sorted they differ. The rows may grow while the list is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Click, Resize
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from fttui.ui.keys import bindings_for
from fttui.ui.widgets.quiet_scroll import QuietScroll
from fttui.ui.widgets.row_columns import Layout, RowColumns, RowLine
from fttui.ui.widgets.row_header import RowHeader, SortedBy
from fttui.ui.widgets.row_marks import RowCells, RowSource
from fttui.ui.widgets.row_painter import PREFIX, STYLES, RowPainter, line_text
from fttui.ui.wrapping import wrap

__all__ = ["RowCells", "RowList", "RowPane", "RowSource"]

_MOST_PAINTED = 4096
"""Lines of which is known what was painted; those in sight are enough."""


class RowList(QuietScroll, can_focus=True, inherit_bindings=False):
    """The rows of a `RowSource` with a cursor.

    Line ``n`` of this widget's virtual size is position ``n``, and ``cursor`` is a position.
    """

    WHERE: ClassVar[str] = "rows"
    BINDINGS: ClassVar[list[Binding]] = bindings_for("rows")  # type: ignore[assignment]
    COMPONENT_CLASSES = {f"{PREFIX}{name}" for name in STYLES}
    DEFAULT_CSS = """
    RowList {
        .row-list--number { color: $text-muted; }
        .row-list--figures { color: $text-muted; }
        .row-list--changed { color: $accent; }
        .row-list--error { color: $issue-error; }
        .row-list--warning { color: $issue-warn; }
        .row-list--marked { color: $primary; background: $primary 15%; }
        .row-list--tag { color: $secondary; }
        .row-list--tags { color: $secondary; }
        .row-list--note { color: $text-muted; }
        .row-list--reviewed { color: $success; }
        .row-list--cursor { background: $surface; }
        .row-list--empty { color: $text-muted; }
        &:focus .row-list--cursor { background: $primary 35%; text-style: bold; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    @dataclass
    class Moved(Message):
        """The cursor is at another position; only the newest of a burst is handled."""

        position: int
        row: int

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RowList.Moved)

    class Opened(Message):
        """The row under the cursor was chosen, with enter or two clicks."""

    @dataclass
    class Extended(Message):
        """The range between the anchor and the cursor is another one; ``before`` is empty when it has just begun."""

        extent: range
        before: range

    @dataclass
    class Marked(Message):
        """A row is to be marked, or not any more."""

        position: int
        row: int

    @dataclass
    class Resized(Message):
        """The columns have other widths now."""

        layout: Layout

    def __init__(self, *, columns: RowColumns | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.empty = ""
        """What to say when there are no rows; with what to do about it."""
        self._source: RowSource | None = None
        self._count = 0
        self._shown_columns = columns or RowColumns()
        self._placed = Layout()
        self._width = 0
        self._selected: Selection | None = None
        self._anchor: int | None = None
        self._is_extending = False
        self._painted: dict[int, RowLine] = {}
        self._painter = RowPainter(self)

    # --- what is shown --------------------------------------------------------------------------------------------
    @property
    def count(self) -> int:
        """Positions that the list knows of."""
        return max(0, self._count)

    @property
    def cursor_row(self) -> int:
        """The row under the cursor; -1 when there are no rows."""
        return -1 if self._source is None or self.cursor >= self.count else self._source.row_at(self.cursor)

    @property
    def columns(self) -> RowColumns:
        """Which columns are wanted; those for which there is no room are left out."""
        return self._shown_columns

    @columns.setter
    def columns(self, columns: RowColumns) -> None:
        self._shown_columns = columns
        self._lay_out()
        self.refresh()

    def show(self, source: RowSource | None, *, row: int | None = None) -> None:
        """Show the rows of ``source``, with the cursor on ``row`` if it is among them, else from the first."""
        self._source = source
        self._painter.forget_lines()
        self._painted.clear()
        self._anchor = None
        self._count = -1
        self.sync()
        position = None if source is None or row is None else source.position_of(row)
        if position is None:
            self.cursor = 0
            self.scroll_home(animate=False)
        else:
            self.cursor = position
            self._keep_cursor_visible()
        self.refresh()

    def sync(self) -> None:
        """Take over a changed number of rows, and draw again the lines in sight that say something else now.

        May be called ten times a second while a file is read and counted: a line that is drawn again is sent to the
        terminal again.
        """
        count = 0 if self._source is None else len(self._source)
        if count != self._count:
            ends_in_sight = min(count, self._count) < self.scroll_offset.y + self.size.height
            self._count = count
            self._lay_out()
            self.cursor = self.validate_cursor(self.cursor)
            if ends_in_sight:
                self.refresh()
                return
        top = self.scroll_offset.y
        in_sight = range(top, min(count, top + self.size.height))
        changed = [p for p in in_sight if p in self._painted and self._painted[p] != self._line(p)]
        if changed:
            self.refresh_lines(changed[0], changed[-1] - changed[0] + 1)

    def sync_issues(self, issue: Callable[[int], str]) -> None:
        """Draw again the lines in sight of rows whose worst issue is another one now, which ``issue`` says.

        As often as `sync`, and for less: mostly nothing in sight is another.
        """
        top = self.scroll_offset.y
        painted = (self._painted.get(position) for position in range(top, top + self.size.height))
        if any(line is not None and line.row >= 0 and line.cells.issue != issue(line.row) for line in painted):
            self.sync()

    def _line(self, position: int) -> RowLine:
        source, placed = self._source, self._placed
        assert source is not None
        cells = source.cells(position)
        if not cells.is_marked and position in self.extent:
            cells = cells._replace(is_marked=True)
        return RowLine(
            source.row_at(position),
            cells,
            source.tokens(position) if "tokens" in placed else None,
            source.trained(position) if "trained" in placed else None,
            source.size(position) if "bytes" in placed else None,
        )

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width
        placed = Layout.of(self._shown_columns, self.count, self._width)
        self.set_length(self._width, self.count)
        if placed != self._placed:
            self._placed = placed
            self._painter.forget_lines()
            self.refresh()
            self.post_message(self.Resized(placed))

    def on_resize(self, _event: Resize) -> None:
        self._lay_out()
        self._keep_cursor_visible()

    def notify_style_update(self) -> None:
        """Forget the drawn strips: they hold the colours of the old theme."""
        self._painter.forget()
        super().notify_style_update()

    # --- drawing --------------------------------------------------------------------------------------------------
    def render_line(self, y: int) -> Strip:
        return self.draw_line(y).apply_offsets(0, y + self.scroll_offset.y)

    def draw_line(self, y: int) -> Strip:
        position = y + self.scroll_offset.y
        if self._source is None or position >= self._count:
            return self._blank(y)
        if len(self._painted) > _MOST_PAINTED:
            self._painted.clear()
        line = self._painted[position] = self._line(position)
        span = None if self._selected is None else self._selected.get_span(position)
        strip = self._painter.strip(line, self._placed, position == self.cursor, span)
        return strip if self._placed.width == self._width else strip.adjust_cell_length(self._width, self.base)

    def _blank(self, y: int) -> Strip:
        """A line behind the last row; `empty` stands there when there are no rows."""
        width = self._width
        lines = wrap(self.empty, max(8, width - 2)) if self._count <= 0 else []
        segments = [Segment(f" {lines[y]}", self._painter.style("empty"))] if y < len(lines) else []
        return Strip(segments).adjust_cell_length(width, self.base)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected part of the rows as they are shown; at most the rows that a screen can hold."""
        first = 0 if selection.start is None else selection.start.y
        last = self._count - 1 if selection.end is None else min(selection.end.y, self._count - 1)
        last = min(last, first + 1000)
        lines = []
        for position in range(first, last + 1):
            span = selection.get_span(position)
            if span is None:
                continue
            line = line_text(self._line(position), self._placed, position == self.cursor)
            lines.append(line[span[0] : None if span[1] == -1 else span[1]].rstrip())
        return ("\n".join(lines), "\n") if lines else None

    def selection_updated(self, selection: Selection | None) -> None:
        self._selected = selection
        self.refresh()

    # --- the cursor -----------------------------------------------------------------------------------------------
    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        if old == new:
            return
        if not self._is_extending:
            self.end_extent()
        self._keep_cursor_visible()
        self.refresh_line(old)
        self.refresh_line(new)
        self.post_message(self.Moved(new, self.cursor_row))

    def go_to_row(self, row: int) -> bool:
        """Put the cursor on a row; False when it is not among those that are shown."""
        position = None if self._source is None else self._source.position_of(row)
        if position is None:
            return False
        self.cursor = position
        return True

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
        position = event.y + self.scroll_offset.y
        if position >= self._count:
            return
        if event.shift:
            self.extend_to(position)
            return
        self.cursor = position
        if event.ctrl:
            self.action_mark()
        elif event.chain == 2:
            self.action_open()

    # --- marking rows ---------------------------------------------------------------------------------------------
    @property
    def extent(self) -> range:
        """The positions between the anchor and the cursor, both included, while a range is drawn; else empty."""
        if self._anchor is None:
            return range(0)
        return range(min(self._anchor, self.cursor), max(self._anchor, self.cursor) + 1)

    def action_mark(self) -> None:
        """Ask for the row under the cursor to be marked, or not any more."""
        if self._count > 0:
            self.post_message(self.Marked(self.cursor, self.cursor_row))

    def action_extend(self, rows: int) -> None:
        """Move the cursor by ``rows``, and draw the range from where it began."""
        self.extend_to(self.cursor + rows)

    def extend_to(self, position: int) -> None:
        """Put the cursor at ``position``, and draw the range from where it was, or from where the range began."""
        if self._count <= 0:
            return
        before = self.extent
        old = self.cursor
        if self._anchor is None:
            self._anchor = old
        self._is_extending = True
        try:
            self.cursor = position
        finally:
            self._is_extending = False
        first, last = min(old, self.cursor), max(old, self.cursor)
        top, height = self.scroll_offset.y, self.size.height
        first, last = max(first, top), min(last, top + height)
        if first <= last:
            self.refresh_lines(first, last - first + 1)
        self.post_message(self.Extended(self.extent, before))

    def end_extent(self) -> None:
        """Draw no range any more; the next one begins at the cursor."""
        if self._anchor is not None:
            self._anchor = None
            self.refresh()


class RowPane(Vertical):
    """The list under its header."""

    BLANK = True  # nothing of its own is ever seen

    def __init__(self, *, columns: RowColumns | None = None, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = columns

    def compose(self) -> ComposeResult:
        yield RowHeader()
        yield RowList(columns=self._columns, id="rows")

    def on_row_list_resized(self, message: RowList.Resized) -> None:
        message.stop()
        self.query_one(RowHeader).layout_shown = message.layout

    def show_sorted(self, sorted_by: SortedBy | None) -> None:
        """Mark the column that the rows are sorted by."""
        self.query_one(RowHeader).sorted_by = sorted_by
