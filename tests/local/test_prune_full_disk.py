"""Making room on a disk that has none left: what SQLite says then is played."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fttui.core.db import Database
from fttui.core.errors import FttuiError
from fttui.core.server_state import local_dir
from fttui.local import prune
from fttui.local.disk import adapters_dir
from fttui.local.prune import Wanted, carry_out, plan_prune
from fttui.local.schema import open_database


def full_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    return error


def write(path: Path, size: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def spare() -> Path:
    return local_dir() / "local.db-spare"


@pytest.fixture
def database() -> Iterator[Database]:
    """One with a file that no job needs, and with a leaving and a cache on the disk beside it."""
    with closing(open_database()) as opened:
        with opened.write() as connection:
            connection.execute(
                "INSERT INTO files(id, seq, created_at, filename, purpose, bytes) "
                "VALUES ('file-a', 1, 0, 'train.jsonl', 'fine-tune', 7)"
            )
        write(local_dir() / "files" / "file-a", 7)
        write(local_dir() / "cache" / "abc-1.f32", 500)
        write(adapters_dir() / "job" / "state", 1000)
        yield opened


@pytest.fixture
def unopenable(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database needs room even to be read; the spare file has enough."""

    had_one = []

    def connection(self: Database) -> sqlite3.Connection:
        had_one.append(spare().exists())
        if spare().exists() or not any(had_one):
            raise FttuiError("The database cannot be opened.") from full_error("SQLITE_IOERR_SHMSIZE")
        return plain_connection(self)

    plain_connection = Database.connection
    monkeypatch.setattr(Database, "connection", connection)


@pytest.fixture
def unwritable(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database can be read, for its server runs, but takes nothing until the spare file is gone."""

    def forget(items: list[Any], connection: sqlite3.Connection) -> None:
        plain_forget(items, connection)
        if spare().exists():
            raise full_error("SQLITE_FULL")

    plain_forget = prune._forget
    monkeypatch.setattr(prune, "_forget", forget)


def test_the_cache_goes_without_the_database(unopenable: None) -> None:
    wanted = Wanted(cache=True, files=True)
    plan = plan_prune(wanted)
    assert [item.kind for item in plan.items] == ["cache"]
    assert "Prune once more" in plan.kept[-1]
    assert carry_out(wanted, plan).items == plan.items
    assert not list((local_dir() / "cache").iterdir())
    assert (local_dir() / "files" / "file-a").exists()


def test_where_nothing_helps_the_cache_is_named(unopenable: None) -> None:
    with pytest.raises(FttuiError, match=r"^The disk is full\..*prune --cache"):
        plan_prune(Wanted(files=True))


def test_the_spare_file_makes_room_to_look(unopenable: None) -> None:
    write(spare(), 100)
    wanted = Wanted(files=True)
    plan = plan_prune(wanted)
    assert {item.kind for item in plan.items} == {"leavings", "file"}
    assert len(carry_out(wanted, plan).items) == 2
    assert not spare().exists()


def test_the_spare_file_makes_room_to_write(database: Database, unwritable: None) -> None:
    write(spare(), 100)
    wanted = Wanted(files=True)
    gone = carry_out(wanted, plan_prune(wanted))
    assert [item.name for item in gone.items] == ["job/state", "file-a"]
    assert not any(item.path.exists() for item in gone.items)
    assert database.rows("SELECT id FROM files") == []


def test_leavings_go_before_the_database_is_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise full_error("SQLITE_FULL")

    monkeypatch.setattr(prune, "_forget", refuse)
    wanted = Wanted(files=True, cache=True)
    with pytest.raises(FttuiError, match="The disk is full"):
        carry_out(wanted, plan_prune(wanted))
    assert not (adapters_dir() / "job").exists()
    assert not list((local_dir() / "cache").iterdir())
    assert (local_dir() / "files" / "file-a").exists()
    assert len(database.rows("SELECT id FROM files")) == 1


def test_another_error_leaves_the_spare_file(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(prune, "_forget", refuse)
    write(spare(), 100)
    wanted = Wanted(files=True)
    with pytest.raises(FttuiError, match="locked"):
        carry_out(wanted, plan_prune(wanted))
    assert spare().exists()
