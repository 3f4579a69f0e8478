"""A `ScrollView` for lines drawn by the widget itself, whose length may change at every key without a new layout."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


class QuietScroll(ScrollView, can_focus=True, inherit_bindings=False):
    """Its scrollbar is always there, so that nothing else on the screen depends on how long its content is."""

    DEFAULT_CSS = """
    QuietScroll {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    """

    _base: Style | None = None

    @property
    def base(self) -> Style:
        """The widget's own style: `rich_style`, which takes 0.1 ms to work out, kept for the lines."""
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        self._base = None
        super().notify_style_update()

    def set_length(self, width: int, lines: int) -> None:
        """Set the virtual size.

        Setting ``virtual_size`` itself lays out the whole screen, which costs 15 ms and draws everything again. Only
        the scrollbar has to know; `_scroll_update` tells it (private in Textual 8.2.8).
        """
        size = Size(width, lines)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)
