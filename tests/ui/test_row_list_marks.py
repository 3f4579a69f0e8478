"""The row list over a filtered view: positions and rows, marked rows, ranges, and what the mouse does to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from textual.pilot import Pilot

from fttui.ui.widgets.row_header import RowHeader, SortedBy
from fttui.ui.widgets.row_list import RowList, RowPane
from fttui.ui.widgets.row_marks import RowCells
from ui.golden import screen_text
from ui.stage import Stage


class Shown:
    """Some rows of a file, in any order, of which some are marked."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.rows = list(rows)
        self.marked: set[int] = set()
        self.revision = 0

    def __len__(self) -> int:
        return len(self.rows)

    def row_at(self, position: int) -> int:
        return self.rows[position]

    def position_of(self, row: int) -> int | None:
        return self.rows.index(row) if row in self.rows else None

    def cells(self, position: int) -> RowCells:
        row = self.rows[position]
        return RowCells(f"row {row}", 2, is_marked=row in self.marked)

    def tokens(self, position: int) -> int | None:
        return 10 * self.rows[position]

    trained = size = tokens


class Listening(Stage):
    def on_row_list_moved(self, message: RowList.Moved) -> None:
        self.heard.append((message.position, message.row))

    def on_row_list_marked(self, message: RowList.Marked) -> None:
        self.heard.append(("marked", message.position, message.row))

    def on_row_list_extended(self, message: RowList.Extended) -> None:
        self.heard.append((message.extent, message.before))

    def on_row_list_opened(self) -> None:
        self.heard.append("opened")

    def on_row_header_chosen(self, message: RowHeader.Chosen) -> None:
        self.heard.append(message.column)


async def started(pilot: Pilot[Any], app: Stage, source: Shown) -> RowList:
    listing = app.query_one(RowList)
    listing.show(source)
    listing.focus()
    await pilot.pause()
    app.heard.clear()
    return listing


def lines(app: Stage) -> list[str]:
    return screen_text(app).splitlines()[1:]


def shown_rows(app: Stage) -> list[int]:
    return [int(number) for number in re.findall(r"row (\d+)", screen_text(app))]


async def test_the_cursor_is_a_position_and_the_number_the_line_in_the_file() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown([41, 7, 99]))
        assert [line.split()[-3:] for line in lines(app)[:3]] == [
            ["410", "row", "41"],
            ["70", "row", "7"],
            ["990", "row", "99"],
        ]
        await pilot.press("down")
        assert (listing.cursor, listing.cursor_row) == (1, 7)
        assert listing.go_to_row(99)
        assert not listing.go_to_row(5)
        await pilot.pause()
        assert listing.cursor == 2
        assert app.heard[-1] == (2, 99)


async def test_another_view_keeps_the_cursor_on_its_row_where_it_can() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(1000)))
        listing.show(Shown(range(0, 1000, 3)), row=600)
        await pilot.pause()
        assert (listing.cursor, listing.cursor_row) == (200, 600)
        assert "▌ 601" in screen_text(app)
        listing.show(Shown([1, 2]), row=600)
        await pilot.pause()
        assert (listing.cursor, listing.cursor_row, listing.scroll_offset.y) == (0, 1, 0)
        listing.show(Shown([]))
        assert (listing.count, listing.cursor_row) == (0, -1)


async def test_marked_rows_have_a_sign_and_a_ground_of_their_own() -> None:
    app = Listening(RowPane)
    source = Shown(range(5))
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, source)
        plain = ground(listing, 3)
        source.marked = {2, 3}
        listing.sync()
        await pilot.pause()
        assert ["•" in line for line in lines(app)[:5]] == [False, False, True, True, False]
        assert ground(listing, 3).isdisjoint(plain)


def ground(listing: RowList, y: int) -> set[Any]:
    return {segment.style.bgcolor for segment in listing.draw_line(y) if segment.style is not None}


async def test_the_line_of_the_cursor_stands_out_and_more_so_with_the_focus() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(5)))
        focused, other = ground(listing, 0), ground(listing, 1)
        listing.blur()
        await pilot.pause()
        blurred = ground(listing, 0)
        assert len(focused) == len(blurred) == len(other) == 1
        assert len(focused | blurred | other) == 3


async def test_a_range_is_drawn_while_it_grows_and_shrinks_and_ends_with_a_plain_move() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(50, 150)))
        listing.cursor = 4
        await pilot.pause()
        app.heard.clear()
        for rows in (1, 1, 1, -1):
            listing.action_extend(rows)
        await pilot.pause()
        extents = [heard for heard in app.heard if isinstance(heard[0], range)]
        assert extents == [
            (range(4, 6), range(0)),
            (range(4, 7), range(4, 6)),
            (range(4, 8), range(4, 7)),
            (range(4, 7), range(4, 8)),
        ]
        assert [position for position, line in enumerate(lines(app)) if "•" in line] == [4, 5, 6]
        listing.action_extend(-4)
        await pilot.pause()
        assert [position for position, line in enumerate(lines(app)) if "•" in line] == [2, 3, 4]
        listing.action_move(1)
        await pilot.pause()
        assert len(listing.extent) == 0
        assert "•" not in screen_text(app)


async def test_a_range_may_leave_the_screen_and_come_back() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(100)))
        listing.extend_to(99)
        await pilot.pause()
        assert listing.extent == range(100)
        assert all("•" in line for line in lines(app))
        listing.extend_to(1)
        await pilot.pause()
        assert ["•" in line for line in lines(app)[:2]] == [True, False]
        listing.extend_to(-5)
        assert listing.extent == range(1)


async def test_clicks_go_mark_and_extend() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(10, 20)))
        await pilot.click(RowList, offset=(9, 2))
        assert listing.cursor_row == 12
        await pilot.click(RowList, offset=(9, 5), control=True)
        await pilot.pause()
        assert app.heard[-1] == ("marked", 5, 15)
        await pilot.click(RowList, offset=(9, 7), shift=True)
        await pilot.pause()
        assert app.heard[-1] == (range(5, 8), range(0))
        await pilot.click(RowList, offset=(9, 1), times=2)
        await pilot.pause()
        assert app.heard[-1] == "opened"
        await pilot.click(RowHeader, offset=(20, 0))
        assert app.heard[-1] == "tokens" or app.heard[-1] == "turns"


async def test_asking_to_mark_needs_a_row() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown([]))
        listing.action_mark()
        listing.action_extend(1)
        await pilot.pause()
        assert app.heard == []


async def test_other_columns_are_shown_at_once_with_their_titles() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(10)))
        listing.columns = listing.columns.toggled("bytes").toggled("turns")
        app.query_one(RowPane).show_sorted(SortedBy("bytes", descending=True))
        await pilot.pause()
        text = screen_text(app).splitlines()
        assert text[0].split() == ["#", "tokens", "↓bytes", "preview"]
        assert text[3].split() == ["3", "20", "20", "row", "2"]


async def test_scrolled_lines_are_moved_and_only_new_ones_are_drawn() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(1000)))
        listing.cursor = 500
        await pilot.pause()
        drawn: list[int] = []
        own = listing.draw_line

        def noted(y: int) -> Any:
            drawn.append(y)
            return own(y)

        listing.draw_line = noted  # type: ignore[method-assign]
        await pilot.press("down")
        await pilot.pause()
        assert sorted(set(drawn)) == [9, 10]
        assert shown_rows(app) == list(range(491, 502))
        await pilot.press("pageup", "home", "end", "up")
        await pilot.pause()
        assert shown_rows(app) == list(range(989, 1000))


async def test_what_is_under_the_mouse_is_known_though_lines_are_painted_without_it() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(60, 12)) as pilot:
        listing = await started(pilot, app, Shown(range(1000)))
        listing.cursor = 600
        await pilot.pause()
        widget, offset = app.screen.get_widget_and_offset_at(30, 4)
        assert widget is listing
        assert offset is not None
        assert (offset.x, offset.y) == (30, listing.scroll_offset.y + 3)


async def test_a_list_of_a_few_cells_shows_what_fits() -> None:
    app = Listening(RowPane)
    async with app.run_test(size=(9, 5)) as pilot:
        listing = await started(pilot, app, Shown(range(5)))
        assert {listing.draw_line(y).cell_length for y in range(4)} == {8}
