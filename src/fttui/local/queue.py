"""The way of a job: its files checked, then one at a time in the order of creation, to its end."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Final

from fttui.core.errors import FttuiError
from fttui.core.log import log_file
from fttui.local import disk_full
from fttui.local.examples import CheckedFile, check_file
from fttui.local.file_store import FileStore
from fttui.local.host import LoadedBase, ModelHost, wait_telling
from fttui.local.hyperparameters import as_numbers
from fttui.local.job_folder import remove_half_written, remove_leftovers
from fttui.local.job_store import JobStore
from fttui.local.jobs import ACTIVE, Job, JobError
from fttui.local.training_run import Ending, TrainingRun, TrainingSettings
from fttui.local.tuned_models import ModelStore

log = logging.getLogger(__name__)

MOST_DEATHS: Final = 3
"""How many unexpected ends of its training process a job survives, if it came further each time."""
_PAUSE_PATIENCE_S: Final = 3.0
"""How long a server that stops waits for the state of a training; then the last one saved has to do."""
_RETRY_S: Final = 1.0
_RESTARTED: Final = "The local server was restarted"
_RESUMED: Final = "The job was resumed"
_HELD: Final = "The database was held by another program"


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
        self._settings = TrainingSettings(dict(environment), save_seconds, original_weights)
        self._to_validate: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._to_train: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reasons: dict[str, str] = {}  # why a job that has begun is to go on
        self._running: TrainingRun | None = None
        self._lock = threading.Lock()
        self._is_closing = threading.Event()
        self._validating = threading.Thread(
            target=self._take_all,
            args=(self._to_validate, "validating_files", self._validate),
            name="job-validation",
            daemon=True,
        )
        self._training = threading.Thread(
            target=self._take_all, args=(self._to_train, "queued", self._train), name="job-training", daemon=True
        )

    def start(self) -> None:
        """Begin with what an earlier server left: jobs that trained go on from their last state."""
        unfinished = {job.id for job in self._jobs.unfinished()}
        for folder in self._models.job_folders():
            if folder.name in unfinished:
                remove_half_written(folder)
            else:
                remove_leftovers(folder)
        for job in self._jobs.active():
            self._take_up(job, _RESTARTED)
        self._validating.start()
        self._training.start()

    def add(self, job: Job) -> None:
        """Take a new job."""
        self._put(job)

    def cancel(self, job: Job) -> bool:
        """End a job that is not over; False when it is."""
        if not self._jobs.finish(job.id, "cancelled", "Fine-tuning job cancelled"):
            return False
        with self._lock:
            is_running = self._running is not None and self._running.job_id == job.id
            if self._running is not None and is_running:
                self._running.kill()
        if not is_running:
            remove_leftovers(self._models.folder_of_job(job.id))
        return True

    def pause(self, job: Job) -> bool:
        """Keep a job where it is until it is resumed; False when it is over or paused already.

        A job that trains finishes its step and saves its state first.
        """
        story = "Fine-tuning job paused"
        if not self._jobs.change(job.id, story, only_if=ACTIVE, status="paused", estimated_finish=None):
            return False
        with self._lock:
            if self._running is not None and self._running.job_id == job.id:
                self._running.pause()
        return True

    def resume(self, job: Job) -> bool:
        """Put a paused job behind those that wait; False when it is not paused."""
        status = "queued" if job.resolved is not None else "validating_files"
        if job.steps_done:
            self._reasons[job.id] = _RESUMED
        if not self._jobs.change(job.id, "Fine-tuning job resumed", only_if=("paused",), status=status):
            return False
        self._put(job)
        return True

    def close(self) -> None:
        """Stop: the running job saves its state, and it and those that wait are left to the next server."""
        self._is_closing.set()
        for waiting in (self._to_validate, self._to_train):
            waiting.put(None)
        with self._lock:
            running = self._running
        if running is not None:
            running.pause()
            self._training.join(timeout=_PAUSE_PATIENCE_S)
            running.kill()
        for worker in (self._validating, self._training):
            worker.join(timeout=10)
        if running is not None:
            story = "The local server was stopped: training goes on with the next one"
            self._jobs.change(running.job_id, story, only_if=("running",), status="queued", estimated_finish=None)

    def _take_up(self, job: Job, reason: str) -> None:
        """Have an active job that nothing works at go on from where it is."""
        if job.status == "running" or job.steps_done:
            self._reasons[job.id] = reason
        self._jobs.change(job.id, only_if=("running",), status="queued", estimated_finish=None)
        self._put(job)

    def _put(self, job: Job) -> None:
        """Into the queue that is its next."""
        waiting = self._to_validate if job.resolved is None else self._to_train
        waiting.put(job.id)

    def _take_all(self, waiting: queue.SimpleQueue[str | None], status: str, work: Callable[[Job], None]) -> None:
        while (job_id := waiting.get()) is not None and not self._is_closing.is_set():
            try:
                job = self._jobs.get(job_id)
                if job.status == status:  # else it was paused or cancelled while it waited
                    work(job)
            except Exception as error:  # one job must not take the queue with it
                log.exception("Job %s failed.", job_id)
                if self._is_closing.is_set():
                    return  # it is left to the next server
                if _is_held(error):
                    self._go_on_at_last(job_id)
                else:
                    self._fail_at_last(job_id, _reason_for(error))

    def _fail_at_last(self, job_id: str, error: JobError) -> None:
        """Fail a job although the database itself may be what fails now: try until it is back."""
        if self._try_until_stored(job_id, lambda: self._jobs.fail(job_id, error)):
            remove_leftovers(self._models.folder_of_job(job_id))

    def _go_on_at_last(self, job_id: str) -> None:
        """Have a job go on once the database can be written again."""

        def take_up() -> None:
            job = self._jobs.get(job_id)
            if job.status in ACTIVE:  # else it was paused or cancelled meanwhile
                self._take_up(job, _HELD)

        self._try_until_stored(job_id, take_up)

    def _try_until_stored(self, job_id: str, store: Callable[[], object]) -> bool:
        """Call ``store`` until it raises nothing; False when the server closes before that."""
        while True:
            try:
                store()
                return True
            except Exception as again:
                log.warning("What became of job %s cannot be stored yet: %s", job_id, again)
            if self._is_closing.wait(_RETRY_S):
                return False

    # --- validation
    def _validate(self, job: Job) -> None:
        checked = self._check(job, job.training_file, "training_file", "")
        if checked is None:
            return
        if job.validation_file and not self._check(job, job.validation_file, "validation_file", checked.kind):
            return
        self._jobs.change(
            job.id,
            "Files validated, moving job to queued state",
            only_if=("validating_files",),
            examples=checked.examples,
            resolved=as_numbers(checked.examples, job.requested, job.method),
            status="queued",
        )
        self._to_train.put(job.id)

    def _check(self, job: Job, file_id: str, param: str, kind: str) -> CheckedFile | None:
        name = param.replace("_", " ")
        self._jobs.tell(job.id, f"Validating {name}: {file_id}")
        try:
            checked = check_file(self._files.path(file_id), job.method, kind)
            complaint = checked.complaint(f"The {name}")
        except OSError as error:
            complaint = f"The {name} cannot be read: {error.strerror}."
        if complaint is None:
            return checked
        self._jobs.fail(job.id, JobError(complaint, f"invalid_{param}", param))
        return None

    # --- training
    def _train(self, job: Job) -> None:
        try:
            base = self._wait_for_base(job)
            if base is not None and self._can_begin(job, base):
                self._train_over(base, job)
        finally:
            if not self._jobs.get(job.id).is_unfinished:
                remove_leftovers(self._models.folder_of_job(job.id))

    def _train_over(self, base: LoadedBase, job: Job) -> None:
        """Train a job in one process after the other, until it is over or paused, or the server closes."""
        if not self._jobs.change(job.id, only_if=("queued",), status="running"):
            return
        tuned = self._models.find(job.model)
        reason = self._reasons.pop(job.id, "")
        if not reason:
            self._jobs.tell(job.id, "Fine-tuning job started")
        while True:
            run = TrainingRun(
                job,
                base,
                tuned.folder if tuned else None,
                self._settings,
                jobs=self._jobs,
                files=self._files,
                models=self._models,
                reason=reason,
            )
            ending = self._run(run)
            if ending is None or ending.kind != "died" or not self._survives(job, ending):
                return
            job, reason = self._jobs.get(job.id), f"The training process ended unexpectedly ({ending.how})"

    def _wait_for_base(self, job: Job) -> LoadedBase | None:
        """The base model; None when it cannot be had, or the job is to wait no longer."""

        def is_over() -> bool:
            return self._is_closing.is_set() or self._jobs.get(job.id).status != "queued"

        try:
            return wait_telling(self._host, lambda message: self._jobs.tell(job.id, message), is_over)
        except FttuiError as error:
            self._give_up(job, JobError(str(error), "weights_not_available"), "the weights are there")
            return None

    def _can_begin(self, job: Job, base: LoadedBase) -> bool:
        """Whether all is there that the job needs; else it has failed, or waits for the base that it began with."""
        tuned = self._models.find(job.model)
        if job.model != base.id and (tuned is None or tuned.base != base.id):
            message = f"The model `{job.model}` is not on this server, whose base model is `{base.id}`."
            self._give_up(job, JobError(message, "model_not_found", "model"), "the model is back")
            return False
        for param, file_id in (("training_file", job.training_file), ("validation_file", job.validation_file)):
            if file_id is not None and not self._files.path(file_id).is_file():
                message = f"The {param.replace('_', ' ')} {file_id} was deleted."
                self._jobs.fail(job.id, JobError(message, "file_not_found", param))
                return False
        return True

    def _give_up(self, job: Job, error: JobError, remedy: str) -> None:
        """Fail a job for want of something; one that has begun is paused until then: nothing of it is to be lost."""
        if job.steps_done:
            story = f"{error.message} The job is paused; resume it when {remedy}."
            self._jobs.change(job.id, story, level="warn", only_if=("queued",), status="paused")
        else:
            self._jobs.fail(job.id, error)

    def _run(self, run: TrainingRun) -> Ending | None:
        """Run it; None when the job was paused or cancelled, or the server closed, before it began."""
        with self._lock:
            self._running = run
        try:
            if self._is_closing.is_set() or self._jobs.get(run.job_id).status != "running":
                return None
            return run.run()
        finally:
            with self._lock:
                self._running = None

    def _survives(self, before: Job, ending: Ending) -> bool:
        """Whether a job whose training process died goes on; it has failed when it does not for its own sake."""
        now = self._jobs.get(before.id)
        if self._is_closing.is_set() or now.status != "running":
            return False
        deaths = now.deaths + 1
        if now.steps_done > before.steps_done and deaths <= MOST_DEATHS:
            return self._jobs.change(now.id, only_if=("running",), deaths=deaths)
        self._jobs.fail(now.id, _death(ending, deaths))
        return False


def _death(ending: Ending, deaths: int) -> JobError:
    times = f" for the {deaths}th time" if deaths > MOST_DEATHS else " again" if deaths > 1 else ""
    message = (
        f"The training process ended unexpectedly{times} ({ending.how}); too little memory is the usual reason. "
        f"The log may tell more: {log_file()}"
    )
    return JobError(message, "worker_died")


def _is_held(error: Exception) -> bool:
    """Whether another program kept the database for longer than we wait for it."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def _reason_for(error: Exception) -> JobError:
    reason = str(error) if isinstance(error, FttuiError) else f"{type(error).__name__}: {error}."
    if disk_full.is_disk_full(error):
        return JobError(f"{disk_full.SENTENCE} {reason} {disk_full.HINT}", "disk_full")
    return JobError(f"The job failed: {reason}", "internal_error")
