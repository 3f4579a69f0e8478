"""The pane of a streaming answer."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

import hostile
from fttui.core.text import safe
from fttui.ui.widgets.stream_pane import StreamPane
from fttui.ui.wrapping import wrap


class PaneApp(App[None]):
    def compose(self) -> ComposeResult:
        yield StreamPane(empty="Nothing asked yet.")


def shown(pane: StreamPane) -> list[str]:
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


async def test_pieces_come_together_at_once_in_the_next_painting() -> None:
    app = PaneApp()
    async with app.run_test(size=(30, 8)):
        pane = app.query_one(StreamPane)
        assert shown(pane)[0] == "Nothing asked yet."
        for piece in ("Tokyo. ", "Japan's most ", "famous city, ", "but really just one of many."):
            pane.append(piece)
        assert shown(pane)[0] == "Nothing asked yet.", "not painted piece by piece"
        pane.flush()
        assert shown(pane)[:2] == ["Tokyo. Japan's most famous", "city, but really just one of"]
        assert pane.text.endswith("of many.")


async def test_the_timer_paints_by_itself() -> None:
    app = PaneApp()
    async with app.run_test(size=(30, 8)) as pilot:
        pane = app.query_one(StreamPane)
        pane.append("hello")
        while "hello" not in shown(pane)[0]:
            await pilot.pause(0.01)


async def test_wrapping_while_it_grows_is_wrapping_the_whole() -> None:
    text = "one two three four five six seven\n\nnext paragraph: 日本語のテキスト、全角文字。\nlast " + "word " * 30
    app = PaneApp()
    async with app.run_test(size=(21, 60)) as pilot:
        pane = app.query_one(StreamPane)
        for start in range(0, len(text), 3):
            pane.append(text[start : start + 3])
            pane.flush()
        assert [line for line in shown(pane) if line] == [line.rstrip() for line in wrap(text, 20) if line.strip()]
        await pilot.resize_terminal(33, 60)
        assert [line for line in shown(pane) if line] == [line.rstrip() for line in wrap(text, 32) if line.strip()]


async def test_it_stays_at_the_end_unless_the_reader_scrolled_away() -> None:
    app = PaneApp()
    async with app.run_test(size=(30, 8)) as pilot:
        pane = app.query_one(StreamPane)
        pane.set_text("\n".join(f"line {number}" for number in range(50)))
        pane.scroll_end(animate=False)
        await pilot.pause()
        pane.append("\nline 50")
        pane.flush()
        await pilot.pause()
        assert "line 50" in shown(pane)[-1]
        pane.scroll_to(y=3, animate=False)
        await pilot.pause()
        pane.append("\nline 51")
        pane.flush()
        await pilot.pause()
        assert shown(pane)[0] == "line 3"


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS)
async def test_hostile_answers_are_made_safe(text: str) -> None:
    app = PaneApp()
    async with app.run_test(size=(30, 8)):
        pane = app.query_one(StreamPane)
        half = len(text) // 2
        pane.append(text[:half])
        pane.append(text[half:])
        pane.flush()
        everything = "\n".join(shown(pane))
        assert safe(everything) == everything
        assert pane.text == text
