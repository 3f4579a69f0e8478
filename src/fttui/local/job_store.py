"""Jobs, events and checkpoints in the database. A job that is over never becomes anything else."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fttui.core.db import Database
from fttui.local.ids import new_id
from fttui.local.jobs import ACTIVE, Checkpoint, Job, JobError, JobEvent, NewJob
from fttui.local.schema import next_number

_ACTIVE_SQL = ", ".join(f"'{status}'" for status in ACTIVE)


class JobStore:
    """The jobs of one local server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- jobs
    def add(self, new: NewJob) -> Job:
        """Store a job that is to be validated next."""
        job_id = new_id("ftjob-")
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO jobs(id, seq, created_at, status, model, training_file, validation_file, suffix, seed, "
                f"requested, metadata) VALUES (?, {next_number('jobs')}, ?, 'validating_files', ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    int(time.time()),
                    new.model,
                    new.training_file,
                    new.validation_file,
                    _dump(new.suffix),
                    new.seed,
                    _dump(new.hyperparameters),
                    _dump(new.metadata),
                ),
            )
        return self.get(job_id)

    def find(self, job_id: str) -> Job | None:
        row = self._database.row("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return _job(row) if row else None

    def get(self, job_id: str) -> Job:
        """A job that is known to be there."""
        found = self.find(job_id)
        assert found is not None, job_id
        return found

    def page(self, *, limit: int, after: str | None, metadata: Mapping[str, str]) -> list[Job]:
        """Up to ``limit`` jobs older than ``after``, newest first, that carry all of ``metadata``."""
        clauses, values = ["1"], []
        if after is not None:
            clauses.append("seq < (SELECT seq FROM jobs WHERE id = ?)")
            values.append(after)
        for key, value in metadata.items():
            clauses.append(
                "EXISTS (SELECT 1 FROM json_each(jobs.metadata) AS pair WHERE pair.key = ? AND pair.value = ?)"
            )
            values += [key, value]
        sql = f"SELECT * FROM jobs WHERE {' AND '.join(clauses)} ORDER BY seq DESC LIMIT {limit:d}"
        return [_job(row) for row in self._database.rows(sql, values)]

    def active(self) -> list[Job]:
        """The jobs that are not over, oldest first."""
        return [
            _job(r) for r in self._database.rows(f"SELECT * FROM jobs WHERE status IN ({_ACTIVE_SQL}) ORDER BY seq")
        ]

    def change(self, job_id: str, **columns: object) -> bool:
        """Set columns of a job that is not over; False (and nothing changed) when it is.

        Args:
            job_id: The job.
            columns: Names are ours (never a client's); dicts are stored as JSON.
        """
        with self._database.write() as connection:
            return _change(connection, job_id, columns)

    def finish(self, job_id: str, status: str, *story: str, level: str = "info", **columns: object) -> bool:
        """End a job, together with its last events (who sees the end sees them); False when it was over already."""
        ended = {"status": status, "finished_at": int(time.time()), "estimated_finish": None, **columns}
        with self._database.write() as connection:
            if not _change(connection, job_id, ended):
                return False
            for message in story:
                _tell(connection, job_id, message, level=level)
            return True

    def fail(self, job_id: str, error: JobError) -> bool:
        """End a job with a reason, told in its events too; False when it was over already."""
        return self.finish(job_id, "failed", error.message, level="error", error=error.as_object())

    def seconds_per_byte(self, base: str) -> float | None:
        """How long the last finished job on ``base`` took for a byte of its file and epoch; None when there is none."""
        row = self._database.row(
            "SELECT jobs.train_seconds / jobs.work_bytes FROM jobs JOIN models ON models.id = jobs.fine_tuned_model "
            "WHERE jobs.status = 'succeeded' AND jobs.work_bytes > 0 AND models.base = ? ORDER BY jobs.seq DESC",
            (base,),
        )
        return float(row[0]) if row else None

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
    def add_checkpoint(self, job_id: str, model: str, step: int, metrics: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO checkpoints(id, job, created_at, model, step, metrics) VALUES (?, ?, ?, ?, ?, ?)",
                (new_id("ftckpt_"), job_id, int(time.time()), model, step, _dump(metrics)),
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


def _change(connection: sqlite3.Connection, job_id: str, columns: Mapping[str, object]) -> bool:
    names = ", ".join(f"{name} = ?" for name in columns)
    values = [_dump(value) if isinstance(value, Mapping) else value for value in columns.values()]
    sql = f"UPDATE jobs SET {names} WHERE id = ? AND status IN ({_ACTIVE_SQL})"
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
    )
