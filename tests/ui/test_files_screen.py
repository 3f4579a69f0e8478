"""The list of files, switching between them, roles, and leaving with several unsaved."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from textual.widgets import Input

import hostile
from fttui.core.text import safe
from fttui.dataset.recent import RecentFile, RecentFiles
from fttui.ui.screens.files import FilesScreen, FilesTable, age_text, recent_row
from ui.golden import golden, screen_text
from ui.shell import plain, toasts
from ui.workspace import at_rest, examples_file, shown, workspace_app


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return examples_file(tmp_path / "tone.jsonl"), examples_file(tmp_path / "tone-valid.jsonl", 2)


async def test_the_next_file_is_shown_everywhere(pair: tuple[Path, Path]) -> None:
    app = workspace_app(*pair)
    async with app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot, app)
        assert "tone.jsonl · 1 of 2" in screen_text(app)
        await pilot.press("3", "1", "ctrl+n")
        await at_rest(pilot, app)
        text = screen_text(app)
        assert "tone-valid.jsonl · validation · 2 of 2" in text
        assert "validation: 2 examples · estimating …" in text
        assert "training: 3 examples" in text
        assert len(plain(app).edits) == 1
        await pilot.press("3")
        assert len(plain(app).edits) == 1  # the screen that was left behind follows when it is back
        await pilot.press("ctrl+n")
        await at_rest(pilot, app)
        assert shown(app).path == pair[0]


async def test_one_file_has_no_next(pair: tuple[Path, Path]) -> None:
    app = workspace_app(pair[0])
    async with app.run_test() as pilot:
        await at_rest(pilot, app)
        await pilot.press("ctrl+n")
        assert "No other file is open; f2 opens one." in toasts(app)


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_list_of_files(pair: tuple[Path, Path], size: tuple[int, int]) -> None:
    app = workspace_app(*pair)
    RecentFiles().remember([(Path("/data/old-test.jsonl"), "test")])
    async with app.run_test(size=size) as pilot:
        await at_rest(pilot, app)
        shown(app).document.delete(0)
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.screen, FilesScreen)
        lines = screen_text(app).splitlines()
        first = next(line for line in lines if "tone.jsonl" in line and "training" in line)
        assert "●" in first
        assert "●1" in first
        assert any("tone-valid.jsonl" in line and "validation" in line for line in lines)
        assert any("old-test.jsonl" in line and "just now" in line for line in lines)
        assert any("enter shows   r role   x closes   o opens another   esc back" in line for line in lines)
        await pilot.press("j", "enter")
        await at_rest(pilot, app)
        assert shown(app).path == pair[1]
        assert not isinstance(app.screen, FilesScreen)


async def test_the_list_on_a_small_screen_is_readable() -> None:
    app = workspace_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("f2")
        await pilot.pause()
        golden(app, "files-empty-80")
        await pilot.press("x", "r", "enter", "escape")
        await at_rest(pilot, app)
        assert not isinstance(app.screen, FilesScreen)


async def test_a_role_is_chosen_and_remembered(pair: tuple[Path, Path]) -> None:
    app = workspace_app(pair[0])
    async with app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("f2", "r")
        await pilot.pause()
        await pilot.press("j", "j", "enter")
        await at_rest(pilot, app)
        assert shown(app).role == "test"
        assert RecentFiles().role_of(pair[0]) == "test"
        await pilot.press("escape")
        await pilot.pause()
        assert "test: 3 examples" in screen_text(app)


async def test_opening_another_file(pair: tuple[Path, Path]) -> None:
    app = workspace_app(pair[0])
    async with app.run_test(size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("f2", "o")
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.value == f"{pair[0].parent}/"
        field.value = str(pair[1])
        await pilot.press("enter")
        await at_rest(pilot, app)
        assert shown(app).path == pair[1]
        assert len(app.services.files) == 2
        await pilot.press("f2", "o")
        await pilot.pause()
        app.screen.query_one(Input).value = "/nothing/there.jsonl"
        await pilot.press("enter")
        await at_rest(pilot, app)
        assert "There is no file /nothing/there.jsonl." in toasts(app)
        assert len(app.services.files) == 2


async def test_a_recent_file_is_opened_from_an_empty_app_and_forgotten(pair: tuple[Path, Path]) -> None:
    RecentFiles().remember([(pair[0], "training"), (Path("/gone.jsonl"), "other")])
    app = workspace_app()
    async with app.run_test() as pilot:
        await at_rest(pilot, app)
        await pilot.press("f2")
        await pilot.pause()
        table = app.screen.query_one(FilesTable)
        table.move_to("recent:/gone.jsonl")
        await pilot.press("x")
        await at_rest(pilot, app)
        assert [row.key for row in table.rows] == [f"recent:{pair[0]}"]
        await pilot.press("enter")
        await at_rest(pilot, app)
        assert shown(app).path == pair[0]
        assert "tone.jsonl" in screen_text(app)


@pytest.mark.parametrize(("key", "is_closed", "lines"), [("s", True, 2), ("d", True, 3), ("n", False, 3)])
async def test_closing_a_file_asks_about_its_changes(
    pair: tuple[Path, Path], key: str, is_closed: bool, lines: int
) -> None:
    app = workspace_app(*pair)
    async with app.run_test() as pilot:
        await at_rest(pilot, app)
        shown(app).document.delete(0)
        await pilot.press("f2", "x")
        await pilot.pause()
        assert "tone.jsonl has 1 unsaved change." in screen_text(app)
        await pilot.press(key)
        await at_rest(pilot, app)
        assert len(app.services.files) == (1 if is_closed else 2)
        assert shown(app).path == pair[1 if is_closed else 0]
        assert len(pair[0].read_text("utf-8").splitlines()) == lines


async def test_closing_the_last_file_leaves_an_empty_app(pair: tuple[Path, Path]) -> None:
    app = workspace_app(pair[0])
    async with app.run_test() as pilot:
        await at_rest(pilot, app)
        await pilot.press("f2", "x")
        await at_rest(pilot, app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.services.document is None
        assert "No file is open" in screen_text(app)
        await pilot.press("f5")
        assert "No file is open." in toasts(app)


@pytest.mark.parametrize(("key", "leaves", "lines"), [("s", True, 2), ("d", True, 3), ("escape", False, 3)])
async def test_leaving_with_several_unsaved_files_asks_once(
    pair: tuple[Path, Path], key: str, leaves: bool, lines: int
) -> None:
    examples_file(pair[1])
    app = workspace_app(*pair)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, app)
        for file in app.services.files:
            file.document.delete(0)
        await pilot.press("ctrl+q")
        await pilot.pause()
        text = screen_text(app)
        assert "tone.jsonl has 1 unsaved change." in text
        assert "tone-valid.jsonl has 1 unsaved change." in text
        assert "Save all and quit" in text
        await pilot.press(key)
        await at_rest(pilot, app)
        assert app._exit == leaves
        assert [len(path.read_text("utf-8").splitlines()) for path in pair] == [lines, lines]


async def test_the_training_file_is_counted_while_another_is_shown(pair: tuple[Path, Path]) -> None:
    app = workspace_app(pair[1], pair[0], counts=True)
    async with app.run_test(size=(140, 40)) as pilot:
        for _ in range(300):
            await pilot.pause(0.02)
            if "$" in screen_text(app):
                break
        assert (
            "validation: 2 examples · 26 tokens, not trained on · training: 3 examples → $0.0049 on gpt-4.1-mini"
            in screen_text(app)
        )


async def test_hostile_names_are_shown_as_text(tmp_path: Path) -> None:
    names = [text.replace("/", "").replace("\0", "")[:40] for text in hostile.STRINGS.values()]
    paths = []
    for name in dict.fromkeys(names):
        with contextlib.suppress(OSError, UnicodeEncodeError):  # what the disk takes
            paths.append(examples_file(tmp_path / name))
    assert len(paths) > 5
    app = workspace_app(*paths)
    async with app.run_test(size=(140, 40)) as pilot:
        await at_rest(pilot, app)
        await pilot.press("f2")
        await pilot.pause()
        assert safe(screen_text(app)) == screen_text(app)
        await pilot.press("escape")
        for _ in paths:
            await pilot.press("ctrl+n")
            await pilot.pause()
            assert safe(screen_text(app)) == screen_text(app)


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "just now"), (59, "just now"), (60, "1 min ago"), (7200, "2 h ago"), (1e6, "11 d ago")]
)
def test_how_long_ago(seconds: float, text: str) -> None:
    assert age_text(seconds) == text
    assert recent_row(RecentFile(Path("/a/b.jsonl"), "test", 0.0), seconds).cells[3].text == text
