"""Checking a file when something goes wrong, or the file goes away meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fttui.core.errors import FttuiError, InputError
from fttui.core.settings import Settings
from fttui.dataset.document import Document
from fttui.providers.profiles import Profile
from fttui.ui.checking import Checking
from fttui.ui.open_files import OpenFile
from fttui.ui.services import Services
from fttui.ui.works import Works
from ui.found_checks import FoundChecks
from ui.loop_app import NARROW, loop_app, until


class Room:
    """Checking of one open file, with what it says."""

    def __init__(self, path: Path) -> None:
        document = Document.open(path)
        services = Services(Settings(), Profile("local", is_local=True), document=document)
        self.told: list[Exception] = []
        self.works = Works(on_change=lambda: None)
        self.checking = Checking(services, self.works, lambda: None, self.told.append)
        file = services.files.active
        assert file is not None
        self.file: OpenFile = file

    def make(self, checks: Any) -> None:
        self.checking.make = lambda document, target: checks


@pytest.fixture
def room(file: Path) -> Room:
    return Room(file)


def test_an_error_after_the_work_ended_is_told_once(room: Room) -> None:
    checks = FoundChecks()
    room.make(checks)
    room.checking.begin(room.file)
    assert not room.told
    checks.error = first = FttuiError("The disk is gone.")
    checks.tell()
    checks.tell()
    assert room.told == [first]
    checks.error = FttuiError("The disk is gone.")  # another block of the same file
    checks.tell()
    assert room.told == [first]
    checks.error = second = FttuiError("A process ended.")
    checks.tell()
    assert room.told == [first, second]


def test_a_file_that_cannot_be_read_is_told_of_once_and_can_be_begun_again(room: Room) -> None:
    def fail(document: Any, target: Any) -> Any:
        raise InputError("The disk failed.")

    room.checking.make = fail
    room.checking.begin(room.file)
    room.checking.begin(room.file)
    assert [str(error) for error in room.told] == ["The disk failed."]
    checks = FoundChecks()
    room.make(checks)
    room.checking.begin(room.file)
    assert room.file.checks is checks


@pytest.mark.parametrize("end", ["forget", "stop"])
def test_checks_of_a_file_that_went_away_while_they_were_made_are_closed(room: Room, end: str) -> None:
    checks = FoundChecks(is_complete=False)

    def make(document: Any, target: Any) -> Any:
        if end == "forget":
            room.checking.forget(room.file)  # would wait for ever if begin held its lock
        else:
            room.checking.stop()
        return checks

    room.checking.make = make
    room.checking.begin(room.file)
    assert room.file.checks is None
    assert checks.is_closed
    assert not checks.listeners


def test_a_file_is_made_checks_for_once(room: Room) -> None:
    made: list[FoundChecks] = []

    def make(document: Any, target: Any) -> Any:
        room.checking.begin(room.file)
        made.append(FoundChecks())
        return made[-1]

    room.checking.make = make
    room.checking.begin(room.file)
    assert [room.file.checks] == made


def test_who_is_chosen_while_checks_are_made_is_who_they_are_for(room: Room) -> None:
    checks = FoundChecks()

    def make(document: Any, target: Any) -> Any:
        room.checking.choose("azure")
        return checks

    room.checking.make = make
    room.checking.begin(room.file)
    assert list(checks.targets) == ["azure"]


async def test_a_file_that_cannot_be_checked_is_counted_and_has_its_marks(file: Path) -> None:
    app = loop_app(file)
    counted: list[str] = []

    def fail(document: Any, target: Any) -> Any:
        counted.append("checked")
        raise InputError("The disk failed.")

    app.counting.count = lambda: counted.append("counted")  # type: ignore[method-assign]
    app.checking.make = fail
    del app.checking.begin  # as it is in the class
    async with app.run_test(size=NARROW) as pilot:
        shown = app.services.files.active
        assert shown is not None
        await until(pilot, lambda: shown.marks.is_loaded)
        assert counted[:2] == ["counted", "checked"]
        assert shown.document.is_indexed
