"""A fine-tuning job, its events and checkpoints as values, and their OpenAI objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.engines.protocol import Method

_COMMON: Final = ("n_epochs", "batch_size", "learning_rate_multiplier")

ACTIVE: Final = ("validating_files", "queued", "running")
"""The statuses of a job that is worked on, or will be: the server stays for it."""

UNFINISHED: Final = (*ACTIVE, "paused")
"""The statuses of a job that is not over."""

AUTO: Final[Mapping[Method, Mapping[str, Any]]] = {
    "supervised": dict.fromkeys(_COMMON, "auto"),
    "dpo": dict.fromkeys((*_COMMON, "beta"), "auto"),
}
"""The hyperparameters of each method, as they are when nothing is chosen."""


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
    method: Method
    hyperparameters: Mapping[str, Any]  # those of `AUTO`: each "auto" or a number
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
    method: Method
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
    steps_done: int
    """The last step that was told in an event."""
    deaths: int
    """How often its training process ended unexpectedly."""
    best_step: int | None
    """Of the checkpoint with the lowest loss on all validation examples."""
    best_checkpoint: str | None
    """The model id of that checkpoint."""

    @property
    def is_unfinished(self) -> bool:
        return self.status in UNFINISHED

    def as_object(self) -> dict[str, Any]:
        """OpenAI's ``fine_tuning.job``, and ``best_checkpoint``.

        As there, hyperparameters are "auto" until the file was seen, and tokens are told when the job is over.
        """
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
            "hyperparameters": {name: value for name, value in hyperparameters.items() if name in _COMMON},
            "method": {"type": self.method, self.method: {"hyperparameters": hyperparameters}},
            "seed": self.seed,
            "user_provided_suffix": self.suffix,
            "metadata": self.metadata,
            "integrations": [],
            "trained_tokens": None if self.is_unfinished else self.trained_tokens,
            "estimated_finish": self.estimated_finish,
            "finished_at": self.finished_at,
            "error": self.error,
            "best_checkpoint": self.best_checkpoint,
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
