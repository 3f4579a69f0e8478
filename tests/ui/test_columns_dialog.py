"""Choosing the columns of the list: seen at once, remembered, and never without the number and the text."""

from __future__ import annotations

from pathlib import Path

from fttui.ui.row_columns_store import load_columns
from fttui.ui.screens.columns import ColumnsDialog
from fttui.ui.widgets.row_columns import COLUMNS, RowColumns
from ui.examples_app import NARROW, WIDE, app_on, rows_of, settle, small_file
from ui.golden import golden, screen_text
from ui.test_dialogs import answers


async def test_the_columns_are_turned_on_and_off_and_esc_takes_them() -> None:
    plain = RowColumns()
    got = await answers(
        (ColumnsDialog(plain), "escape"),
        (ColumnsDialog(plain), "enter escape"),
        (ColumnsDialog(plain), "down space escape"),
        (ColumnsDialog(plain), "enter enter escape"),
        (ColumnsDialog(plain), "end enter up enter escape"),
    )
    assert got == [
        plain,
        RowColumns(("number", "turns", "tokens", "preview")),
        RowColumns(("number", "marks", "tokens", "preview")),
        plain,
        RowColumns(("number", "marks", "turns", "tokens", "tags", "note", "preview")),
    ]


async def test_the_number_and_the_preview_are_not_offered(tmp_path: Path) -> None:
    app = app_on(small_file(tmp_path))
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot, app)
        await pilot.press("vertical_line")
        await pilot.pause()
        golden(app, "examples_80x24_columns")
        shown = screen_text(app)
        for name, column in COLUMNS.items():
            assert (column.help in shown) == (name not in ("number", "preview"))


async def test_the_list_has_the_columns_at_once_and_the_next_time(tmp_path: Path) -> None:
    path = small_file(tmp_path)
    app = app_on(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot, app)
        assert "bytes" not in screen_text(app).splitlines()[1]
        await pilot.press("vertical_line", "down", "down", "down", "down", "enter", "escape")
        await pilot.pause()
        assert rows_of(app).columns.names == ("number", "marks", "turns", "tokens", "bytes", "preview")
        assert "bytes" in screen_text(app).splitlines()[1]
    assert load_columns() == RowColumns(("number", "marks", "turns", "tokens", "bytes", "preview"))
    again = app_on(path)
    async with again.run_test(size=WIDE) as pilot:
        await settle(pilot, again)
        assert "bytes" in screen_text(again).splitlines()[1]
