"""How jobs and their events read in a terminal; every field of a provider's object may be missing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fttui.core.text import one_line

if TYPE_CHECKING:
    from decimal import Decimal

    from fttui.costs.billed import Billed
    from fttui.jobs.objects import JobEvent

COLUMNS = ("job", "created", "status", "model", "tuned model")

_SIGNS = {"warn": "! ", "error": "x "}


def job_cells(job: Mapping[str, Any]) -> tuple[str, ...]:
    """The job as a row of `COLUMNS`."""
    return (
        _text(job, "id"),
        _moment(job.get("created_at"), "%Y-%m-%d %H:%M"),
        _text(job, "status"),
        _text(job, "model"),
        _text(job, "fine_tuned_model"),
    )


def job_lines(job: Mapping[str, Any]) -> list[str]:
    """The job, one line a fact."""
    facts = [
        ("job", _text(job, "id")),
        ("status", _text(job, "status") or "unknown"),
        ("model", _text(job, "model")),
        ("tuned model", _text(job, "fine_tuned_model")),
        ("created", _moment(job.get("created_at"), "%Y-%m-%d %H:%M:%S")),
        ("finished", _moment(job.get("finished_at"), "%Y-%m-%d %H:%M:%S")),
        ("best checkpoint", _text(job, "best_checkpoint")),
        ("method", _method(job)),
        ("epochs", _epochs(job)),
        ("trained tokens", _text(job, "trained_tokens")),
        ("training file", _text(job, "training_file")),
        ("validation file", _text(job, "validation_file")),
        ("failed because", failure(job)),
    ]
    return [f"{name:16}{value}" for name, value in facts if value]


def billing_lines(bill: Billed) -> list[str]:
    """What was billed beside what was estimated, one line a fact."""
    from fttui.costs.money import show_money

    def money(usd: Decimal | None) -> str:
        return "" if usd is None else ", free" if not usd else f", {show_money(usd)}"

    share = "" if not bill.share else f": {abs(bill.share):.1%} {'more' if bill.share > 0 else 'less'} than estimated"
    lines = [("billed", f"{bill.tokens:,} tokens{money(bill.usd)}{share}")]
    if bill.estimated is not None:
        lines.append(("estimated", f"{bill.estimated:,} tokens{money(bill.estimated_usd)}"))
    return [f"{name:16}{value}" for name, value in lines]


def billing_document(bill: Billed | None) -> dict[str, Any] | None:
    """The same for JSON; None before the provider says the tokens."""
    if bill is None:
        return None
    return {
        "billed_tokens": bill.tokens,
        "billed_usd": bill.usd,
        "estimated_tokens": bill.estimated,
        "estimated_usd": bill.estimated_usd,
        "difference": bill.difference,
        "share": bill.share,
    }


def outcome_lines(job: Mapping[str, Any]) -> list[str]:
    """How a job that is over ended."""
    status = job.get("status")
    if status == "succeeded":
        return [f"The tuned model is {_text(job, 'fine_tuned_model') or 'not named yet'}."]
    if status == "failed":
        return [f"The job failed: {failure(job) or 'the provider gives no reason.'}"]
    return [f"The job was {_text(job, 'status') or 'lost'}."]


def failure(job: Mapping[str, Any]) -> str:
    """Why a job failed; empty when it did not (a healthy job may carry an ``error`` whose fields are all empty)."""
    error = job.get("error")
    message = error.get("message") if isinstance(error, Mapping) else None
    return one_line(str(message), 2000) if message else ""


def event_line(event: JobEvent) -> str:
    """``14:02:11 Step 15/24: training loss=1.08``, in local time."""
    stamp = _moment(event.created_at, "%H:%M:%S") or "--:--:--"
    return f"{stamp} {_SIGNS.get(event.level, '')}{one_line(event.message, 4000)}"


def _method(job: Mapping[str, Any]) -> str:
    """Unless it is the usual one."""
    method = job.get("method")
    kind = _text(method, "type") if isinstance(method, Mapping) else ""
    return "" if kind == "supervised" else kind


def _epochs(job: Mapping[str, Any]) -> str:
    parameters = job.get("hyperparameters")
    if not isinstance(parameters, Mapping):
        method = job.get("method")
        inner = method.get(str(method.get("type"))) if isinstance(method, Mapping) else None
        parameters = inner.get("hyperparameters") if isinstance(inner, Mapping) else None
    return _text(parameters, "n_epochs") if isinstance(parameters, Mapping) else ""


def _text(job: Mapping[str, Any], key: str) -> str:
    value = job.get(key)
    return "" if value is None else one_line(str(value), 300)


def _moment(seconds: object, form: str) -> str:
    """Unix seconds in local time; empty for anything that is no moment of ours."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 4e10:
        return ""
    return time.strftime(form, time.localtime(seconds))
