"""The shell with a file: numbers that follow edits, saving, leaving with unsaved changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input

from fttui.dataset.document import Document
from fttui.ui.screens.dialogs import Question
from ui.golden import golden, screen_text
from ui.shell import EXAMPLE, ShellApp, counted, plain, shell_app, toasts


async def test_an_edit_reaches_the_bars_the_screen_and_those_that_come_back(file: Path) -> None:
    app = shell_app(file, counts=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await counted(pilot, app)
        assert "3 examples · 39 tokens × 25 epochs = 975" in screen_text(app)
        await pilot.press("3", "1")
        await pilot.pause()
        document = app.services.document
        assert document is not None
        document.delete(0)
        app.document_edited()
        await counted(pilot, app)
        text = screen_text(app)
        assert "three.jsonl ●1" in text
        assert "2 examples · 26 tokens" in text
        assert "ctrl+s Save" in text
        assert [edit.row for edit in plain(app).edits] == [None]
        await pilot.press("3")
        await pilot.pause()
        assert len(plain(app).edits) == 1
        assert "●1" in screen_text(app)


async def test_the_meter_is_live_while_one_types(file: Path) -> None:
    app = shell_app(file, counts=True)
    async with app.run_test(size=(140, 40)) as pilot:
        await counted(pilot, app)
        app.draft(0, {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi " * 50}]})
        for _ in range(100):
            await pilot.pause(0.02)
            if "39 tokens" not in screen_text(app):
                break
        assert "3 examples · 89 tokens" in screen_text(app) or "3 examples · 90 tokens" in screen_text(app)
        app.draft(0, None)
        await pilot.pause()
        assert "3 examples · 39 tokens" in screen_text(app)


async def test_saving_writes_the_file(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test(notifications=True) as pilot:
        await counted(pilot, app)
        document = app.services.document
        assert document is not None
        document.delete(0)
        app.document_edited()
        await pilot.press("ctrl+s")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert file.read_text("utf-8") == EXAMPLE * 2
        assert "●" not in screen_text(app)
        assert "Saved three.jsonl." in toasts(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Nothing to save" in toasts(app)


async def edited_behind_its_back(pilot: Pilot[Any], app: ShellApp, file: Path) -> Document:
    """The app's document with an unsaved change, after another program has replaced its file."""
    await counted(pilot, app)
    document = app.services.document
    assert document is not None
    document.delete(0)
    app.document_edited()
    other = file.with_name("other")
    other.write_text("someone else's\n", encoding="utf-8")
    other.replace(file)
    return document


async def test_a_file_that_changed_on_disk_is_asked_about(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        document = await edited_behind_its_back(pilot, app, file)
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        assert isinstance(app.screen, Question)
        assert "changed on disk" in screen_text(app)
        assert app.focused is app.screen.query_one("#answer-no", Button)
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        assert file.read_text("utf-8") == "someone else's\n"
        assert document.is_dirty
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        await pilot.press("y")
        await app.workers.wait_for_complete()
        assert file.read_text("utf-8") == EXAMPLE * 2


async def test_a_file_that_changed_on_disk_can_be_left_alone_and_saved_elsewhere(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        document = await edited_behind_its_back(pilot, app, file)
        await pilot.press("ctrl+s")
        await pilot.pause(0.3)
        await pilot.press("s")
        await pilot.pause(0.3)
        mine = file.with_name("mine.jsonl")
        field = app.screen.query_one(Input)
        field.value = str(mine)
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        assert mine.read_text("utf-8") == EXAMPLE * 2
        assert file.read_text("utf-8") == "someone else's\n"
        assert not document.is_dirty


async def test_quitting_without_changes_quits(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        await counted(pilot, app)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app._exit


@pytest.mark.parametrize(
    ("key", "leaves", "lines"), [("s", True, 2), ("d", True, 3), ("n", False, 3), ("escape", False, 3)]
)
async def test_quitting_with_unsaved_changes_asks(file: Path, key: str, leaves: bool, lines: int) -> None:
    app = shell_app(file)
    async with app.run_test(size=(80, 24)) as pilot:
        await counted(pilot, app)
        document = app.services.document
        assert document is not None
        document.delete(0)
        app.document_edited()
        await pilot.press("ctrl+q")
        await pilot.pause()
        golden(app, "quit-80")
        await pilot.press(key)
        await app.workers.wait_for_complete()
        assert app._exit == leaves
        assert len(file.read_text("utf-8").splitlines()) == lines
