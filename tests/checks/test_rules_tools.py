"""Rules about tools, their calls and their arguments."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from checks.finding import chat, fixed, found, rules_for
from fttui.checks.fixing import fix_record
from fttui.checks.model import show_path
from fttui.checks.targets import targets
from fttui.checks.tools.tool_use import ToolUse
from fttui.checks.whole.facts import BlockFacts, FileFacts, file_found
from fttui.formats.lines import parse_exact
from fttui.formats.style import dump_line

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def call(name: str = "weather", arguments: Any = '{"city": "Oslo"}', **more: Any) -> dict[str, Any]:
    return {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def calls(*items: Any) -> dict[str, Any]:
    return {"role": "assistant", "tool_calls": list(items)}


def result(of: Any = "call_1", **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": of, "content": "rain", **more}


def without(value: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in keys}


def asked(*messages: Any, tools: Any = (WEATHER,), **more: Any) -> dict[str, Any]:
    answer = {"role": "assistant", "content": "Take an umbrella."}
    return copy.deepcopy(chat("Rain?", *messages, answer, tools=list(tools), **more))


TOOL_RULES = ("tool", "function", "parallel")


def broken(record: dict[str, Any], target: str = "openai", kind: Any = "chat") -> set[str]:
    return {rule for rule in rules_for(record, target, kind) if rule.startswith(TOOL_RULES)}


def test_a_good_call_breaks_no_rule() -> None:
    assert broken(asked(calls(call()), result())) == set()
    assert broken(chat("Rain?", calls(call()), tools=[WEATHER])) == set()


# --- pairs


def test_calls_are_paired_within_their_run_of_results() -> None:
    two = calls(call(), call(id="call_2"))
    assert broken(asked(two, result("call_2"), result())) == set()
    late = asked(two, result(), "And in Rome?", result("call_2"))
    assert [show_path(place.path) for place in found("tool-call-unpaired", late)] == ["messages[1].tool_calls[1]"]


def test_the_same_id_in_later_turns_is_fine() -> None:
    assert broken(asked(calls(call()), result(), "Thanks", calls(call()), result())) == set()


def test_a_call_at_the_end_needs_no_result() -> None:
    assert found("tool-call-unpaired", chat("Rain?", calls(call()), tools=[WEATHER])) == []


def test_a_call_that_is_not_answered_is_an_error_where_that_is_refused() -> None:
    record = asked(calls(call()))
    assert "tool-call-unpaired" in broken(record, "openai")
    [place] = found("tool-call-unpaired", record)
    assert "'weather'" in place.message and "'call_1'" in place.message


def test_a_result_names_a_call_before_it() -> None:
    [place] = found("tool-result-unpaired", asked(calls(call()), result("call_9")))
    assert show_path(place.path) == "messages[2].tool_call_id"
    assert found("tool-result-unpaired", chat("Rain?", result(), "Yes"))


def test_ids_that_are_missing_are_written_in_pairs() -> None:
    def nameless(name: str) -> dict[str, Any]:
        return without(call(name), "id")

    tools = [WEATHER, {"type": "function", "function": {"name": "tides"}}]
    answers = [without(result(name=name), "tool_call_id") for name in ("tides", "weather")]
    record = asked(calls(nameless("weather"), nameless("tides")), *answers, tools=tools)
    fix_record(record, "chat", ["openai"])
    first, second = record["messages"][1]["tool_calls"]
    assert first["id"] != second["id"]
    assert [message["tool_call_id"] for message in record["messages"][2:4]] == [second["id"], first["id"]]
    assert next(iter(first)) == "id"
    assert not broken(record) - {"tool-arguments-schema"}


def test_a_call_takes_the_id_that_its_result_has() -> None:
    record = fixed("tool-call-id-missing", asked(calls(without(call(), "id")), result("call_7")))
    assert record["messages"][1]["tool_calls"][0]["id"] == "call_7"


def test_equal_ids_are_parted_with_their_results() -> None:
    record = fixed("tool-call-id-duplicate", asked(calls(call(), call()), result(), result()))
    ids = [item["id"] for item in record["messages"][1]["tool_calls"]]
    assert ids[0] != ids[1]
    assert [message["tool_call_id"] for message in record["messages"][2:4]] == ids
    assert broken(record) == set()


def test_mistral_gets_ids_that_it_takes() -> None:
    record = asked(calls(call()), result())
    assert broken(record, "mistral") == {"tool-call-id-shape"}
    mended = fixed("tool-call-id-shape", record)
    assert broken(mended, "mistral") == set()
    assert mended["messages"][2]["tool_call_id"] == mended["messages"][1]["tool_calls"][0]["id"]


def test_a_pair_is_read_through_from_the_input_into_the_answers() -> None:
    answer = {"role": "assistant", "content": "Yes"}
    record = {
        "input": {"messages": [{"role": "user", "content": "Rain?"}, calls(call())], "tools": [WEATHER]},
        "preferred_output": [result(), answer],
        "non_preferred_output": [{"role": "assistant", "content": "No"}],
    }
    paths = [show_path(place.path) for place in found("tool-result-unpaired", record, "preference")]
    assert paths == []
    record["preferred_output"] = [result("call_9"), answer]
    paths = [show_path(place.path) for place in found("tool-result-unpaired", record, "preference")]
    assert paths == ["preferred_output[0].tool_call_id"]


# --- tools


def test_tools_as_json_are_read() -> None:
    record = {**asked(calls(call()), result()), "tools": json.dumps([WEATHER])}
    assert fixed("tools-not-list", record)["tools"] == [WEATHER]


@pytest.mark.parametrize(
    "tool",
    [
        WEATHER["function"],
        {"function": WEATHER["function"]},
        {"type": "function", **WEATHER["function"]},
        {"name": "weather", "input_schema": WEATHER["function"]["parameters"]},
    ],
)
def test_tools_as_others_write_them_are_mended(tool: dict[str, Any]) -> None:
    assert fixed("tool-malformed", asked(tools=[tool]))["tools"] == [WEATHER]


@pytest.mark.parametrize("name", ["home.weather", "wetter für oslo", "x" * 65])
def test_names_that_are_refused(name: str) -> None:
    record = asked(calls(call(name, "{}")), result(), tools=[{"type": "function", "function": {"name": name}}])
    assert broken(record) == {"tool-name"}
    assert len(found("tool-name", {**record, "tools": []})) == 1


def test_only_an_equal_copy_of_a_tool_is_deleted() -> None:
    other = {"type": "function", "function": {"name": "weather", "description": "of the sea"}}
    assert fixed("tool-duplicate", asked(tools=[WEATHER, WEATHER, WEATHER]))["tools"] == [WEATHER]
    assert fixed("tool-duplicate", asked(tools=[WEATHER, other]))["tools"] == [WEATHER, other]


def test_128_tools_are_taken() -> None:
    many = [{"type": "function", "function": {"name": f"f{number}"}} for number in range(129)]
    assert broken(asked(tools=many[:128])) == set()
    assert broken(asked(tools=many)) == {"tools-too-many"}
    assert broken(asked(tools=many), "together") == set()


def test_the_call_that_was_meant() -> None:
    record = asked(calls(call("Weather ")), result())
    assert fixed("tool-unknown", record)["messages"][1]["tool_calls"][0]["function"]["name"] == "weather"
    [place] = found("tool-unknown", asked(calls(call("stock_price")), result()))
    assert not place.is_fixable
    assert "'weather'" in place.message


def test_no_tools_at_all_is_one_warning() -> None:
    record = without(asked(calls(call()), result(), calls(call("tides")), result()), "tools")
    assert broken(record) == {"tools-missing"}
    assert len(found("tools-missing", record)) == 1


def test_targets_without_tools() -> None:
    record = {"messages": [{"role": "user", "content": "Rain?"}], "tools": [WEATHER], "answer": "yes"}
    assert "tools-not-taken" in broken(record, "bedrock", "reinforcement")
    assert broken(record, "openai", "reinforcement") == set()


# --- arguments


def test_arguments_of_trl_become_text_with_their_numbers_as_spelt() -> None:
    line = (
        b'{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"a":1.50,"b":1e400}}}]}]}'
    )
    record = parse_exact(line).value
    assert record is not None
    [place] = found("tool-arguments-type", record)
    assert place.is_fixable
    mended = json.loads(dump_line(fixed("tool-arguments-type", record)))
    assert mended["messages"][0]["tool_calls"][0]["function"]["arguments"] == '{"a": 1.50, "b": 1e400}'


def test_arguments_are_matched_with_the_schema_of_their_tool() -> None:
    [place] = found("tool-arguments-schema", asked(calls(call(arguments='{"city": 7}')), result()))
    assert "arguments.city must be a string, is a number 7" in place.message
    assert show_path(place.path) == "messages[1].tool_calls[0].function.arguments"
    assert not found("tool-arguments-schema", asked(calls(call("tides", "{}")), result()))


# --- functions


def test_functions_become_tools() -> None:
    record: dict[str, Any] = {
        "messages": [
            {"role": "user", "content": "Rain?"},
            {
                "role": "assistant",
                "content": None,
                "function_call": {"name": "weather", "arguments": '{"city": "Oslo"}'},
            },
            {"role": "function", "name": "weather", "content": "rain"},
            {"role": "assistant", "content": "Yes", "function_call": None},
        ],
        "functions": [WEATHER["function"]],
        "function_call": "auto",
    }
    mended = fixed("functions-legacy", record)
    assert list(mended) == ["messages", "tools", "tool_choice"]
    assert mended["tools"] == [WEATHER]
    _, asks, answers, last = mended["messages"]
    assert asks["tool_calls"][0]["function"]["name"] == "weather"
    assert answers == {"role": "tool", "content": "rain", "tool_call_id": asks["tool_calls"][0]["id"]}
    assert last == {"role": "assistant", "content": "Yes"}
    assert broken(mended) == set()


def test_a_result_of_no_function_cannot_be_mended() -> None:
    record = chat("Rain?", {"role": "function", "name": "weather", "content": "rain"}, "Yes")
    [place] = found("functions-legacy", record)
    assert not place.is_fixable


def test_a_function_call_that_is_no_choice_is_left_alone() -> None:
    """It may be an answer under a wrong name; the fix would have thrown it away."""
    record = {**chat("Capital?", "Oslo."), "function_call": [{"role": "assistant", "content": "Oslo."}]}
    [place] = found("functions-legacy", record)
    assert not place.is_fixable


# --- the file


def facts_of(*records: dict[str, Any]) -> FileFacts:
    block = BlockFacts()
    for row, record in enumerate(records):
        block.add(row, json.dumps(record).encode(), record, "chat")
    return FileFacts(block, 1, False, "chat")


def test_tools_that_the_file_never_calls_are_said_once() -> None:
    idle = [WEATHER, *({"type": "function", "function": {"name": name}} for name in ("tides", "moon"))]
    used = asked(calls(call()), result(), tools=idle)
    places = [(row, place) for rule, row, place in file_found(facts_of(chat("Hi", "Hello"), used, used))
              if rule == "tool-never-called"]  # fmt: skip
    assert [row for row, _ in places] == [1]
    assert places[0][1].message == "2 of 3 tools are never called in the file: 'tides', 'moon'"


def test_a_tool_of_one_example_may_go_uncalled() -> None:
    use = ToolUse()
    use.add(0, asked())
    assert use.never_called() == {}


def test_use_of_tools_adds_up_over_blocks() -> None:
    records = [
        asked(),
        asked(calls(call()), result()),
        chat("Hi", "Hello"),
        asked(tools=[{"function": {"name": "moon"}}]),
    ]
    whole, first, second = ToolUse(), ToolUse(), ToolUse()
    for row, record in enumerate(records * 2):
        whole.add(row, record)
        (first if row < 3 else second).add(row if row < 3 else row - 3, record)
    first.extend(pickle.loads(pickle.dumps(second)), 3)
    assert first == whole
    assert whole.never_called() == {"moon": 3}


def test_every_target_is_known_to_the_fixes() -> None:
    record = asked(calls(without(call(arguments={"city": "Oslo"}), "id", "type")), without(result(), "tool_call_id"))
    fix_record(record, "chat", list(targets()))
    for target in targets():
        assert broken(record, target) == set()
