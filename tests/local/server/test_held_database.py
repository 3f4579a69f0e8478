"""Another program holds the database for longer than the server waits: nothing that was trained is lost by that."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fttui.core.db import Database
from fttui.local.file_store import FileStore
from fttui.local.host import ModelHost
from fttui.local.job_store import JobStore
from fttui.local.jobs import Job, NewJob
from fttui.local.queue import JobQueue
from fttui.local.schema import open_database
from fttui.local.tuned_models import ModelStore
from slow_jobs import wait_until


class HeldQueue(JobQueue):
    """A queue that finds the database held in its first training; the second succeeds at once.

    Args:
        database: Its own.
        other: Another program's connection to it; a rollback gives it free.
        error: What goes wrong besides, if anything.
    """

    def __init__(self, database: Database, other: sqlite3.Connection, error: Exception | None = None) -> None:
        self.jobs, self.models = JobStore(database), ModelStore(database)
        super().__init__(self.jobs, FileStore(database), self.models, ModelHost(), {})
        self.other = other
        self.error = error
        self.reasons: list[str] = []

    def _train(self, job: Job) -> None:
        self.reasons.append(self._reasons.pop(job.id, ""))
        if len(self.reasons) > 1:
            self.jobs.finish(job.id, "succeeded")
            return
        self.jobs.change(job.id, status="running", steps_done=3)
        self.other.execute("BEGIN IMMEDIATE")
        if self.error is not None:
            raise self.error
        self.jobs.tell(job.id, "This cannot be stored")

    def start_job(self) -> tuple[str, Path]:
        """Start with a job that is to train; its id and its saved state."""
        new = NewJob("x", "file-a", None, None, 1, "supervised", {}, None)
        job_id = self.jobs.add(new).id
        self.jobs.change(job_id, status="queued", resolved={"n_epochs": 1})
        state = self.models.folder_of_job(job_id) / "state"
        state.parent.mkdir(parents=True)
        state.write_bytes(b"all that was trained")
        self.start()
        return job_id, state


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr("fttui.core.db.BUSY_TIMEOUT_S", 0.05)
    monkeypatch.setattr("fttui.local.queue._RETRY_S", 0.02)
    with closing(open_database()) as opened:
        opened.connection()
        yield opened


@pytest.fixture
def other(database: Database) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)) as opened:
        yield opened


def test_a_job_goes_on_when_the_database_is_free_again(
    database: Database, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    queue = HeldQueue(database, other)
    job_id, state = queue.start_job()
    wait_until(lambda: "cannot be stored yet" in caplog.text)
    assert queue.jobs.get(job_id).status == "running"
    other.execute("ROLLBACK")
    wait_until(lambda: queue.jobs.get(job_id).status == "succeeded")
    queue.close()
    assert queue.reasons == ["", "The database was held by another program"]
    assert state.exists()


def test_a_state_stays_until_the_failure_is_stored(
    database: Database, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    queue = HeldQueue(database, other, ValueError("something else"))
    job_id, state = queue.start_job()
    wait_until(lambda: "cannot be stored yet" in caplog.text)
    assert state.exists()
    other.execute("ROLLBACK")
    wait_until(lambda: queue.jobs.get(job_id).status == "failed")
    queue.close()
    assert not state.exists()


def test_a_server_that_stops_leaves_the_job_to_the_next(
    database: Database, other: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    queue = HeldQueue(database, other)
    job_id, state = queue.start_job()
    wait_until(lambda: "cannot be stored yet" in caplog.text)
    queue.close()
    other.execute("ROLLBACK")
    assert state.exists()
    next_one = HeldQueue(database, other)
    next_one.reasons.append("the first training was that of the other queue")
    next_one.start()
    wait_until(lambda: next_one.jobs.get(job_id).status == "succeeded")
    next_one.close()
    assert next_one.reasons[1:] == ["The local server was restarted"]
