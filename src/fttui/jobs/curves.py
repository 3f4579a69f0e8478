"""The curves of a job, read from its metrics events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from fttui.jobs.objects import JobEvent

Point = tuple[int, float]
"""A step and a value; the value may be NaN or infinite when the training diverged."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Losses by step, in nats, one point a step, by rising step.

    Attributes:
        train: Training loss, every step.
        valid: Validation loss, where it was measured (the full one where both were).
        accuracy: Training token accuracy, from 0 to 1.
        total_steps: As last reported; None when never.
    """

    train: tuple[Point, ...] = field(default=())
    valid: tuple[Point, ...] = field(default=())
    accuracy: tuple[Point, ...] = field(default=())
    total_steps: int | None = None


def curves_of(events: Iterable[JobEvent]) -> Curves:
    """Read the curves; a value that is missing, blank or the -1 that some providers write for "none" is no point."""
    train: dict[int, float] = {}
    valid: dict[int, float] = {}
    accuracy: dict[int, float] = {}
    total: int | None = None
    for event in events:
        step = _number(event.data.get("step"))
        if step is None:
            continue
        at = int(step)
        total_steps = _number(event.data.get("total_steps"))
        total = int(total_steps) if total_steps is not None else total
        for curve, names in (
            (train, ("train_loss",)),
            (valid, ("full_valid_loss", "valid_loss")),
            (accuracy, ("train_mean_token_accuracy",)),
        ):
            values = (_number(event.data.get(name)) for name in names)
            value = next((v for v in values if v is not None and v != -1), None)
            if value is not None:
                curve[at] = value
    return Curves(
        train=tuple(sorted(train.items())),
        valid=tuple(sorted(valid.items())),
        accuracy=tuple(sorted(accuracy.items())),
        total_steps=total,
    )


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
