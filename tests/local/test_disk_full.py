"""A full disk is recognised however deep in an error it lies."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from fttui.core.errors import FttuiError
from fttui.local.disk_full import is_disk_full


def test_an_error_that_came_of_a_full_disk_is_one() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise FttuiError("It cannot be saved.") from error
    except FttuiError as error:
        assert is_disk_full(error)


def test_others_are_none() -> None:
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
    assert not is_disk_full(FttuiError("It cannot be saved."))
    assert not is_disk_full(sqlite3.OperationalError("database is locked"))


def test_a_full_database_is_one(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "full.db")
    connection.execute("PRAGMA max_page_count = 2")
    connection.execute("CREATE TABLE t (x)")
    try:
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    except sqlite3.Error as error:
        assert is_disk_full(error)
    else:
        raise AssertionError("the database took more than it may hold")
    finally:
        connection.close()
