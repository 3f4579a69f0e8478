"""An example token by token: every other one on its own ground, what is trained on bold, beside a bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fttui.ui.seen_text import Run, screen_lines
from fttui.ui.widgets.laid_out import LaidOut

if TYPE_CHECKING:
    from fttui.tokens.seen import Piece

_MARGIN = 3
_BAR = "┃"


class SeenView(LaidOut, can_focus=True, inherit_bindings=False):
    """Lines with anything that is trained on have a bar; colours say nothing that the bar and the lines do not."""

    COMPONENT_CLASSES = {"seen--trained", "seen--format", "seen--label", "seen--odd"}
    DEFAULT_CSS = """
    SeenView {
        height: 1fr;
        .seen--trained { color: $text-success; text-style: bold; }
        .seen--format { color: $text-muted; }
        .seen--label { color: $text-muted; text-style: italic; }
        .seen--odd { background: $foreground 14%; text-style: underline; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._pieces: Sequence[Piece] = ()

    def show(self, pieces: Sequence[Piece]) -> None:
        """Show another example from its beginning."""
        self._pieces = pieces
        self.show_anew()

    def lay_out(self, width: int) -> Iterator[Strip]:
        styles = {kind: self._style(kind) for kind in ("trained", "format", "label")}
        for line in screen_lines(self._pieces, max(8, width - _MARGIN - 1)):
            yield self._strip(line, width, styles)

    def _style(self, kind: str) -> Style:
        style = self.get_component_rich_style(f"seen--{kind}")
        return self.base + Style(color=style.color, bold=style.bold, italic=style.italic)

    def _strip(self, line: Sequence[Run], width: int, styles: dict[str, Style]) -> Strip:
        odd = self.get_component_rich_style("seen--odd")
        ground = Style(bgcolor=odd.bgcolor, underline=odd.underline)  # the line is for terminals without colours
        is_trained = any(run.kind == "trained" for run in line)
        segments = [Segment(f" {_BAR} ", styles["trained"]) if is_trained else Segment("   ", self.base)]
        for run in line:
            style = styles.get(run.kind, self.base)
            segments.append(Segment(run.text, style + ground if run.is_odd and run.kind != "label" else style))
        return Strip(segments).adjust_cell_length(width, self.base)
