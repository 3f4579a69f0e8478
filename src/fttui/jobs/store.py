"""What was seen of jobs and events, kept in ``fttui.db``: the Jobs screen shows it at once when it comes back."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import Any

from fttui.core.db import Database
from fttui.core.paths import data_dir
from fttui.jobs.objects import Job, JobEvent

MIGRATIONS = (
    """
    CREATE TABLE job (
        profile TEXT NOT NULL, id TEXT NOT NULL, created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,
        body TEXT NOT NULL, PRIMARY KEY (profile, id)
    );
    CREATE TABLE job_event (
        profile TEXT NOT NULL, job_id TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (profile, job_id, id)
    );
    CREATE INDEX job_event_in_order ON job_event (profile, job_id, number)
    """,
    """
    CREATE TABLE job_estimate (
        profile TEXT NOT NULL, job_id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (profile, job_id)
    )
    """,
)


class JobStore:
    """Jobs and events of every profile; may be used from any thread."""

    def __init__(self, database: Database | None = None) -> None:
        self._database = database or Database(data_dir() / "fttui.db", MIGRATIONS)

    def save_job(self, profile: str, job: Job) -> None:
        """Remember the job as it is now."""
        created = job.get("created_at")
        with self._database.write() as db:
            db.execute(
                "INSERT INTO job (profile, id, created_at, seen_at, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (profile, id) DO UPDATE SET seen_at = excluded.seen_at, body = excluded.body",
                (
                    _key(profile),
                    _key(str(job.get("id"))),
                    created if isinstance(created, int) else 0,
                    int(time.time()),
                    _dump(job),
                ),
            )

    def add_events(self, profile: str, job_id: str, events: Iterable[JobEvent]) -> None:
        """Remember events, in the order given; one that is known already stays as it is."""
        with self._database.write() as db:
            row = db.execute(
                "SELECT COALESCE(MAX(number), 0) FROM job_event WHERE profile = ? AND job_id = ?",
                (_key(profile), _key(job_id)),
            ).fetchone()
            for number, event in enumerate(events, start=int(row[0]) + 1):
                db.execute(
                    "INSERT OR IGNORE INTO job_event (profile, job_id, id, number, body) VALUES (?, ?, ?, ?, ?)",
                    (_key(profile), _key(job_id), _key(event.id), number, _dump(event.as_dict())),
                )

    def jobs(self, profile: str) -> list[dict[str, Any]]:
        """The profile's jobs, newest first."""
        rows = self._database.rows(
            "SELECT body FROM job WHERE profile = ? ORDER BY created_at DESC, rowid DESC", (_key(profile),)
        )
        return [json.loads(row["body"]) for row in rows]

    def job(self, profile: str, job_id: str) -> dict[str, Any] | None:
        """One job, or None when it was never seen."""
        row = self._database.row("SELECT body FROM job WHERE profile = ? AND id = ?", (_key(profile), _key(job_id)))
        return json.loads(row["body"]) if row else None

    def events(self, profile: str, job_id: str) -> list[JobEvent]:
        """A job's events, oldest first."""
        rows = self._database.rows(
            "SELECT body FROM job_event WHERE profile = ? AND job_id = ? ORDER BY number", (_key(profile), _key(job_id))
        )
        return [JobEvent(**json.loads(row["body"])) for row in rows]

    def save_estimate(self, profile: str, job_id: str, estimate: Mapping[str, Any]) -> None:
        """Remember what a job was expected to cost when it was asked for."""
        with self._database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO job_estimate (profile, job_id, body) VALUES (?, ?, ?)",
                (_key(profile), _key(job_id), _dump(estimate)),
            )

    def estimate(self, profile: str, job_id: str) -> dict[str, Any] | None:
        """What was expected of a job, or None when it was not asked for here."""
        row = self._database.row(
            "SELECT body FROM job_estimate WHERE profile = ? AND job_id = ?", (_key(profile), _key(job_id))
        )
        return json.loads(row["body"]) if row else None

    def close(self) -> None:
        self._database.close()


def _dump(value: Any) -> str:
    """JSON that SQLite takes whatever is in it: lone surrogates stay escapes."""
    return json.dumps(dict(value), ensure_ascii=True)


def _key(text: str) -> str:
    """Text as SQLite takes it: a provider may send lone surrogates, which are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
