"""A chart of one or more curves that grows while a job trains (Line API; the geometry is `fttui.ui.plot.lines`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.app import RenderResult
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from fttui.core.text import one_line
from fttui.ui.plot.lines import Line, chart
from fttui.ui.plot.rows import Row
from fttui.ui.wrapping import wrap


class PlotWidget(Widget):
    """Rows drawn by a pure function of the size, coloured by component classes, or a sentence when there are none.

    A subclass names its `draw` function and a component class ``plot--PART`` for each part that it draws.
    """

    COMPONENT_CLASSES = {"plot--axis", "plot--label", "plot--empty"}
    DEFAULT_CSS = """
    PlotWidget {
        height: 1fr;
        .plot--axis { color: $text-disabled; }
        .plot--label { color: $text-muted; }
        .plot--empty { color: $text-muted; }
    }
    """

    def __init__(self, *, empty: str = "", id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._empty = empty
        self._draw: Callable[[int, int], Sequence[Row]] | None = None
        self._strips: list[Strip] = []
        self._drawn: tuple[Size, int] | None = None
        self._revision = 0

    def show(self, draw: Callable[[int, int], Sequence[Row]] | None, *, empty: str | None = None) -> None:
        """Draw with ``draw(width, height)`` from now on."""
        self._draw = draw
        if empty is not None:
            self._empty = empty
        self._revision += 1
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._revision += 1

    def render(self) -> RenderResult:
        return ""

    def render_line(self, y: int) -> Strip:
        state = (self.size, self._revision)
        if state != self._drawn:
            self._strips = self._build(self.size.width, self.size.height)
            self._drawn = state
        width = self.size.width
        if y >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        return self._strips[y].crop_extend(0, width, self.rich_style)

    def _build(self, width: int, height: int) -> list[Strip]:
        rows = self._draw(width, height) if self._draw is not None else ()
        if not rows:
            return self._sentence(width, height)
        return [Strip([Segment(run.text, self._style(run.part)) for run in row]) for row in rows]

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"plot--{part}") if part else self.rich_style

    def _sentence(self, width: int, height: int) -> list[Strip]:
        style = self.get_component_rich_style("plot--empty")
        lines = wrap(one_line(self._empty), max(1, width - 2))
        above = [Strip.blank(width, self.rich_style)] * max(0, (height - len(lines)) // 3)
        return above + [Strip([Segment(" " + line, style)]) for line in lines]


class LineChart(PlotWidget):
    """Curves over steps: training loss, validation loss."""

    COMPONENT_CLASSES = {f"plot--line-{number}" for number in range(1, 5)}
    DEFAULT_CSS = """
    LineChart {
        .plot--line-1 { color: $chart-1; }
        .plot--line-2 { color: $chart-2; }
        .plot--line-3 { color: $chart-3; }
        .plot--line-4 { color: $chart-4; }
    }
    """

    def show_lines(self, lines: Sequence[Line], *, x_name: str = "step", empty: str | None = None) -> None:
        """Draw these curves; names are made safe here."""
        safe_lines = [Line(one_line(line.name, 40), line.points, line.dashed) for line in lines]
        has_points = any(line.points for line in lines)
        self.show((lambda w, h: chart(safe_lines, w, h, x_name=x_name)) if has_points else None, empty=empty)
