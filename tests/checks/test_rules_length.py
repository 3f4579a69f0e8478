"""Too long for the model: how many tokens are cut off, and from where."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from fttui.checks import spans
from fttui.checks.engine import check_record
from fttui.checks.model import Found
from fttui.checks.rules.length import longest_unread
from fttui.checks.spans import cut_of
from fttui.formats.kinds import Kind
from fttui.tokens.chat import count_example

LONG = "hello world " * 40_000
"""80,001 tokens."""
ENCODING = "o200k_base"


def message(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def length_found(record: dict[str, Any], kind: Kind = "chat", **more: Any) -> list[tuple[str, Found]]:
    return [(rule, place) for rule, place in check_record(record, kind, **more) if rule.startswith("too-long")]


def test_the_message_says_how_many_and_where() -> None:
    record = {"messages": [message("user", "Hi"), message("assistant", "ok"), message("user", LONG)]}
    ((rule, place),) = length_found(record)
    total = count_example(record, ENCODING).total
    assert rule == "too-long"
    assert place.path == ("messages", 2)
    assert place.targets == ("openai", "azure")
    assert place.message.startswith(f"{total:,} tokens, {total - 65_536:,} more than gpt-4.1-mini reads")


def test_nothing_left_to_learn_is_worse() -> None:
    asked = {"messages": [message("user", LONG), message("assistant", "ok")]}
    masked = {"messages": [message("assistant", "ok", weight=0), message("assistant", LONG, weight=0)]}
    begun = {"messages": [message("user", "Hi"), message("assistant", LONG)]}
    assert [rule for rule, _ in length_found(asked)] == ["too-long-to-learn"]
    assert [rule for rule, _ in length_found(masked)] == ["too-long-to-learn"]
    assert [rule for rule, _ in length_found(begun)] == ["too-long"]


def test_a_prompt_for_a_grader_has_nothing_to_learn_anyway() -> None:
    record = {"messages": [message("user", LONG)], "answer": "x"}
    assert [rule for rule, _ in length_found(record, "reinforcement")] == ["too-long"]


def test_other_kinds() -> None:
    pair = {"prompt": "Hi", "completion": LONG}
    ((_, place),) = length_found(pair, "completion")
    assert place.path == ("completion",)
    sides = {
        "input": {"messages": [message("user", "Hi")]},
        "preferred_output": [message("assistant", "a")],
        "non_preferred_output": [message("assistant", LONG)],
    }
    ((_, place),) = length_found(sides, "preference")
    assert place.path == ("non_preferred_output", 0)
    contents = {
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": LONG * 2}]}]
    }
    ((_, place),) = length_found(contents, "gemini")
    assert place.path == ("contents", 1) and place.message.startswith("about ")


@pytest.mark.parametrize("kind", ["chat", "completion"])
def test_the_limit_is_exact(kind: Kind) -> None:
    record = (
        {"messages": [message("user", "a b c", name="jo"), message("assistant", "d e f")], "tools": [tool()]}
        if kind == "chat"
        else {"prompt": "a b c", "completion": " d e f"}
    )
    total = count_example(record, ENCODING).total
    assert cut_of(record, kind, ENCODING, total) is None
    cut = cut_of(record, kind, ENCODING, total - 1)
    assert cut is not None and cut.tokens == total


def test_the_place_is_where_the_limit_falls() -> None:
    record = {"messages": [message("user", "a b c"), message("assistant", "d e f"), message("user", "g")]}
    first = count_example({"messages": record["messages"][:1]}, ENCODING).total - 3
    for limit, number in ((first - 1, 0), (first, 1), (first + 1, 1)):
        cut = cut_of(record, "chat", ENCODING, limit)
        assert cut is not None and cut.path == ("messages", number)
        assert cut.is_trained_left == (limit > first)


def test_a_named_model_has_its_own_limit() -> None:
    record = {"messages": [message("user", LONG[:240_000]), message("assistant", "ok")]}
    assert length_found(record) == []
    ((rule, place),) = length_found(record, model="gpt-3.5-turbo-0125")
    assert rule == "too-long-to-learn" and place.targets is None
    assert "gpt-3.5-turbo-0125" in place.message
    assert length_found(record, model="gpt-5") == []


def test_short_lines_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("counted")

    monkeypatch.setattr(spans, "cut_of", never)
    record = {"messages": [message("user", "Hi"), message("assistant", "ok")]}
    assert length_found(record, size=65_536) == []
    with pytest.raises(AssertionError, match="counted"):
        length_found(record, size=65_537)


def test_bytes_that_need_no_look() -> None:
    assert longest_unread("chat") == longest_unread("completion") == 65_536
    assert longest_unread("chat", "gpt-3.5-turbo-0613") == 4_096
    assert longest_unread("chat", "gpt-5") is None


@pytest.mark.parametrize("value", [None, 1, "x", [None, 3, "x", {}], [{"role": 7, "content": [3, None]}], {"a": []}])
def test_whatever_stands_there(value: Any) -> None:
    for kind in ("chat", "preference", "completion", "gemini", "reinforcement", "bedrock", "other"):
        for key in ("messages", "input", "contents", "prompt", "tools", "preferred_output", "systemInstruction"):
            record = {"messages": [message("user", "x")], key: value}
            cut_of(record, kind, ENCODING, 1)
            check_record({key: value}, kind, sys.maxsize)


def tool() -> dict[str, Any]:
    parameters = {"type": "object", "properties": {"city": {"type": "string", "description": "Where."}}}
    return {"type": "function", "function": {"name": "weather", "description": "Tells it.", "parameters": parameters}}
