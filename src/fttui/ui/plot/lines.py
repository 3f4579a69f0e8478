"""Line charts in braille: 2 × 4 dots in a cell, N lines, two axes with round numbers, a legend with last values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from fttui.ui.plot.rows import AXIS, BLANK, LABEL, Row, Run, runs_of
from fttui.ui.plot.ticks import nice_ticks, short_number, tick_labels

Point = tuple[float, float]
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # [row in the cell][column in the cell]
_MIN_WIDTH, _MIN_HEIGHT = 16, 4
_LARGEST, _SMALLEST = 1e100, 1e-100
_DASH = 3  # dots drawn, then as many left out


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its points by rising x; ``dashed`` tells it apart without colour."""

    name: str
    points: tuple[Point, ...]
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the plot shows, in the data's units; never empty in either direction."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float


@dataclass(slots=True)
class Canvas:
    """Cells of dots; ``parts`` says which line drew last in a cell (two lines in a cell share one colour)."""

    width: int
    height: int
    bits: list[int] = field(init=False)
    parts: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.bits = [0] * (self.width * self.height)
        self.parts = [BLANK] * (self.width * self.height)

    def dot(self, x: int, y: int, part: str) -> None:
        """Set the dot at column ``x``, row ``y`` (in dots, from the top left)."""
        if 0 <= x < self.width * 2 and 0 <= y < self.height * 4:
            cell = (y // 4) * self.width + x // 2
            self.bits[cell] |= _DOTS[y % 4][x % 2]
            self.parts[cell] = part

    def row(self, y: int) -> Row:
        cells = slice(y * self.width, (y + 1) * self.width)
        return runs_of([chr(0x2800 + bits) if bits else " " for bits in self.bits[cells]], self.parts[cells])


def finite(points: Iterable[Point]) -> list[Point]:
    """The points that can be drawn: neither coordinate is NaN, infinite or so large that a span would overflow."""
    return [(x, y) for x, y in points if abs(x) < _LARGEST and abs(y) < _LARGEST]


def bounds_of(lines: Sequence[Sequence[Point]]) -> Bounds | None:
    """The smallest bounds that hold all points; None when there is no point."""
    points = [point for line in lines for point in line]
    if not points:
        return None
    xs, ys = [x for x, _ in points], [y for _, y in points]
    x_low, x_high, y_low, y_high = min(xs), max(xs), min(ys), max(ys)
    if x_high - x_low < _SMALLEST:
        x_low, x_high = x_low - 0.5, x_high + 0.5
    if y_high - y_low < max(abs(y_high), abs(y_low)) * 1e-9 + _SMALLEST:
        margin = abs(y_low) * 0.1 if abs(y_low) > _SMALLEST else 0.5
        y_low, y_high = y_low - margin, y_high + margin
    return Bounds(x_low, x_high, y_low, y_high)


def decimate(points: Sequence[Point], x_low: float, x_high: float, columns: int) -> list[tuple[int, list[float]]]:
    """At most four values a dot column: first, lowest, highest, last, in the order of the data, so that spikes stay."""
    scale = (columns - 1) / (x_high - x_low)
    grouped: list[tuple[int, list[float]]] = []
    for x, y in points:
        column = min(columns - 1, max(0, round((x - x_low) * scale)))
        if grouped and grouped[-1][0] == column:
            grouped[-1][1].append(y)
        else:
            grouped.append((column, [y]))
    return [(column, _extremes(values)) for column, values in grouped]


def _extremes(values: list[float]) -> list[float]:
    if len(values) <= 4:
        return values
    ends = sorted((values.index(min(values)), values.index(max(values))))
    return [values[index] for index in sorted({0, *ends, len(values) - 1})]


def draw_line(canvas: Canvas, points: Sequence[Point], bounds: Bounds, part: str, *, dashed: bool = False) -> None:
    """Draw one curve, every point of it marked even where the dashes leave the way to it out."""
    columns, rows = canvas.width * 2, canvas.height * 4
    scale = (rows - 1) / (bounds.y_high - bounds.y_low)
    previous: tuple[int, int] | None = None
    travelled = 0
    for column, values in decimate(points, bounds.x_low, bounds.x_high, columns):
        for value in values:
            here = (column, round((bounds.y_high - value) * scale))
            if previous is not None:
                travelled = _stroke(canvas, previous, here, part, travelled if dashed else None)
            canvas.dot(*here, part)
            previous = here


def _stroke(canvas: Canvas, start: tuple[int, int], end: tuple[int, int], part: str, travelled: int | None) -> int:
    """The dots between two points; returns how many dots a dashed line has travelled since it began."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(steps + 1):
        if travelled is None or (travelled + step) // _DASH % 2 == 0:
            x = start[0] + round((end[0] - start[0]) * step / steps)
            y = start[1] + round((end[1] - start[1]) * step / steps)
            canvas.dot(x, y, part)
    return (travelled or 0) + steps


def part_of(index: int) -> str:
    """The part name of line ``index``: four colours, then again from the first."""
    return f"line-{index % 4 + 1}"


def chart(lines: Sequence[Line], width: int, height: int, *, x_name: str = "step", whole_x: bool = True) -> list[Row]:
    """The whole chart as ``height`` rows of at most ``width`` cells.

    From the top: the legend, the plot with its y axis, the x axis, the numbers of the x axis. Values that are not
    finite are left out. An empty list when there is nothing to draw, or no room (less than 16 × 4 cells).
    """
    drawable = [finite(line.points) for line in lines]
    bounds = bounds_of(drawable)
    if bounds is None or width < _MIN_WIDTH or height < _MIN_HEIGHT:
        return []
    plot_height = height - 3
    y_ticks = nice_ticks(bounds.y_low, bounds.y_high, max(1, plot_height // 2))
    gutter = max((len(label) for label in tick_labels(y_ticks)), default=0) + 2
    canvas = Canvas(max(4, width - gutter), plot_height)
    for index, (line, points) in enumerate(zip(lines, drawable, strict=True)):
        draw_line(canvas, points, bounds, part_of(index), dashed=line.dashed)
    rows = [_legend(lines, drawable, width)]
    rows += _with_y_axis(canvas, y_ticks, bounds, gutter)
    rows += _x_axis(canvas.width, gutter, bounds, x_name, whole=whole_x)
    return rows


def _legend(lines: Sequence[Line], drawable: Sequence[Sequence[Point]], width: int) -> Row:
    runs: list[Run] = []
    used = 0
    for index, (line, points) in enumerate(zip(lines, drawable, strict=True)):
        if not points:
            continue
        sign = "╌╌" if line.dashed else "──"
        text = f" {line.name} {short_number(points[-1][1])}  "
        if used + len(text) + 1 > width:
            break
        runs += [Run(sign, part_of(index)), Run(text, LABEL)]
        used += len(sign) + len(text)
    return tuple(runs)


def _with_y_axis(canvas: Canvas, ticks: Sequence[float], bounds: Bounds, gutter: int) -> list[Row]:
    scale = (canvas.height * 4 - 1) / (bounds.y_high - bounds.y_low)
    labels = {
        round((bounds.y_high - tick) * scale) // 4: label for tick, label in zip(ticks, tick_labels(ticks), strict=True)
    }
    rows: list[Row] = []
    for y in range(canvas.height):
        label = labels.get(y)
        axis = Run((label or "").rjust(gutter - 2) + " ", LABEL), Run("┤" if label else "│", AXIS)
        rows.append((*axis, *canvas.row(y)))
    return rows


def _x_axis(columns: int, gutter: int, bounds: Bounds, name: str, *, whole: bool) -> list[Row]:
    ticks = nice_ticks(bounds.x_low, bounds.x_high, max(1, columns // 12), whole=whole)
    axis = ["─"] * columns
    numbers = [" "] * (gutter + columns)
    scale = (columns * 2 - 1) / (bounds.x_high - bounds.x_low)
    free_from = 0
    for tick, label in zip(ticks, tick_labels(ticks), strict=True):
        column = round((tick - bounds.x_low) * scale) // 2
        axis[column] = "┬"
        start = min(gutter + column - len(label) // 2, gutter + columns - len(label))
        if start >= free_from:
            numbers[start : start + len(label)] = label
            free_from = start + len(label) + 1
    at = gutter + columns - len(name)
    if name and at > free_from:
        numbers[at:] = name
    return [
        (Run(" " * (gutter - 1), LABEL), Run("└" + "".join(axis), AXIS)),
        (Run("".join(numbers), LABEL),),
    ]
