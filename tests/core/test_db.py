"""One SQLite file, many threads, no half-made changes."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from fttui.core.db import Database
from fttui.core.errors import FttuiError

FIRST = "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)"
SECOND = "ALTER TABLE note ADD COLUMN stars INTEGER DEFAULT 0"


def test_migrations_run_once_each_and_keep_the_rows(tmp_path: Path) -> None:
    old = Database(tmp_path / "f.db", [FIRST])
    with old.write() as db:
        db.execute("INSERT INTO note (text) VALUES ('kept')")
    old.close()
    new = Database(tmp_path / "f.db", [FIRST, SECOND])
    row = new.row("SELECT text, stars FROM note")
    assert row is not None
    assert tuple(row) == ("kept", 0)
    new.close()


def test_a_newer_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    newer = Database(tmp_path / "f.db", [FIRST, SECOND])
    newer.connection()
    newer.close()
    with pytest.raises(FttuiError, match="newer fttui"):
        Database(tmp_path / "f.db", [FIRST]).connection()


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "f.db", [FIRST])
    with pytest.raises(ZeroDivisionError), database.write() as db:
        db.execute("INSERT INTO note (text) VALUES ('gone')")
        raise ZeroDivisionError
    assert database.rows("SELECT * FROM note") == []
    database.close()


def test_threads_write_side_by_side(tmp_path: Path) -> None:
    database = Database(tmp_path / "f.db", [FIRST])

    def write(name: str) -> None:
        for number in range(20):
            with database.write() as db:
                db.execute("INSERT INTO note (text) VALUES (?)", (f"{name} {number}",))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(database.rows("SELECT * FROM note")) == 80
    database.close()


def test_connections_of_threads_that_have_ended_are_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_now: set[int] = set()
    most = 0

    class Counted(sqlite3.Connection):
        def close(self) -> None:
            open_now.discard(id(self))
            super().close()

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        nonlocal most
        made = plain_connect(*args, factory=Counted, **options)
        open_now.add(id(made))
        most = max(most, len(open_now))
        return made

    plain_connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", connect)
    database = Database(tmp_path / "f.db", [FIRST])
    own = database.connection()
    for _ in range(40):
        thread = threading.Thread(target=lambda: database.rows("SELECT * FROM note"))
        thread.start()
        thread.join()
    assert most <= 3
    assert database.connection() is own
    assert database.rows("SELECT * FROM note") == []
    database.close()
    assert not open_now


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    path.write_bytes(b"this is no database, it only has the name of one" * 50)
    with pytest.raises(FttuiError, match="cannot be opened"):
        Database(path, [FIRST]).connection()
