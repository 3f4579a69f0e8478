"""The geometry of line charts, exactly."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from fttui.ui.plot.lines import Bounds, Canvas, Line, bounds_of, chart, decimate, draw_line, finite
from fttui.ui.plot.rows import text_of


def test_a_falling_line_is_drawn_from_the_top_left_to_the_bottom_right() -> None:
    canvas = Canvas(4, 2)
    draw_line(canvas, [(0, 7), (7, 0)], Bounds(0, 7, 0, 7), "line-1")
    assert text_of([canvas.row(0), canvas.row(1)]) == ["⠑⢄", "  ⠑⢄"]


def test_every_dot_of_a_cell_has_its_own_bit() -> None:
    canvas = Canvas(1, 1)
    for y in range(4):
        for x in range(2):
            canvas.dot(x, y, "line-1")
    assert text_of([canvas.row(0)]) == ["⣿"]
    canvas.dot(5, 0, "line-1")
    canvas.dot(0, -1, "line-1")
    assert text_of([canvas.row(0)]) == ["⣿"], "dots outside are dropped"


def test_a_whole_chart() -> None:
    train = Line("train", tuple((step, 3.0 - step * 0.25) for step in range(1, 11)))
    valid = Line("valid", ((5.0, 2.25), (10.0, 1.5)), dashed=True)
    assert text_of(chart([train, valid], 40, 9)) == [
        "── train 0.500  ╌╌ valid 1.500",
        "  │⠉⠒⠤⢄⣀⡀",
        "  │     ⠈⠉⠒⠒⠤⣀⡀    ⠒⠂ ⠤⡀ ⡀",
        "2 ┤           ⠈⠉⠑⠒⠤⠤⣀⡀   ⠈⠁ ⠒⠂ ⠤⠄ ⣀⡀",
        "  │                  ⠈⠉⠒⠒⠤⢄⣀⡀        ⠉⠁⠐",
        "1 ┤                         ⠈⠑⠒⠤⠤⣀⡀",
        "  │                               ⠈⠉⠑⠢⠤⣀",
        "  └────────────────┬───────────────────┬",
        "                   5                  10",
    ]


def test_later_lines_own_the_cells_they_share() -> None:
    rows = chart([Line("a", ((0, 0), (1, 1))), Line("b", ((0, 0), (1, 1)))], 30, 8)
    parts = {run.part for row in rows[1:-2] for run in row if run.text.strip() and run.part.startswith("line")}
    assert parts == {"line-2"}


def test_numbers_that_are_not_finite_are_left_out() -> None:
    points = ((1.0, math.nan), (2.0, 1.0), (math.inf, 2.0), (3.0, -math.inf), (4.0, 0.5))
    assert finite(points) == [(2.0, 1.0), (4.0, 0.5)]
    rows = chart([Line("train", points)], 40, 8)
    assert text_of(rows)[0] == "── train 0.500"


def test_nothing_to_draw_and_no_room_give_no_rows() -> None:
    assert chart([], 40, 10) == []
    assert chart([Line("train", ())], 40, 10) == []
    assert chart([Line("train", ((1, math.nan),))], 40, 10) == []
    assert chart([Line("train", ((1, 1),))], 15, 10) == []
    assert chart([Line("train", ((1, 1),))], 40, 3) == []


def test_one_point_and_a_flat_line_have_bounds_around_them() -> None:
    assert bounds_of([[(3.0, 2.0)]]) == Bounds(2.5, 3.5, 1.8, 2.2)
    assert bounds_of([[(0.0, 0.0), (4.0, 0.0)]]) == Bounds(0.0, 4.0, -0.5, 0.5)
    assert any("⠁" <= sign <= "⣿" for sign in "".join(text_of(chart([Line("t", ((3.0, 2.0),))], 30, 8))))


def test_spikes_survive_decimation() -> None:
    points = [(float(x), 1.0) for x in range(1000)]
    points[500] = (500.0, 9.0)
    points[501] = (501.0, -9.0)
    columns = decimate(points, 0, 999, 50)
    assert len(columns) == 50
    assert all(len(values) <= 4 for _, values in columns)
    kept = [value for _, values in columns for value in values]
    assert max(kept) == 9.0
    assert min(kept) == -9.0


@given(
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=60),
    width=st.integers(0, 90),
    height=st.integers(0, 30),
)
def test_any_values_in_any_size_keep_to_their_room(values: list[float], width: int, height: int) -> None:
    line = Line("loss", tuple((float(step), value) for step, value in enumerate(values)))
    rows = chart([line], width, height)
    assert len(rows) in (0, height)
    assert all(len(row) <= max(width, 30) for row in text_of(rows))
