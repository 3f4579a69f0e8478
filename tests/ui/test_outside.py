"""What happens to a file outside: another program, another window, a journal that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from fttui.core.errors import InputError
from fttui.dataset.session import open_session
from fttui.ui.disk_watch import state_on_disk
from fttui.ui.screens.dialogs import Question
from ui.golden import screen_text
from ui.shell import EXAMPLE, ShellApp
from ui.workspace import at_rest, shown, workspace_app


def change(path: Path, lines: int = 5) -> None:
    """Another program replaces the file."""
    other = path.with_name("other")
    other.write_text(EXAMPLE * lines, encoding="utf-8")
    other.replace(path)


async def look(pilot: object, app: ShellApp) -> None:
    """As the timer does every two seconds."""
    app.look_at_disk()
    await at_rest(pilot, app)  # type: ignore[arg-type]


def test_the_state_of_a_file_on_the_disk(file: Path) -> None:
    app = workspace_app(file)
    opened = shown(app)
    assert state_on_disk(opened) == "same"
    change(file)
    assert state_on_disk(opened) == "changed"
    opened.is_saving = True
    assert state_on_disk(opened) == "same"
    opened.is_saving = False
    opened.document.save(overwrite=True)
    assert state_on_disk(opened) == "same"
    file.unlink()
    assert state_on_disk(opened) == "gone"
    opened.close()


async def test_a_change_on_the_disk_is_said_until_it_is_taken(file: Path) -> None:
    app = workspace_app(file)
    async with app.run_test(size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        change(file)
        await look(pilot, app)
        assert "⚠ three.jsonl was changed by another program: f5 reloads it, or go on editing." in screen_text(app)
        await pilot.press("3")
        await pilot.pause()
        assert "was changed by another program" in screen_text(app)
        await pilot.press("f5")
        await at_rest(pilot, app)
        assert len(shown(app).document) == 5
        assert "⚠" not in screen_text(app)
        assert "5 examples" in screen_text(app)
        await look(pilot, app)
        assert "⚠" not in screen_text(app)


async def test_a_file_that_is_gone_is_written_again(file: Path) -> None:
    app = workspace_app(file)
    async with app.run_test(size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        file.unlink()
        await look(pilot, app)
        assert "three.jsonl is no longer on the disk; saving writes it again." in screen_text(app)
        shown(app).document.delete(0)
        await pilot.press("ctrl+s")
        await at_rest(pilot, app)
        assert file.read_text("utf-8") == EXAMPLE * 2
        assert "⚠" not in screen_text(app)


@pytest.mark.parametrize(("key", "rows"), [("y", 5), ("n", 2), ("escape", 2)])
async def test_reloading_asks_when_changes_would_be_lost(file: Path, key: str, rows: int) -> None:
    app = workspace_app(file)
    async with app.run_test() as pilot:
        await at_rest(pilot, app)
        shown(app).document.delete(0)
        change(file)
        await pilot.press("f5")
        await pilot.pause()
        assert "The 1 unsaved change made here" in " ".join(screen_text(app).replace("│", " ").split())
        await pilot.press(key)
        await at_rest(pilot, app)
        assert len(shown(app).document) == rows
        assert shown(app).document.is_dirty == (rows == 2)


async def test_saving_over_a_change_offers_to_take_it(file: Path) -> None:
    app = workspace_app(file)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_rest(pilot, app)
        shown(app).document.delete(0)
        change(file)
        await pilot.press("ctrl+s")
        await pilot.pause(0.2)
        assert isinstance(app.screen, Question)
        assert "y Overwrite s Save elsewhere d Reload n Back" in " ".join(screen_text(app).split())
        await pilot.press("d")
        await at_rest(pilot, app)
        assert len(shown(app).document) == 5
        assert not shown(app).document.is_dirty
        assert file.read_text("utf-8") == EXAMPLE * 5


async def test_a_second_window_is_told_why_it_cannot_edit(file: Path, tmp_path: Path) -> None:
    first = open_session(file)
    app = workspace_app(file)
    async with app.run_test(size=(140, 30)) as pilot:
        await at_rest(pilot, app)
        text = screen_text(app)
        assert "three.jsonl · read-only" in text
        assert "is open in another fttui window" in text
        with pytest.raises(InputError, match="another fttui window"):
            shown(app).document.delete(0)
        copy = tmp_path / "copy.jsonl"
        await pilot.press("ctrl+s")
        await pilot.pause()
        app.screen.query_one(Input).value = str(copy)
        await pilot.press("enter")
        await at_rest(pilot, app)
        assert copy.read_text("utf-8") == EXAMPLE * 3
        assert "read-only" not in screen_text(app)
        shown(app).document.delete(0)
    first.close()


async def test_trouble_with_the_journal_stays_in_sight_until_it_is_over(file: Path) -> None:
    app = workspace_app(file)
    async with app.run_test(size=(100, 30)) as pilot:
        await at_rest(pilot, app)
        opened = shown(app)
        opened.trouble = "The disk is full: edits of three.jsonl are not journalled."
        app.services.files.on_news(opened)
        await pilot.pause()
        assert "⚠ The disk is full: edits of three.jsonl are not journalled." in screen_text(app)
        await pilot.press("2")
        await pilot.pause()
        assert "⚠ The disk is full" in screen_text(app)
        opened.trouble = ""
        app.services.files.on_news(opened)
        await pilot.pause()
        assert "⚠" not in screen_text(app)


async def test_tags_are_written_when_the_person_pauses(file: Path) -> None:
    from fttui.dataset.rowset import RowSet

    app = workspace_app(file)
    async with app.run_test() as pilot:
        await at_rest(pilot, app)
        marks = shown(app).marks
        assert marks is not None
        marks.tag(RowSet.of([1]), "hard", True)
        beside = Path(f"{file}.fttui")
        shown(app).keep_marks_when_idle()
        assert not beside.exists()  # another one may be about to be set
        shown(app).keep_marks_when_idle()
        assert "hard" in beside.read_text("utf-8")


async def test_a_crash_of_ours_leaves_the_edits_to_the_next_start(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = workspace_app(file)
    with pytest.raises(RuntimeError):
        async with app.run_test() as pilot:
            await at_rest(pilot, app)
            shown(app).document.delete(0)
            app.call_later(fail)
            await at_rest(pilot, app)
    said = " ".join(capsys.readouterr().err.split())
    assert "the next start with three.jsonl offers them" in said
    assert "Traceback" not in said
    session = open_session(file)
    assert session.recovery is not None
    assert session.recovery.steps == 1
    session.close()


def fail() -> None:
    raise RuntimeError("a fault")
