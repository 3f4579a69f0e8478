"""Records read and edited as conversations."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

import hostile
from fttui.core.errors import InputError
from fttui.core.text import safe
from fttui.formats import chat
from fttui.formats.chat import Message, messages_of
from fttui.formats.lines import parse_line

CHAT: dict[str, Any] = {
    "id": 7,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "Bob"},
        {"weight": 0, "role": "assistant", "content": "Hello."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "What"}, {"type": "image_url"}, {"type": "text", "text": "is it?"}],
        },
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]},
        {"role": "assistant", "content": "A cat."},
    ],
    "tools": [],
}
PREFERENCE: dict[str, Any] = {
    "input": {"messages": [{"role": "user", "content": "Hi"}], "tools": []},
    "preferred_output": [{"role": "assistant", "content": "Good."}],
    "non_preferred_output": [{"role": "assistant", "content": "Bad."}],
}
COMPLETION: dict[str, Any] = {"prompt": "Hi ->", "completion": " Hello"}


def test_a_chat_record_is_read() -> None:
    assert chat.kind_of(CHAT) == "chat"
    assert messages_of(CHAT) == [
        Message("system", "Be brief.", None, ()),
        Message("user", "Hi", None, (("name", '"Bob"'),)),
        Message("assistant", "Hello.", 0, ()),
        Message("user", "What\nis it?", None, (("content[1]", '{"type": "image_url"}'),)),
        Message("assistant", "", None, (("tool_calls", '[{"id": "c"}]'),)),
        Message("assistant", "A cat.", None, ()),
    ]
    assert chat.preview_of(CHAT) == "Hi"
    assert chat.trained_text_of(CHAT) == ["A cat."]


def test_a_preference_record_is_read() -> None:
    assert chat.kind_of(PREFERENCE) == "preference"
    assert [(m.role, m.text, m.extras) for m in messages_of(PREFERENCE)] == [
        ("user", "Hi", ()),
        ("assistant", "Good.", (("answer", "preferred_output"),)),
        ("assistant", "Bad.", (("answer", "non_preferred_output"),)),
    ]
    assert chat.trained_text_of(PREFERENCE) == ["Good."]


def test_a_completion_record_is_read() -> None:
    assert chat.kind_of(COMPLETION) == "completion"
    assert [(m.role, m.text) for m in messages_of(COMPLETION)] == [("user", "Hi ->"), ("assistant", " Hello")]
    assert chat.trained_text_of(COMPLETION) == [" Hello"]


def test_other_records_have_no_messages() -> None:
    assert chat.kind_of({"text": "x"}) == "unknown"
    assert messages_of({"text": "x"}) == []
    assert chat.preview_of({"text": "x"}) == '{"text": "x"}'


@pytest.mark.parametrize("record", [CHAT, PREFERENCE, COMPLETION])
def test_a_new_text_changes_that_message_only(record: dict[str, Any]) -> None:
    before = copy.deepcopy(record)
    for index, message in enumerate(messages_of(record)):
        changed = chat.with_message_text(record, index, "new text")
        assert record == before
        assert list(changed) == list(record)
        after = messages_of(changed)
        assert after[index].text == "new text"
        assert after[index].extras == message.extras
        assert [m for n, m in enumerate(after) if n != index] == [
            m for n, m in enumerate(messages_of(record)) if n != index
        ]
        assert chat.with_message_text(record, index, message.text) == record


def test_text_parts_keep_their_own_lines_when_they_can() -> None:
    content = chat.with_message_text(CHAT, 3, "Who\nis it?")["messages"][3]["content"]
    assert [part.get("text") for part in content] == ["Who", None, "is it?"]
    content = chat.with_message_text(CHAT, 3, "one line")["messages"][3]["content"]
    assert [part.get("text") for part in content] == ["one line", None]


def test_text_is_added_to_content_without_text() -> None:
    record = {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}
    changed = chat.with_message_text(record, 0, "look")
    assert changed["messages"][0]["content"] == [{"type": "text", "text": "look"}, {"type": "image_url"}]


def test_messages_are_added_and_removed_where_they_belong() -> None:
    added = chat.with_message_added(CHAT, 6, "user", "Thanks")
    assert added["messages"][6] == {"role": "user", "content": "Thanks"}
    assert chat.without_message(added, 6) == CHAT
    assert chat.with_message_added(CHAT, 0, "user", "x")["messages"][1:] == CHAT["messages"]
    pair = chat.with_message_added(PREFERENCE, 1, "tool", "x")
    assert [m["role"] for m in pair["preferred_output"]] == ["tool", "assistant"]
    assert chat.without_message(PREFERENCE, 0)["input"] == {"messages": [], "tools": []}
    assert chat.with_message_added({"messages": []}, 0, "user", "x")["messages"] == [{"role": "user", "content": "x"}]


def test_a_role_changes_in_its_place() -> None:
    changed = chat.with_message_role(CHAT, 2, "user")
    assert list(changed["messages"][2].items()) == [("weight", 0), ("role", "user"), ("content", "Hello.")]
    assert chat.with_message_role({"messages": [{"content": "x"}]}, 0, "user")["messages"][0]["role"] == "user"


@pytest.mark.parametrize(
    "edit",
    [
        lambda: chat.with_message_text(CHAT, 6, "x"),
        lambda: chat.without_message(CHAT, -1),
        lambda: chat.with_message_added(CHAT, 8, "user", "x"),
        lambda: chat.with_message_added(COMPLETION, 1, "user", "x"),
        lambda: chat.without_message(COMPLETION, 0),
        lambda: chat.with_message_role(COMPLETION, 0, "user"),
        lambda: chat.with_message_text({"messages": [3]}, 0, "x"),
        lambda: chat.with_message_added({"messages": "hello"}, 0, "user", "x"),
    ],
)
def test_what_cannot_be_edited_is_said(edit: Any) -> None:
    with pytest.raises(InputError):
        edit()


def test_a_new_example_has_a_user_and_an_assistant() -> None:
    assert [m.role for m in messages_of(chat.new_example())] == ["user", "assistant"]
    assert [m.text for m in messages_of(chat.new_example("Be brief."))] == ["Be brief.", "", ""]


@pytest.mark.parametrize("name", hostile.LINES)
def test_hostile_records_are_read(name: str) -> None:
    parsed = parse_line(hostile.LINES[name])
    if parsed.value is None:
        return
    record = parsed.value
    messages = messages_of(record)
    raw_messages = record["messages"]
    assert len(messages) == (len(raw_messages) if isinstance(raw_messages, list) else 0)
    preview = chat.preview_of(record)
    assert preview == safe(preview)
    assert "\n" not in preview
    for index, message in enumerate(messages):
        if isinstance(raw_messages[index], dict):
            changed = chat.with_message_text(record, index, message.text + "!")
            assert messages_of(changed)[index].text == message.text + "!"
        json.dumps(message.extras)
