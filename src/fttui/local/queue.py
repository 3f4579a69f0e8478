"""The way of a job: its files checked, then one at a time in the order of creation, to its end."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Final

from fttui.core.errors import FttuiError
from fttui.local.events import expected_duration
from fttui.local.examples import CheckedFile, check_file
from fttui.local.file_store import FileStore
from fttui.local.host import LoadedBase, ModelHost, wait_telling
from fttui.local.job_store import JobStore
from fttui.local.jobs import Job, JobError
from fttui.local.training_run import TrainingRun, remove_half_written, shown_hyperparameters
from fttui.local.tuned_models import ModelStore

log = logging.getLogger(__name__)

_LOST: Final = (
    "The local server was stopped or killed while this job was running; "
    "training cannot be resumed yet: create the job again."
)


class JobQueue:
    """Validates and trains the jobs of a server, in two threads of its own.

    Args:
        jobs: Where jobs and their events are kept.
        files: Where their files are.
        models: Where a model gets its name.
        host: The base model.
        environment: Variables for a training process beside those of this one.
        save_seconds: Between two saves of a training's state; 0: after each step.
        original_weights: The base before it was quantised, to measure adapters on; empty: not measured.
    """

    def __init__(
        self,
        jobs: JobStore,
        files: FileStore,
        models: ModelStore,
        host: ModelHost,
        environment: Mapping[str, str],
        *,
        save_seconds: float = 20.0,
        original_weights: str = "",
    ) -> None:
        self._jobs = jobs
        self._files = files
        self._models = models
        self._host = host
        self._environment = dict(environment)
        self._save_seconds = save_seconds
        self._original_weights = original_weights
        self._to_validate: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._to_train: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._running: TrainingRun | None = None
        self._lock = threading.Lock()
        self._is_closing = threading.Event()
        self._workers = [
            threading.Thread(target=self._take_all, args=args, name=name, daemon=True)
            for name, args in (
                ("job-validation", (self._to_validate, self._validate)),
                ("job-training", (self._to_train, self._train)),
            )
        ]

    def start(self) -> None:
        """Begin with what an earlier server left: running jobs have failed, the others go on."""
        for job in self._jobs.active():
            if job.status == "running":
                self._jobs.fail(job.id, JobError(_LOST, "server_stopped"))
                remove_half_written(self._models.folder_of_job(job.id))
            else:
                self._jobs.change(job.id, status="validating_files")
                self._to_validate.put(job.id)
        for worker in self._workers:
            worker.start()

    def add(self, job: Job) -> None:
        """Take a new job."""
        self._jobs.tell(job.id, f"Created fine-tuning job: {job.id}")
        self._to_validate.put(job.id)

    def cancel(self, job: Job) -> bool:
        """End a job that is not over; False when it is."""
        if not self._jobs.finish(job.id, "cancelled", "Fine-tuning job cancelled"):
            return False
        with self._lock:
            if self._running is not None and self._running.job_id == job.id:
                self._running.kill()
        return True

    def close(self) -> None:
        """Stop: the running job fails with a reason, the waiting ones stay for the next server."""
        self._is_closing.set()
        for waiting in (self._to_validate, self._to_train):
            waiting.put(None)
        with self._lock:
            running = self._running
        if running is not None:
            self._jobs.fail(running.job_id, JobError(_LOST, "server_stopped"))
            running.kill()
        for worker in self._workers:
            worker.join(timeout=10)

    def _take_all(self, waiting: queue.SimpleQueue[str | None], work: Callable[[Job], None]) -> None:
        while (job_id := waiting.get()) is not None and not self._is_closing.is_set():
            try:
                job = self._jobs.get(job_id)
                if job.is_active:
                    work(job)
            except Exception as error:  # one job must not take the queue with it
                log.exception("Job %s failed.", job_id)
                reason = str(error) if isinstance(error, FttuiError) else f"{type(error).__name__}: {error}."
                with contextlib.suppress(Exception):  # the database itself may be what failed
                    self._jobs.fail(job_id, JobError(f"The job failed: {reason}", "internal_error"))

    def _validate(self, job: Job) -> None:
        checked = self._check(job, job.training_file, "training_file", "Validating training file")
        if checked is None:
            return
        validation = job.validation_file
        if validation and not self._check(job, validation, "validation_file", "Validating validation file"):
            return
        resolved = shown_hyperparameters(job, checked.examples)
        if not self._jobs.change(job.id, examples=checked.examples, resolved=resolved, status="queued"):
            return
        self._jobs.tell(job.id, "Files validated, moving job to queued state")
        self._to_train.put(job.id)

    def _check(self, job: Job, file_id: str, param: str, announcement: str) -> CheckedFile | None:
        self._jobs.tell(job.id, f"{announcement}: {file_id}")
        try:
            checked = check_file(self._files.path(file_id))
            complaint = checked.complaint(f"The {param.replace('_', ' ')}")
        except OSError as error:
            complaint = f"The {param.replace('_', ' ')} cannot be read: {error.strerror}."
        if complaint is None:
            return checked
        self._jobs.fail(job.id, JobError(complaint, f"invalid_{param}", param))
        return None

    def _train(self, job: Job) -> None:
        def is_over() -> bool:
            return self._is_closing.is_set() or not self._jobs.get(job.id).is_active

        try:
            base = wait_telling(self._host, lambda message: self._jobs.tell(job.id, message), is_over)
        except FttuiError as error:
            self._jobs.fail(job.id, JobError(str(error), "weights_not_available"))
            return
        if base is None:
            return
        run = self._prepare(job, base)
        if run is None or not self._jobs.change(job.id, status="running"):
            return
        self._jobs.tell(job.id, "Fine-tuning job started")
        expected = self._jobs.seconds_per_byte(base.id)
        if expected is not None:
            self._jobs.tell(job.id, expected_duration(expected * run.work_bytes))
        with self._lock:
            self._running = run
        try:
            if not is_over():
                run.run(self._environment)
        finally:
            with self._lock:
                self._running = None

    def _prepare(self, job: Job, base: LoadedBase) -> TrainingRun | None:
        start_from = None
        if job.model != base.id:
            tuned = self._models.find(job.model)
            if tuned is None or tuned.base != base.id:
                message = f"The model `{job.model}` is not on this server, whose base model is `{base.id}`."
                self._jobs.fail(job.id, JobError(message, "model_not_found", "model"))
                return None
            start_from = tuned.folder
        return TrainingRun(job, base, start_from, jobs=self._jobs, files=self._files, models=self._models)
