"""The virtual list: what is drawn, what is read, and where the cursor goes."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from fttui.core.text import needs_escaped_editing
from fttui.ui.widgets.row_list import RowList, RowPane
from fttui.ui.widgets.row_marks import RowCells
from hostile import STRINGS
from ui.golden import screen_text
from ui.stage import Stage


class Rows:
    """Rows made up on demand; notes which were asked for."""

    def __init__(self, count: int, previews: list[str] | None = None) -> None:
        self.count = count
        self.previews = previews or ["row"]
        self.revision = 0
        self.asked: list[int] = []
        self.known_tokens: int | None = None

    def __len__(self) -> int:
        return self.count

    def row_at(self, position: int) -> int:
        return position

    def position_of(self, row: int) -> int | None:
        return row if row < self.count else None

    def cells(self, position: int) -> RowCells:
        row = position
        self.asked.append(row)
        preview = self.previews[row % len(self.previews)]
        problem = "not JSON: no brace" if preview == "broken" else ""
        return RowCells(preview, None if problem else 3, is_changed=preview == "changed", problem=problem)

    def tokens(self, position: int) -> int | None:
        return self.known_tokens

    def trained(self, position: int) -> int | None:
        return self.known_tokens

    def size(self, position: int) -> int | None:
        return 100 + position


def shown(app: Stage) -> list[str]:
    return screen_text(app).splitlines()


async def test_only_what_is_on_the_screen_is_read() -> None:
    rows = Rows(1_000_000)
    app = Stage(RowPane)
    async with app.run_test(size=(60, 20)) as pilot:
        app.query_one(RowList).show(rows)
        await pilot.pause()
        assert max(rows.asked) < 40
        await pilot.press("end")
        assert app.query_one(RowList).cursor == 999_999
        assert "1,000,000" in shown(app)[-1]
        assert not [row for row in set(rows.asked) if 40 < row < 999_960]


async def test_only_the_lines_that_say_something_else_are_drawn_again() -> None:
    rows = Rows(10, [f"text {n}" for n in range(10)])
    app = Stage(RowPane)
    async with app.run_test(size=(60, 20)) as pilot:
        listing = app.query_one(RowList)
        listing.show(rows)
        await pilot.pause()
        drawn: list[int] = []
        own = listing.draw_line

        def noted(y: int) -> Strip:
            drawn.append(y)
            return own(y)

        listing.draw_line = noted  # type: ignore[method-assign]
        listing.sync()
        await pilot.pause()
        assert drawn == []
        rows.previews[4] = "changed"
        rows.previews[6] = "broken"
        listing.sync()
        await pilot.pause()
        assert set(drawn) == {4, 5, 6}
        assert "✎" in shown(app)[5]


async def test_marks_turns_tokens_and_reasons() -> None:
    rows = Rows(3, ["plain", "changed", "broken"])
    app = Stage(RowPane)
    async with app.run_test(size=(60, 6)) as pilot:
        listing = app.query_one(RowList)
        listing.show(rows)
        await pilot.pause()
        assert shown(app)[:4] == [
            "    #        turns  tokens  preview",
            "▌   1            3       –  plain",
            "    2   ✎        3       –  changed",
            "    3  ✖         –       –  not JSON: no brace · broken",
        ]
        rows.known_tokens = 1234
        listing.sync()
        await pilot.pause()
        assert shown(app)[2] == "    2   ✎        3   1,234  changed"


async def test_wide_characters_fill_the_line_exactly() -> None:
    rows = Rows(3, ["日本語" * 40, "👨‍👩‍👧‍👦🇯🇵" * 30, "e\u0301" * 100])
    app = Stage(RowPane)
    async with app.run_test(size=(41, 6)) as pilot:
        listing = app.query_one(RowList)
        listing.show(rows)
        await pilot.pause()
        for y in range(3):
            strip = listing.render_line(y)
            assert sum(cell_len(segment.text) for segment in strip) == strip.cell_length == 40
            assert "…" in strip.text


@pytest.mark.parametrize("name", STRINGS)
async def test_hostile_previews_are_one_safe_line(name: str) -> None:
    app = Stage(RowPane)
    async with app.run_test(size=(80, 6)) as pilot:
        listing = app.query_one(RowList)
        listing.show(Rows(2, [STRINGS[name]]))
        await pilot.pause()
        for y in range(3):
            text = listing.render_line(y).text
            assert not needs_escaped_editing(text)
            assert "\n" not in text
            assert cell_len(text) == 79


async def test_keys_move_the_cursor_and_stop_at_the_ends() -> None:
    app = Stage(RowPane)
    async with app.run_test(size=(60, 11)) as pilot:
        listing = app.query_one(RowList)
        listing.show(Rows(100))
        listing.focus()
        await pilot.press("up")
        assert listing.cursor == 0
        await pilot.press("down", "j", "down", "k")
        assert listing.cursor == 2
        await pilot.press("pagedown")
        assert listing.cursor == 11
        assert listing.scroll_offset.y == 9
        await pilot.press("end", "down")
        assert listing.cursor == 99
        await pilot.press("home")
        assert (listing.cursor, listing.scroll_offset.y) == (0, 0)


async def test_rows_may_come_and_go_under_the_cursor() -> None:
    rows = Rows(0)
    app = Stage(RowPane)
    async with app.run_test(size=(60, 11)) as pilot:
        listing = app.query_one(RowList)
        listing.empty = "Nothing yet."
        listing.show(rows)
        await pilot.pause()
        assert "Nothing yet." in screen_text(app)
        await pilot.press("down", "end", "pagedown")
        assert listing.cursor == 0
        rows.count = 50
        listing.sync()
        await pilot.press("end")
        assert listing.cursor == 49
        rows.count = 3
        listing.sync()
        await pilot.pause()
        assert listing.cursor == 2
        assert "▌   3" in screen_text(app)


async def test_a_selection_gives_the_text_of_the_rows() -> None:
    app = Stage(RowPane)
    async with app.run_test(size=(60, 11)) as pilot:
        listing = app.query_one(RowList)
        listing.show(Rows(5, ["first", "second"]))
        await pilot.pause()
        text, _ = listing.get_selection(Selection(Offset(28, 1), Offset(35, 2))) or ("", "")
        assert text.splitlines()[0].strip() == "second"
        assert text.splitlines()[1].endswith("first")


async def test_a_click_chooses_a_row_and_two_open_it() -> None:
    app = Stage(RowPane)
    async with app.run_test(size=(60, 11)) as pilot:
        listing = app.query_one(RowList)
        listing.show(Rows(5))
        await pilot.pause()
        await pilot.click(RowList, offset=(5, 3))
        assert listing.cursor == 3
