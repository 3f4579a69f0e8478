"""A full disk is recognised however deep in an error it lies."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from fttui.core.errors import FttuiError
from fttui.core.paths import make
from fttui.core.server_state import local_dir
from fttui.local.disk import disk_use
from fttui.local.disk_full import is_disk_full, use_spare, write_spare


def test_an_error_that_came_of_a_full_disk_is_one() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as error:
            raise FttuiError("It cannot be saved.") from error
    except FttuiError as error:
        assert is_disk_full(error)


def test_a_group_with_one_is_one() -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert is_disk_full(ExceptionGroup("tasks", [ValueError("another"), full]))
    assert not is_disk_full(ExceptionGroup("tasks", [ValueError("another")]))


def test_a_spare_file_is_written_where_there_is_room_and_used_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write_spare()
    assert not use_spare(), "there is no folder, and none is made"
    folder = make(local_dir())
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5_000_000))
    write_spare()
    assert not list(folder.iterdir()), "it must not take the last room itself"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5_000_000_000))
    write_spare()
    assert [path.stat().st_size for path in folder.iterdir()] == [1_000_000]
    assert {use.kind: use.bytes for use in disk_use()}["database"] == 1_000_000
    assert use_spare()
    assert not use_spare()


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
