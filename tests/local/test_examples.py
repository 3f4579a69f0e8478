"""Training files: what is taken for which method, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import hostile
from fttui.local.engines.protocol import Method
from fttui.local.examples import as_chat, check_file, load_examples, mistake_of

CHAT = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
COMPLETION = {"prompt": "a", "completion": "b"}
PAIR: dict[str, Any] = {
    "input": {"messages": [{"role": "user", "content": "a"}]},
    "preferred_output": [{"role": "assistant", "content": "b"}],
    "non_preferred_output": [{"role": "assistant", "content": "c"}],
}


def lines(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


@pytest.mark.parametrize(
    ("record", "method", "kind"),
    [(CHAT, "supervised", "chat"), (COMPLETION, "supervised", "completion"), (PAIR, "dpo", "preference")],
)
def test_each_kind_is_taken_by_its_method(tmp_path: Path, record: Any, method: Method, kind: str) -> None:
    checked = check_file(lines(tmp_path / "f", record, record), method)
    assert (checked.examples, checked.kind, checked.complaint("The file")) == (2, kind, None)


@pytest.mark.parametrize(
    ("record", "method", "reason"),
    [
        (PAIR, "supervised", "Line 1: a preference pair, which the method 'dpo' trains on"),
        (CHAT, "dpo", "Line 1: no preference pair"),
        (COMPLETION, "dpo", "Line 1: no preference pair"),
    ],
)
def test_the_other_method_is_told_with_the_line(tmp_path: Path, record: Any, method: Method, reason: str) -> None:
    complaint = check_file(lines(tmp_path / "f", record), method).complaint("The training file")
    assert complaint is not None
    assert reason in complaint


def test_a_file_holds_one_kind_of_examples(tmp_path: Path) -> None:
    checked = check_file(lines(tmp_path / "f", CHAT, COMPLETION, CHAT), "supervised")
    assert checked.examples == 2
    assert checked.mistakes == (
        "Line 2: a prompt with its completion, and the examples before it are each a conversation.",
    )
    assert check_file(lines(tmp_path / "g", CHAT), "supervised", "completion").mistakes_in_all == 1


BAD_PAIRS: dict[str, tuple[dict[str, Any], str]] = {
    "no input": ({"input": None}, "'input' has no 'messages'"),
    "input a list": ({"input": []}, "'input' has no 'messages'"),
    "empty input": ({"input": {"messages": []}}, "'input' has no 'messages'"),
    "bad input": ({"input": {"messages": [7]}}, "message 1 of the input is not an object"),
    "no answer": ({"preferred_output": []}, "'preferred_output' is not a list"),
    "a string": ({"non_preferred_output": "c"}, "'non_preferred_output' is not a list"),
    "nothing said": (
        {"preferred_output": [{"role": "assistant", "content": None}]},
        "the message in 'preferred_output' has no text",
    ),
    "a user": ({"preferred_output": [{"role": "user", "content": "b"}]}, "has the role 'user'"),
    "a tool only": ({"preferred_output": [{"role": "tool", "content": "b"}]}, "no assistant message"),
}


@pytest.mark.parametrize("name", BAD_PAIRS)
def test_a_bad_pair_is_told(name: str) -> None:
    changes, reason = BAD_PAIRS[name]
    said = mistake_of({**PAIR, **changes}, "dpo")
    assert said is not None
    assert reason in said


@pytest.mark.parametrize("method", ["supervised", "dpo"])
def test_whatever_stands_there_is_looked_at_without_a_traceback(method: Method) -> None:
    values: list[Any] = [*hostile.STRINGS.values(), None, 7, [], {}, [[]], [{}], {"messages": 7}, float("nan")]
    for value in values:
        for key in ("messages", "input", "preferred_output", "non_preferred_output", "prompt"):
            for record in (CHAT, PAIR, COMPLETION):
                said = mistake_of({**record, key: value}, method)
                assert said is None or said


def test_both_names_of_the_answers_are_read(tmp_path: Path) -> None:
    other = {
        "input": PAIR["input"],
        "preferred_completion": PAIR["preferred_output"],
        "non_preferred_completion": PAIR["non_preferred_output"],
    }
    path = lines(tmp_path / "f", other)
    assert check_file(path, "dpo").examples == 1
    assert load_examples(path) == [PAIR]


def test_a_pair_as_a_chat_trains_on_the_preferred_answer_only() -> None:
    asked = [*CHAT["messages"], {"role": "user", "content": "more"}]
    pair = {**PAIR, "input": {"messages": asked, "tools": []}}
    chat = as_chat(pair)
    assert [m.get("weight") for m in chat["messages"]] == [None, 0, None, None]
    assert chat["messages"][-1] == PAIR["preferred_output"][0]
    assert as_chat(CHAT) is CHAT


@pytest.mark.parametrize(
    "calls", [5, "abc", [5], {"a": 1}, [{}], [{"function": 5}], [{"function": {}}], [{"function": {"name": 5}}], {}, 0]
)
@pytest.mark.parametrize("content", [None, "b"])
def test_calls_of_no_tool_are_told(calls: Any, content: str | None) -> None:
    message = {"role": "assistant", "content": content, "tool_calls": calls}
    said = mistake_of({"messages": [*CHAT["messages"], message]})
    assert said is not None
    assert said.startswith("message 3 has 'tool_calls' that are not")
    assert mistake_of({**PAIR, "preferred_output": [message]}, "dpo") is not None


@pytest.mark.parametrize("call", [5, "auto", [], {}, {"name": None}])
def test_a_call_of_no_function_is_told(call: Any) -> None:
    message = {"role": "assistant", "content": None, "function_call": call}
    said = mistake_of({"messages": [*CHAT["messages"], message]})
    assert said == "message 3 has a 'function_call' that is not an object with a 'name'"


def test_calls_are_answers() -> None:
    function = {"name": "look", "arguments": "{}"}
    for call in (
        {"function_call": function},
        {"tool_calls": [{"id": "a", "type": "function", "function": function}]},
        {"tool_calls": None, "function_call": function},
    ):
        assert mistake_of({"messages": [{"role": "assistant", "content": None, **call}]}) is None
