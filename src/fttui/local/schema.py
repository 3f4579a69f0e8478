"""The server's database: files, jobs, their events and checkpoints, and the models that came out of them."""

from __future__ import annotations

from typing import Final

from fttui.core.db import Database
from fttui.core.server_state import local_dir

MIGRATIONS: Final = (
    """
    CREATE TABLE files (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        filename TEXT NOT NULL,
        purpose TEXT NOT NULL,
        bytes INTEGER NOT NULL
    );
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        status TEXT NOT NULL,
        model TEXT NOT NULL,
        training_file TEXT NOT NULL,
        validation_file TEXT,
        suffix TEXT,
        seed INTEGER NOT NULL,
        requested TEXT NOT NULL,
        resolved TEXT,
        metadata TEXT,
        error TEXT,
        fine_tuned_model TEXT,
        finished_at INTEGER,
        estimated_finish INTEGER,
        trained_tokens INTEGER,
        result_file TEXT,
        examples INTEGER,
        work_bytes INTEGER,
        train_seconds REAL
    );
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        job TEXT NOT NULL REFERENCES jobs(id),
        created_at INTEGER NOT NULL,
        level TEXT NOT NULL,
        type TEXT NOT NULL,
        message TEXT NOT NULL,
        data TEXT NOT NULL
    );
    CREATE INDEX events_of_job ON events(job, seq);
    CREATE TABLE checkpoints (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        job TEXT NOT NULL REFERENCES jobs(id),
        created_at INTEGER NOT NULL,
        model TEXT NOT NULL,
        step INTEGER NOT NULL,
        metrics TEXT NOT NULL
    );
    CREATE TABLE models (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        base TEXT NOT NULL,
        job TEXT NOT NULL,
        folder TEXT NOT NULL,
        is_checkpoint INTEGER NOT NULL
    );
    CREATE INDEX models_of_job ON models(job)
    """,
    """
    ALTER TABLE jobs ADD COLUMN method TEXT NOT NULL DEFAULT 'supervised';
    ALTER TABLE jobs ADD COLUMN steps_done INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN best_step INTEGER;
    ALTER TABLE models ADD COLUMN reads TEXT NOT NULL DEFAULT 'chat';
    ALTER TABLE files ADD COLUMN status TEXT NOT NULL DEFAULT 'processed';
    ALTER TABLE files ADD COLUMN status_details TEXT;
    ALTER TABLE files ADD COLUMN expires_at INTEGER;
    CREATE TABLE uploads (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        filename TEXT NOT NULL,
        purpose TEXT NOT NULL,
        mime_type TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        status TEXT NOT NULL,
        file TEXT
    );
    CREATE TABLE parts (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        created_at INTEGER NOT NULL,
        upload TEXT NOT NULL REFERENCES uploads(id),
        bytes INTEGER NOT NULL
    );
    CREATE INDEX parts_of_upload ON parts(upload, seq)
    """,
    """
    ALTER TABLE uploads ADD COLUMN file_expires_after INTEGER;
    CREATE TABLE gone_files (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL
    )
    """,
    """
    ALTER TABLE models ADD COLUMN losses TEXT
    """,
)


def open_database() -> Database:
    """The database in the local backend's folder."""
    return Database(local_dir() / "local.db", MIGRATIONS)


def next_number(table: str) -> str:
    """SQL for the next ``seq`` of a table: lists are in the order of creation, to less than a second."""
    return f"(SELECT COALESCE(MAX(seq), 0) + 1 FROM {table})"
