"""Jobs, events and checkpoints in the database. A job that is over never becomes anything else."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fttui.core.db import Database
from fttui.local.ids import new_id
from fttui.local.jobs import ACTIVE, UNFINISHED, Checkpoint, Job, JobError, JobEvent, NewJob
from fttui.local.schema import next_number

_SELECT = (
    "SELECT jobs.*, (SELECT model FROM checkpoints WHERE job = jobs.id AND step = jobs.best_step "
    "AND model IN (SELECT id FROM models)) AS best_checkpoint FROM jobs"  # it may have been deleted
)


class JobStore:
    """The jobs of one local server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- jobs
    def add(self, new: NewJob) -> Job:
        """Store a job that is to be validated next, and begin its story."""
        job_id = new_id("ftjob-")
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO jobs(id, seq, created_at, status, model, training_file, validation_file, suffix, seed, "
                "method, requested, metadata) "
                f"VALUES (?, {next_number('jobs')}, ?, 'validating_files', ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    int(time.time()),
                    new.model,
                    new.training_file,
                    new.validation_file,
                    _dump(new.suffix),
                    new.seed,
                    new.method,
                    _dump(new.hyperparameters),
                    _dump(new.metadata),
                ),
            )
            _tell(connection, job_id, f"Created fine-tuning job: {job_id}", level="info")
        return self.get(job_id)

    def find(self, job_id: str) -> Job | None:
        row = self._database.row(f"{_SELECT} WHERE id = ?", (job_id,))
        return _job(row) if row else None

    def get(self, job_id: str) -> Job:
        """A job that is known to be there."""
        found = self.find(job_id)
        assert found is not None, job_id
        return found

    def page(self, *, limit: int, after: str | None, metadata: Mapping[str, str] | None) -> list[Job]:
        """Up to ``limit`` jobs older than ``after``, newest first, that carry all of ``metadata`` (None: have none)."""
        clauses, values = ["1"], []
        if after is not None:
            clauses.append("seq < (SELECT seq FROM jobs WHERE id = ?)")
            values.append(after)
        if metadata is None:
            clauses.append("(metadata IS NULL OR metadata = '{}')")
        for key, value in (metadata or {}).items():
            clauses.append(
                "EXISTS (SELECT 1 FROM json_each(jobs.metadata) AS pair WHERE pair.key = ? AND pair.value = ?)"
            )
            values += [key, value]
        sql = f"{_SELECT} WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT {limit:d}"
        return [_job(row) for row in self._database.rows(sql, values)]

    def active(self) -> list[Job]:
        """The jobs that are worked on or will be, oldest first."""
        return self._with_status(ACTIVE)

    def unfinished(self) -> list[Job]:
        """The jobs that are not over, paused ones too, oldest first."""
        return self._with_status(UNFINISHED)

    def change(
        self, job_id: str, *story: str, level: str = "info", only_if: Sequence[str] = UNFINISHED, **columns: object
    ) -> bool:
        """Set columns of a job, together with events that tell of it; False (and nothing changed) when it is too late.

        Args:
            job_id: The job.
            story: A message for each event.
            level: Of the events.
            only_if: The statuses in which it is not too late.
            columns: Names are ours (never a client's); dicts are stored as JSON.
        """
        with self._database.write() as connection:
            if not _change(connection, job_id, columns, only_if):
                return False
            for message in story:
                _tell(connection, job_id, message, level=level)
            return True

    def finish(self, job_id: str, status: str, *story: str, level: str = "info", **columns: object) -> bool:
        """End a job, together with its last events (who sees the end sees them); False when it was over already."""
        now = int(time.time())
        return self.change(
            job_id, *story, level=level, only_if=UNFINISHED,
            status=status, finished_at=now, estimated_finish=None, **columns,
        )  # fmt: skip

    def fail(self, job_id: str, error: JobError) -> bool:
        """End a job with a reason, told in its events too; False when it was over already."""
        return self.finish(job_id, "failed", error.message, level="error", error=error.as_object())

    def start_again(self, job_id: str) -> None:
        """Forget all steps and checkpoints of a job that trains from the beginning again."""
        with self._database.write() as connection:
            columns = {"steps_done": 0, "trained_tokens": None, "best_step": None}
            _change(connection, job_id, columns, UNFINISHED)
            connection.execute("DELETE FROM checkpoints WHERE job = ?", (job_id,))
            connection.execute("DELETE FROM models WHERE job = ?", (job_id,))
            connection.execute("DELETE FROM events WHERE job = ? AND type = 'metrics'", (job_id,))

    def _with_status(self, statuses: Sequence[str]) -> list[Job]:
        sql = f"{_SELECT} WHERE status IN ({_quoted(statuses)}) ORDER BY seq"
        return [_job(row) for row in self._database.rows(sql)]

    # --- events
    def tell(
        self,
        job_id: str,
        message: str,
        *,
        level: str = "info",
        kind: str = "message",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Add an event to a job's story."""
        with self._database.write() as connection:
            _tell(connection, job_id, message, level=level, kind=kind, data=data)

    def record_step(self, job_id: str, message: str, data: Mapping[str, Any], **columns: object) -> bool:
        """Add the metrics of a step together with what it changes of the job; False when the job is over."""
        with self._database.write() as connection:
            if not _change(connection, job_id, columns, UNFINISHED):
                return False
            _tell(connection, job_id, message, level="info", kind="metrics", data=data)
            return True

    def has_event(self, job_id: str, event_id: str) -> bool:
        return self._database.row("SELECT 1 FROM events WHERE job = ? AND id = ?", (job_id, event_id)) is not None

    def events(self, job_id: str, *, limit: int, after: str | None) -> list[JobEvent]:
        """Up to ``limit`` events of a job older than ``after``, newest first."""
        clause, values = self._older_than("events", job_id, after)
        sql = f"SELECT * FROM events WHERE job = ?{clause} ORDER BY seq DESC LIMIT {limit:d}"
        return [
            JobEvent(r["id"], r["created_at"], r["level"], r["type"], json.loads(r["message"]), json.loads(r["data"]))
            for r in self._database.rows(sql, values)
        ]

    def metrics(self, job_id: str) -> list[Mapping[str, Any]]:
        """The data of a job's metrics events, oldest first."""
        sql = "SELECT data FROM events WHERE job = ? AND type = 'metrics' ORDER BY seq"
        return [json.loads(row["data"]) for row in self._database.rows(sql, (job_id,))]

    # --- checkpoints
    def add_checkpoint(
        self, job_id: str, model: str, step: int, metrics: Mapping[str, Any], *story: str, is_best: bool
    ) -> None:
        """Add a checkpoint and the events that tell of it; nothing happens when the step has one already.

        Args:
            is_best: Whether it is the best of the job so far.
        """
        with self._database.write() as connection:
            added = connection.execute(
                "INSERT INTO checkpoints(id, job, created_at, model, step, metrics) SELECT ?, ?, ?, ?, ?, ? "
                "WHERE NOT EXISTS (SELECT 1 FROM checkpoints WHERE job = ? AND step = ?)",
                (new_id("ftckpt_"), job_id, int(time.time()), model, step, _dump(metrics), job_id, step),
            )
            if not added.rowcount:
                return
            if is_best:
                connection.execute("UPDATE jobs SET best_step = ? WHERE id = ?", (step, job_id))
            for message in story:
                _tell(connection, job_id, message, level="info")

    def best_loss(self, job_id: str) -> float | None:
        """The loss of the best checkpoint on all validation examples; None without one."""
        row = self._database.row(
            "SELECT metrics FROM checkpoints JOIN jobs ON jobs.id = job AND step = best_step WHERE job = ?", (job_id,)
        )
        return json.loads(row["metrics"]).get("full_valid_loss") if row else None

    def has_checkpoint(self, job_id: str, checkpoint_id: str) -> bool:
        return (
            self._database.row("SELECT 1 FROM checkpoints WHERE job = ? AND id = ?", (job_id, checkpoint_id))
            is not None
        )

    def checkpoints(self, job_id: str, *, limit: int, after: str | None) -> list[Checkpoint]:
        """Up to ``limit`` checkpoints of a job older than ``after``, newest first."""
        clause, values = self._older_than("checkpoints", job_id, after)
        sql = f"SELECT * FROM checkpoints WHERE job = ?{clause} ORDER BY seq DESC LIMIT {limit:d}"
        return [
            Checkpoint(r["id"], r["created_at"], r["job"], r["model"], r["step"], json.loads(r["metrics"]))
            for r in self._database.rows(sql, values)
        ]

    @staticmethod
    def _older_than(table: str, job_id: str, after: str | None) -> tuple[str, Sequence[str]]:
        if after is None:
            return "", (job_id,)
        return f" AND seq < (SELECT seq FROM {table} WHERE id = ? AND job = ?)", (job_id, after, job_id)


def _change(connection: sqlite3.Connection, job_id: str, columns: Mapping[str, object], only_if: Sequence[str]) -> bool:
    names = ", ".join(f"{name} = ?" for name in columns)
    values = [_dump(value) if isinstance(value, Mapping) else value for value in columns.values()]
    sql = f"UPDATE jobs SET {names} WHERE id = ? AND status IN ({_quoted(only_if)})"
    return connection.execute(sql, (*values, job_id)).rowcount > 0


def _tell(
    connection: sqlite3.Connection,
    job_id: str,
    message: str,
    *,
    level: str,
    kind: str = "message",
    data: Mapping[str, Any] | None = None,
) -> None:
    connection.execute(
        "INSERT INTO events(id, job, created_at, level, type, message, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (new_id("ftevent-"), job_id, int(time.time()), level, kind, _dump(message), _dump(data or {})),
    )


def _quoted(statuses: Sequence[str]) -> str:
    """Statuses (ours, never a client's) for an SQL list."""
    return ", ".join(f"'{status}'" for status in statuses)


def _dump(value: object) -> str | None:
    """JSON in ASCII: a lone surrogate in someone's text cannot be stored otherwise."""
    return None if value is None else json.dumps(value)


def _load(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        created_at=row["created_at"],
        status=row["status"],
        model=row["model"],
        training_file=row["training_file"],
        validation_file=row["validation_file"],
        suffix=_load(row["suffix"]),
        seed=row["seed"],
        method=row["method"],
        requested=json.loads(row["requested"]),
        resolved=_load(row["resolved"]),
        metadata=_load(row["metadata"]),
        error=_load(row["error"]),
        fine_tuned_model=row["fine_tuned_model"],
        finished_at=row["finished_at"],
        estimated_finish=row["estimated_finish"],
        trained_tokens=row["trained_tokens"],
        result_file=row["result_file"],
        examples=row["examples"],
        steps_done=row["steps_done"],
        deaths=row["deaths"],
        best_step=row["best_step"],
        best_checkpoint=row["best_checkpoint"],
    )
