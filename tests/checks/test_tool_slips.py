"""Which wrong names of tools are plainly slips."""

from __future__ import annotations

import pytest

from checks.finding import fixed, found


def record(called: str, defined: str) -> dict[str, object]:
    call = {"id": "call00001", "type": "function", "function": {"name": called, "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call00001", "content": "ok"},
        {"role": "assistant", "content": "Done"},
    ]
    return {"messages": messages, "tools": [{"type": "function", "function": {"name": defined}}]}


@pytest.mark.parametrize(
    ("called", "defined"),
    [("get_weathr", "get_weather"), ("get_waether", "get_weather"), ("getWeather", "get_weather")],
)
def test_a_slip_is_mended(called: str, defined: str) -> None:
    (place,) = found("tool-unknown", record(called, defined))
    assert place.is_fixable
    assert fixed("tool-unknown", record(called, defined))["messages"][1]["tool_calls"][0]["function"]["name"] == defined


@pytest.mark.parametrize(
    ("called", "defined"),
    [("get_user", "set_user"), ("get_user_v1", "get_user_v2"), ("get_users", "get_user"), ("list_item", "list_items")],
)
def test_another_function_is_only_asked_about(called: str, defined: str) -> None:
    (place,) = found("tool-unknown", record(called, defined))
    assert "did you mean" in place.message
    assert not place.is_fixable


def test_a_tool_with_two_schemas_is_left_alone() -> None:
    example = record("f", "f")
    example["tools"] = [{"name": "f", "parameters": {"type": "object"}, "input_schema": {}}]
    (place,) = found("tool-malformed", example)
    assert not place.is_fixable
