"""What a monkey at the keys found: one part of the Examples screen in the way of another."""

from __future__ import annotations

from pathlib import Path

from fttui.core.errors import InputError
from fttui.dataset.rowset import RowSet
from fttui.ui.finding import Found
from fttui.ui.screens.examples_finding import Finding
from ui.examples_app import NARROW, WIDE, app_on, chat, rows_of, screen_of, settle, type_text, write_lines
from ui.golden import screen_text
from ui.shell import toasts


def three(folder: Path, name: str = "three.jsonl") -> Path:
    return write_lines(folder / name, *(chat("", f"{name} {n}", "answer") for n in range(3)))


async def test_finding_ends_a_review_because_the_list_is_needed(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("F")
        await pilot.pause()
        assert screen_of(app).is_reviewing
        await pilot.press("slash")
        await pilot.pause()
        await type_text(pilot, "jsonl 2\n")
        await pilot.pause(0.2)
        await settle(pilot, app)
        assert not screen_of(app).is_reviewing
        assert rows_of(app).has_focus
        assert rows_of(app).count == 1


async def test_during_a_review_no_key_goes_to_the_hidden_list(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("F", "tab", "tab")
        await pilot.pause()
        assert not rows_of(app).has_focus
        await pilot.press("d")  # drops the example that is shown, and says so in the progress
        assert "1 dropped" in screen_text(app)


async def test_another_file_is_shown_in_its_list_when_the_first_was_under_review(tmp_path: Path) -> None:
    app = app_on(three(tmp_path), three(tmp_path, "other.jsonl"))
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        await pilot.press("F", "ctrl+n")
        await settle(pilot, app)
        assert not screen_of(app).is_reviewing
        assert rows_of(app).has_focus
        assert "other.jsonl 2" in screen_text(app)


async def test_sorting_by_tokens_before_they_are_counted_is_answered_with_a_sentence(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("s", "down", "enter")
        await settle(pilot, app)
        assert "Nothing is known about tokens yet." in toasts(app)
        assert "A fault" not in toasts(app)


async def test_keys_without_a_file_are_answered_with_a_sentence(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("V", "f2", "x", "escape")
        await settle(pilot, app)
        assert app.services.document is None
        await pilot.press("escape", "asterisk", "V", "space", "d", "s", "L", "F", "R", "v", "J")
        await pilot.pause()
        assert app._exception is None
        assert "No file is open" in toasts(app)


async def test_marked_rows_that_are_not_shown_are_named(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("asterisk", "slash")
        await pilot.pause()
        await type_text(pilot, "nowhere\n")
        await pilot.pause(0.2)
        await settle(pilot, app)
        assert "3 marked, 3 of them not shown" in screen_text(app)
        await pilot.press("d")
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        assert len(document) == 0
        await pilot.press("T")
        assert "No example is found" in toasts(app)


async def test_what_was_found_before_an_edit_is_looked_for_again(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("slash")
        await pilot.pause()
        await type_text(pilot, "jsonl 2")
        await pilot.pause(0.2)
        await settle(pilot, app)
        document, screen = app.services.document, screen_of(app)
        assert document is not None
        stale = Found("jsonl 2", RowSet.of((2,)), 3, 3, is_done=True, revision=document.revision)
        document.delete(0)
        screen.post_message(Finding.News(document, stale))
        await pilot.pause()
        await settle(pilot, app)
        assert rows_of(app).count == 1
        assert rows_of(app).cursor_row == 1


async def test_an_error_in_an_action_is_said(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)

        def refuse() -> None:
            raise InputError("Not now.", hint="Later.")

        screen_of(app).action_raw = refuse  # type: ignore[method-assign]
        await pilot.press("r")
        await pilot.pause()
        assert "Not now." in toasts(app)
        assert app.is_running


async def test_the_focus_stays_in_sight_when_the_terminal_gets_narrow(tmp_path: Path) -> None:
    app = app_on(three(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("e", "escape")
        await pilot.click(rows_of(app), offset=(5, 1))
        await pilot.resize_terminal(*NARROW)
        await pilot.pause()
        assert rows_of(app).has_focus
        assert rows_of(app).region.width == 80
