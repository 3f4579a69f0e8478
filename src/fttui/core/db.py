"""The one place for SQLite: WAL, migrations by ``user_version``, a connection a thread, one writer at a time."""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fttui.core.errors import FttuiError
from fttui.core.paths import make

BUSY_TIMEOUT_S = 10.0


class Database:
    """A SQLite file that several threads and processes of ours share.

    Args:
        path: The file; its folder is made on first use.
        migrations: SQL scripts; script ``i`` brings the file from ``user_version`` i to i + 1. Only ever append.
    """

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self.path = path
        self._migrations = tuple(migrations)
        self._local = threading.local()
        self._write_lock = threading.RLock()
        self._all: list[tuple[weakref.ref[threading.Thread], sqlite3.Connection]] = []
        self._ready = False

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; the file is opened and migrated on first use.

        Raises:
            FttuiError: The file was written by a newer fttui, or cannot be opened.
        """
        existing: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if existing is not None:
            return existing
        try:
            make(self.path.parent)
            new = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            new.row_factory = sqlite3.Row
            new.execute("PRAGMA journal_mode=WAL")
            new.execute("PRAGMA synchronous=NORMAL")
            new.execute("PRAGMA foreign_keys=ON")
            with self._write_lock:
                if not self._ready:
                    self._migrate(new)
                    self._ready = True
                self._close_of_ended_threads()
                self._all.append((weakref.ref(threading.current_thread()), new))
        except (sqlite3.Error, OSError) as error:
            raise FttuiError(f"The database {self.path} cannot be opened: {error}.") from error
        self._local.connection = new
        return new

    def _close_of_ended_threads(self) -> None:
        """Close connections that nobody can use any more: servers take a new thread for a request again and again."""
        kept = []
        for owner, connection in self._all:
            thread = owner()
            if thread is not None and thread.is_alive():
                kept.append((owner, connection))
            else:
                connection.close()
        self._all = kept

    def _migrate(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if version > len(self._migrations):
                raise FttuiError(
                    f"{self.path} was written by a newer fttui: version {version}, known {len(self._migrations)}.",
                    hint="Update fttui, or set FTTUI_HOME to another folder.",
                )
            for number, script in enumerate(self._migrations[version:], start=version + 1):
                for statement in filter(str.strip, script.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={number}")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the one writer: committed at the end, rolled back when the block raises."""
        with self._write_lock:
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.connection().execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[object] = ()) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found: sqlite3.Row | None = self.connection().execute(sql, parameters).fetchone()
        return found

    def close(self) -> None:
        """Close every thread's connection."""
        with self._write_lock:
            for _, connection in self._all:
                connection.close()
            self._all.clear()
            self._local = threading.local()
            self._ready = False
