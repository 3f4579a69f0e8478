"""The line for a query: what it tells while one types, and what it says of what was found."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

import hostile
from fttui.core.text import needs_escaped_editing
from fttui.dataset.rowset import RowSet
from fttui.ui.finding import Found
from fttui.ui.widgets.query_bar import PLACEHOLDER, QueryBar, QueryField
from ui.golden import screen_text
from ui.loop_app import until
from ui.stage import Stage


class BarStage(Stage):
    """The bar alone, with all that it tells."""

    def __init__(self) -> None:
        super().__init__(QueryBar)
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static("below")

    @on(QueryBar.Typed)
    def _typed(self, message: QueryBar.Typed) -> None:
        self.told.append(message.text)

    @on(QueryBar.Done)
    def _done(self) -> None:
        self.told.append("enter")

    @property
    def bar(self) -> QueryBar:
        return self.query_one(QueryBar)

    @property
    def word(self) -> Static:
        return self.query_one("#query-count", Static)


def found(rows: int, *, searched: int = 100, is_done: bool = True, problem: str = "", note: str = "") -> Found:
    return Found("q", RowSet.span(0, rows), searched, 100, is_done, problem, note)


async def test_it_is_hidden_until_it_is_asked_for() -> None:
    app = BarStage()
    async with app.run_test(size=(80, 5)) as pilot:
        assert not app.bar.display
        app.bar.open()
        await pilot.pause()
        assert PLACEHOLDER[:20] in screen_text(app)
        assert app.query_one(QueryField).has_focus


async def test_typing_is_told_and_enter_at_once() -> None:
    app = BarStage()
    async with app.run_test(size=(80, 5)) as pilot:
        app.bar.open()
        await pilot.press(*"abc")
        await until(pilot, lambda: "abc" in app.told)
        app.told.clear()
        await pilot.press("d", "enter")
        await until(pilot, lambda: "enter" in app.told)
        assert app.told == ["abcd", "enter"]
        await pilot.press("enter")
        await until(pilot, lambda: len(app.told) == 3)
        assert app.told[-1] == "enter"  # the same query is not told again


async def test_opening_it_again_selects_what_was_typed() -> None:
    app = BarStage()
    async with app.run_test(size=(80, 5)) as pilot:
        app.bar.put("old")
        app.bar.open()
        await pilot.press("n")
        await pilot.pause()
        assert app.bar.value == "n"


async def test_a_query_put_in_is_not_told_and_an_empty_one_hides_the_bar() -> None:
    app = BarStage()
    async with app.run_test(size=(80, 5)) as pilot:
        app.bar.put("tag:hard")
        app.bar.show(found(3))
        await pilot.pause(0.1)
        assert app.bar.display
        assert "tag:hard" in screen_text(app)
        assert "3 of 100" in screen_text(app)
        app.bar.put("")
        await pilot.pause(0.1)
        assert not app.bar.display
        assert not str(app.word.render())
        assert app.told == []


async def test_what_was_found_how_far_the_search_is_and_what_is_wrong() -> None:
    app = BarStage()
    async with app.run_test(size=(100, 5)) as pilot:
        app.bar.put("q")
        app.bar.show(found(7, searched=40, is_done=False))
        await pilot.pause()
        assert "7 of 100 · 40%" in screen_text(app)
        app.bar.show(found(7, note="no column is called tokns"))
        await pilot.pause()
        assert "7 of 100 · no column is called tokns" in screen_text(app)
        assert not app.word.has_class("-problem")
        app.bar.show(found(0, problem="the regular expression is not closed"))
        await pilot.pause()
        assert "not closed" in screen_text(app)
        assert app.word.has_class("-problem")
        app.bar.show(found(7))
        await pilot.pause()
        assert not app.word.has_class("-problem")
        app.bar.show(None)
        await pilot.pause()
        assert "of 100" not in screen_text(app)


async def test_hostile_words_do_no_harm() -> None:
    app = BarStage()
    async with app.run_test(size=(100, 5)) as pilot:
        for text in hostile.STRINGS.values():
            app.bar.put(text[:1_000] or "x")
            app.bar.show(found(1, note=text[:1_000]))
            await pilot.pause()
            assert not needs_escaped_editing(screen_text(app))
