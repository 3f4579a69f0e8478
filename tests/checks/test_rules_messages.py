"""Rules about messages, roles, turns, contents and weights: what they find, what they leave, what their fixes write."""

from __future__ import annotations

from typing import Any

import pytest

from checks.finding import chat, fixed, found, rules_for
from fttui.checks.engine import check_record, issues_of
from fttui.checks.words import quoted
from fttui.formats.kinds import kind_of_record
from fttui.formats.lines import parse_exact, parse_line
from hostile import LINES

USER: dict[str, Any] = {"role": "user", "content": "Hi"}
ANSWER: dict[str, Any] = {"role": "assistant", "content": "Hello"}
CALL: dict[str, Any] = {"id": "call00001", "type": "function", "function": {"name": "rain", "arguments": "{}"}}


def test_a_misspelt_list_of_messages_is_renamed_where_it_stands() -> None:
    record = {"id": 1, "Mesages": [USER, ANSWER], "tools": []}
    assert [place.message for place in found("messages-missing", record)] == [
        "there is no `messages`: is 'Mesages' meant"
    ]
    assert list(fixed("messages-missing", record)) == ["id", "messages", "tools"]
    assert not found("messages-missing", {"prompt": "Hi", "completion": "Hello"})  # another kind: another rule's


def test_a_list_of_messages_that_was_written_as_text_is_read() -> None:
    record = {"messages": '[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]'}
    assert fixed("messages-not-list", record) == chat("Hi", "Hello")
    assert fixed("messages-not-list", {"messages": USER}) == {"messages": [USER]}
    assert fixed("messages-not-list", {"messages": "Hi"}) == {"messages": "Hi"}


@pytest.mark.parametrize(
    ("role", "meant"),
    [
        ("assitant", "assistant"), ("Assistant", "assistant"), (" user", "user"), ("human", "user"),
        ("gpt", "assistant"), ("sytem", "system"), ("usr", "user"), ("narrator", None), ("", None), ("a" * 1_000, None),
    ],
)  # fmt: skip
def test_a_wrong_role_is_mended_to_the_one_that_was_meant(role: str, meant: str | None) -> None:
    record = chat({"role": role, "content": "x"}, "Hello")
    (place,) = found("role-unknown", record)
    assert place.is_fixable == (meant is not None)
    assert len(place.message) < 200
    assert fixed("role-unknown", record)["messages"][0]["role"] == (meant or role)


def test_the_keys_of_sharegpt_in_a_message_are_renamed() -> None:
    record = chat({"from": "human", "value": "Hi"}, "Hello")
    mended = fixed("role-unknown", fixed("content-missing", fixed("role-missing", record)))
    assert mended == chat("Hi", "Hello")
    assert not found("message-key-unknown", record)  # what will be renamed is not to be removed


def test_the_developer_is_a_system_where_the_role_is_not_known() -> None:
    record = chat({"role": "developer", "content": "Be brief."}, "Hi", "Hello")
    record["messages"][1]["role"], record["messages"][2]["role"] = "user", "assistant"
    assert rules_for(record, "openai") == {"role-developer"}
    assert rules_for(record, "mistral") == {"role-not-taken"}
    assert fixed("role-developer", record)["messages"][0]["role"] == "system"
    prompt = {"messages": record["messages"][:2], "reference_answer": "x"}
    assert rules_for(prompt, "openai", "reinforcement") == set()
    assert "role-not-taken" in rules_for(prompt, "bedrock", "reinforcement")


def test_keys_belong_to_roles() -> None:
    record = chat({**USER, "refusal": None, "Name": "Ann"}, {**ANSWER, "reasoning": "…", "weight": 1})
    assert [place.path for place in found("message-key-unknown", record)] == [
        ("messages", 0, "refusal"), ("messages", 0, "Name"), ("messages", 1, "reasoning"),
    ]  # fmt: skip
    mended = fixed("message-key-unknown", record)
    assert mended == chat({**USER, "name": "Ann"}, {**ANSWER, "reasoning": "…", "weight": 1}), "data is not thrown away"
    assert not found("message-key-unknown", chat("Hi", {"role": "tool", "content": "x", "tool_call_id": "1"}))


def test_weights_of_llama_factory_keep_their_meaning() -> None:
    record = chat({**USER, "loss_weight": 0.0}, {**ANSWER, "loss_weight": 0.0}, USER, {**ANSWER, "loss_weight": 1.0})
    mended = fixed("weight-value", fixed("message-key-unknown", record))
    assert mended == chat(USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1})
    part = {"type": "text", "value": "Hi"}
    assert fixed("part-malformed", chat({"role": "user", "content": [part]}))["messages"][0]["content"] == [
        {"type": "text", "text": "Hi"}
    ]


def test_user_and_assistant_take_turns() -> None:
    record = chat(USER, {"role": "user", "content": "You?"}, ANSWER, ANSWER)
    assert [place.path[-1] for place in found("turn-repeated", record)] == [1, 3]
    assert fixed("turn-repeated", record) == chat({"role": "user", "content": "Hi\n\nYou?"}, ANSWER, ANSWER)
    for target, is_refused in (("openai", False), ("together", True)):
        issues = issues_of([("turn-repeated", place) for place in found("turn-repeated", record)], 1, [target])
        assert {issue.severity for issue in issues} == {"error" if is_refused else "warning"}
    named = chat(USER, {**USER, "name": "Ann"}, ANSWER)
    assert fixed("turn-repeated", named) == named  # two people
    called = chat(USER, {"role": "assistant", "content": None, "tool_calls": [CALL]}, ANSWER)
    assert not found("turn-repeated", called)  # what is missing is the result: another rule's


def test_an_answer_is_the_last_word() -> None:
    record = chat("Hi", "Hello", "Thanks")
    assert rules_for(record, "openai") == {"last-turn-not-assistant"}
    assert fixed("last-turn-not-assistant", record) == chat("Hi", "Hello")
    assert rules_for(chat("Hi"), "openai") == {"assistant-missing"}
    unclear = chat("Hi", "Hello", {"role": "x", "content": "y"}, {"role": "user", "content": "z"})
    assert fixed("last-turn-not-assistant", unclear) == unclear


def test_a_prompt_for_reinforcement_ends_with_a_question() -> None:
    record = chat("Capital?", "Hobart", reference_answer="Hobart")
    assert fixed("last-turn-not-user", record, "reinforcement") == chat("Capital?", reference_answer="Hobart")
    unknown = chat("Capital?", "Hobart")
    assert fixed("last-turn-not-user", unknown, "reinforcement") == unknown  # its only answer is no rubbish
    assert not found("last-turn-not-user", chat("Capital?"), "reinforcement")
    assert not found("assistant-missing", chat("Capital?"), "reinforcement")


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        ({"content": ""}, {"content-empty"}),
        ({"content": "\u3000\n"}, {"content-empty"}),
        ({"content": []}, {"content-empty"}),
        ({"content": [{"type": "text", "text": " "}]}, {"content-empty"}),
        ({"content": None}, {"content-missing"}),
        ({}, {"content-missing"}),
        ({"content": None, "refusal": "No."}, set()),
        ({"content": "", "refusal": "No."}, set()),
        ({"content": "Yes.", "refusal": "No."}, {"refusal-beside-content"}),
        ({"content": "Yes.", "refusal": 7}, {"refusal-malformed"}),
        ({"content": None, "refusal": None}, {"content-missing"}),
        ({"content": [{"type": "refusal", "refusal": "No."}]}, set()),
        ({"content": [{"type": "text", "text": "Yes."}]}, set()),
        ({"content": 7}, {"content-type"}),
        ({"content": {"a": 1}}, {"content-type"}),
        ({"content": ["x"]}, {"part-malformed"}),
        ({"content": [None]}, {"part-malformed"}),
        ({"content": [{"type": ["text"]}]}, {"part-malformed"}),
        ({"content": [{"type": "output_text", "text": "x"}]}, {"part-unknown"}),
    ],
)
def test_what_an_answer_may_be(message: dict[str, Any], broken: set[str]) -> None:
    assert rules_for(chat("Hi", {"role": "assistant", **message}), "openai") == broken


def test_calls_stand_in_place_of_content() -> None:
    for content in ({}, {"content": None}, {"content": ""}):
        record = chat("Rain?", {"role": "assistant", **content, "tool_calls": [CALL]})
        assert not rules_for(record, "openai") & {"content-missing", "content-empty"}
    assert found("content-missing", chat("Rain?", {"role": "assistant", "content": None, "tool_calls": []}))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"role": "assistant", "content": 1.50}', "1.50"),
        ('{"role": "assistant", "content": true}', "true"),
        ('{"role": "assistant", "content": {"a": [1e3, "é\\ud83d"]}}', '{"a": [1e3, "é\\ud83d"]}'),
        ('{"role": "assistant", "content": 123456789012345678901234567890}', "123456789012345678901234567890"),
    ],
)
def test_other_types_become_text_with_their_spelling(line: str, text: str) -> None:
    record = parse_exact(f'{{"messages": [{{"role": "user", "content": "Hi"}}, {line}]}}'.encode()).value
    assert record is not None
    assert fixed("content-type", record)["messages"][1]["content"] == text


def test_an_empty_system_message_goes_but_never_the_last_message() -> None:
    record = chat({"role": "system", "content": ""}, {"role": "user", "content": ""}, {**ANSWER})
    assert len(found("content-blank", record)) == 2
    assert fixed("content-blank", record)["messages"] == [{"role": "user", "content": ""}, ANSWER]
    alone = chat({"role": "system", "content": ""})
    assert fixed("content-blank", alone) == alone


@pytest.mark.parametrize(
    ("weight", "mended"),
    [
        (True, 1), (False, 0), ("1", 1), ("0", 0), (1.0, 1), (0.0, 0), ("true", 1), (0.5, 0.5), (2, 2), (-1, -1),
        ("x", "x"), ([], []), (float("nan"), None),
    ],
)  # fmt: skip
def test_weights_are_0_or_1(weight: Any, mended: Any) -> None:
    record = chat("Hi", {**ANSWER, "weight": weight})
    assert found("weight-value", record)
    after = fixed("weight-value", record)["messages"][1]["weight"]
    if mended is not None:
        assert (after, type(after)) == (mended, type(mended))


def test_null_is_no_weight() -> None:
    assert "weight" not in fixed("weight-value", chat("Hi", {**ANSWER, "weight": None}))["messages"][1]


def test_masked_answers() -> None:
    masked = {**ANSWER, "weight": 0}
    assert rules_for(chat("Hi", masked), "openai") == {"weight-all-masked"}
    assert rules_for(chat("Hi", masked, "Hi", "Hello"), "openai") == set()
    assert rules_for(chat("Hi", masked, "Hi", "Hello"), "nebius") == {"weight-not-read"}
    assert rules_for(chat({**USER, "weight": 0}, "Hello"), "openai") == {"weight-role"}
    assert rules_for(chat({**USER, "weight": 0}, "Hello"), "together") == set()


def test_data_in_messages_is_cut() -> None:
    assert len(quoted("x" * 1000)) == 62
    assert quoted("a\x1b") == "'a\\x1b'"


@pytest.mark.parametrize("name", sorted(LINES))
def test_no_line_is_too_strange(name: str) -> None:
    record = parse_line(LINES[name]).value
    if record is not None:
        for kind in ("chat", "preference", "reinforcement", "completion", "gemini", "bedrock", "other"):
            for _, place in check_record(record, kind):
                assert len(place.message) < 1000
        assert kind_of_record(record)
