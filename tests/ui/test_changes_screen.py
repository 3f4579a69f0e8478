"""The list of changes at work: what is taken back is what one saw."""

from __future__ import annotations

from pathlib import Path

from fttui.core.text import needs_escaped_editing
from fttui.ui.diffing import DiffLine
from fttui.ui.screens.changes import ChangesScreen
from fttui.ui.widgets.diff_view import DiffView
from fttui.ui.widgets.table_list import TableList
from hostile import FILE
from ui.examples_app import NARROW, WIDE, app_on, chat, rows_of, settle, write_lines
from ui.golden import screen_text
from ui.loop_app import until
from ui.stage import Stage


def five(folder: Path) -> Path:
    return write_lines(folder / "five.jsonl", *(chat("s", f"question {n}", "a") for n in range(5)))


def listed(screen: object) -> int:
    assert isinstance(screen, ChangesScreen)
    return len(screen.query_one(TableList).rows)


async def test_a_second_x_before_the_list_is_new_takes_no_other_row(tmp_path: Path) -> None:
    app = app_on(five(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        before = [document.raw(row) for row in range(5)]
        document.insert_raw(0, b'{"new": 1}')
        await pilot.press("L")
        await until(pilot, lambda: listed(app.screen) == 1)
        screen = app.screen
        assert isinstance(screen, ChangesScreen)
        screen.action_revert()
        screen.action_revert()
        await until(pilot, lambda: listed(screen) == 0)
        assert [document.raw(row) for row in range(len(document))] == before
        assert "five.jsonl: nothing since it was saved" in screen_text(app)


async def test_all_is_taken_back_one_by_one_until_nothing_is_left(tmp_path: Path) -> None:
    path = five(tmp_path)
    app = app_on(path)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        document.delete(4)
        document.delete(0)
        document.replace_raw(1, b"{broken")
        document.insert_raw(1, b'{"new": 1}')
        await pilot.press("L")
        await until(pilot, lambda: listed(app.screen) == 4)
        for left in (3, 2, 1, 0):
            await pilot.press("x")
            await until(pilot, lambda left=left: listed(app.screen) == left)  # type: ignore[misc]
        assert b"".join(document.lines()) == path.read_bytes()
        await pilot.press("escape")
        await settle(pilot, app)
        assert rows_of(app).count == 5


async def test_taking_the_only_change_back_leaves_nothing_to_save(tmp_path: Path) -> None:
    app = app_on(five(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        document.replace_raw(1, b"{broken")
        app.document_edited(1)
        await until(pilot, lambda: "●1" in screen_text(app))
        await pilot.press("L")
        await until(pilot, lambda: listed(app.screen) == 1)
        await pilot.press("x")
        await until(pilot, lambda: listed(app.screen) == 0)
        await pilot.press("escape")
        await until(pilot, lambda: "●" not in screen_text(app))
        assert not app.has_unsaved_changes
        await pilot.press("u")
        await until(pilot, lambda: "●1" in screen_text(app))


async def test_enter_goes_to_the_example_and_a_deleted_one_says_how_it_comes_back(tmp_path: Path) -> None:
    app = app_on(five(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        document.delete(0)
        document.replace_raw(3, b"{broken")
        await pilot.press("L")
        await until(pilot, lambda: listed(app.screen) == 2)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ChangesScreen)
        assert any("x brings it back" in notice.message for notice in app._notifications)
        await pilot.press("down", "enter")
        await until(pilot, lambda: not isinstance(app.screen, ChangesScreen))
        assert rows_of(app).cursor_row == 3


async def test_saving_from_the_list(tmp_path: Path) -> None:
    path = five(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        await pilot.press("d", "L")
        await until(pilot, lambda: listed(app.screen) == 1)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: path.read_bytes() == b"".join(lines[1:]))
        await settle(pilot, app)


async def test_every_hostile_line_is_listed_and_shown_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(FILE)
    app = app_on(path)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        document = app.services.document
        assert document is not None
        count = len(document)
        document.delete(0, count)
        await pilot.press("L")
        await until(pilot, lambda: listed(app.screen) == count)
        for _ in range(count):
            await pilot.press("down")
            assert not needs_escaped_editing(screen_text(app))


async def test_a_very_long_difference_says_that_it_goes_on() -> None:
    app = Stage(DiffView)
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one(DiffView)
        view.show([DiffLine("gone", "word " * 400_000), DiffLine("came", "new")])
        await pilot.pause()
        view.scroll_end(animate=False)
        await pilot.pause()
        assert "the rest is too long" in screen_text(app)
        assert view.virtual_size.height < 5_000
        view.show([DiffLine("gone", "word"), DiffLine("came", "new")])
        await pilot.pause()
        assert "the rest" not in screen_text(app)
