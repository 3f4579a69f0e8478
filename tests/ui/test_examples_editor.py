"""The message editor gives back what was put in, whatever it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Paste

from fttui.ui.widgets.message_editor import EDIT_LIMIT, WRAP_LIMIT, MessageEditor, fits
from hostile import STRINGS
from ui.stage import Stage


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_comes_back_unchanged(text: str) -> None:
    assert MessageEditor(text).value == text


@pytest.mark.parametrize("name", [name for name, text in STRINGS.items() if fits(text)])
async def test_hostile_texts_come_back_and_are_harmless_on_the_screen(name: str) -> None:
    text = STRINGS[name]
    app = Stage(lambda: MessageEditor(text))
    async with app.run_test(size=(60, 10)) as pilot:
        editor = app.query_one(MessageEditor)
        assert editor.value == text
        assert not editor.is_changed
        editor.focus()
        await pilot.press("x")
        assert editor.value == "x" + text
        assert "\x1b" not in editor.text
        await pilot.press("backspace")
        assert editor.value == text


async def paste(app: Stage, text: str) -> None:
    app.query_one(MessageEditor).post_message(Paste(text))


async def test_a_paste_with_strange_characters_turns_to_escaped_mode_and_keeps_them() -> None:
    app = Stage(lambda: MessageEditor("a\\b"))
    async with app.run_test(size=(60, 10)) as pilot:
        editor = app.query_one(MessageEditor)
        editor.focus()
        await pilot.press("end")
        await paste(app, "\u2028\\n\x85")
        await pilot.pause()
        assert editor.is_escaped
        assert editor.value == "a\\b\u2028\\n\x85"
        await pilot.press("x")
        assert editor.value == "a\\b\u2028\\n\x85x"


async def test_a_terminals_line_ends_are_pasted_as_line_ends() -> None:
    app = Stage(lambda: MessageEditor(""))
    async with app.run_test(size=(60, 10)) as pilot:
        await paste(app, "one\rtwo\r\nthree")
        await pilot.pause()
        assert app.query_one(MessageEditor).value == "one\ntwo\nthree"


async def test_cut_and_paste_in_escaped_mode_gives_the_same_text() -> None:
    text = "half \ud83d \\ end"
    app = Stage(lambda: MessageEditor(text))
    async with app.run_test(size=(60, 10)) as pilot:
        editor = app.query_one(MessageEditor)
        editor.focus()
        await pilot.pause()
        editor.select_all()
        editor.action_cut()
        assert editor.value == ""
        editor.action_paste()
        assert editor.value == text


def test_long_texts_are_not_wrapped_and_longer_ones_not_edited_in_place() -> None:
    assert MessageEditor("a" * WRAP_LIMIT).soft_wrap
    assert not MessageEditor("a" * (WRAP_LIMIT + 1)).soft_wrap
    assert fits("a" * EDIT_LIMIT)
    assert not fits("a" * (EDIT_LIMIT + 1))
