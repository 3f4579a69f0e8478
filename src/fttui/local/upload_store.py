"""Uploads in parts: bytes of the parts on the disk under our own ids, the rest in the database."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from fttui.core.atomic import write_atomic
from fttui.core.db import Database
from fttui.core.paths import make
from fttui.core.server_state import local_dir
from fttui.local.file_store import FileStatus, FileStore, StoredFile
from fttui.local.ids import new_id
from fttui.local.schema import next_number

UPLOAD_BYTES: Final = 8 << 30
"""The largest upload; OpenAI's limit."""
LIFE_S: Final = 3600
"""How long an upload may take; OpenAI's limit."""

UploadStatus = Literal["pending", "completed", "cancelled", "expired"]

_CHUNK: Final = 1 << 20
_OURS: Final = re.compile(r"part_[A-Za-z0-9]{24}")


class UploadRefused(Exception):
    """What was asked of an upload does not fit it.

    Attributes:
        message: Why, as a sentence.
        param: The parameter to blame, if one is.
        code: A word for programs.
    """

    def __init__(self, message: str, param: str | None, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrives in parts. Times are Unix seconds."""

    id: str
    created_at: int
    expires_at: int
    filename: str
    """As its sender calls it: data, never a path."""
    purpose: str
    mime_type: str
    size: int
    """Bytes of the whole file."""
    status: UploadStatus
    file: str | None
    """Id of the file that it became."""
    file_expires_after: int | None
    """Seconds until that file goes by itself."""

    def as_object(self, file: StoredFile | None = None) -> dict[str, Any]:
        """OpenAI's upload object."""
        return {
            "id": self.id,
            "object": "upload",
            "bytes": self.size,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "filename": self.filename,
            "purpose": self.purpose,
            "status": self.status,
            "file": file.as_object() if file else None,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """Some bytes of an upload; the order is told at its end."""

    id: str
    created_at: int
    upload: str
    size: int

    def as_object(self) -> dict[str, Any]:
        """OpenAI's part object."""
        return {"id": self.id, "object": "upload.part", "created_at": self.created_at, "upload_id": self.upload}


class UploadStore:
    """The uploads of one local server.

    What may happen to an upload is decided within a transaction of the database: of two that complete it at once, one
    does; a part that arrives behind the end is refused.
    """

    def __init__(self, database: Database, files: FileStore) -> None:
        self._database = database
        self._files = files
        self._folder = local_dir() / "uploads"
        self._arriving: set[str] = set()

    def add(self, *, filename: str, purpose: str, mime_type: str, size: int, file_expires_after: int | None) -> Upload:
        """Begin an upload of ``size`` bytes."""
        upload_id, now = new_id("upload_"), int(time.time())
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO uploads(id, seq, created_at, expires_at, filename, purpose, mime_type, bytes, status, "
                f"file_expires_after) VALUES (?, {next_number('uploads')}, ?, ?, ?, ?, ?, ?, 'pending', ?)",
                (upload_id, now, now + LIFE_S, filename, purpose, mime_type, size, file_expires_after),
            )
        return self._get(upload_id)

    def find(self, upload_id: str) -> Upload | None:
        """An upload, which is expired when its time is over."""
        self._expire()
        row = self._database.row("SELECT * FROM uploads WHERE id = ?", (upload_id,))
        return _upload(row) if row else None

    def add_part(self, upload: Upload, source: BinaryIO, size: int) -> Part:
        """Store ``size`` bytes, which is what is left of ``source``.

        Raises:
            UploadRefused: The upload is over, or would become larger than it was announced.
            OSError: The disk refused; nothing is left behind.
            sqlite3.Error: The database did; likewise.
        """
        with self._database.write() as connection:  # before anything is written
            _check_room(upload.id, size, connection)
        part = Part(new_id("part_"), int(time.time()), upload.id, size)
        make(self._folder)
        self._arriving.add(part.id)
        try:
            write_atomic(self._path(part.id), iter(lambda: source.read(_CHUNK), b""), mode=0o600)
            with self._database.write() as connection:
                _check_room(upload.id, size, connection)
                connection.execute(
                    "INSERT INTO parts(id, seq, created_at, upload, bytes) "
                    f"VALUES (?, {next_number('parts')}, ?, ?, ?)",
                    (part.id, part.created_at, part.upload, part.size),
                )
        except BaseException:
            self._path(part.id).unlink(missing_ok=True)
            raise
        finally:
            self._arriving.discard(part.id)
        return part

    def complete(
        self, upload: Upload, part_ids: Sequence[str], md5: str | None, status: FileStatus
    ) -> tuple[Upload, StoredFile]:
        """Make a file of parts, in the order given.

        Args:
            upload: Of which the parts are.
            part_ids: Each once.
            md5: Of the whole file, in hexadecimal digits; None: not checked.
            status: Of the new file.

        Raises:
            UploadRefused: The upload is over, a part is not of it, or the parts are not the file that was announced.
                Its parts stay, so that it can be tried again; there is no file.
            OSError: The disk refused; likewise.
            sqlite3.Error: The database did; likewise.
        """
        self._check_parts(upload, part_ids)
        digest = hashlib.md5(usedforsecurity=False)

        def checked() -> Iterator[bytes]:
            for part_id in part_ids:
                for piece in self._bytes_of(part_id):
                    digest.update(piece)
                    yield piece
            if md5 is not None and digest.hexdigest() != md5.lower():  # raised here, nothing becomes a file
                message = f"The md5 of the parts is {digest.hexdigest()}, not the one given."
                raise UploadRefused(message, "md5", "checksum_mismatch")

        def end(file: StoredFile, connection: sqlite3.Connection) -> None:
            _check_pending(upload.id, connection)
            connection.execute("UPDATE uploads SET status = 'completed', file = ? WHERE id = ?", (file.id, upload.id))
            connection.execute("DELETE FROM parts WHERE upload = ?", (upload.id,))

        file = self._files.add(
            checked(),
            filename=upload.filename,
            purpose=upload.purpose,
            expires_after=upload.file_expires_after,
            status=status,
            also=end,
        )
        self._remove_bytes_without_a_name()
        return self._get(upload.id), file

    def cancel(self, upload: Upload) -> Upload:
        """End an upload; its parts go.

        Raises:
            UploadRefused: It is over.
        """
        with self._database.write() as connection:
            _check_pending(upload.id, connection)
            connection.execute("UPDATE uploads SET status = 'cancelled' WHERE id = ?", (upload.id,))
            connection.execute("DELETE FROM parts WHERE upload = ?", (upload.id,))
        self._remove_bytes_without_a_name()
        return self._get(upload.id)

    def sweep(self) -> None:
        """Remove the parts of uploads whose time is over, and bytes of parts that were never stored whole."""
        self._expire()
        self._remove_bytes_without_a_name()

    def remove_half_written(self) -> None:
        """Remove what a killed server left of a part that it was storing; nobody else may be storing one."""
        for left in self._folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    def _check_parts(self, upload: Upload, part_ids: Sequence[str]) -> None:
        sizes = {
            row["id"]: row["bytes"]
            for row in self._database.rows("SELECT id, bytes FROM parts WHERE upload = ?", (upload.id,))
        }
        _check_pending(upload.id, self._database.connection())
        for number, part_id in enumerate(part_ids):
            if part_id not in sizes:
                message = f"The upload {upload.id} has no part {part_id!r:.80}."
                raise UploadRefused(message, f"part_ids[{number}]", "invalid_part")
        if len(set(part_ids)) != len(part_ids):
            raise UploadRefused("A part is named twice.", "part_ids", "invalid_part")
        total = sum(sizes[part_id] for part_id in part_ids)
        if total != upload.size:
            message = f"The parts have {total} bytes in all; the upload was to have {upload.size}."
            raise UploadRefused(message, "part_ids", "invalid_size")

    def _bytes_of(self, part_id: str) -> Iterator[bytes]:
        try:
            part = self._path(part_id).open("rb")
        except FileNotFoundError:
            message = f"The part {part_id} is gone: the upload was ended meanwhile."
            raise UploadRefused(message, None, "invalid_upload_status") from None
        with part:
            while piece := part.read(_CHUNK):
                yield piece

    def _expire(self) -> None:
        """Note which uploads are over; the bytes go at the next sweep."""
        now = int(time.time())
        late = "SELECT id FROM uploads WHERE status = 'pending' AND expires_at <= ?"
        if self._database.row(late, (now,)) is None:
            return
        with self._database.write() as connection:
            connection.execute(f"DELETE FROM parts WHERE upload IN ({late})", (now,))
            connection.execute(
                "UPDATE uploads SET status = 'expired' WHERE status = 'pending' AND expires_at <= ?", (now,)
            )

    def _remove_bytes_without_a_name(self) -> None:
        if not self._folder.is_dir():
            return
        there = {path.name for path in self._folder.iterdir() if _OURS.fullmatch(path.name)} - self._arriving
        known = {row["id"] for row in self._database.rows("SELECT id FROM parts")}
        for part_id in there - known:
            self._path(part_id).unlink(missing_ok=True)

    def _path(self, part_id: str) -> Path:
        return self._folder / part_id

    def _get(self, upload_id: str) -> Upload:
        row = self._database.row("SELECT * FROM uploads WHERE id = ?", (upload_id,))
        assert row is not None, upload_id
        return _upload(row)


def _check_pending(upload_id: str, connection: sqlite3.Connection) -> int:
    """Bytes that an upload is to have.

    Raises:
        UploadRefused: It is over.
    """
    row = connection.execute("SELECT status, bytes, expires_at FROM uploads WHERE id = ?", (upload_id,)).fetchone()
    status = "expired" if row["status"] == "pending" and row["expires_at"] <= time.time() else row["status"]
    if status != "pending":
        raise UploadRefused(f"The upload {upload_id} is {status} already.", None, "invalid_upload_status")
    return int(row["bytes"])


def _check_room(upload_id: str, size: int, connection: sqlite3.Connection) -> None:
    announced = _check_pending(upload_id, connection)
    sql = "SELECT COALESCE(SUM(bytes), 0) FROM parts WHERE upload = ?"
    there = connection.execute(sql, (upload_id,)).fetchone()[0]
    if there + size > announced:
        message = f"With this part the upload has {there + size} bytes; it was to have {announced}."
        raise UploadRefused(message, "data", "invalid_size")


def _upload(row: sqlite3.Row) -> Upload:
    return Upload(
        id=row["id"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        filename=row["filename"],
        purpose=row["purpose"],
        mime_type=row["mime_type"],
        size=row["bytes"],
        status=row["status"],
        file=row["file"],
        file_expires_after=row["file_expires_after"],
    )
