"""The shell: screens, bars, palette, help, jump, save, quit, errors; by keyboard, at both sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

import hostile
from fttui.core.errors import InputError
from fttui.core.log import log_file
from fttui.core.paths import data_dir
from fttui.core.settings import Settings
from fttui.ui.handover import ShowRow, TryModels
from fttui.ui.keymap import load_keymap
from fttui.ui.screens.help import HelpScreen
from fttui.ui.screens.jump import JumpScreen
from fttui.ui.tasks import TaskFailed, task
from fttui.ui.widgets.text_fields import Field, TextEditor
from ui.golden import golden, screen_text
from ui.shell import EXAMPLE, ShellApp, counted, plain, shell_app, toasts

SIZES = [(80, 24), (140, 40)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_bars_are_around_every_screen(file: Path, size: tuple[int, int]) -> None:
    app = shell_app(file, counts=True)
    async with app.run_test(size=size) as pilot:
        await counted(pilot, app)
        golden(app, f"shell-{size[0]}")
        for key, name in zip("2345", ("cost", "jobs", "playground", "evals"), strict=True):
            await pilot.press(key)
            await pilot.pause()
            assert app.current_mode == name
            lines = screen_text(app).splitlines()
            assert "three.jsonl" in lines[0]
            assert lines[1] == f"the {name} screen"
            assert lines[-2].startswith(" 3 ex")
            assert "? Help" in lines[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_without_a_file_the_shell_says_how_to_open_one(size: tuple[int, int]) -> None:
    app = shell_app()
    async with app.run_test(size=size) as pilot:
        await counted(pilot, app)
        golden(app, f"shell-empty-{size[0]}")


async def test_digits_are_typed_in_a_field_and_switch_screens_elsewhere(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.screen.query_one(Field).focus()
        await pilot.press("2", "3")
        assert app.current_mode == "examples"
        assert app.screen.query_one(Field).value == "23"
        app.screen.query_one(TextEditor).focus()
        await pilot.press("4", "question_mark")
        assert app.screen.query_one(TextEditor).text == "4?"
        app.set_focus(None)
        await pilot.press("4")
        assert app.current_mode == "playground"


async def test_a_screen_that_is_shown_gets_what_it_should_work_on(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.go("playground", TryModels(("a", "b")))
        await pilot.pause()
        assert plain(app).received == [TryModels(("a", "b"))]
        await app.go("examples")
        assert plain(app).received == []


@pytest.mark.parametrize("size", SIZES)
async def test_the_palette_finds_actions_and_runs_them(file: Path, size: tuple[int, int]) -> None:
    app = shell_app(file)
    async with app.run_test(size=size) as pilot:
        await counted(pilot, app)
        await pilot.press("ctrl+p")
        await pilot.pause()
        await pilot.press(*"fine-tuning")
        await pilot.pause(0.3)
        golden(app, f"palette-{size[0]}")
        await pilot.press("enter")
        await pilot.pause()
        assert app.current_mode == "jobs"


async def test_the_palette_goes_to_a_row_and_changes_the_theme(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("3", "ctrl+p", "2")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert app.current_mode == "examples"
        assert plain(app).received == [ShowRow(1)]
        await pilot.press("ctrl+p", *"paper")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause()
        assert app.theme == "paper"
        await pilot.press("f3")
        assert app.theme == "ink"


@pytest.mark.parametrize("size", SIZES)
async def test_help_says_what_the_focused_part_can_do(file: Path, size: tuple[int, int]) -> None:
    app = shell_app(file)
    async with app.run_test(size=size) as pilot:
        await counted(pilot, app)
        await pilot.press("3")
        plain(app).WHERE = "nowhere"  # type: ignore[misc]  # so that the picture is the same whatever keys Jobs has
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        golden(app, f"help-{size[0]}")
        await pilot.press("escape")
        await pilot.pause()
        plain(app).WHERE = "jobs"  # type: ignore[misc]
        app.screen.query_one(Field).focus()
        await pilot.press("f1")
        await pilot.pause()
        titles = [str(static.content) for static in app.screen.query(".help--place")]
        assert titles == ["Jobs", "Everywhere", "In a one-line field"]


@pytest.mark.parametrize("size", SIZES)
async def test_jump_mode_moves_the_focus(file: Path, size: tuple[int, int]) -> None:
    app = shell_app(file)
    async with app.run_test(size=size) as pilot:
        await counted(pilot, app)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert isinstance(app.screen, JumpScreen)
        golden(app, f"jump-{size[0]}")
        await pilot.press("s")
        await pilot.pause()
        assert app.focused is app.screen.query_one(TextEditor)
        await pilot.press("ctrl+o", "4")
        await pilot.pause()
        assert app.current_mode == "playground"
        await pilot.press("ctrl+o", "escape")
        await pilot.pause()
        assert app.current_mode == "playground"
        assert app.focused is None


async def test_a_known_error_is_one_toast_and_an_unknown_one_names_the_log(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        app.screen.post_message(TaskFailed(InputError("No [/b] there.", hint="Do that."), "test"))
        app.screen.post_message(TaskFailed(ValueError(hostile.STRINGS["markup"]), "test"))
        await pilot.pause()
        said = toasts(app)
        assert "No [/b] there. Do that." in said
        assert "Something went wrong inside fttui (ValueError)." in said
        assert str(log_file()) in said


class Failing(ShellApp):
    @task(group="a")
    async def fail_awaited(self) -> None:
        raise InputError("awaited")

    @task(group="b", thread=True)
    def fail_threaded(self) -> None:
        raise InputError("threaded")

    def action_crash(self) -> None:
        raise RuntimeError("secret value")


async def test_a_task_that_fails_does_not_end_the_app(file: Path) -> None:
    app = Failing(shell_app(file).services, themes=_themes())
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        app.fail_awaited()
        app.fail_threaded()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "awaited" in toasts(app)
        assert "threaded" in toasts(app)


async def test_a_fault_of_ours_keeps_the_edits_and_shows_no_traceback(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = Failing(shell_app(file).services, themes=_themes())
    with pytest.raises(RuntimeError):
        async with app.run_test() as pilot:
            await pilot.pause()
            document = app.services.document
            assert document is not None
            document.delete(0)
            app.call_later(app.action_crash)
            await pilot.pause(0.2)
    said = capsys.readouterr().err
    assert "Something went wrong inside fttui (RuntimeError)." in said
    assert "Traceback" not in said
    kept = data_dir() / "kept" / "three-1.jsonl"
    assert kept.read_text("utf-8") == EXAMPLE * 2
    assert file.read_text("utf-8") == EXAMPLE * 3


def _themes() -> Any:
    from fttui.ui.theming import load_themes

    return load_themes()


async def test_what_is_wrong_in_the_settings_is_one_toast(fttui_home: Path) -> None:
    config = fttui_home / "config"
    config.mkdir(parents=True)
    (config / "keys.toml").write_text('[keys]\n"file.save" = "ctrl+bananas"\n"no.such" = "x"', encoding="utf-8")
    app = shell_app(keymap=load_keymap(), settings=Settings(theme="nope"), problems=("settings.toml: [/x] wrong.",))
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        said = toasts(app)
        assert len(list(app._notifications)) == 1
        assert 'there is no key "bananas"' in said
        assert "[/x] wrong" in said
        assert 'there is no theme "nope"' in said
        assert app.theme == "ink"


async def test_remapped_keys_work_and_are_shown(fttui_home: Path, file: Path) -> None:
    config = fttui_home / "config"
    config.mkdir(parents=True)
    (config / "keys.toml").write_text(
        '[keys]\n"screen.jobs" = "f10"\n"app.help" = "h"\n"field.delete_to_start" = "ctrl+t"', encoding="utf-8"
    )
    app = shell_app(file, keymap=load_keymap())
    async with app.run_test(size=(80, 24)) as pilot:
        await counted(pilot, app)
        assert "f10 Jobs" in screen_text(app)
        assert "h Help" in screen_text(app)
        await pilot.press("3")
        assert app.current_mode == "examples"
        await pilot.press("f10")
        await pilot.pause()
        assert app.current_mode == "jobs"
        app.screen.query_one(Field).focus()
        await pilot.press("a", "b", "ctrl+u")
        assert app.screen.query_one(Input).value == "ab"
        await pilot.press("ctrl+t")
        assert app.screen.query_one(Input).value == ""
        app.set_focus(None)
        await pilot.press("h")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)


async def test_a_click_does_what_the_bars_say(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test(size=(80, 24)) as pilot:
        await counted(pilot, app)
        column = screen_text(app).splitlines()[0].index("Jobs")
        await pilot.click(offset=(column, 0))
        await pilot.pause()
        assert app.current_mode == "jobs"
        column = screen_text(app).splitlines()[-1].index("Help")
        await pilot.click(offset=(column, 23))
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)


async def test_a_screen_at_rest_sends_nothing(file: Path) -> None:
    app = shell_app(file)
    async with app.run_test() as pilot:
        await counted(pilot, app)
        app.screen.query_one(Field).focus()
        await pilot.pause()
        assert app.screen.query_one(Field).cursor_blink is False
        assert app.screen.query_one(TextEditor).cursor_blink is False


async def test_no_process_is_left_when_the_app_ends(file: Path) -> None:
    app = shell_app(file, counts=True)
    async with app.run_test() as pilot:
        await counted(pilot, app)
        totals = app.services.totals
        assert totals is not None
        assert totals._pool.pids
    assert totals._pool.pids == []
