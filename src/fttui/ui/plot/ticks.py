"""Round numbers for axes, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise


def nice_step(span: float, count: int) -> float:
    """The smallest of 1, 2, 5 × 10ⁿ with which ``span`` has at most ``count`` steps; 1 when there is no span."""
    if not (math.isfinite(span) and span > 0):
        return 1.0
    rough = span / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 5):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10 * power


def nice_ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """Round numbers within [low, high], at most ``count`` + 1 of them; ``whole``: integers only."""
    if not (math.isfinite(low) and math.isfinite(high)) or high < low:
        return []
    step = nice_step(high - low, count)
    if whole:
        step = max(1.0, round(step))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """The ticks written alike: as many decimals as their step needs, thousands separated, huge and tiny ones as 1e6."""
    if not ticks:
        return []
    largest = max(abs(tick) for tick in ticks)
    step = min((b - a for a, b in pairwise(ticks)), default=largest or 1.0)
    if largest >= 1e7 or 0 < step < 1e-4:
        return [f"{tick:.3g}" for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return [f"{tick:,.{decimals}f}" for tick in ticks]


def short_number(value: float) -> str:
    """A value for a legend: four significant digits at most, never more than nine characters."""
    if not math.isfinite(value):
        return str(value)
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
