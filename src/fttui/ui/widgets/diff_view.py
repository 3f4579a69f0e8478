"""A difference between two versions of an example, drawn line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fttui.core.text import safe
from fttui.ui.diffing import DiffLine
from fttui.ui.keys import bindings_for
from fttui.ui.widgets.laid_out import LaidOut
from fttui.ui.wrapping import wrap

_SIGNS = {"same": " ", "gone": "-", "came": "+", "gap": " ", "title": " "}
_MOST_LINES = 4_000
"""Lines on the screen; laying out more would hold up the keys."""
_MORE = DiffLine("gap", "… the rest is too long to show here")


class DiffView(LaidOut, can_focus=True, inherit_bindings=False):
    """Lines that went are marked with -, lines that came with +; the words that differ stand out."""

    WHERE = "diff"
    BINDINGS = bindings_for("diff")
    COMPONENT_CLASSES = {"diff--gone", "diff--came", "diff--gap", "diff--title", "diff--word"}
    DEFAULT_CSS = """
    DiffView {
        height: 1fr;
        .diff--gone { color: $issue-error; }
        .diff--came { color: $text-success; }
        .diff--gap { color: $text-muted; }
        .diff--title { color: $text-muted; text-style: bold; }
        .diff--word { text-style: reverse; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[DiffLine] = ()

    def show(self, lines: Sequence[DiffLine]) -> None:
        """Show another difference from its beginning."""
        self._lines = lines
        self.show_anew()

    def lay_out(self, width: int) -> Iterator[Strip]:
        left = _MOST_LINES
        for line in self._lines:
            strips = self._strips_of(line, width, left)
            yield from strips
            left -= len(strips)
            if left <= 0:
                yield from self._strips_of(_MORE, width, 1)
                return

    def _strips_of(self, line: DiffLine, width: int, most: int) -> list[Strip]:
        style = self.base if line.kind == "same" else self.base + self._colour(f"diff--{line.kind}")
        word = self.get_component_rich_style("diff--word")
        text = safe(line.text[: most * max(8, width)]).replace(
            "\t", " "
        )  # as many characters as before: the spans stay right
        strips: list[Strip] = []
        at = 0
        for piece in wrap(text, max(8, width - 4))[:most]:
            start = text.find(piece, at) if piece else at
            at = max(start, at) + len(piece)
            segments = _with_spans(piece, max(start, 0), line.spans, style, word)
            sign = _SIGNS[line.kind] if not strips else " "
            strips.append(Strip([Segment(f" {sign} ", style), *segments]).adjust_cell_length(width, self.base))
        return strips

    def _colour(self, name: str) -> Style:
        style = self.get_component_rich_style(name)
        return Style(color=style.color, bold=style.bold)

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.scroll_lines(lines)

    def action_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.scroll_pages(pages)


def _with_spans(piece: str, start: int, spans: Sequence[tuple[int, int]], style: Style, word: Style) -> list[Segment]:
    """The characters of ``piece``, which begins at ``start`` of its line, with those of ``spans`` standing out."""
    segments: list[Segment] = []
    at = 0
    for first, last in spans:
        low, high = max(first - start, at), min(last - start, len(piece))
        if high <= at or low >= len(piece):
            continue
        segments += [Segment(piece[at:low], style), Segment(piece[low:high], style + word)]
        at = high
    return [segment for segment in (*segments, Segment(piece[at:], style)) if segment.text]
