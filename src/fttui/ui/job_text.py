"""How jobs and their events read: pure functions over the provider's objects, whose fields may all lack."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fttui.core.text import one_line
from fttui.jobs.objects import Job, is_terminal
from fttui.ui.model_choice import ListedModel
from fttui.ui.widgets.table_list import Cell, Column, TableRow

_TONES = {"succeeded": "good", "failed": "bad", "running": "busy", "cancelled": "muted", "paused": "muted"}
_CHECKPOINT_STEP = re.compile(r":ckpt-step-(\d{1,9})$")

COLUMNS = (
    Column("job"),
    Column("model", 14, optional=True),
    Column("state", 10),
    Column("step", 9, right=True),
    Column("loss", 6, right=True),
    Column("valid", 6, right=True),
    Column("left", 6, right=True, optional=True),
)

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metrics:
    """The latest numbers of a job; None for one that never came."""

    step: int | None = None
    total_steps: int | None = None
    loss: float | None = None
    valid: float | None = None
    first_at: float | None = None
    """When the first step was reported, seconds since 1970 …"""
    first_step: int | None = None
    last_at: float | None = None
    reward_accuracy: float | None = None
    """Of DPO: the share of pairs whose preferred answer is the likelier one, by validation where there is one."""


def job_name(job: Job) -> str:
    """What a person calls the job: its suffix, else the end of its id."""
    suffix = job.get("user_provided_suffix")
    if not suffix:
        parts = str(job.get("fine_tuned_model") or "").split(":")
        suffix = parts[3] if len(parts) > 3 else ""
    return one_line(str(suffix), 64) or one_line(str(job.get("id") or "?"), 200)[-12:]


def state_of(job: Job) -> str:
    """The status in words; one that nobody knows is shown as it came."""
    status = str(job.get("status") or "unknown")
    return "validating" if status == "validating_files" else one_line(status, 40)


def metrics_of(events: Sequence[Event]) -> Metrics:
    """The latest metrics in a job's events (oldest first)."""
    step = total = loss = valid = first_at = first_step = last_at = reward = None
    for event in events:
        data = event.get("data")
        if not isinstance(data, Mapping) or number(data.get("step")) is None:
            continue
        step = int(data["step"])
        at = number(event.get("created_at"))
        if first_at is None:
            first_at, first_step = at, step
        last_at = at
        total = int(data["total_steps"]) if number(data.get("total_steps")) is not None else total
        loss = next((n for n in (number(data.get("train_loss")),) if n is not None), loss)
        names = ("full_valid_loss", "valid_loss")
        valid = next((n for n in (number(data.get(name)) for name in names) if n is not None), valid)
        names = ("full_valid_reward_accuracy", "train_reward_accuracy")
        reward = next((n for n in (number(data.get(name)) for name in names) if n is not None), reward)
    return Metrics(step, total, loss, valid, first_at, first_step, last_at, reward)


def number(value: object) -> float | None:
    """A finite number, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def seconds_left(job: Job, metrics: Metrics, now: float) -> float | None:
    """Seconds until the job is done: as the provider says, else by the steps so far; None when nobody knows."""
    if job.get("status") != "running":
        return None
    finish = number(job.get("estimated_finish"))
    if finish is not None and finish > now:
        return finish - now
    if None in (metrics.step, metrics.total_steps, metrics.first_at, metrics.first_step, metrics.last_at):
        return None
    assert metrics.step is not None and metrics.first_step is not None and metrics.total_steps is not None
    assert metrics.first_at is not None and metrics.last_at is not None
    done = metrics.step - metrics.first_step
    spent = metrics.last_at - metrics.first_at
    if done <= 0 or spent <= 0:
        return None
    return max(0.0, (metrics.total_steps - metrics.step) * spent / done - (now - metrics.last_at))


def clock(seconds: float | None) -> str:
    """A length of time as ``0:14``, ``12:05`` or ``3:00 h``; empty when it is not known."""
    if seconds is None:
        return ""
    whole = math.ceil(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02} h"
    return f"{whole // 60}:{whole % 60:02}"


def loss_text(value: float | None) -> str:
    """A loss with two decimals (three below 0.1); empty when there is none."""
    if value is None:
        return ""
    return f"{value:.3f}" if abs(value) < 0.1 else f"{value:.2f}" if abs(value) < 1000 else f"{value:.0e}"


def job_row(job: Job, events: Sequence[Event], now: float) -> TableRow:
    """The job as a row of `COLUMNS`."""
    metrics = metrics_of(events)
    state = state_of(job)
    total = f"/{metrics.total_steps:,}" if metrics.total_steps is not None else ""
    return TableRow(
        str(job.get("id") or ""),
        (
            Cell(job_name(job)),
            Cell(ListedModel(str(job.get("model") or "?")).short, "muted"),
            Cell(state, _TONES.get(state, "")),
            Cell(f"{metrics.step:,}{total}" if metrics.step is not None else ""),
            Cell(loss_text(metrics.loss)),
            Cell(loss_text(metrics.valid)),
            Cell(clock(seconds_left(job, metrics, now)), "muted"),
        ),
    )


def headline(job: Job, events: Sequence[Event], now: float) -> str:
    """One line over a job's curve: ``tone · SmolLM2-135M · 8 epochs · running 62 %, 0:14 left``."""
    metrics = metrics_of(events)
    parts = [job_name(job), one_line(str(job.get("model") or "?"), 80)]
    epochs = epochs_of(job)
    if epochs:
        parts.append(f"{epochs} epoch{'' if epochs == '1' else 's'}")
    if method_of(job) == "dpo":
        parts.append("DPO" if metrics.reward_accuracy is None else f"DPO {100 * metrics.reward_accuracy:.0f} % right")
    state = state_of(job)
    if job.get("status") == "paused" and metrics.step and metrics.total_steps:
        state += f" at {100 * metrics.step // metrics.total_steps} %"
    if job.get("status") == "running" and metrics.step and metrics.total_steps:
        state += f" {100 * metrics.step // metrics.total_steps} %"
        left = clock(seconds_left(job, metrics, now))
        state += f", {left} left" if left else ""
    parts.append(state)
    return " · ".join(parts)


def method_of(job: Job) -> str:
    """``supervised``, ``dpo`` …; empty when the provider does not say."""
    method = job.get("method")
    kind = method.get("type") if isinstance(method, Mapping) else None
    return one_line(kind, 40) if isinstance(kind, str) else ""


def best_checkpoint(job: Job) -> str:
    """The model id of the checkpoint with the lowest validation loss so far; empty when there is none."""
    best = job.get("best_checkpoint")
    return best if isinstance(best, str) else ""


def best_line(job: Job, metrics: Metrics) -> str:
    """``Best checkpoint: step 12 (validation loss) …``; empty when it is the last one at the end."""
    found = _CHECKPOINT_STEP.search(best_checkpoint(job))
    if found is None:
        return ""
    step = int(found[1])
    if is_terminal(job) and step == metrics.step:
        return ""
    far = "" if is_terminal(job) else " so far"
    return f"Best checkpoint{far}: step {step:,} (validation loss). b tries it."


def epochs_of(job: Job) -> str:
    """The number of epochs, ``auto`` before it is resolved, empty when the provider does not say."""
    method = job.get("method")
    kind = method.get("type") if isinstance(method, Mapping) else None
    inner = method.get(kind) if isinstance(method, Mapping) and isinstance(kind, str) else None
    for holder in (job, inner):
        parameters = holder.get("hyperparameters") if isinstance(holder, Mapping) else None
        value = parameters.get("n_epochs") if isinstance(parameters, Mapping) else None
        if isinstance(value, int | str) and not isinstance(value, bool):
            return one_line(str(value), 12)
    return ""


def outcome(job: Job) -> str:
    """What came of a job that is over or paused, and what to do next; empty before that.

    A healthy job may carry an ``error`` object whose fields are all empty.
    """
    status = job.get("status")
    if status == "succeeded":
        return f"Tuned model: {one_line(str(job.get('fine_tuned_model') or 'not named yet'), 200)}. p tries it."
    if status == "failed":
        error = job.get("error")
        message = error.get("message") if isinstance(error, Mapping) else None
        return f"✖ {one_line(str(message or 'It failed, and the provider gives no reason.'), 600)}"
    if status == "paused":
        return "Paused: what was trained is kept. s lets it go on."
    return "Cancelled." if status == "cancelled" else ""


def event_line(event: Event) -> str:
    """``14:02:11 Step 15: loss 1.08`` in local time, warnings and errors with a sign."""
    at = number(event.get("created_at"))
    stamp = time.strftime("%H:%M:%S", time.localtime(at)) if at is not None and 0 <= at < 4e10 else "--:--:--"
    sign = {"warn": "⚠ ", "error": "✖ "}.get(str(event.get("level")), "")
    return f"{stamp} {sign}{one_line(str(event.get('message') or ''), 2000)}"
