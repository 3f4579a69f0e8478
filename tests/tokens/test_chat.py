"""Counts of examples against tiktoken and the cookbook's rules, written down here a second time and plainly."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

import hostile
from fttui.formats.lines import parse_line
from fttui.tokens.chat import ExampleTokens, count_example
from fttui.tokens.encodings import encoding
from fttui.tokens.rows import BROKEN, count_lines

O200K = "o200k_base"


def n(text: str, name: str = O200K) -> int:
    return len(encoding(name).encode_ordinary(text))


def cookbook_messages(messages: list[dict[str, Any]], name: str) -> int:
    """openai-cookbook, num_tokens_from_messages."""
    total = 0
    for message in messages:
        total += 3
        for key, value in message.items():
            if isinstance(value, str):
                total += n(value, name)
            if key == "name":
                total += 1
    return total + 3


def cookbook_tools(tools: list[dict[str, Any]], name: str) -> int:
    """openai-cookbook, num_tokens_for_tools."""
    total = 0
    for tool in tools:
        function = tool["function"]
        total += 7 if name == O200K else 10
        total += n(f"{function['name']}:{function['description'].removesuffix('.')}", name)
        properties = function["parameters"]["properties"]
        if properties:
            total += 3
            for key, detail in properties.items():
                total += 3
                for item in detail.get("enum", []):
                    total += 3 + n(item, name)
                if "enum" in detail:
                    total -= 3
                total += n(f"{key}:{detail['type']}:{detail['description'].removesuffix('.')}", name)
    return total + 12


@pytest.mark.parametrize("name", [O200K, "cl100k_base"])
@pytest.mark.parametrize("sample", ["tone", "sport-train", "sport-test", "balance-ja"])
def test_every_example_of_the_samples(sample: str, name: str) -> None:
    lines = files("fttui.samples").joinpath(f"{sample}.jsonl").read_bytes().splitlines()
    assert lines
    for line in lines:
        messages = json.loads(line)["messages"]
        trained = sum(n(m["content"], name) for m in messages if m["role"] == "assistant" and m.get("weight") != 0)
        assert count_example({"messages": messages}, name) == ExampleTokens(cookbook_messages(messages, name), trained)


@pytest.mark.parametrize("name", [O200K, "cl100k_base"])
def test_hostile_text_counts_as_text(name: str) -> None:
    for text in hostile.STRINGS.values():
        messages = [{"role": role, "content": text, "name": "Ann"} for role in ("system", "user", "assistant")]
        assert count_example({"messages": messages}, name) == ExampleTokens(
            cookbook_messages(messages, name), n(text, name)
        )


def test_weight_0_is_billed_and_not_trained() -> None:
    messages = [
        {"role": "assistant", "content": "masked answer", "weight": 0},
        {"role": "user", "content": "not trained"},
        {"role": "assistant", "content": "the answer", "weight": 1},
    ]
    assert count_example({"messages": messages}, O200K) == ExampleTokens(
        cookbook_messages(messages, O200K), n("the answer")
    )


def test_parts_count_their_text_and_no_picture() -> None:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 10_000}},
        {"type": "refusal", "refusal": "No."},
        7,
    ]
    counted = count_example({"messages": [{"role": "user", "content": parts}]}, O200K)
    assert counted == ExampleTokens(3 + 3 + n("user") + n("What is this?") + n("No."), 0)


def test_tool_calls_count_their_strings() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Tokyo"}'}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    expected = 3 + 3 + sum(n(text) for text in ("assistant", "call_1", "function", "weather", '{"city": "Tokyo"}'))
    written = n("weather") + n('{"city": "Tokyo"}')
    assert count_example({"messages": [message]}, O200K) == ExampleTokens(expected, written)
    assert count_example({"messages": [{**message, "weight": 0}]}, O200K) == ExampleTokens(expected, 0)


def test_a_refusal_and_a_legacy_call_are_written_by_the_model_too() -> None:
    message = {"role": "assistant", "refusal": "I won't.", "function_call": {"name": "stop", "arguments": "{}"}}
    written = n("I won't.") + n("stop") + n("{}")
    expected = 3 + 3 + n("assistant") + written
    assert count_example({"messages": [message]}, O200K) == ExampleTokens(expected, written)


def test_calls_of_any_shape_are_counted() -> None:
    for calls in ("x", None, 3, {"a": ["b"]}, [[["c"]], "d", {"function": "e"}, {"function": {"name": ["f"]}}]):
        counted = count_example({"messages": [{"role": "assistant", "tool_calls": calls}]}, O200K)
        assert counted.trainable <= counted.total


@pytest.mark.parametrize("name", [O200K, "cl100k_base"])
def test_flat_tools_by_the_cookbook(name: str) -> None:
    properties = {
        "city": {"type": "string", "description": "The city, e.g. Tokyo."},
        "unit": {"type": "string", "description": "The unit", "enum": ["celsius", "fahrenheit"]},
    }
    tools = [
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "Get the weather.",
                "parameters": {"type": "object", "properties": properties},
            },
        },
        {
            "type": "function",
            "function": {"name": "stop", "description": "", "parameters": {"type": "object", "properties": {}}},
        },
    ]
    messages = [{"role": "user", "content": "Is it warm?"}]
    total = count_example({"messages": messages, "tools": tools}, name).total
    assert total == cookbook_messages(messages, name) + cookbook_tools(tools, name)
    older = [tool["function"] for tool in tools]
    assert count_example({"messages": messages, "functions": older}, name).total == total


def test_a_nested_schema_counts_its_inner_properties() -> None:
    inner = {"type": "object", "properties": {"street": {"type": "string", "description": "Street."}}}

    def total(schema: Any) -> int:
        function = {"name": "f", "description": "d", "parameters": schema}
        return count_example({"messages": [], "tools": [{"type": "function", "function": function}]}, O200K).total

    flat = total({"type": "object", "properties": {"address": {"type": "object"}}})
    nested = total({"type": "object", "properties": {"address": inner}})
    assert nested == flat + 3 + 3 + n("street:string:Street")
    listed = total({"type": "object", "properties": {"address": {"type": "array", "items": inner}}})
    assert listed == nested - n("address:object:") + n("address:array:")


@pytest.mark.parametrize("tools", [7, "x", [7], [{}], [{"function": 3}], [{"function": {"parameters": []}}], {"a": 1}])
def test_tools_that_are_none_do_not_hurt(tools: Any) -> None:
    assert count_example({"messages": [], "tools": tools}, O200K).total >= 3


def test_other_kinds() -> None:
    question = [{"role": "user", "content": "2+2?"}]
    good, bad = [{"role": "assistant", "content": "4"}], [{"role": "assistant", "content": "five"}]
    preference = {"input": {"messages": question}, "preferred_output": good, "non_preferred_output": bad}
    answers = 3 + n("assistant") + n("4") + 3 + n("assistant") + n("five")
    assert count_example(preference, O200K) == ExampleTokens(
        cookbook_messages(question, O200K) + answers, n("4") + n("five")
    )
    assert count_example({"prompt": "2+2?", "completion": " 4"}, O200K) == ExampleTokens(n("2+2?") + n(" 4"), n(" 4"))
    assert count_example({"text": "something else"}, O200K) == ExampleTokens(0, 0)


def test_no_line_breaks_counting() -> None:
    lines = list(hostile.LINES.values())
    counts = count_lines(lines, O200K)
    assert len(counts.tokens) == len(counts.trainable) == len(lines)
    for line, tokens in zip(lines, counts.tokens, strict=True):
        assert (tokens == BROKEN) == (parse_line(line).error is not None)
    assert BROKEN in counts.tokens
