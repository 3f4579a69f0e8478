"""The conversation as it looks: calls, folds, the two answers of a pair, and the editor that places a mistake."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App

from fttui.formats.lines import parse_line
from fttui.ui.card_flow import INDENT, CardFlow, Hole
from fttui.ui.cards import Card, cards_of
from fttui.ui.widgets.example_pane import ExamplePane
from fttui.ui.widgets.message_editor import MessageEditor
from ui.golden import golden, screen_text
from ui.stage import Stage
from ui.test_cards import GRADED, PAIR, TOOLS


def cards(record: dict[str, Any]) -> list[Card]:
    raw = json.dumps(record).encode()
    return cards_of(parse_line(raw), raw)


def pane_on(record: dict[str, Any]) -> App[Any]:
    stage = Stage(ExamplePane)
    stage.call_later(lambda: stage.query_one(ExamplePane).show("example 1", cards(record)))
    return stage


# --- lines --------------------------------------------------------------------------------------------------------
def test_two_answers_stand_beside_each_other_where_there_is_room() -> None:
    flow = CardFlow(cards(PAIR), 80)
    flow.reach_end()
    pairs = [line for line in flow.lines if line.halves is not None]
    assert [line.text.split("│")[0].strip() for line in pairs] == ["✓ preferred", "assistant", "Good."]
    assert [line.text.split("│")[1].strip() for line in pairs] == ["✗ non-preferred", "assistant", "Bad."]
    assert all(cell_len(line.text) + INDENT <= 80 for line in flow.lines)
    assert flow.starts[1] == flow.starts[2]
    start = flow.starts[1]
    assert (flow.card_at(start, 3), flow.card_at(start, 60)) == (1, 2)
    assert flow.end_of(1) == flow.end_of(2) == start + 3


def test_they_stand_one_after_the_other_in_a_narrow_pane_and_while_one_is_edited() -> None:
    for flow in (CardFlow(cards(PAIR), 71), CardFlow(cards(PAIR), 100, Hole(1, 2))):
        flow.reach_end()
        texts = [line.text for line in flow.lines]
        assert texts.index("✓ preferred") < texts.index("✗ non-preferred")
        assert not any(line.halves for line in flow.lines)


def test_answers_of_different_length_are_both_shown_whole() -> None:
    record = {**PAIR, "preferred_output": [{"role": "assistant", "content": "日本語 word " * 60}]}
    flow = CardFlow(cards(record), 90)
    flow.reach_end()
    shown = " ".join(line.halves[0].text for line in flow.lines if line.halves and line.halves[0])
    assert shown.count("日本語") == 60
    assert all(cell_len(line.text) + INDENT <= 90 for line in flow.lines)


def test_an_answer_of_a_megabyte_costs_what_is_on_the_screen() -> None:
    long = [{"role": "assistant", "content": "word " * 200_000}]
    flow = CardFlow(cards({**PAIR, "preferred_output": long, "non_preferred_output": long}), 100)
    flow.reach_line(50)
    assert 50 <= len(flow.lines) < 200


# --- the pane -----------------------------------------------------------------------------------------------------
async def test_tool_calls_as_they_look() -> None:
    app = pane_on(TOOLS)
    async with app.run_test(size=(80, 32)) as pilot:
        await pilot.pause()
        golden(app, "cards_tools_80x32")


async def test_a_pair_as_it_looks() -> None:
    app = pane_on(PAIR)
    async with app.run_test(size=(100, 12)) as pilot:
        await pilot.pause()
        golden(app, "cards_pair_100x12")


async def test_a_pair_in_a_narrow_pane() -> None:
    app = pane_on(PAIR)
    async with app.run_test(size=(60, 16)) as pilot:
        await pilot.pause()
        golden(app, "cards_pair_60x16")


async def test_the_fold_opens_and_closes_and_stays_so_for_the_next_example() -> None:
    app = pane_on(GRADED)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        pane = app.query_one(ExamplePane)
        closed = len(pane.view.cards)
        assert "reference_answer" in screen_text(app)
        pane.view.action_fold()
        await pilot.pause()
        assert pane.view.current is not None
        assert pane.view.current.kind == "fold"
        assert len(pane.view.cards) == closed + 1
        pane.show("example 2", cards(TOOLS))
        assert pane.view.cards[-1].title == "id"
        pane.view.action_last()
        pane.view.action_fold()
        await pilot.pause()
        assert pane.view.cards[-1].kind == "fold"
        assert pane.view.current is pane.view.cards[-1]


async def test_a_click_goes_to_the_answer_under_it_and_opens_the_fold() -> None:
    app = pane_on(PAIR)
    async with app.run_test(size=(100, 16)) as pilot:
        await pilot.pause()
        view = app.query_one(ExamplePane).view
        lines = screen_text(app).split("\n")
        await pilot.click(offset=(70, next(y for y, line in enumerate(lines) if "Bad." in line)))
        assert view.current is not None
        assert view.current.side == "non-preferred"
        await pilot.click(offset=(5, next(y for y, line in enumerate(lines) if "input.tools" in line)))
        await pilot.pause()
        assert "▾ input.tools" in screen_text(app)


async def test_the_editor_takes_the_place_of_a_call_and_says_where_a_mistake_is() -> None:
    app = pane_on(TOOLS)
    async with app.run_test(size=(80, 32)) as pilot:
        await pilot.pause()
        pane = app.query_one(ExamplePane)
        await pane.edit(2)
        editor = pane.editor
        assert editor is not None
        assert pane.edited_card == pane.view.cards[2]
        editor.show_problem(2, 11, "a value should stand at line 2, column 11")
        await pilot.pause()
        assert editor.cursor_location == (1, 10)
        assert "✖ a value should stand at line 2, column 11" in screen_text(app)
        assert '"days": 1.50' in screen_text(app)
        await pilot.press("x")
        await pilot.pause()
        assert "✖" not in screen_text(app)


async def test_another_text_can_be_edited_in_the_place_of_a_cards() -> None:
    app = pane_on(TOOLS)
    async with app.run_test(size=(80, 32)) as pilot:
        await pilot.pause()
        pane = app.query_one(ExamplePane)
        whole = Card("call", "whole", '{"id": 1}', holds="json", path=("messages", 1, "tool_calls", 0))
        await pane.edit(2, whole)
        assert pane.editor is not None
        assert pane.editor.value == '{"id": 1}'
        assert pane.edited_card is whole
        pane.close_editor()
        assert pane.edited_card is None


# --- the editor ---------------------------------------------------------------------------------------------------
class Heard(Stage):
    """Keeps the splits that were asked for."""

    def on_message_editor_split(self, message: MessageEditor.Split) -> None:
        self.heard.append((message.value, message.at))


@pytest.mark.parametrize(
    ("text", "keys", "at"),
    [("one\ntwo", ("down", "right"), 5), ("a\\\u2028b", ("right", "right", "right"), 2)],
)
async def test_a_split_tells_the_place_in_the_text_as_it_is_meant(text: str, keys: tuple[str, ...], at: int) -> None:
    app = Heard(lambda: MessageEditor(text))
    async with app.run_test(size=(60, 10)) as pilot:
        editor = app.query_one(MessageEditor)
        editor.focus()
        await pilot.press(*keys)
        editor.action_split()
        await pilot.pause()
        assert app.heard == [(text, at)]


async def test_a_problem_is_placed_in_escaped_mode_too() -> None:
    app = Stage(lambda: MessageEditor('one\n"\\\\\u2028" x'))
    async with app.run_test(size=(60, 10)) as pilot:
        editor = app.query_one(MessageEditor)
        await pilot.pause()
        editor.show_problem(2, 7, "here")
        assert editor.document.get_line(1)[editor.cursor_location[1] :] == "x"
        editor.show_problem(99, 99, "behind the end")
        assert editor.value == 'one\n"\\\\\u2028" x'
