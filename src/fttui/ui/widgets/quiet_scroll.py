"""A `ScrollView` for lines drawn by the widget itself, whose length may change at every key without a new layout.

Textual draws a line for any widget in the most general way: borders, padding, opacity, tint, links, colours of old
terminals. These lines have none of it, and a key should cost no more than the lines that it changes: so the way from
`render_line` to the screen is shortened here, and nowhere else. What is private in Textual 8.2.8 says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Self

from rich.style import Style
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from fttui.ui.widgets.quiet_strip import QuietStrip


class QuietBar(ScrollBar):
    """A scrollbar that is drawn only when it looks different: beside a million rows it hardly ever does."""

    def __init__(self) -> None:
        super().__init__(vertical=True, name="vertical", thickness=1)
        self._drawn: tuple[object, ...] = ()
        self._lines: list[Strip] = []

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:  # fmt: skip
        if layout or recompose or self._look() != self._drawn:
            super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def _look(self) -> tuple[object, ...]:
        """All that the drawn bar depends on."""
        if not isinstance(self.parent, Widget):
            return ()
        return (self._thumb(), self.size, self._style(), self.app.get_line_filters())

    def _thumb(self) -> tuple[int, int]:
        """First and last eighth of a cell of the thumb, as `ScrollBarRender` places it; (0, 0) for none."""
        height, window, virtual = self.size.height, self.window_size, self.window_virtual_size
        if not height or not 0 < window < virtual:
            return 0, 0
        length = max(1.0, window * height / virtual)
        start = int((height - length) * self.position / (virtual - window) * 8)
        return start, start + ceil(length * 8)

    def _style(self) -> Style:
        assert isinstance(self.parent, Widget)
        styles = self.parent.styles
        if self.grabbed:
            color, background = styles.scrollbar_color_active, styles.scrollbar_background_active
        elif self.mouse_over:
            color, background = styles.scrollbar_color_hover, styles.scrollbar_background_hover
        else:
            color, background = styles.scrollbar_color, styles.scrollbar_background
        if background.a < 1:
            background = self.parent.background_colors[0] + background
        return Style.from_color((background + color).rich_color, background.rich_color)

    def render_lines(self, crop: Region) -> list[Strip]:
        look = self._look()
        if look != self._drawn:
            self._drawn = look
            self._lines = self._draw()
        return self._lines[crop.y : crop.bottom]

    def _draw(self) -> list[Strip]:
        style = self._style()
        height, window, virtual = self.size.height, self.window_size, self.window_virtual_size
        assert style.color is not None and style.bgcolor is not None
        bar = self.renderer.render_bar(
            height, virtual, window if window < virtual else 0, self.position, 1, True, style.bgcolor, style.color
        )
        strips: dict[int, Strip] = {}  # most lines are the same segment: one strip for them
        filters = plain_filters(self.app.get_line_filters())
        for segment in bar.segments:
            if id(segment) not in strips:
                strips[id(segment)] = QuietStrip.of(_filtered(Strip([segment], 1), filters, self))
        return [strips[id(segment)] for segment in bar.segments]


class QuietScroll(ScrollView, can_focus=True, inherit_bindings=False):
    """Its scrollbar is always there, so that nothing else on the screen depends on how long its content is.

    It must have no border and no padding.
    """

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

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:  # as `Widget.vertical_scrollbar` makes it; private in Textual 8.2.8
            self._vertical_scrollbar = QuietBar()
            self._vertical_scrollbar.display = False
            self.app._start_widget(self, self._vertical_scrollbar)
        return self._vertical_scrollbar

    def set_length(self, width: int, lines: int) -> None:
        """Set the virtual size.

        Setting ``virtual_size`` itself lays out the whole screen, which costs 15 ms and draws everything again. Only
        the scrollbar has to know; `_scroll_update` tells it (private in Textual 8.2.8).
        """
        size = Size(width, lines)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

    def draw_line(self, y: int) -> Strip:
        """Line ``y`` of what is in sight, as it is painted.

        `render_line`, which Textual calls to find out what is under the mouse, needs the places of the characters too
        (`Strip.apply_offsets`). These make each line's styles its own, which costs more than all else about it: a
        widget that draws its lines here and adds the offsets in `render_line` is painted in half the time.
        """
        return self.render_line(y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw all lines in new places; those that were in sight before are moved there as they were drawn."""
        cache, shift = self._styles_cache, round(new_value) - round(old_value)
        height = self.size.height
        kept = {
            y - shift: strip
            for y, strip in cache._cache.items()
            if 0 <= y - shift < height and y < height and y not in cache._dirty_lines
        }
        super().watch_scroll_y(old_value, new_value)
        if shift and kept:
            cache._cache.update(kept)
            cache._dirty_lines.difference_update(kept)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in ``crop``, those that are not dirty as they were drawn.

        The private cache of Textual 8.2.8 is used as its own method does, so that whatever empties it empties it here.
        """
        cache = self._styles_cache
        width = self.size.width
        if width != cache._width:
            cache.clear()
            cache._width = width
        filters = plain_filters(self.app.get_line_filters())
        lines, dirty = cache._cache, cache._dirty_lines
        for y in crop.line_range:
            if y in dirty or y not in lines:
                lines[y] = QuietStrip.of(_filtered(self.draw_line(y), filters, self))
        dirty.difference_update(crop.line_range)
        strips = [lines[y] for y in crop.line_range]
        return strips if crop.column_span == (0, width) else [strip.crop(*crop.column_span) for strip in strips]


def plain_filters(filters: Sequence[LineFilter]) -> list[LineFilter]:
    """The filters but the one that replaces the sixteen old colours: themes have none of these."""
    return [line_filter for line_filter in filters if not isinstance(line_filter, ANSIToTruecolor)]


def _filtered(strip: Strip, filters: Iterable[LineFilter], widget: Widget) -> Strip:
    for line_filter in filters:
        strip = strip.apply_filter(line_filter, widget.background_colors[1])
    return strip
