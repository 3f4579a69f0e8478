"""Records of every kind as cards, and a card's text back in its place with nothing else changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hostile
from fttui.core.errors import InputError
from fttui.core.text import needs_escaped_editing
from fttui.dataset.document import Document
from fttui.formats.lines import parse_line
from fttui.ui.card_flow import CardFlow
from fttui.ui.cards import Card, cards_of, unfolded
from fttui.ui.row_edits import RowEdits

ARGUMENTS = '{"city":"Lyon","days":1.50}'
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ARGUMENTS}}
TOOLS: dict[str, Any] = {
    "messages": [
        {"role": "user", "content": "Rain in Lyon?", "name": "Bob"},
        {"role": "assistant", "content": None, "tool_calls": [CALL], "weight": 0, "refusal": "No.", "mood": [1, 2]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"rain": true}'},
        {"role": "assistant", "content": "Yes."},
    ],
    "tools": [{"type": "function", "function": {"name": "weather"}}],
    "id": 7,
}
PAIR: dict[str, Any] = {
    "input": {"messages": [{"role": "user", "content": "Hi"}], "tools": []},
    "preferred_output": [{"role": "assistant", "content": "Good."}],
    "non_preferred_output": [{"role": "assistant", "content": "Bad."}],
}
GRADED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "2+2?"}],
    "reference_answer": "4\nfour",
    "levels": {"easy": 0.50},
    "tools": [],
}


def cards(record: dict[str, Any] | bytes, *, is_open: bool = False, as_raw: bool = False) -> list[Card]:
    raw = record if isinstance(record, bytes) else json.dumps(record).encode()
    return unfolded(cards_of(parse_line(raw), raw, as_raw=as_raw), is_open=is_open)


def edits_on(folder: Path, *lines: bytes) -> tuple[Document, RowEdits]:
    path = folder / "a.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    document = Document.open(path)
    return document, RowEdits(document)


# --- what is shown ------------------------------------------------------------------------------------------------
def test_a_tool_call_is_a_card_with_its_arguments_laid_out() -> None:
    user, assistant, call, answer, last, fold = cards(TOOLS)
    assert user.notes == (("name", "Bob"),)
    assert (assistant.body, assistant.right) == ("", "weight 0")
    assert assistant.notes == (("refusal", "No."), ("mood", "[1, 2]"))
    assert (call.kind, call.title, call.right) == ("call", "call of weather", "call_1")
    assert call.body == '{\n  "city": "Lyon",\n  "days": 1.50\n}'
    assert (call.message, call.call) == (1, 0)
    assert answer.body == '{\n  "rain": true\n}'
    assert last.body == "Yes."
    assert (fold.kind, fold.title) == ("fold", "▸ tools (1), id: 7")


def test_the_fold_opens_to_a_card_a_key() -> None:
    *_, fold, tools, number = cards(TOOLS, is_open=True)
    assert fold.title.startswith("▾")
    assert (tools.kind, tools.title, number.title, number.body) == ("key", "tools", "id", "7")
    assert json.loads(tools.body) == TOOLS["tools"]


def test_arguments_that_are_no_json_say_so() -> None:
    call = {**CALL, "function": {"name": "f", "arguments": '{"a": tru}'}}
    card = cards({"messages": [{"role": "assistant", "tool_calls": [call]}]})[1]
    assert card.body == '{"a": tru}'
    assert "arguments: not JSON: a value should stand at column 7" in card.problem


def test_the_answers_of_a_pair_stand_on_their_sides() -> None:
    user, good, bad, fold = cards(PAIR)
    assert (user.side, good.side, bad.side, fold.side) == ("", "preferred", "non-preferred", "")
    assert fold.title == "▸ input.tools (0)"


def test_what_a_grader_reads_is_shown_above_the_fold() -> None:
    _, answer, levels, fold = cards(GRADED)
    assert (answer.title, answer.body, answer.right) == ("reference_answer", "4\nfour", "for the grader")
    assert (levels.title, levels.body) == ("levels", '{\n  "easy": 0.5\n}')
    assert fold.title == "▸ tools (0)"
    answered = {"messages": [{"role": "assistant", "content": "x"}], "source": "web"}
    assert [card.kind for card in cards(answered)] == ["message", "fold"]


def test_numbers_are_shown_as_they_are_spelt() -> None:
    levels = cards(b'{"messages": [{"role": "user", "content": ""}], "level": {"a": 1.50, "b": 1e3}}')[1]
    assert levels.body == '{\n  "a": 1.50,\n  "b": 1e3\n}'


def test_the_raw_view_is_laid_out_and_a_broken_line_is_its_bytes() -> None:
    (raw,) = cards(b'{"messages":[], "n":1.50, "n":2}', as_raw=True)
    assert raw.body == '{\n  "messages": [],\n  "n": 1.50,\n  "n": 2\n}'
    (broken,) = cards(b'{"a":\xff}', as_raw=True)
    assert (broken.kind, broken.body.encode("utf-8", "surrogateescape")) == ("broken", b'{"a":\xff}')
    long = json.dumps({"messages": [], "a": list(range(100_000))}).encode()
    assert cards(long, as_raw=True)[0].body == long.decode()


@pytest.mark.parametrize("name", hostile.LINES)
@pytest.mark.parametrize("as_raw", [False, True])
def test_hostile_lines_become_safe_cards(name: str, as_raw: bool) -> None:
    shown = cards(hostile.LINES[name].rstrip(b"\n"), is_open=True, as_raw=as_raw)
    assert shown
    for card in shown:
        assert not needs_escaped_editing(card.title + card.right)
        assert "\n" not in card.title
    flow = CardFlow(shown, 80)
    flow.reach_line(200)
    assert not any(needs_escaped_editing(line.text) for line in flow.lines)


# --- what is edited -----------------------------------------------------------------------------------------------
def changed(folder: Path, line: bytes, at: int, text: str, *, as_raw: bool = False) -> bytes:
    """The line after ``text`` was put into the card ``at``."""
    document, edits = edits_on(folder, line)
    card = cards(line, is_open=True, as_raw=as_raw)[at]
    edits.check_editable(0, card)
    assert edits.set_text(0, card, card.body) is None
    spot = edits.set_text(0, card, text)
    assert spot is not None
    return document.raw(0)


LINE = (
    b'{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":'
    b'{"name":"f","arguments":"{\\"city\\": \\"Lyon\\", \\"n\\": 1.50}"}}]},'
    b'{"role":"tool","content":"{\\"ok\\":true,\\"n\\":1e3}"}],"p":1.50,"tools":[{"a":-0}]}'
)


def test_arguments_are_written_in_their_own_style(tmp_path: Path) -> None:
    text = cards(LINE)[1].body.replace("Lyon", "Rome")
    assert changed(tmp_path, LINE, 1, text) == LINE.replace(b"Lyon", b"Rome")


def test_a_tools_answer_is_written_in_its_own_style_and_may_be_any_text(tmp_path: Path) -> None:
    text = cards(LINE)[2].body.replace("true", "false")
    assert changed(tmp_path, LINE, 2, text) == LINE.replace(b"true", b"false")
    assert json.loads(changed(tmp_path, LINE, 2, "no\nanswer"))["messages"][1]["content"] == "no\nanswer"


def test_a_key_is_edited_as_json(tmp_path: Path) -> None:
    assert changed(tmp_path, LINE, 3, " 2.50\n") == LINE.replace(b'"p":1.50', b'"p":2.50')
    text = '[\n  {"a": -0},\n  "é"\n]'
    assert changed(tmp_path, LINE, 5, text) == LINE.replace(b'{"a":-0}]}', '{"a":-0},"é"]}'.encode())


def test_a_graders_text_is_edited_as_text(tmp_path: Path) -> None:
    line = json.dumps(GRADED).encode()
    assert json.loads(changed(tmp_path, line, 1, '5\n"five"'))["reference_answer"] == '5\n"five"'


def test_the_whole_line_is_edited_laid_out_and_written_on_one_line(tmp_path: Path) -> None:
    text = cards(LINE, as_raw=True)[0].body.replace('"p": 1.50', '"p": 1.5,\n  "p": 2')
    assert changed(tmp_path, LINE, 0, text, as_raw=True) == LINE.replace(b'"p":1.50', b'"p":1.5,"p":2')


def test_a_raw_line_takes_the_style_of_its_file(tmp_path: Path) -> None:
    document, edits = edits_on(tmp_path, b'{"messages":[],"a":"\\u00e9"}', b'{"messages":[]}')
    (card,) = cards(document.raw(1), as_raw=True)
    edits.set_text(1, card, '{\n  "messages": [], "b": "é"\n}')
    assert document.raw(1) == b'{"messages":[],"b":"\\u00e9"}'


@pytest.mark.parametrize("at", [1, 3, 5])
def test_a_mistake_is_placed_and_nothing_of_it_is_lost(tmp_path: Path, at: int) -> None:
    _, edits = edits_on(tmp_path, LINE)
    card = cards(LINE, is_open=True)[at]
    text = '{\n  "kept": tru\n}'
    mistake = edits.mistake(card, text)
    assert mistake is not None
    assert (mistake.line, mistake.column) == (2, 11)
    assert edits.drafted(0, card, text)[0] is None
    assert b"kept" in changed(tmp_path, LINE, at, text)
    assert edits.mistake(card, card.body) is None


def test_a_mistake_in_the_whole_line_is_placed(tmp_path: Path) -> None:
    _, edits = edits_on(tmp_path, LINE)
    (card,) = cards(LINE, as_raw=True)
    lines = card.body.split("\n")
    at = next(index for index, line in enumerate(lines) if line == '  "p": 1.50,')
    mistake = edits.mistake(card, card.body.replace('"p": 1.50', '"p": 1.5O'))
    assert mistake is not None
    assert (mistake.line, mistake.column) == (at + 1, 11)
    assert f"line {at + 1}, column 11" in mistake.reason
    assert edits.mistake(card, "[]") is not None


def test_a_repeated_key_is_edited_in_the_line_only(tmp_path: Path) -> None:
    line = b'{"messages": [{"role": "user", "content": "x", "content": "y"}]}'
    document, edits = edits_on(tmp_path, line)
    card = cards(line)[0]
    with pytest.raises(InputError, match=r"has the key “content” twice.*r shows the whole line"):
        edits.check_editable(0, card)
    for edit in (
        lambda: edits.set_text(0, card, "z"),
        lambda: edits.delete_message(0, 0),
        lambda: edits.set_role(0, 0, "system"),
        lambda: edits.add_message(0, 0, "user"),
        lambda: edits.split_message(0, 0, 1),
    ):
        with pytest.raises(InputError, match="twice"):
            edit()
    assert document.raw(0) == line
    (raw,) = cards(line, as_raw=True)
    edits.check_editable(0, raw)
    edits.set_text(0, raw, raw.body.replace('"y"', '"z"'))
    assert document.raw(0) == line.replace(b'"y"', b'"z"')


def test_a_changed_message_leaves_the_spelling_of_numbers(tmp_path: Path) -> None:
    line = b'{"messages": [{"role": "user", "content": "x"}], "p": [1.50, 1e3, -0, 1E400]}'
    assert changed(tmp_path, line, 0, "y") == line.replace(b'"x"', b'"y"')


def test_an_edit_of_what_is_gone_is_a_sentence(tmp_path: Path) -> None:
    fold, key = cards(LINE, is_open=True)[4:6]
    _, edits = edits_on(tmp_path, b'{"messages": [{"role": "user", "content": "x"}]}')
    with pytest.raises(InputError, match="not there any more"):
        edits.set_text(0, cards(LINE)[1], "{}")
    with pytest.raises(InputError, match="not there any more"):
        edits.set_text(0, key, "2")
    with pytest.raises(InputError, match="folded away"):
        edits.check_editable(0, fold)


# --- turns --------------------------------------------------------------------------------------------------------
def test_turns_are_split_merged_and_moved(tmp_path: Path) -> None:
    line = b'{"messages": [{"role": "user", "content": "One. Two."}], "p": 1.50}'
    document, edits = edits_on(tmp_path, line)
    spot = edits.split_message(0, 0, len("One. "), text="One. Three.")
    assert (spot.row, spot.message) == (0, 1)
    messages = document.parsed(0).value["messages"]  # type: ignore[index]
    assert messages == [{"role": "user", "content": "One."}, {"role": "assistant", "content": "Three."}]
    assert edits.move_message(0, 0, 1).message == 1
    assert edits.merge_messages(0, 0).message == 0
    assert document.raw(0) == b'{"messages": [{"role": "assistant", "content": "Three.\\n\\nOne."}], "p": 1.50}'


def test_the_whole_call_is_edited(tmp_path: Path) -> None:
    document, edits = edits_on(tmp_path, LINE)
    card = edits.whole_call(0, cards(LINE)[1])
    assert json.loads(card.body)["function"]["name"] == "f"
    edits.set_text(0, card, card.body.replace('"f"', '"g"'))
    assert document.raw(0) == LINE.replace(b'"name":"f"', b'"name":"g"')
    edits.set_tool_call(0, 0, 0, {"id": "d"})
    edits.delete_tool_call(0, 0, 0)
    assert "tool_calls" not in document.parsed(0).value["messages"][0]  # type: ignore[index]
    with pytest.raises(InputError, match="no tool call"):
        edits.whole_call(0, cards(LINE)[0])


def test_an_example_moves(tmp_path: Path) -> None:
    document, edits = edits_on(tmp_path, b'{"a": 0}', b'{"a": 1}', b'{"a": 2}')
    assert edits.move_example(0, 9).row == 2
    assert [document.raw(row) for row in range(3)] == [b'{"a": 1}', b'{"a": 2}', b'{"a": 0}']
