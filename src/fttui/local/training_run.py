"""One job in its training process: what the process says becomes events, checkpoints and a model."""

from __future__ import annotations

import io
import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from fttui.core.log import log_file
from fttui.local.events import duration, metrics_of, result_csv, step_message
from fttui.local.file_store import FileStore
from fttui.local.host import LoadedBase
from fttui.local.hyperparameters import resolve
from fttui.local.ids import checkpoint_model_id, tuned_model_id
from fttui.local.job_store import JobStore
from fttui.local.jobs import Job, JobError
from fttui.local.tuned_models import ModelStore
from fttui.local.worker_process import Assignment, WorkerProcess

log = logging.getLogger(__name__)

_STEPS_TO_ESTIMATE = 3


def shown_hyperparameters(job: Job, examples: int) -> dict[str, Any]:
    """The job's hyperparameters with numbers for each "auto"."""
    options = resolve(examples, job.requested)
    multiplier = job.requested.get("learning_rate_multiplier", "auto")
    return {
        "n_epochs": options.epochs,
        "batch_size": options.batch_size,
        "learning_rate_multiplier": 1.0 if multiplier == "auto" else multiplier,
    }


def remove_half_written(folder: Path) -> None:
    """Remove what a killed worker left of an adapter that it was saving to a job's ``folder``."""
    for left in folder.glob("*.tmp"):
        shutil.rmtree(left, ignore_errors=True)


class TrainingRun:
    """A job that is being trained.

    Args:
        job: It, validated.
        base: The base model.
        start_from: The adapter to go on from, or None for a new one.
    """

    def __init__(
        self,
        job: Job,
        base: LoadedBase,
        start_from: Path | None,
        *,
        jobs: JobStore,
        files: FileStore,
        models: ModelStore,
    ) -> None:
        self.job_id = job.id
        self._job = job
        self._base = base
        self._start_from = start_from
        self._jobs = jobs
        self._files = files
        self._models = models
        self._folder = models.folder_of_job(job.id)
        self._model_id = tuned_model_id(base.id, job.suffix)
        self._worker: WorkerProcess | None = None
        self._is_killed = False
        self._is_over = False
        self._metrics: Mapping[str, Any] = {}
        self._tokens = 0
        self._seconds = 0.0
        epochs = (job.resolved or {}).get("n_epochs", 1)
        self.work_bytes = files.path(job.training_file).stat().st_size * int(epochs)
        """A measure of the work, to foretell its duration: bytes of the training file × epochs."""

    def run(self, environment: Mapping[str, str]) -> None:
        """Train to the end, whatever end that is; the job is over afterwards.

        Args:
            environment: Variables for the training process beside those of this one.
        """
        worker = WorkerProcess(self._assignment(), environment)
        self._worker = worker
        if self._is_killed:
            worker.kill()
        log.info("Job %s trains in process %d.", self.job_id, worker.pid)
        try:
            for message in worker.messages():
                self._hear(message)
        finally:
            worker.kill()
            how = worker.close()
        if not self._is_over:
            text = (
                f"The training process ended unexpectedly ({how}); too little memory is the usual reason. "
                f"The log may tell more: {log_file()}"
            )
            self._jobs.fail(self.job_id, JobError(text, "worker_died"))  # changes nothing when the job was cancelled
        remove_half_written(self._folder)

    def kill(self) -> None:
        """End the training process now; called from another thread."""
        self._is_killed = True
        if self._worker is not None:
            self._worker.kill()

    def _assignment(self) -> Assignment:
        job = self._job
        return Assignment(
            weights=self._base.weights,
            training=self._files.path(job.training_file),
            validation=self._files.path(job.validation_file) if job.validation_file else None,
            options=replace(resolve(job.examples or 1, job.requested), seed=job.seed),
            start_from=self._start_from,
            folder=self._folder,
        )

    def _hear(self, message: Mapping[str, Any]) -> None:
        kind = message["kind"]
        if kind == "started":
            self._on_started(message)
        elif kind == "step":
            self._on_step(message)
        elif kind == "checkpoint":
            self._on_checkpoint(message["step"], self._folder / message["folder"])
        elif kind == "done":
            self._on_done(self._folder / message["folder"])
        elif kind == "failed":
            self._is_over = True
            self._jobs.fail(self.job_id, JobError(message["message"], "training_failed"))

    def _on_started(self, message: Mapping[str, Any]) -> None:
        for count, what in (
            (message["shortened"], "Longer than this model trains on, so that their end was cut off"),
            (message["skipped"], "Left out, because nothing in them is trained on"),
        ):
            if count:
                self._jobs.tell(self.job_id, f"{what}: {count} example{'s' * (count > 1)}", level="warn")

    def _on_step(self, step: Mapping[str, Any]) -> None:
        self._metrics = metrics_of(step)
        self._tokens += step["tokens"]
        self._seconds += step["seconds"]
        done, total = step["step"], step["total_steps"]
        left = self._seconds / done * (total - done)
        if not self._jobs.change(self.job_id, estimated_finish=int(time.time() + left), trained_tokens=self._tokens):
            return  # cancelled a moment ago: its story is over
        data = {"step": done, "total_steps": total, **self._metrics}
        self._jobs.tell(self.job_id, step_message(step), kind="metrics", data=data)
        if done == _STEPS_TO_ESTIMATE and total > done:
            self._jobs.tell(self.job_id, f"About {duration(left)} of training left")

    def _on_checkpoint(self, step: int, folder: Path) -> None:
        name = checkpoint_model_id(self._model_id, step)
        self._models.add(name, base=self._base.id, job=self.job_id, folder=folder, is_checkpoint=True)
        self._jobs.add_checkpoint(self.job_id, name, step, {"step": step, **self._metrics})
        self._jobs.tell(self.job_id, f"Checkpoint created at step {step}")

    def _on_done(self, folder: Path) -> None:
        self._is_over = True
        self._models.add(self._model_id, base=self._base.id, job=self.job_id, folder=folder, is_checkpoint=False)
        table = result_csv(self._jobs.metrics(self.job_id))
        results = self._files.add(io.BytesIO(table), filename="step_metrics.csv", purpose="fine-tune-results")
        self._jobs.finish(
            self.job_id,
            "succeeded",
            f"New fine-tuned model created: {self._model_id}",
            "The job has successfully completed",
            fine_tuned_model=self._model_id,
            result_file=results.id,
            work_bytes=self.work_bytes,
            train_seconds=self._seconds,
        )
