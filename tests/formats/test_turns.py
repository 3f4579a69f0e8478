"""Turns are moved, parted and merged, weights and calls changed; what is not meant stays; the old record too."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.core.errors import InputError
from fttui.formats import chat
from fttui.formats.calls import calls_of

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Lyon"}'}}
CHAT: dict[str, Any] = {
    "id": 7,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One.\n\nTwo.", "name": "Bob"},
        {"role": "assistant", "content": "Let me look.", "weight": 0},
        {"role": "assistant", "content": None, "tool_calls": [CALL, 7], "weight": 0},
        {"role": "tool", "content": "rain", "tool_call_id": "c1"},
    ],
}
PAIR: dict[str, Any] = {
    "input": {"messages": [{"role": "user", "content": "Hi"}, {"role": "user", "content": "there"}]},
    "preferred_output": [{"role": "assistant", "content": "Good."}],
    "non_preferred_output": [{"role": "assistant", "content": "Bad."}],
}


def roles(record: dict[str, Any]) -> list[str]:
    return [message["role"] for message in record["messages"]]


def test_a_message_moves() -> None:
    before = copy.deepcopy(CHAT)
    assert roles(chat.with_message_moved(CHAT, 1, 0)) == ["user", "system", "assistant", "assistant", "tool"]
    assert roles(chat.with_message_moved(CHAT, 0, 4)) == ["user", "assistant", "assistant", "tool", "system"]
    moved = chat.with_message_moved(PAIR, 0, 1)
    assert [message["content"] for message in moved["input"]["messages"]] == ["there", "Hi"]
    assert before == CHAT


@given(index=st.integers(0, 4), to=st.integers(0, 4))
def test_a_move_back_restores_the_record(index: int, to: int) -> None:
    assert chat.with_message_moved(chat.with_message_moved(CHAT, index, to), to, index) == CHAT


def test_a_message_is_parted_and_merged_again() -> None:
    parted = chat.with_message_split(CHAT, 1, len("One.\n\n"), "assistant")
    assert parted["messages"][1:3] == [
        {"role": "user", "content": "One.", "name": "Bob"},
        {"role": "assistant", "content": "Two."},
    ]
    assert len(parted["messages"]) == 6
    same_role = chat.with_message_split(CHAT, 1, len("One.\n"), "user")
    assert same_role["messages"][2] == {"role": "user", "content": "Two.", "name": "Bob"}
    assert chat.with_messages_merged(same_role, 1) == CHAT


def test_a_part_of_an_answer_that_is_not_trained_on_is_not_trained_on_either() -> None:
    parted = chat.with_message_split(CHAT, 2, len("Let me "), "assistant")
    assert parted["messages"][3] == {"role": "assistant", "content": "look.", "weight": 0}


@given(text=st.text(), at=st.integers(0, 30))
def test_parting_loses_nothing_but_blanks(text: str, at: int) -> None:
    record = {"messages": [{"role": "user", "content": text}]}
    try:
        first, second = chat.with_message_split(record, 0, at, "assistant")["messages"]
    except InputError:
        assert at == 0 or not text[:at].strip() or not text[at:].strip()
        return
    assert "".join((first["content"] + second["content"]).split()) == "".join(text.split())
    assert first["content"].strip() == text[:at].strip()


def test_an_indent_behind_the_cut_stays() -> None:
    record = {"messages": [{"role": "user", "content": "Code:\n    x = 1\n"}]}
    parted = chat.with_message_split(record, 0, len("Code:\n"), "assistant")
    assert [message["content"] for message in parted["messages"]] == ["Code:", "    x = 1\n"]


def test_images_stay_on_their_side_of_the_cut() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    text = {"type": "text", "text": "onetwo", "own": 1}
    record = {"messages": [{"role": "user", "content": [image, text, {"type": "text", "text": "three"}, 7]}]}
    parted = chat.with_message_split(record, 0, 3, "user")["messages"]
    assert [message["content"] for message in parted] == [
        [image, {**text, "text": "one"}],
        [{**text, "text": "two"}, {"type": "text", "text": "three"}, 7],
    ]


def test_a_call_is_merged_with_the_text_before_it() -> None:
    merged = chat.with_messages_merged(CHAT, 2)["messages"]
    assert merged[2] == {"role": "assistant", "content": "Let me look.", "weight": 0, "tool_calls": [CALL, 7]}


def test_parts_are_merged_as_parts() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    record = {"messages": [{"role": "user", "content": "What is it?"}, {"role": "user", "content": [image]}]}
    merged = chat.with_messages_merged(record, 0)["messages"]
    assert merged == [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, image]}]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda: chat.with_message_moved(CHAT, 5, 0), "There is no message 6"),
        (lambda: chat.with_message_moved(CHAT, 0, 5), "There is no message 6"),
        (lambda: chat.with_message_moved(PAIR, 0, 2), "stays in its own list"),
        (lambda: chat.with_message_moved({"prompt": "a", "completion": "b"}, 0, 1), "stands alone"),
        (lambda: chat.with_message_split(CHAT, 0, 0, "user"), "nothing to part"),
        (lambda: chat.with_message_split(CHAT, 0, 9, "user"), "nothing to part"),
        (lambda: chat.with_message_split(CHAT, 3, 1, "user"), "nothing to part"),
        (lambda: chat.with_message_split({"messages": ["x"]}, 0, 1, "user"), "no object"),
        (lambda: chat.with_messages_merged(CHAT, 4), "No message follows"),
        (lambda: chat.with_messages_merged(CHAT, 3), "different weights"),
        (lambda: chat.with_messages_merged({"messages": [*CHAT["messages"][:1], CHAT["messages"][4]]}, 0), "tool_call"),
        (lambda: chat.with_messages_merged({"messages": [{"content": {}}, {"content": "x"}]}, 0), "neither a text"),
        (lambda: chat.with_messages_merged(PAIR, 2), "No message follows"),
        (lambda: chat.with_message_weight(CHAT, 1, 0), "Only an assistant"),
        (lambda: chat.with_message_weight(PAIR, 2, 0), "Only an assistant"),
        (lambda: chat.with_tool_call(CHAT, 3, 2, {}), "no tool call 3"),
        (lambda: chat.with_tool_call(CHAT, 0, 0, {}), "no tool call 1"),
        (lambda: chat.with_call_arguments(CHAT, 3, 1, "{}"), "has no arguments"),
    ],
)
def test_what_cannot_be_done_is_said(edit: Callable[[], object], sentence: str) -> None:
    before = copy.deepcopy(CHAT)
    with pytest.raises(InputError, match=sentence):
        edit()
    assert before == CHAT


def test_a_weight_is_set_and_taken_away() -> None:
    assert chat.with_message_weight(CHAT, 2, 1)["messages"][2]["weight"] == 1
    assert "weight" not in chat.with_message_weight(CHAT, 2, None)["messages"][2]


def test_a_tool_call_is_changed_and_removed() -> None:
    changed = chat.with_tool_call(CHAT, 3, 1, {"id": "new"})
    assert changed["messages"][3]["tool_calls"] == [CALL, {"id": "new"}]
    changed = chat.with_call_arguments(CHAT, 3, 0, "{}")
    assert changed["messages"][3]["tool_calls"][0]["function"] == {"name": "weather", "arguments": "{}"}
    one_less = chat.without_tool_call(CHAT, 3, 0)
    assert one_less["messages"][3]["tool_calls"] == [7]
    assert "tool_calls" not in chat.without_tool_call(one_less, 3, 0)["messages"][3]


def test_calls_of_every_kind_are_read() -> None:
    old = {"role": "assistant", "function_call": {"name": "add", "arguments": "{}", "x": 1}}
    custom = {"id": "c", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
    assert [(call.name, call.id, call.arguments, call.others) for call in calls_of(old)] == [
        ("add", "", "{}", (("x", 1),))
    ]
    assert [(call.name, call.arguments) for call in calls_of({"tool_calls": [custom, None]})] == [
        ("shell", "ls"),
        ("", None),
    ]
    assert calls_of({"tool_calls": "x"}) == calls_of(None) == []
    old_removed = chat.without_tool_call({"messages": [old]}, 0, 0)
    assert old_removed == {"messages": [{"role": "assistant"}]}
