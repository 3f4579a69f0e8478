"""Looking at new files when that goes wrong: what is stored stays stored, and the thread lives on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fttui.core.errors import FttuiError
from fttui.local import housekeeping as module
from fttui.local.file_check import AT_ONCE
from fttui.local.file_store import FileStore, StoredFile
from fttui.local.housekeeping import Housekeeping
from fttui.local.schema import open_database
from fttui.local.upload_store import UploadStore

SMALL, LARGE = b"{}\n", b"{}" + b" " * AT_ONCE + b"\n"
MISHAPS = [OSError(5, "Input/output error"), sqlite3.OperationalError("locked"), FttuiError("No."), KeyError()]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileStore]:
    monkeypatch.setenv("FTTUI_HOME", str(tmp_path))
    with closing(open_database()) as database:
        yield FileStore(database)


@pytest.fixture
def housekeeping(files: FileStore) -> Iterator[Housekeeping]:
    made = Housekeeping(files, UploadStore(files._database, files))
    made.start()
    yield made
    made.close()


def add(files: FileStore, content: bytes) -> StoredFile:
    return files.add([content], filename="train.jsonl", purpose="fine-tune", status="uploaded")


def status_in_the_end(files: FileStore, file: StoredFile) -> StoredFile:
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        found = files.find(file.id)
        assert found is not None
        if found.status != "uploaded":
            return found
        time.sleep(0.01)
    raise AssertionError("it stays uploaded")


@pytest.mark.parametrize("mishap", MISHAPS[:3], ids=lambda mishap: type(mishap).__name__)
def test_a_file_whose_first_look_fails_is_stored_and_looked_at_again(
    files: FileStore, housekeeping: Housekeeping, monkeypatch: pytest.MonkeyPatch, mishap: Exception
) -> None:
    set_status, looks = FileStore.set_status, []

    def fails_once(store: FileStore, *arguments: object) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise mishap
        set_status(store, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(FileStore, "set_status", fails_once)
    file = add(files, SMALL)
    assert housekeeping.look_at(file) == file
    assert status_in_the_end(files, file).status == "processed"


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: type(mishap).__name__)
def test_the_thread_lives_on_whatever_a_look_brings(
    files: FileStore, housekeeping: Housekeeping, monkeypatch: pytest.MonkeyPatch, mishap: Exception, content: bytes
) -> None:
    def fails(_path: Path) -> str | None:
        raise mishap

    with monkeypatch.context() as failing:
        failing.setattr(module, "problem_of", fails)
        wrong = add(files, content)
        housekeeping.look_at(wrong)
        if not isinstance(mishap, OSError):  # which may be over when the next server looks
            found = status_in_the_end(files, wrong)
            assert (found.status, type(mishap).__name__ in str(found.status_details)) == ("error", True)
    good = add(files, LARGE)
    housekeeping.look_at(good)
    assert status_in_the_end(files, good).status == "processed"
