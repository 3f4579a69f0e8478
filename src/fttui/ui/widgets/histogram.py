"""How many tokens the examples have, as a histogram with the model's limit marked."""

from __future__ import annotations

from collections.abc import Mapping

from fttui.ui.plot.bars import histogram
from fttui.ui.widgets.line_chart import PlotWidget


class Histogram(PlotWidget):
    """Columns of counts (the geometry is `fttui.ui.plot.bars`)."""

    COMPONENT_CLASSES = {"plot--bar", "plot--over"}
    DEFAULT_CSS = """
    Histogram {
        .plot--bar { color: $chart-1; }
        .plot--over { color: $issue-warn; }
    }
    """

    def show_values(self, frequency: Mapping[int, int], *, limit: int | None, empty: str | None = None) -> None:
        """Draw how often each value occurs; ``limit`` is marked where it lies within the values."""
        self.show((lambda w, h: histogram(frequency, w, h, limit=limit)) if frequency else None, empty=empty)
