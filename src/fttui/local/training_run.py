"""One job in its training process: what the process says becomes events, checkpoints and a model."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from fttui.local.assignment import Assignment
from fttui.local.events import duration, metrics_of, result_csv, shown_loss, step_message
from fttui.local.file_store import FileStore
from fttui.local.host import LoadedBase
from fttui.local.hyperparameters import resolve
from fttui.local.ids import checkpoint_model_id, tuned_model_id
from fttui.local.job_folder import remove_half_written
from fttui.local.job_store import JobStore
from fttui.local.jobs import Job, JobError
from fttui.local.time_left import TimeLeft
from fttui.local.tuned_models import ModelStore, Reads
from fttui.local.worker_process import WorkerProcess

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a training process ended."""

    kind: Literal["over", "paused", "died"]
    """``over``: with a model, or a reason why there is none. ``paused``: as it was told to. ``died``: or was killed."""
    how: str
    """As the system tells it: ``signal 9``."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What is the same for all jobs of a server."""

    environment: Mapping[str, str]
    """Variables for a training process beside those of this one."""
    save_seconds: float
    original_weights: str


class TrainingRun:
    """A job in one training process: from its beginning, or from where an earlier process left it.

    Args:
        job: It, validated.
        base: The base model.
        start_from: The adapter that the job began with, or None for a new one.
        settings: Of the server.
        reason: Why it has to go on, as the beginning of a sentence; empty when it begins.
    """

    def __init__(
        self,
        job: Job,
        base: LoadedBase,
        start_from: Path | None,
        settings: TrainingSettings,
        *,
        jobs: JobStore,
        files: FileStore,
        models: ModelStore,
        reason: str = "",
    ) -> None:
        self.job_id = job.id
        self._job = job
        self._base = base
        self._start_from = start_from
        self._settings = settings
        self._reason = reason
        self._jobs = jobs
        self._files = files
        self._models = models
        self._folder = models.folder_of_job(job.id)
        self._model_id = tuned_model_id(base.id, job.suffix, job.id)
        self._worker: WorkerProcess | None = None
        self._is_killed = False
        self._is_pausing = False
        self._ending: Literal["over", "paused", "died"] = "died"
        self._reads: Reads = "chat"
        self._metrics: Mapping[str, Any] = {}
        self._losses: Mapping[str, float] | None = None
        self._steps_told = job.steps_done
        self._tokens = job.trained_tokens or 0
        self._best_loss = jobs.best_loss(job.id)
        self._best_step = job.best_step
        self._time_left = TimeLeft(1, 0.0)

    def run(self) -> Ending:
        """Train to the end of the process, whatever end that is."""
        worker = WorkerProcess(self._assignment(), self._settings.environment)
        self._worker = worker
        if self._is_killed:
            worker.kill()
        if self._is_pausing:
            worker.pause()
        log.info("Job %s trains in process %d.", self.job_id, worker.pid)
        try:
            for message in worker.messages():
                self._hear(message, worker)
        except BaseException:
            worker.kill()
            raise
        finally:
            how = worker.close()
            remove_half_written(self._folder)
        return Ending(self._ending, how)

    def pause(self) -> None:
        """Let the training process save its state and exit; called from another thread."""
        self._is_pausing = True
        if self._worker is not None:
            self._worker.pause()

    def kill(self) -> None:
        """End the training process now; called from another thread."""
        self._is_killed = True
        if self._worker is not None:
            self._worker.kill()

    def _assignment(self) -> Assignment:
        job, settings = self._job, self._settings
        return Assignment(
            weights=self._base.weights,
            engine=self._base.engine_name,
            training=self._files.path(job.training_file),
            validation=self._files.path(job.validation_file) if job.validation_file else None,
            options=replace(resolve(job.examples or 1, job.resolved or job.requested, job.method), seed=job.seed),
            start_from=self._start_from,
            folder=self._folder,
            save_seconds=settings.save_seconds,
            original_weights=Path(settings.original_weights).expanduser() if settings.original_weights else None,
        )

    def _hear(self, message: Mapping[str, Any], worker: WorkerProcess) -> None:
        kind = message["kind"]
        if kind == "started":
            self._on_started(message)
        elif kind == "step":
            self._on_step(message)
        elif kind == "checkpoint":
            self._on_checkpoint(message["step"], self._folder / message["folder"])
        elif kind == "saving":
            worker.let_save()  # all that was said before is in the database by now
        elif kind == "paused":
            self._ending = "paused"
        elif kind == "original":
            self._on_original(message)
        elif kind == "done":
            self._on_done(self._folder / message["folder"])
        elif kind == "failed":
            self._ending = "over"
            self._jobs.fail(self.job_id, JobError(message["message"], message["code"]))

    def _on_started(self, message: Mapping[str, Any]) -> None:
        done, total, expected = message["steps_done"], message["total_steps"], message["expected_seconds"]
        self._reads = message["reads"]
        self._time_left = TimeLeft(total - done, expected)
        if message["problem"]:
            self._tell(f"The saved state cannot be used: {message['problem']}", level="warn")
            self._start_again()
        if self._reason:
            where = f"goes on from step {done}" if done else "starts again from the beginning"
            self._tell(f"{self._reason}: training {where}", level="warn" if self._job.deaths else "info")
        else:
            self._tell_of_odd_examples(message)
        if expected > 0 and done < total:
            self._tell(f"Training takes about {duration(expected)}{' more' if done else ''}")
            self._jobs.change(self.job_id, only_if=("running",), estimated_finish=int(time.time() + expected))

    def _start_again(self) -> None:
        self._jobs.start_again(self.job_id)
        self._steps_told = self._tokens = 0
        self._best_loss = self._best_step = None

    def _tell_of_odd_examples(self, message: Mapping[str, Any]) -> None:
        for count, what in (
            (message["shortened"], "Longer than this model trains on, so that their end was cut off"),
            (message["skipped"], "Left out, because nothing in them is trained on"),
        ):
            if count:
                self._tell(f"{what}: {count} example{'s' * (count > 1)}", level="warn")

    def _on_step(self, step: Mapping[str, Any]) -> None:
        self._metrics = metrics_of(step)
        left = self._time_left.after_step(step["seconds"])
        done, total = step["step"], step["total_steps"]
        if done <= self._steps_told:
            return  # an earlier process was killed after it had told this step and before it could save
        self._steps_told = done
        self._tokens += step["tokens"]
        data = {"step": done, "total_steps": total, **self._metrics}
        is_known = self._jobs.record_step(
            self.job_id,
            step_message(step),
            data,
            steps_done=done,
            trained_tokens=self._tokens,
            estimated_finish=None if self._is_pausing else int(time.time() + left),
        )
        if is_known and self._time_left.is_worth_telling(left):
            self._tell(f"About {duration(left)} of training left")

    def _on_checkpoint(self, step: int, folder: Path) -> None:
        loss = self._metrics.get("full_valid_loss")
        is_best = loss is not None and (self._best_loss is None or loss < self._best_loss)
        story = [f"Checkpoint created at step {step}"]
        if is_best:
            self._best_loss, self._best_step = loss, step
            story.append(f"Lowest full validation loss so far at step {step}: {shown_loss(loss)}")
        name = checkpoint_model_id(self._model_id, step)
        self._add_model(name, folder, is_checkpoint=True)
        self._jobs.add_checkpoint(self.job_id, name, step, {"step": step, **self._metrics}, *story, is_best=is_best)

    def _on_original(self, message: Mapping[str, Any]) -> None:
        if "problem" in message:
            self._tell(f"The loss on the original weights was not measured: {message['problem']}", level="warn")
            return
        self._losses = {key: message[key] for key in ("quantised", "original", "tokens")}
        text = (
            f"Loss on the original weights: {message['original']:.4f}; "
            f"on the quantised ones that were trained over: {message['quantised']:.4f}"
        )
        self._tell(text, data=self._losses)

    def _on_done(self, folder: Path) -> None:
        self._ending = "over"
        if not self._jobs.get(self.job_id).is_unfinished:
            return
        self._add_model(self._model_id, folder, is_checkpoint=False)
        results = self._add_results()
        is_made = self._jobs.finish(
            self.job_id,
            "succeeded",
            f"New fine-tuned model created: {self._model_id}",
            *self._word_on_the_best(),
            "The job has successfully completed",
            fine_tuned_model=self._model_id,
            result_file=results,
        )
        if not is_made:  # it was cancelled just now
            self._models.forget(self._model_id)
            if results is not None:
                self._files.delete(results)

    def _add_results(self) -> str | None:
        """The id of the file with what was measured at each step; None when there is no room for it."""
        table = result_csv(self._jobs.metrics(self.job_id), self._job.method)
        try:
            return self._files.add(io.BytesIO(table), filename="step_metrics.csv", purpose="fine-tune-results").id
        except OSError as error:
            self._tell(f"The result file cannot be stored: {error.strerror or error}.", level="warn")
            return None

    def _word_on_the_best(self) -> list[str]:
        if self._best_step is None or self._best_loss is None or self._best_step == self._steps_told:
            return []
        name = checkpoint_model_id(self._model_id, self._best_step)
        return [f"The lowest full validation loss was {shown_loss(self._best_loss)}, at step {self._best_step}: {name}"]

    def _add_model(self, name: str, folder: Path, *, is_checkpoint: bool) -> None:
        self._models.add(
            name,
            base=self._base.id,
            job=self.job_id,
            folder=folder,
            is_checkpoint=is_checkpoint,
            reads=self._reads,
            losses=None if is_checkpoint else self._losses,
        )

    def _tell(self, message: str, *, level: str = "info", data: Mapping[str, Any] | None = None) -> None:
        self._jobs.tell(self.job_id, message, level=level, data=data)
