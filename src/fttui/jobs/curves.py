"""The curves of a job, read from its metrics events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fttui.jobs.objects import JobEvent

Point = tuple[int, float]
"""A step and a value; the value may be NaN or infinite when the training diverged."""

_MISSING: Final = -1
"""What some providers write for "not measured here"."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Losses by step, in nats a token, one point a step, by rising step.

    Attributes:
        train: Training loss, every step; NaN where it was no number.
        valid: Validation loss, where it was measured (the full one where both were).
        full_valid: Validation loss over the whole validation file: at the end of an epoch.
        accuracy: Training token accuracy, from 0 to 1.
        total_steps: As last reported; None when never.
    """

    train: tuple[Point, ...] = field(default=())
    valid: tuple[Point, ...] = field(default=())
    full_valid: tuple[Point, ...] = field(default=())
    accuracy: tuple[Point, ...] = field(default=())
    total_steps: int | None = None


def curves_of(events: Iterable[JobEvent]) -> Curves:
    """Read the curves; a value that is missing, blank or -1 is no point."""
    train: dict[int, float] = {}
    valid: dict[int, float] = {}
    full_valid: dict[int, float] = {}
    accuracy: dict[int, float] = {}
    total: int | None = None
    for event in events:
        data = event.data
        step = _whole(data.get("step"))
        if step is None:
            continue
        total = _whole(data.get("total_steps")) or total
        _put(train, step, _train_loss(data))
        _put(valid, step, _measured(data, "full_valid_loss", "valid_loss"))
        _put(full_valid, step, _measured(data, "full_valid_loss"))
        _put(accuracy, step, _measured(data, "train_mean_token_accuracy"))
    return Curves(_sorted(train), _sorted(valid), _sorted(full_valid), _sorted(accuracy), total)


def _put(curve: dict[int, float], step: int, value: float | None) -> None:
    if value is not None:
        curve[step] = value


def _sorted(curve: Mapping[int, float]) -> tuple[Point, ...]:
    return tuple(sorted(curve.items()))


def _train_loss(data: Mapping[str, Any]) -> float | None:
    """The training loss; JSON has no NaN, so a loss that is named but null was none."""
    if "train_loss" in data and data["train_loss"] is None:
        return math.nan
    return _measured(data, "train_loss")


def _measured(data: Mapping[str, Any], *names: str) -> float | None:
    """The first of ``names`` that has a value."""
    values = (_number(data.get(name)) for name in names)
    return next((value for value in values if value is not None and value != _MISSING), None)


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and math.isfinite(number) and number >= 0 else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
