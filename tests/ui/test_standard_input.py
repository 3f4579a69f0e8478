"""What is piped in, or unpacked: what is said about it, what hangs on it, and how it is saved."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input

from fttui.dataset.filling import STANDARD_INPUT, adopt_standard_input
from fttui.dataset.rowset import RowSet
from fttui.ui.open_files import OpenFiles
from ui.golden import screen_text
from ui.shell import EXAMPLE, ShellApp, toasts
from ui.workspace import at_rest, examples_file, shown, workspace_app

LINES = EXAMPLE.encode()


@pytest.fixture
def pipe() -> Iterator[io.FileIO]:
    """What is written here comes from standard input."""
    reading, writing = os.pipe()
    adopt_standard_input(reading)
    with io.FileIO(writing, "wb") as file:
        yield file


def piped(pipe: io.FileIO, lines: int = 3) -> Path:
    pipe.write(LINES * lines)
    pipe.close()
    return STANDARD_INPUT


async def test_a_torn_archive_is_warned_about_as_long_as_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "tone.jsonl.gz"
    path.write_bytes(
        gzip.compress(b"".join(b'{"messages":[],"n":"%s"}\n' % os.urandom(9).hex().encode() for _ in range(500)))[:-60]
    )
    app = workspace_app(path)
    async with app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot, app)
        await pilot.pause(0.1)
        assert "tone.jsonl.gz was not read to its end: its gzip data breaks off" in app.works.warnings[0]
        assert "✖" in screen_text(app) or "⚠" in screen_text(app)
        assert await app.close_file(shown(app))
        assert app.works.warnings == ()


async def test_marks_of_standard_input_go_with_the_file_it_is_saved_as(pipe: io.FileIO, tmp_path: Path) -> None:
    app = workspace_app(piped(pipe))
    async with app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot, app)
        file = shown(app)
        assert file.marks is not None and not file.has_journal
        file.marks.tag(RowSet.of([1]), "good", True)
        await pilot.press("ctrl+s")
        await pilot.pause()
        app.screen.query_one(Input).value = str(tmp_path / "kept.jsonl")
        await pilot.press("enter")
        await at_rest(pilot, app)
        assert not file.needs_name and file.has_journal
        assert "good" in (tmp_path / "kept.jsonl.fttui").read_text("utf-8")
        file.document.delete(0)
        assert file.has_unsaved
        file.document.undo()
    assert not Path("-.fttui").exists()


async def said(app: ShellApp, words: str) -> None:
    """Wait until a toast says so."""
    for _ in range(200):
        if words in toasts(app):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(toasts(app))


@pytest.mark.parametrize(("key", "leaves"), [("d", True), ("escape", False)])
async def test_leaving_asks_about_marks_that_have_no_file(pipe: io.FileIO, key: str, leaves: bool) -> None:
    app = workspace_app(piped(pipe))
    async with app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot, app)
        marks = shown(app).marks
        assert marks is not None
        marks.review(RowSet.of([0]), True)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert "What was said about examples of standard input" in screen_text(app)
        await pilot.press(key)
        await pilot.pause()
        assert app.is_running != leaves


async def test_saving_waits_for_the_end_and_can_be_stopped(pipe: io.FileIO, tmp_path: Path) -> None:
    pipe.write(LINES * 2)
    app = workspace_app(STANDARD_INPUT)
    path = tmp_path / "kept.jsonl"
    async with app.run_test(size=(140, 40)) as pilot:

        async def save() -> None:
            await pilot.press("ctrl+s")
            await pilot.pause()
            app.screen.query_one(Input).value = str(path)
            await pilot.press("enter")
            await said(app, "still being read; then")

        await pilot.pause()
        await save()
        await pilot.press("f8")
        await said(app, "Not saved")
        assert not path.exists()
        await pilot.press("ctrl+s")
        await pilot.pause()
        app.screen.query_one(Input).value = str(path)
        await pilot.press("enter")
        pipe.write(LINES)
        pipe.close()
        await at_rest(pilot, app)
        assert path.read_bytes() == LINES * 3


def test_a_file_called_like_standard_input_is_another_one(
    pipe: io.FileIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = OpenFiles()
    other = files.open(examples_file(tmp_path / "-"))
    standard = files.open(piped(pipe))
    assert standard is not other
    assert files.open(STANDARD_INPUT) is standard and files.open(tmp_path / "-") is other
    files.remember()
    assert [recent.path for recent in files.recent.files()] == [tmp_path / "-"]
    files.close_all()
