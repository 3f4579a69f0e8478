"""The names of the columns, over the row list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from fttui.ui.widgets.row_columns import Layout
from fttui.ui.wrapping import fit

_ALIASES: Final = {"line": "number", "tag": "tags"}
"""Columns that queries call by another name."""


@dataclass(frozen=True, slots=True)
class SortedBy:
    """The column that the rows are sorted by, as a query names it."""

    name: str
    descending: bool = False

    @property
    def arrow(self) -> str:
        return "↓" if self.descending else "↑"

    @property
    def column(self) -> str:
        """The list's column of that name, which may not be one that is shown."""
        return _ALIASES.get(self.name, self.name)


class RowHeader(Widget):
    """The titles of a `Layout`, and an arrow at the column that the rows are sorted by."""

    DEFAULT_CSS = """
    RowHeader { height: 1; color: $text-muted; }
    """

    layout_shown: reactive[Layout] = reactive(Layout())
    sorted_by: reactive[SortedBy | None] = reactive(None)

    @dataclass
    class Chosen(Message):
        """A title was clicked: the name of its column."""

        column: str

    def render_line(self, y: int) -> Strip:
        text = header_text(self.layout_shown, self.sorted_by)
        return Strip([Segment(text, self.rich_style)]).adjust_cell_length(self.size.width, self.rich_style)

    def on_click(self, event: Click) -> None:
        column = self.layout_shown.at(event.x)
        if column is not None:
            self.post_message(self.Chosen(column.name))


def header_text(layout: Layout, sorted_by: SortedBy | None) -> str:
    """The titles; the arrow stands in the blank before figures and behind the title of a text."""
    parts = [" "]
    for place in layout.places:
        title, width, gap = place.column.title, place.width, place.gap
        arrow = sorted_by.arrow if sorted_by is not None and sorted_by.column == place.column.name else ""
        if not place.column.is_right:
            parts.append(" " * gap + fit(f"{title} {arrow}".strip(), width))
        else:
            parts.append(f"{arrow}{title}".rjust(gap + width))
    return "".join(parts)
