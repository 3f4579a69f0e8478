"""One row as a strip of styled text, kept by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip

from fttui.ui.widgets.quiet_strip import QuietStrip
from fttui.ui.widgets.row_columns import Layout, RowLine, pieces_of

if TYPE_CHECKING:
    from fttui.ui.widgets.quiet_scroll import QuietScroll

PREFIX: Final = "row-list--"
STYLES: Final = (
    "number", "figures", "changed", "error", "warning", "marked", "tag", "tags", "note", "reviewed", "cursor", "empty",
)  # fmt: skip
"""The component classes of a list, behind `PREFIX`."""
_MOST_LINES: Final = 256
"""Drawn lines that are kept: some screens full."""


class RowPainter:
    """Draws lines in the styles of a widget; told when styles or columns change."""

    def __init__(self, widget: QuietScroll) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}
        self._strips: LRUCache[tuple[RowLine, bool], Strip] = LRUCache(_MOST_LINES)

    def forget(self) -> None:
        """The colours are others."""
        self._styles.clear()
        self._strips.clear()

    def forget_lines(self) -> None:
        """The columns are others."""
        self._strips.clear()

    def strip(self, line: RowLine, layout: Layout, is_cursor: bool, span: tuple[int, int] | None) -> Strip:
        """One row, as wide as the layout; ``span`` is the part (in characters) that the mouse has selected."""
        key = (line, is_cursor)
        strip = self._strips.get(key) if span is None else None
        if strip is None:
            pieces = [(text, self.style(name)) for text, name in _merged(line, layout, is_cursor)]
            if is_cursor or line.cells.is_marked:
                ground = self._ground("cursor" if is_cursor else "marked")
                pieces = [(text, style + ground) for text, style in pieces]
            if span is not None:
                pieces = _select(pieces, span, self._widget.screen.get_component_rich_style("screen--selection"))
            strip = QuietStrip([Segment(text, style) for text, style in pieces], layout.width)
            if span is None:
                self._strips[key] = strip
        return strip

    def style(self, name: str) -> Style:
        """The style of a component class, "" for plain text: Textual forgets it at each refresh, this does not."""
        if not name:
            return self._widget.base
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._widget.get_component_rich_style(f"{PREFIX}{name}")
        return style

    def _ground(self, name: str) -> Style:
        """What lies under the texts of a line that stands out."""
        style = self.style(name)
        return Style(bgcolor=style.bgcolor, bold=style.bold)


def line_text(line: RowLine, layout: Layout, is_cursor: bool) -> str:
    """The characters of a row as they are drawn."""
    return "".join(text for text, _ in _merged(line, layout, is_cursor))


def _merged(line: RowLine, layout: Layout, is_cursor: bool) -> list[tuple[str, str]]:
    """The texts of a line, as few as their styles allow: each costs as much as all its characters."""
    merged: list[tuple[str, str]] = []
    last = ("▌" if is_cursor else " ", "number")
    for text, name in pieces_of(line, layout):
        if name == last[1] or text.isspace():
            last = last[0] + text, last[1]
        else:
            merged.append(last)
            last = text, name
    return [*merged, last]


def _select(pieces: Sequence[tuple[str, Style]], span: tuple[int, int], style: Style) -> list[tuple[str, Style]]:
    """``pieces`` with ``style`` over the characters of ``span`` (its end -1 means to the end)."""
    start, end = span[0], span[1] if span[1] != -1 else sum(len(text) for text, _ in pieces)
    selected: list[tuple[str, Style]] = []
    at = 0
    for text, own in pieces:
        low, high = (min(max(edge - at, 0), len(text)) for edge in (start, end))
        selected += [(text[:low], own), (text[low:high], own + style), (text[high:], own)]
        at += len(text)
    return [(text, own) for text, own in selected if text]
