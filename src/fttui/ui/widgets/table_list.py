"""A list of rows in aligned columns with a cursor (Line API): jobs, models, failing rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fttui.core.text import one_line, safe
from fttui.ui.keys import bindings_for
from fttui.ui.wrapping import fit, wrap

GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``width`` cells, or 0 for what the others leave."""

    title: str
    width: int = 0
    right: bool = False
    optional: bool = False
    """Left out when the list is narrower than all columns with 10 cells for the flexible one."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A text (made safe when it is shown) and its tone: "", "good", "bad", "busy" or "muted"."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; ``key`` finds it again when the rows change."""

    key: str
    cells: tuple[Cell, ...]


class TableList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor. The cursor stays on the same key when the rows change around it."""

    WHERE: ClassVar[str] = "table"
    BINDINGS = bindings_for("table")
    COMPONENT_CLASSES = {
        "table-list--header", "table-list--cursor", "table-list--good", "table-list--bad", "table-list--busy",
        "table-list--muted",
    }  # fmt: skip
    DEFAULT_CSS = """
    TableList {
        height: 1fr;
        background: transparent;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        .table-list--header { color: $text-muted; text-style: bold; }
        .table-list--cursor { background: $block-cursor-blurred-background; }
        .table-list--good { color: $text-success; }
        .table-list--bad { color: $issue-error; }
        .table-list--busy { color: $text-accent; }
        .table-list--muted { color: $text-muted; }
        &:focus .table-list--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    cursor: reactive[int] = reactive(0, repaint=False)

    class Highlighted(Message):
        """The cursor is on another row, or on the same row with new content."""

        def __init__(self, table: TableList, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> TableList:
            return self.table

    class Selected(Highlighted):
        """A row was opened: enter, or a second click."""

    def __init__(
        self, columns: Sequence[Column], *, empty: str = "", id: str | None = None, classes: str | None = None  # noqa: A002
    ) -> None:  # fmt: skip
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.rows: tuple[TableRow, ...] = ()
        self._empty = empty
        self._widths: list[int] = []

    @property
    def key(self) -> str | None:
        """The key of the row under the cursor."""
        return self.rows[self.cursor].key if self.rows else None

    def set_rows(self, rows: Sequence[TableRow], *, empty: str | None = None) -> None:
        """Show these rows; the cursor follows its key, or stays near where it was."""
        before = self.key
        self.rows = tuple(rows)
        if empty is not None:
            self._empty = empty
        found = next((i for i, row in enumerate(self.rows) if row.key == before), None)
        at = found if found is not None else max(0, min(self.cursor, len(self.rows) - 1))
        self.set_reactive(TableList.cursor, at)
        self._measure()
        self.refresh()
        if self.rows and self.key != before:
            self.post_message(self.Highlighted(self, self.rows[at].key))

    def move_to(self, key: str) -> bool:
        """Put the cursor on the row ``key``; False when there is none."""
        found = next((i for i, row in enumerate(self.rows) if row.key == key), None)
        if found is not None:
            self.cursor = found
        return found is not None

    def _move(self, by: int) -> None:
        self.cursor = max(0, min(self.cursor + by, len(self.rows) - 1))

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - 2)

    def action_cursor_down(self) -> None:
        self._move(1)

    def action_cursor_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(self._page)

    def action_page_up(self) -> None:
        self._move(-self._page)

    def action_first(self) -> None:
        self._move(-len(self.rows))

    def action_last(self) -> None:
        self._move(len(self.rows))

    def action_select(self) -> None:
        if self.key is not None:
            self.post_message(self.Selected(self, self.key))

    def watch_cursor(self, _before: int, after: int) -> None:
        self.scroll_to_region(Region(0, after, 1, 2), animate=False, force=True)
        self.refresh()
        if self.rows:
            self.post_message(self.Highlighted(self, self.rows[after].key))

    def on_resize(self, event: Resize) -> None:
        self._measure()
        top = max(0, self.cursor + 2 - event.size.height)  # rows above the cursor, as many as there is room for now
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)

    def on_click(self, event: Click) -> None:
        index = event.y + self.scroll_offset.y - 1
        if event.y >= 1 and 0 <= index < len(self.rows):
            if index == self.cursor and event.chain > 1:
                self.action_select()
            self.cursor = index

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self._widths = column_widths(self.columns, width)
        self.virtual_size = Size(width, len(self.rows) + 1)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        if not self.rows:
            lines = wrap(safe(self._empty), max(2, width - 2))
            text = lines[y - 1] if 1 <= y <= len(lines) else ""
            style = self.get_component_rich_style("table-list--muted")
            return Strip([Segment(" " + text, style)]).crop_extend(0, width, self.rich_style)
        if y == 0:
            titles = tuple(Cell(column.title) for column in self.columns)
            return self._strip(titles, width, self.get_component_rich_style("table-list--header"))
        index = y - 1 + self.scroll_offset.y
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        base = self.rich_style
        if index == self.cursor:
            base += self.get_component_rich_style("table-list--cursor")
        return self._strip(self.rows[index].cells, width, base, marked=index == self.cursor)

    def _strip(self, cells: Sequence[Cell], width: int, base: Style, *, marked: bool = False) -> Strip:
        segments = [Segment("▌" if marked else " ", base)]
        for cell, column, cells_wide in zip(cells, self.columns, self._widths, strict=False):
            if cells_wide <= 0:
                continue
            style = base
            if cell.tone and not (marked and self.has_focus):
                style += Style(color=self.get_component_rich_style(f"table-list--{cell.tone}").color)
            segments.append(Segment(fit(one_line(cell.text, 300), cells_wide, right=column.right), style))
            segments.append(Segment(" " * GAP, base))
        return Strip(segments).crop_extend(0, width, base)


def column_widths(columns: Sequence[Column], width: int, *, flexible: int = 10) -> list[int]:
    """Cells for each column; 0 leaves an optional column out where the flexible one would have less than 10 cells."""
    shown = [True] * len(columns)

    def needed() -> int:
        return 1 + sum((c.width or flexible) + GAP for c, is_shown in zip(columns, shown, strict=True) if is_shown)

    for index in reversed(range(len(columns))):
        if needed() - GAP <= width:
            break
        if columns[index].optional:
            shown[index] = False
    fixed = 1 + sum(c.width + GAP for c, is_shown in zip(columns, shown, strict=True) if is_shown) - GAP
    loose = max(1, sum(1 for c, is_shown in zip(columns, shown, strict=True) if is_shown and not c.width))
    share = max(4, (width - fixed) // loose)
    return [(c.width or share) if is_shown else 0 for c, is_shown in zip(columns, shown, strict=True)]
