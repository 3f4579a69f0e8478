"""The chart and histogram widgets: what the pure geometry draws reaches the screen in the theme's colours."""

from __future__ import annotations

import math

import pytest
from textual.app import App, ComposeResult

import hostile
from fttui.core.text import safe
from fttui.ui.plot.lines import Line, chart
from fttui.ui.plot.rows import text_of
from fttui.ui.widgets.histogram import Histogram
from fttui.ui.widgets.line_chart import LineChart

COLOURS = {
    "chart-1": "#00aaff", "chart-2": "#ffaa00", "chart-3": "#00ff00", "chart-4": "#ff00ff",
    "issue-error": "#ff0000", "issue-warn": "#ffff00",
}  # fmt: skip


class ChartApp(App[None]):
    """A chart above a histogram."""

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return COLOURS

    def compose(self) -> ComposeResult:
        yield LineChart(empty="No loss yet: the first comes with the first step.")
        yield Histogram(empty="No examples.")


def shown(widget: LineChart | Histogram) -> list[str]:
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


async def test_the_widget_shows_what_the_geometry_draws() -> None:
    line = Line("train", tuple((float(step), 3.0 / step) for step in range(1, 25)))
    app = ChartApp()
    async with app.run_test(size=(60, 24)):
        widget = app.query_one(LineChart)
        widget.show_lines([line])
        assert shown(widget) == text_of(chart([line], 60, 12))


async def test_the_colours_are_the_themes() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 24)):
        widget = app.query_one(LineChart)
        widget.show_lines([Line("train", ((1, 3), (9, 1))), Line("valid", ((1, 2), (9, 2)))])
        colours = {
            segment.style.color.name
            for y in range(widget.size.height)
            for segment in widget.render_line(y)
            if segment.style is not None and segment.style.color is not None and segment.text.strip()
        }
        assert {COLOURS["chart-1"], COLOURS["chart-2"]} <= colours


async def test_an_empty_chart_says_so_and_fills_later() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 24)):
        widget = app.query_one(LineChart)
        assert "No loss yet" in "\n".join(shown(widget))
        widget.show_lines([Line("train", ((1, math.nan),))], empty="Only NaN came.")
        assert "Only NaN came." in "\n".join(shown(widget))
        widget.show_lines([Line("train", ((1, 2.5),))])
        assert "train 2.500" in shown(widget)[0]


async def test_it_is_drawn_again_for_another_size() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 24)) as pilot:
        widget = app.query_one(LineChart)
        widget.show_lines([Line("train", ((1, 2.5), (9, 1.0)))])
        wide = shown(widget)
        await pilot.resize_terminal(40, 24)
        assert max(map(len, shown(widget))) <= 40 < max(map(len, wide))


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS)
async def test_hostile_names_are_made_safe(text: str) -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 24)):
        widget = app.query_one(LineChart)
        widget.show_lines([Line(text, ((1, 2.5), (9, 1.0)))], empty=text)
        everything = "\n".join(shown(widget))
        assert safe(everything) == everything


async def test_the_histogram_marks_the_limit_or_says_that_there_is_nothing() -> None:
    app = ChartApp()
    async with app.run_test(size=(60, 24)):
        widget = app.query_one(Histogram)
        assert "No examples." in "\n".join(shown(widget))
        widget.show_values({10: 3, 20: 5, 30: 1}, limit=25)
        assert "▲" in "\n".join(shown(widget))
        assert "1 above the limit of 25" in "\n".join(shown(widget))
