"""A fine-tuning job, its events and checkpoints as values, and their OpenAI objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ACTIVE: Final = ("validating_files", "queued", "running")
"""The statuses of a job that is not over."""

AUTO: Final[Mapping[str, Any]] = {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed."""

    message: str
    code: str
    param: str | None = None

    def as_object(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "param": self.param}


@dataclass(frozen=True, slots=True)
class NewJob:
    """What a client asked for, checked."""

    model: str
    training_file: str
    validation_file: str | None
    suffix: str | None
    seed: int
    hyperparameters: Mapping[str, Any]  # n_epochs, batch_size, learning_rate_multiplier: "auto" or a number
    metadata: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the database has it. Times are Unix seconds."""

    id: str
    created_at: int
    status: str
    model: str
    training_file: str
    validation_file: str | None
    suffix: str | None
    seed: int
    requested: Mapping[str, Any]
    resolved: Mapping[str, Any] | None
    metadata: Mapping[str, str] | None
    error: Mapping[str, Any] | None
    fine_tuned_model: str | None
    finished_at: int | None
    estimated_finish: int | None
    trained_tokens: int | None
    result_file: str | None
    examples: int | None

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    def as_object(self) -> dict[str, Any]:
        """OpenAI's ``fine_tuning.job``; hyperparameters are "auto" until the file was seen."""
        hyperparameters = dict(self.resolved or self.requested)
        return {
            "id": self.id,
            "object": "fine_tuning.job",
            "created_at": self.created_at,
            "status": self.status,
            "model": self.model,
            "fine_tuned_model": self.fine_tuned_model,
            "organization_id": "local",
            "training_file": self.training_file,
            "validation_file": self.validation_file,
            "result_files": [self.result_file] if self.result_file else [],
            "hyperparameters": hyperparameters,
            "method": {"type": "supervised", "supervised": {"hyperparameters": hyperparameters}},
            "seed": self.seed,
            "user_provided_suffix": self.suffix,
            "metadata": self.metadata,
            "integrations": [],
            "trained_tokens": self.trained_tokens,
            "estimated_finish": self.estimated_finish,
            "finished_at": self.finished_at,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One line of a job's story."""

    id: str
    created_at: int
    level: str  # info, warn or error
    type: str  # message or metrics
    message: str
    data: Mapping[str, Any]

    def as_object(self) -> dict[str, Any]:
        return {
            "object": "fine_tuning.job.event",
            "id": self.id,
            "created_at": self.created_at,
            "level": self.level,
            "type": self.type,
            "message": self.message,
            "data": dict(self.data),
        }


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The model as it was after a step."""

    id: str
    created_at: int
    job: str
    model: str
    step: int
    metrics: Mapping[str, Any]

    def as_object(self) -> dict[str, Any]:
        return {
            "object": "fine_tuning.job.checkpoint",
            "id": self.id,
            "created_at": self.created_at,
            "fine_tuned_model_checkpoint": self.model,
            "fine_tuning_job_id": self.job,
            "step_number": self.step,
            "metrics": dict(self.metrics),
        }
