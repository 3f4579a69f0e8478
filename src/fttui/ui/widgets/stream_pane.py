"""A pane that shows text as it arrives: painted at most twenty times a second, wrapped as it grows."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from fttui.core.text import safe
from fttui.ui.keys import bindings_for
from fttui.ui.wrapping import wrap

FLUSH_S = 0.05


class StreamPane(ScrollView, can_focus=True, inherit_bindings=False):
    """Text that grows at its end.

    Only the last paragraph is wrapped again when text arrives. The pane stays at its end unless the reader scrolled
    away from it. What is shown is `safe` of the joined text: a sequence split between two pieces is still seen whole.
    """

    WHERE: ClassVar[str] = "pane"
    BINDINGS = bindings_for("pane")
    COMPONENT_CLASSES = {"stream-pane--empty"}
    DEFAULT_CSS = """
    StreamPane {
        height: 1fr;
        background: transparent;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        overflow-x: hidden;
        .stream-pane--empty { color: $text-muted; }
    }
    """

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._text = ""
        self._waiting: list[str] = []
        self._timer: Timer | None = None
        self._lines: list[str] = []
        self._settled_text = 0  # characters of _text whose paragraphs are complete …
        self._settled_lines = 0  # … and the lines that they fill
        self._wrapped_width = 0
        self._stays_at_end = True

    @property
    def text(self) -> str:
        """Everything that arrived, as it arrived."""
        return self._text + "".join(self._waiting)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived."""
        return not self._text and not self._waiting

    def clear(self, empty: str | None = None) -> None:
        """Forget the text; ``empty`` is the sentence shown until some comes."""
        if empty is not None:
            self._empty = empty
        self.set_text("")

    def set_text(self, text: str, *, at_end: bool = True) -> None:
        """Show ``text`` at once in place of everything, from its end or from its start."""
        self._waiting.clear()
        self._text = text
        self._settled_text = self._settled_lines = 0
        self._stays_at_end = at_end
        self.scroll_to(y=0, animate=False, immediate=True)
        self._stays_at_end = at_end
        self._rewrap()

    def append(self, piece: str) -> None:
        """Add ``piece`` at the end; it is painted within 50 ms."""
        self._waiting.append(piece)
        if self._timer is None and self.is_mounted:
            self._timer = self.set_timer(FLUSH_S, self.flush)

    def flush(self) -> None:
        """Paint what arrived since the last time."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._waiting:
            self._text += "".join(self._waiting)
            self._waiting.clear()
            self._rewrap()

    def on_resize(self, _event: Resize) -> None:
        self._rewrap()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._stays_at_end = new_value >= self.max_scroll_y

    def _rewrap(self) -> None:
        """Wrap from the first paragraph that is not settled yet; all of them after a change of width."""
        width = self.scrollable_content_region.width
        if width <= 0:
            return
        if width != self._wrapped_width:
            self._settled_text = self._settled_lines = 0
            self._wrapped_width = width
        open_text = self._text[self._settled_text :]
        del self._lines[self._settled_lines :]
        complete = open_text.rfind("\n") + 1
        if complete:
            self._lines += wrap(_shown(open_text[: complete - 1]), width)
            self._settled_text += complete
            self._settled_lines = len(self._lines)
        if self._text:
            self._lines += wrap(_shown(open_text[complete:]), width)
        stays_at_end = self._stays_at_end
        self.virtual_size = Size(width, len(self._lines))
        if stays_at_end:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
            self._stays_at_end = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if not self._lines and not self._text:
            lines = wrap(safe(self._empty), max(2, width))
            style = self.get_component_rich_style("stream-pane--empty")
            segments = [Segment(lines[y], style)] if y < len(lines) else []
            return Strip(segments).crop_extend(0, width, self.rich_style)
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[index]
        selection = self.text_selection
        segments = [Segment(line, self.rich_style)]
        if selection is not None and (span := selection.get_span(index)) is not None:
            start, end = span[0], len(line) if span[1] == -1 else span[1]
            marked = self.rich_style + self.screen.get_component_rich_style("screen--selection")
            segments = [
                Segment(line[:start], self.rich_style),
                Segment(line[start:end], marked),
                Segment(line[end:], self.rich_style),
            ]
        return Strip(segments).crop_extend(0, width, self.rich_style).apply_offsets(0, index)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected part of the lines as they are shown."""
        return selection.extract("\n".join(self._lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()


def _shown(text: str) -> str:
    """``text`` as it is shown: Windows line ends are line ends, all else that a terminal would obey is a sign."""
    return safe(text.replace("\r\n", "\n"))
