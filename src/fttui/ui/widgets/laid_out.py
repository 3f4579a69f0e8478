"""A text that is laid out for the width it has, all of it at once, and scrolled."""

from __future__ import annotations

from collections.abc import Iterator

from textual.strip import Strip

from fttui.ui.widgets.quiet_scroll import QuietScroll


class LaidOut(QuietScroll, inherit_bindings=False):
    """Draws the strips that `lay_out` gives; they are made anew for another content, width or theme."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self._width = 0

    def lay_out(self, width: int) -> Iterator[Strip]:
        """The lines of the content, each ``width`` cells wide."""
        raise NotImplementedError

    def show_anew(self) -> None:
        """Show another content from its beginning."""
        self._lay_out()
        self.scroll_home(animate=False)

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._lay_out()

    def notify_style_update(self) -> None:
        """Draw in the colours of the new theme."""
        super().notify_style_update()
        if self.is_mounted:
            self._lay_out()

    def _lay_out(self) -> None:
        self._width = width = self.scrollable_content_region.width
        self._strips = list(self.lay_out(width))
        self.set_length(width, len(self._strips))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        if index >= len(self._strips):
            return Strip.blank(self.size.width, self.base)
        return self._strips[index].apply_offsets(0, index)

    def scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def scroll_pages(self, pages: int) -> None:
        """Scroll by pages."""
        self.scroll_lines(pages * max(1, self.size.height - 1))
