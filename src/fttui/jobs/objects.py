"""Jobs and events as plain mappings: the provider's own objects, whose fields may all lack or be unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Job = Mapping[str, Any]
"""A fine-tuning job as the provider gives it."""

TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


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


def as_dict(thing: Any) -> dict[str, Any]:
    """An SDK object as the provider sent it, unknown keys too."""
    values: dict[str, Any] = thing.to_dict(mode="json", warnings=False)
    return values


def event_of(raw: Mapping[str, Any]) -> JobEvent:
    """An event, whatever the provider left out."""
    created = raw.get("created_at")
    data = raw.get("data")
    return JobEvent(
        id=str(raw.get("id") or ""),
        created_at=int(created) if isinstance(created, int | float) else 0,
        level=str(raw.get("level") or "info"),
        type=str(raw.get("type") or "message"),
        message=str(raw.get("message") or ""),
        data=dict(data) if isinstance(data, Mapping) else {},
    )


def is_terminal(job: Job) -> bool:
    """Whether the job is over; a status that nobody knows is not."""
    return job.get("status") in TERMINAL


def failure_of(job: Job) -> str | None:
    """Why a job failed, in the provider's words; a healthy job may carry an error whose fields are all empty."""
    error = job.get("error")
    message = error.get("message") if isinstance(error, Mapping) else None
    return str(message) if message else None
