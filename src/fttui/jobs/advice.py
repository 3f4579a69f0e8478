"""What a job's curves tell someone who has seen many: overfitting, divergence, no learning, numbers gone wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from fttui.jobs.curves import Curves, Point

RISE: Final = 1.05
"""Validation loss that ends this much over its lowest is overfitting, not noise."""
DIVERGED: Final = 1.5
"""Training loss that ends this much over where it began, or this much of that over its lowest."""
LEARNT: Final = 0.95
"""Training loss that is still over this share of where it began: nothing was learnt."""
NOTHING_TO_LEARN: Final = 0.1
"""A training loss that begins below this is as good as learnt before."""
WINDOW: Final = 0.2
"""Share of the steps that "began" and "ended" are means over: single steps are single examples, and noisy."""
MIN_STEPS: Final = 10
SMOOTHED: Final = 3
"""Validation losses of single batches are averaged over so many measurements."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark: ``overfitting``, ``divergence``, ``no-learning`` or ``nan``."""

    kind: str
    step: int
    message: str


def advise(curves: Curves) -> list[Advice]:
    """The remarks about a job, the gravest first; none for a healthy or a very short one."""
    broken = next((step for step, loss in sorted((*curves.train, *curves.valid)) if not math.isfinite(loss)), None)
    if broken is not None:
        message = f"The loss is no number from step {broken:,} on: lower the learning rate, look at the data there."
        return [Advice("nan", broken, message)]
    return [*_training(curves), *_overfitting(curves)]


def _training(curves: Curves) -> list[Advice]:
    points = curves.train
    if len(points) < MIN_STEPS:
        return []
    window = max(3, int(len(points) * WINDOW))
    means = [fmean(loss for _, loss in points[end - window : end]) for end in range(window, len(points) + 1)]
    began, ended, lowest = means[0], means[-1], min(means)
    if ended > began * DIVERGED or (ended > lowest * DIVERGED and ended - lowest > began * (DIVERGED - 1)):
        step = points[means.index(lowest) + window - 1][0]
        message = (
            f"The training loss rose from {lowest:.2f} to {ended:.2f} after step {step:,}: lower the learning rate."
        )
        return [Advice("divergence", step, message)]
    last = points[-1][0]
    is_half_done = curves.total_steps is None or last * 2 >= curves.total_steps
    if ended > began * LEARNT and began > NOTHING_TO_LEARN and is_half_done:
        message = f"The training loss stayed at {ended:.2f}: train for more epochs or with a higher learning rate."
        return [Advice("no-learning", last, message)]
    return []


def _overfitting(curves: Curves) -> list[Advice]:
    points = curves.full_valid if len(curves.full_valid) > 1 else _smoothed(curves.valid)
    if len(points) < 2:
        return []
    best_step, best = min(points, key=lambda point: point[1])
    last_step, last = points[-1]
    if best_step == last_step or last <= best * RISE:
        return []
    message = (
        f"The validation loss rose from {best:.2f} to {last:.2f} after step {best_step:,}: "
        "the checkpoint there is the best so far."
    )
    return [Advice("overfitting", best_step, message)]


def _smoothed(points: Sequence[Point]) -> list[Point]:
    """Means over `SMOOTHED` measurements, at the last step of each."""
    return [
        (points[end - 1][0], fmean(loss for _, loss in points[end - SMOOTHED : end]))
        for end in range(SMOOTHED, len(points) + 1)
    ]
