"""Changing the database of a running server from outside: what only time, or a crash, would do otherwise."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from local_server_fixture import RunningServer


def change_database(server: RunningServer, sql: str, *values: object) -> None:
    """Run one statement."""
    with (
        closing(sqlite3.connect(server.home / "data" / "local" / "local.db", timeout=20)) as connection,
        connection,
    ):
        connection.execute(sql, values)


def add_job(server: RunningServer, job_id: str, *, status: str, model: str, training_file: str = "file-x") -> None:
    """A job that nothing works at."""
    change_database(
        server,
        "INSERT INTO jobs(id, seq, created_at, status, model, training_file, seed, requested) "
        "VALUES (?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM jobs), 0, ?, ?, ?, 0, '{}')",
        job_id,
        status,
        model,
        training_file,
    )
