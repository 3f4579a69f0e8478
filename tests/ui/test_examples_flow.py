"""Cards laid out as lines: lazily, safely, and with soft breaks that can be undone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fttui.core.text import needs_escaped_editing, safe
from fttui.ui.card_flow import INDENT, SHOWN_LIMIT, CardFlow, Hole
from fttui.ui.cards import Card
from hostile import STRINGS


def message(body: str, **more: object) -> Card:
    return Card("message", "user", body, message=0, **more)  # type: ignore[arg-type]


def flow_of(*cards: Card, width: int = 40, hole: Hole | None = None) -> CardFlow:
    flow = CardFlow(cards, width, hole)
    flow.reach_end()
    return flow


def text_of(flow: CardFlow) -> str:
    return flow.text_between((line, 0, None) for line in flow.lines if line.kind == "text")


def test_a_card_is_its_title_its_text_and_its_notes() -> None:
    card = message("one\ntwo", notes=(("name", "Bob"),))
    flow = flow_of(card, message("three"))
    assert [(line.kind, line.text) for line in flow.lines] == [
        ("title", "user"),
        ("text", "one"),
        ("text", "two"),
        ("note", "name: Bob"),
        ("gap", ""),
        ("title", "user"),
        ("text", "three"),
    ]
    assert flow.starts == {0: 0, 1: 5}
    assert flow.end_of(0) == 4
    assert flow.end_of(1) == 7


def test_a_message_of_a_megabyte_costs_what_is_on_the_screen() -> None:
    flow = CardFlow([message("word " * 200_000), message("next")], 80)
    flow.reach_line(50)
    assert 50 <= len(flow.lines) < 200
    assert not flow.is_complete
    start = flow.reach_card(1)
    assert flow.lines[start].kind == "title"
    rest = flow.lines[start - 2]
    assert rest.kind == "rest"
    assert f"{1_000_000 - SHOWN_LIMIT:,}" in rest.text


@given(st.text("ab \t\n日é👍", max_size=300), st.integers(12, 60))
def test_soft_breaks_can_be_undone(text: str, width: int) -> None:
    flow = flow_of(message(text), width=width)
    got, wanted = text_of(flow).split("\n"), [line.expandtabs(4) for line in text.split("\n")]
    assert [line.rstrip() for line in got] == [line.rstrip() for line in wanted]  # blanks at a break may go


@given(st.integers(0, 5), st.integers(12, 30))
def test_pieces_of_a_long_paragraph_join_without_a_seam(extra: int, width: int) -> None:
    text = ("word" + "x" * extra + " ") * 3000
    flow = flow_of(message(text), width=width)
    assert text_of(flow).rstrip() == text.rstrip()
    inside = [line.text for line in flow.lines if line.kind == "text"][:-1]
    shortest = width - INDENT - (4 + extra)
    assert all(len(line) >= shortest for line in inside)


@pytest.mark.parametrize("name", STRINGS)
def test_hostile_texts_become_safe_lines_that_fit(name: str) -> None:
    flow = flow_of(message(STRINGS[name], notes=((STRINGS[name], STRINGS[name]),)), width=30)
    for line in flow.lines:
        assert not needs_escaped_editing(line.text)
        assert "\n" not in line.text
        assert cell_len(line.text) <= 30
    shown = safe(STRINGS[name].replace("\r\n", "\n")[:SHOWN_LIMIT])
    assert text_of(flow).startswith("\n".join(line.expandtabs(4) for line in shown.split("\n"))[:1000])


def test_the_hole_takes_the_place_of_the_text_only() -> None:
    card = message("one\ntwo", notes=(("name", "Bob"),), problem="bad")
    flow = flow_of(card, hole=Hole(0, 3))
    assert [line.kind for line in flow.lines] == ["title", "problem", "hole", "hole", "hole", "note"]


def test_an_empty_message_has_a_line_of_its_own() -> None:
    assert [line.kind for line in flow_of(message("")).lines] == ["title", "text"]
