"""Tables: columns that fit, a cursor that stays on its row."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

import hostile
from fttui.core.text import safe
from fttui.ui.widgets.table_list import Cell, Column, TableList, TableRow, column_widths

COLUMNS = (Column("name"), Column("model", 20, optional=True), Column("loss", 6, right=True))
COLOURS = {"issue-error": "#ff0000", "issue-warn": "#ffff00"}


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return COLOURS

    def compose(self) -> ComposeResult:
        yield TableList(COLUMNS, empty="Nothing yet.")

    def on_table_list_highlighted(self, event: TableList.Highlighted) -> None:
        self.seen.append(("highlighted", event.key))

    def on_table_list_selected(self, event: TableList.Selected) -> None:
        self.seen.append(("selected", event.key))


def row(name: str, loss: str = "1.00", tone: str = "") -> TableRow:
    return TableRow(name, (Cell(name, tone), Cell("a-model"), Cell(loss)))


def shown(table: TableList) -> list[str]:
    return [table.render_line(y).text.rstrip() for y in range(table.size.height)]


def test_optional_columns_give_way() -> None:
    assert column_widths(COLUMNS, 60) == [29, 20, 6]
    assert column_widths(COLUMNS, 30) == [21, 0, 6]
    assert column_widths(COLUMNS, 5) == [4, 0, 6]


async def test_keys_move_the_cursor_and_open_a_row() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 6)) as pilot:
        table = app.query_one(TableList)
        table.set_rows([row(f"row {number}") for number in range(20)])
        table.focus()
        await pilot.press("j", "down", "k", "enter")
        assert table.key == "row 1"
        await pilot.press("G")
        assert "row 19" in shown(table)[-1]
        assert "▌row 19" in "\n".join(shown(table))
        await pilot.press("g")
        assert shown(table)[:2] == [
            " name                          model                   loss",
            "▌row 0                         a-model                 1.00",
        ]
        await pilot.press("pagedown")
        assert table.cursor == 4
        assert ("selected", "row 1") in app.seen


async def test_the_cursor_follows_its_row_when_rows_change() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 8)) as pilot:
        table = app.query_one(TableList)
        table.set_rows([row("a"), row("b"), row("c")])
        assert table.move_to("b")
        table.set_rows([row("new"), row("a"), row("b"), row("c")])
        await pilot.pause()
        assert table.key == "b"
        table.set_rows([row("a")])
        await pilot.pause()
        assert table.key == "a"
        assert app.seen[-1] == ("highlighted", "a")
        table.set_rows([], empty="All gone.")
        assert table.key is None
        assert "All gone." in "\n".join(shown(table))
        await pilot.press("j", "enter")


async def test_a_muted_cell_is_darker_than_its_neighbours_on_a_dark_ground() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 6)):
        table = app.query_one(TableList)
        table.set_rows([row("a"), row("plain"), row("quiet", tone="muted")])

        def brightness(y: int, text: str) -> int:
            segment = next(one for one in table.render_line(y) if text in one.text)
            assert segment.style is not None and segment.style.color is not None
            return sum(segment.style.color.get_truecolor())

        assert brightness(3, "quiet") < brightness(2, "plain")


async def test_clicks_move_and_open() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 8)) as pilot:
        table = app.query_one(TableList)
        table.set_rows([row("a"), row("b"), row("c")])
        await pilot.click(TableList, offset=(3, 2))
        assert table.key == "b"
        await pilot.click(TableList, offset=(3, 2), times=2)
        assert ("selected", "b") in app.seen


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS)
async def test_hostile_cells_are_made_safe_and_keep_their_width(text: str) -> None:
    app = TableApp()
    async with app.run_test(size=(60, 6)):
        table = app.query_one(TableList)
        table.set_rows([row(text, text), row("b")])
        for y in range(6):
            strip = table.render_line(y)
            assert strip.cell_length == 59
            assert safe(strip.text) == strip.text


async def test_a_list_that_grows_shows_what_is_above_the_cursor() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 6)) as pilot:
        table = app.query_one(TableList)
        table.set_rows([row(f"row {number}") for number in range(8)])
        table.move_to("row 6")
        await pilot.pause()
        assert "row 0" not in "\n".join(shown(table))
        await pilot.resize_terminal(60, 30)
        await pilot.pause()
        assert "row 0" in "\n".join(shown(table))
