"""What a job's curves tell someone who has seen many: overfitting, divergence, no learning, numbers gone wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from fttui.jobs.curves import Curves, Point

RISE = 1.05
"""Validation loss that ends this much over its lowest is overfitting, not noise."""
DIVERGED = 1.5
"""Training loss that ends this much over where it began."""
LEARNT = 0.95
"""Training loss that is still over this share of where it began: nothing was learnt."""
WINDOW = 0.2
"""Share of the steps that "began" and "ended" are means over."""
MIN_STEPS = 6


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark: ``overfitting``, ``divergence``, ``no-learning`` or ``nan``."""

    kind: str
    step: int
    message: str


def advise(curves: Curves) -> list[Advice]:
    """The remarks about a job, the gravest first; none for a healthy or a very short one."""
    broken = next((step for step, loss in (*curves.train, *curves.valid) if not math.isfinite(loss)), None)
    if broken is not None:
        message = f"The loss is no number from step {broken} on: lower the learning rate, look at the data there."
        return [Advice("nan", broken, message)]
    return [*_training(curves.train), *_overfitting(curves.valid)]


def _training(points: Sequence[Point]) -> list[Advice]:
    if len(points) < MIN_STEPS:
        return []
    window = max(2, int(len(points) * WINDOW))
    began = fmean(loss for _, loss in points[:window])
    ended = fmean(loss for _, loss in points[-window:])
    last = points[-1][0]
    if ended > began * DIVERGED:
        return [
            Advice("divergence", last, f"Training loss rose from {began:.2f} to {ended:.2f}: lower the learning rate.")
        ]
    if ended > began * LEARNT and began > 0.1:
        return [
            Advice("no-learning", last, f"Training loss stayed at {ended:.2f}: more epochs or a higher learning rate.")
        ]
    return []


def _overfitting(points: Sequence[Point]) -> list[Advice]:
    if len(points) < 3:
        return []
    best_step, best = min(points, key=lambda point: point[1])
    _, last = points[-1]
    if last <= best * RISE or best_step == points[-1][0]:
        return []
    message = (
        f"Validation loss rose from {best:.2f} to {last:.2f} after step {best_step}: the checkpoint there is the best."
    )
    return [Advice("overfitting", best_step, message)]
