"""The words of a job's events, as OpenAI has them, and its result file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fttui.local.engines.protocol import Method

METRICS: Final = (
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
    "train_reward_accuracy",
    "train_reward_margin",
    "full_valid_reward_accuracy",
)
"""What a step can measure; the ``valid`` ones only with a validation file, the ``full`` ones at an epoch's end, the
rewards only with preference pairs."""

_COMMON_COLUMNS: Final = (
    "step",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)

RESULT_COLUMNS: Final[Mapping[Method, tuple[str, ...]]] = {
    "supervised": _COMMON_COLUMNS,
    "dpo": (*_COMMON_COLUMNS, "train_reward_accuracy", "train_reward_margin", "full_valid_reward_accuracy"),
}
"""The columns of a result file: OpenAI's, and behind them what only preference pairs have."""


def metrics_of(step: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of a worker's step that were measured; the training loss is always named."""
    return {name: step.get(name) for name in METRICS if name == "train_loss" or step.get(name) is not None}


def step_message(step: Mapping[str, Any]) -> str:
    """``Step 3/24: training loss=1.23``, and the validation losses and the reward accuracy when there are any."""
    parts = [f"training loss={shown_loss(step.get('train_loss'))}"]
    for label, key in (("validation loss", "valid_loss"), ("full validation loss", "full_valid_loss")):
        if step.get(key) is not None:
            parts.append(f"{label}={shown_loss(step[key])}")
    if step.get("train_reward_accuracy") is not None:
        parts.append(f"reward accuracy={step['train_reward_accuracy']:.2f}")
    return f"Step {step['step']}/{step['total_steps']}: {', '.join(parts)}"


def duration(seconds: float) -> str:
    """A length of time for people: ``40 seconds``, ``3 minutes``, ``2.5 hours``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds" if round(seconds) > 1 else "1 second"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


def result_csv(metrics: Iterable[Mapping[str, Any]], method: Method = "supervised") -> bytes:
    """The result file: a line a step, empty where nothing was measured."""
    columns = RESULT_COLUMNS[method]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in metrics:
        named = {**row, "train_accuracy": row.get("train_mean_token_accuracy")}
        writer.writerow(["" if named.get(column) is None else named[column] for column in columns])
    return out.getvalue().encode("ascii")


def shown_loss(value: float | None) -> str:
    """A loss with as many digits as tell something."""
    return "nan" if value is None else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
