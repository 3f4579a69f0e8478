"""Uploaded files and result files: bytes on the disk under our own ids, the rest in the database."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fttui.core.atomic import write_atomic
from fttui.core.db import Database
from fttui.core.paths import make
from fttui.core.server_state import local_dir
from fttui.local.ids import new_id
from fttui.local.schema import next_number

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the server."""

    id: str
    created_at: int
    filename: str  # as its sender called it: data, never a path
    purpose: str
    size: int  # bytes

    def as_object(self) -> dict[str, Any]:
        """OpenAI's file object. A file is usable as soon as it is stored: its lines are checked by the job."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.size,
            "created_at": self.created_at,
            "expires_at": None,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


class FileStore:
    """The files of one local server."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = local_dir() / "files"

    def path(self, file_id: str) -> Path:
        """Where the bytes of a stored file are; ``file_id`` must come from the database."""
        return self._folder / file_id

    def add(self, source: BinaryIO, *, filename: str, purpose: str) -> StoredFile:
        """Store the rest of ``source``.

        Raises:
            OSError: The disk refused; nothing is left behind.
        """
        file_id = new_id("file-")
        make(self._folder)
        size = write_atomic(self.path(file_id), iter(lambda: source.read(_CHUNK), b""), mode=0o600)
        stored = StoredFile(file_id, int(time.time()), filename, purpose, size)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO files(id, seq, created_at, filename, purpose, bytes) "
                f"VALUES (?, {next_number('files')}, ?, ?, ?, ?)",
                (stored.id, stored.created_at, stored.filename, stored.purpose, stored.size),
            )
        return stored

    def remove_half_written(self) -> None:
        """Remove what a killed server left of a file that it was storing."""
        for left in self._folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    def find(self, file_id: str) -> StoredFile | None:
        row = self._database.row("SELECT * FROM files WHERE id = ?", (file_id,))
        return _stored(row) if row else None

    def page(self, *, limit: int, after: str | None, purpose: str | None, newest_first: bool) -> list[StoredFile]:
        """Up to ``limit`` files behind ``after``, in the order of their creation or the reverse of it."""
        sign, order = ("<", "DESC") if newest_first else (">", "ASC")
        clauses, values = ["1"], []
        if after is not None:
            clauses.append(f"seq {sign} (SELECT seq FROM files WHERE id = ?)")
            values.append(after)
        if purpose is not None:
            clauses.append("purpose = ?")
            values.append(purpose)
        sql = f"SELECT * FROM files WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT {limit:d}"
        return [_stored(row) for row in self._database.rows(sql, values)]

    def delete(self, file_id: str) -> bool:
        """Remove a file; False when there is none of that id."""
        with self._database.write() as connection:
            found = connection.execute("DELETE FROM files WHERE id = ?", (file_id,)).rowcount > 0
        if found:
            self.path(file_id).unlink(missing_ok=True)
        return found


def _stored(row: sqlite3.Row) -> StoredFile:
    return StoredFile(row["id"], row["created_at"], row["filename"], row["purpose"], row["bytes"])
