"""Uploaded files and result files: bytes on the disk under our own ids, the rest in the database."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from fttui.core.atomic import write_atomic
from fttui.core.db import Database
from fttui.core.paths import make
from fttui.core.server_state import local_dir
from fttui.local.ids import new_id

FileStatus = Literal["uploaded", "processed", "error"]

_CHUNK: Final = 1 << 20
_OURS: Final = re.compile(r"file-[A-Za-z0-9]{24}")
# a deleted file's place is remembered: who deletes what it pages through goes on behind it
_NEXT_NUMBER: Final = (
    "(SELECT COALESCE(MAX(seq), 0) + 1 FROM (SELECT seq FROM files UNION ALL SELECT seq FROM gone_files))"
)
_NEEDED: Final = (
    "SELECT training_file AS id FROM jobs WHERE status NOT IN ('succeeded', 'failed', 'cancelled') UNION "
    "SELECT validation_file FROM jobs WHERE status NOT IN ('succeeded', 'failed', 'cancelled')"
)
_LIVES: Final = "(expires_at IS NULL OR expires_at > ?)"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the server. Times are Unix seconds."""

    id: str
    created_at: int
    filename: str
    """As its sender called it: data, never a path."""
    purpose: str
    size: int
    """Bytes."""
    status: FileStatus = "processed"
    status_details: str | None = None
    expires_at: int | None = None

    def as_object(self) -> dict[str, Any]:
        """OpenAI's file object."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": self.size,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": self.status,
            "status_details": self.status_details,
        }


class FileStore:
    """The files of one local server.

    A deleted or expired file is gone for everybody who asks; its bytes stay while a job needs them that is not over.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._folder = local_dir() / "files"
        self._arriving: set[str] = set()

    def path(self, file_id: str) -> Path:
        """Where the bytes of a stored file are; ``file_id`` must come from the database."""
        return self._folder / file_id

    def add(
        self,
        source: BinaryIO | Iterable[bytes],
        *,
        filename: str,
        purpose: str,
        expires_after: int | None = None,
        status: FileStatus = "processed",
        also: Callable[[StoredFile, sqlite3.Connection], None] = lambda *_: None,
    ) -> StoredFile:
        """Store the rest of ``source``.

        Args:
            source: A file from where it stands, or the bytes in pieces.
            filename: What its sender calls it.
            purpose: What it is for.
            expires_after: Seconds until it goes by itself.
            status: "uploaded" when its lines are yet to be looked at.
            also: What else is written in the same transaction; when it raises, there is no file.

        Raises:
            OSError: The disk refused; nothing is left behind.
            sqlite3.Error: The database did; likewise.
        """
        file_id = new_id("file-")
        make(self._folder)
        self._arriving.add(file_id)
        try:
            size = write_atomic(self.path(file_id), _pieces(source), mode=0o600)
            now = int(time.time())
            expires_at = None if expires_after is None else now + expires_after
            stored = StoredFile(file_id, now, filename, purpose, size, status, None, expires_at)
            with self._database.write() as connection:
                _insert(stored, connection)
                also(stored, connection)
        except BaseException:
            self.path(file_id).unlink(missing_ok=True)
            raise
        finally:
            self._arriving.discard(file_id)
        return stored

    def set_status(self, file_id: str, status: FileStatus, details: str | None) -> None:
        """Tell what was found in the lines of a file."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE files SET status = ?, status_details = ? WHERE id = ?", (status, details, file_id)
            )

    def find(self, file_id: str) -> StoredFile | None:
        row = self._database.row(f"SELECT * FROM files WHERE id = ? AND {_LIVES}", (file_id, int(time.time())))
        return _stored(row) if row else None

    def with_status(self, status: FileStatus) -> list[StoredFile]:
        """All files of a status, oldest first."""
        return [
            _stored(row) for row in self._database.rows("SELECT * FROM files WHERE status = ? ORDER BY seq", (status,))
        ]

    def page(
        self, *, limit: int, after: str | None, purpose: str | None, newest_first: bool
    ) -> list[StoredFile] | None:
        """Up to ``limit`` files behind ``after``, in the order of their creation or the reverse of it.

        Returns:
            The files; None when there is not and never was a file ``after`` (a deleted one will do).
        """
        sign, order = ("<", "DESC") if newest_first else (">", "ASC")
        clauses, values = [_LIVES], [int(time.time())]  # type: tuple[list[str], list[object]]
        if after is not None:
            known = "SELECT seq FROM files WHERE id = ?1 UNION SELECT seq FROM gone_files WHERE id = ?1"
            place = self._database.row(known, (after,))
            if place is None:
                return None
            clauses.append(f"seq {sign} ?")
            values.append(place["seq"])
        if purpose is not None:
            clauses.append("purpose = ?")
            values.append(purpose)
        sql = f"SELECT * FROM files WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT {limit:d}"
        return [_stored(row) for row in self._database.rows(sql, values)]

    def delete(self, file_id: str) -> bool:
        """Remove a file; False when there is none of that id."""
        with self._database.write() as connection:
            found = forget_files("id = ?", file_id, connection)
        self._remove_bytes_without_a_name()
        return found

    def sweep(self) -> None:
        """Remove what has expired, and bytes that nobody can ask for: of files that were deleted while a job read them
        or were being stored when a server was killed.
        """
        with self._database.write() as connection:
            forget_files("expires_at <= ?", int(time.time()), connection)
        self._remove_bytes_without_a_name()

    def remove_half_written(self) -> None:
        """Remove what a killed server left of a file that it was storing; nobody else may be storing one."""
        for left in self._folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    def _remove_bytes_without_a_name(self) -> None:
        if not self._folder.is_dir():
            return
        there = {path.name for path in self._folder.iterdir() if _OURS.fullmatch(path.name)} - self._arriving
        known = {row["id"] for row in self._database.rows(f"SELECT id FROM files UNION {_NEEDED}")}
        for file_id in there - known:
            self.path(file_id).unlink(missing_ok=True)


def _pieces(source: BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    read = getattr(source, "read", None)
    return source if read is None else iter(lambda: read(_CHUNK), b"")


def _insert(stored: StoredFile, connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT INTO files(id, seq, created_at, filename, purpose, bytes, status, status_details, expires_at) "
        f"VALUES (?, {_NEXT_NUMBER}, ?, ?, ?, ?, ?, ?, ?)",
        (
            stored.id,
            stored.created_at,
            stored.filename,
            stored.purpose,
            stored.size,
            stored.status,
            stored.status_details,
            stored.expires_at,
        ),
    )


def forget_files(condition: str, value: object, connection: sqlite3.Connection) -> bool:
    """Take files out of the list, and keep their places."""
    connection.execute(f"INSERT OR IGNORE INTO gone_files SELECT id, seq FROM files WHERE {condition}", (value,))
    return connection.execute(f"DELETE FROM files WHERE {condition}", (value,)).rowcount > 0


def _stored(row: sqlite3.Row) -> StoredFile:
    return StoredFile(
        id=row["id"],
        created_at=row["created_at"],
        filename=row["filename"],
        purpose=row["purpose"],
        size=row["bytes"],
        status=row["status"],
        status_details=row["status_details"],
        expires_at=row["expires_at"],
    )
