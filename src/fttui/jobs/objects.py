"""Jobs and events as plain mappings: the provider's own objects, whose fields may all lack or be unknown."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Job = Mapping[str, Any]
"""A fine-tuning job as the provider gives it."""

TERMINAL = frozenset({"succeeded", "failed", "cancelled"})
PAUSED = "paused"
PAUSABLE = frozenset({"validating_files", "queued", "running"})


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One event of a job; ``data`` holds the numbers of a metrics event."""

    id: str
    created_at: int
    """Unix seconds; 0 when the provider does not say."""
    level: str
    type: str
    message: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """``id created_at level type message data``, as the command line prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class JobUpdate:
    """The job changed: its status, its model, its estimated end."""

    job: dict[str, Any]


def event_of(raw: Mapping[str, Any]) -> JobEvent:
    """An event, whatever the provider left out; one without an id gets one made of its content."""
    created = raw.get("created_at")
    data = raw.get("data")
    is_number = isinstance(created, int | float) and math.isfinite(created)
    return JobEvent(
        id=str(raw.get("id") or _id_of(raw)),
        created_at=int(created) if is_number and created is not None else 0,
        level=str(raw.get("level") or "info"),
        type=str(raw.get("type") or "message"),
        message=str(raw.get("message") or ""),
        data=dict(data) if isinstance(data, Mapping) else {},
    )


def _id_of(raw: Mapping[str, Any]) -> str:
    content = json.dumps(raw, sort_keys=True, default=str)
    return f"event-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def is_terminal(job: Job) -> bool:
    """Whether the job is over; a status that nobody knows is not."""
    return job.get("status") in TERMINAL


def is_paused(job: Job) -> bool:
    """Whether the job waits until somebody lets it go on."""
    return job.get("status") == PAUSED


def failure_of(job: Job) -> str | None:
    """Why a job failed, in the provider's words; a healthy job may carry an error whose fields are all empty."""
    error = job.get("error")
    message = error.get("message") if isinstance(error, Mapping) else None
    return str(message) if message else None
