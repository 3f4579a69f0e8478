"""What each target takes: a whole table, good files that pass, and rules that hold there and there alone."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from checks.finding import chat, rules_for
from fttui.checks.engine import check_record, issues_of
from fttui.checks.run import Options, check_lines
from fttui.checks.table import rules
from fttui.checks.targets import DEFAULT, targets
from fttui.formats.kinds import KINDS, Kind
from fttui.formats.lines import BOM
from fttui.local import examples
from fttui.tokens.models import rule_for

ROLES = {"system", "developer", "user", "assistant", "tool", "function", "model"}
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "Weather", "parameters": {"type": "object"}},
}
CALL = {"id": "call00001", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "call00001", "content": "rain"}
ASKED = {"role": "user", "content": "Rain?"}
CALLED = {"role": "assistant", "tool_calls": [CALL]}
ANSWER = {"role": "assistant", "content": "Take an umbrella."}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)


def good(kind: Kind, number: int) -> dict[str, Any]:
    """An example of a kind that nothing is wrong with."""
    question, answer = f"What is {number} and {number}?", f"It is {2 * number}."
    if kind == "preference":
        sides = [[{"role": "assistant", "content": said}] for said in (answer, "I forgot.")]
        return {
            "input": {"messages": [{"role": "user", "content": question}]},
            "preferred_output": sides[0],
            "non_preferred_output": sides[1],
        }
    if kind == "reinforcement":
        return {"messages": [{"role": "user", "content": question}], "reference_answer": answer}
    if kind == "completion":
        return {"prompt": f"{question}\n\n###\n\n", "completion": f" {2 * number}\n"}
    if kind == "gemini":
        turns = (("user", question), ("model", answer))
        return {"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns]}
    if kind == "bedrock":
        turns = (("user", question), ("assistant", answer))
        messages = [{"role": role, "content": [{"text": text}]} for role, text in turns]
        return {"schemaVersion": "bedrock-conversation-2024", "messages": messages}
    return chat(question, answer)


def image(url: str) -> dict[str, Any]:
    return chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}, "A cat")


def tools(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": copy.deepcopy(list(messages)), "tools": [WEATHER]}


def spoilt_call(**changes: Any) -> dict[str, Any]:
    record = tools(ASKED, CALLED, RESULT, ANSWER)
    record["messages"][1]["tool_calls"][0] = {**CALL, **changes}
    if "id" in changes:
        record["messages"][2]["tool_call_id"] = changes["id"]
    return record


def test_the_table_is_whole() -> None:
    assert DEFAULT in targets()
    for name, limits in targets().items():
        assert limits.name == name
        assert limits.kinds <= set(KINDS) - {"other"}
        assert limits.kinds
        assert limits.roles <= ROLES
        assert {"user"} < limits.roles
        assert 1 <= limits.least <= limits.advised <= (limits.examples or limits.advised)
        assert len(limits.as_of) == 7
        assert limits.source
        assert limits.notes.endswith(".")
        assert all(url.startswith("https://") for url in limits.urls)
        assert limits.urls or name == "local"


def test_limits_of_tokens_are_those_of_the_models() -> None:
    for limits in targets().values():
        known = rule_for(limits.model).limit
        assert known is None or known == limits.limit


@pytest.mark.parametrize("target", targets())
def test_good_files_of_each_kind_that_is_taken_pass_there(target: str) -> None:
    limits = targets()[target]
    for kind in KINDS[:-1]:
        lines = [json.dumps(good(kind, number)).encode() for number in range(120)]
        if limits.bom == "needed":
            lines[0] = BOM + lines[0]
        report = check_lines(lines, Options((target,)))
        assert report.kind == kind
        if kind in limits.kinds:
            assert not report.errors + report.warnings, report.issues
            assert report.grid[target] == "ok"
        else:
            assert set(report.counts) >= {"kind-not-taken"}
            assert report.grid[target] == "impossible"


def test_the_local_server_takes_what_it_says() -> None:
    assert targets()["local"].kinds == set(examples._KINDS)


def refusing(record: dict[str, Any], rule: str, kind: Kind = "chat") -> set[str]:
    """The targets for which a rule is broken, as an error."""
    found = check_record(record, kind)
    return {
        target
        for target in targets()
        if any(issue.rule == rule and issue.severity == "error" for issue in issues_of(found, 1, [target]))
    }


CHATTING = {name for name, limits in targets().items() if "chat" in limits.kinds}


@pytest.mark.parametrize(
    ("rule", "record", "expected"),
    [
        ("image-not-taken", image("https://example.com/cat.png"), {"nebius", "local"}),
        ("image-linked", image("https://example.com/cat.png"), {"together", "fireworks"}),
        ("image-linked", image(PIXEL), set()),
        ("last-turn-not-assistant", chat("Hi", "Hello", "Thanks"), {"openai", "azure", "mistral"}),
        ("turn-repeated", tools(ASKED, ASKED, ANSWER), {"together"}),
        ("tool-call-id-shape", spoilt_call(id="call_1"), {"mistral"}),
        ("tool-call-id-shape", tools(ASKED, CALLED, RESULT, ANSWER), set()),
        ("tool-call-unpaired", tools(ASKED, CALLED, ANSWER), {"openai", "azure", "mistral"}),
        ("tool-result-unpaired", tools(ASKED, RESULT, ANSWER), {"openai", "azure", "mistral"}),
        ("tool-calls-empty", chat("Hi", {"role": "assistant", "content": "Hello", "tool_calls": []}), set()),
        ("weight-all-masked", chat("Hi", {"role": "assistant", "content": "Hello", "weight": 0}), set()),
        ("role-unknown", chat({"role": "narrator", "content": "Hi"}, "Hello"), CHATTING),
    ],
)
def test_who_refuses_what(rule: str, record: dict[str, Any], expected: set[str]) -> None:
    assert refusing(record, rule) & CHATTING == expected


def test_arguments_as_an_object_are_an_error_where_a_schema_says_so() -> None:
    record = spoilt_call(function={"name": "weather", "arguments": {"city": "Oslo"}})
    assert refusing(record, "tool-arguments-type") & CHATTING == {"openai", "azure", "mistral"}


def test_the_result_of_a_tool_in_parts_is_told_for_openai() -> None:
    parts = {**RESULT, "content": [{"type": "text", "text": "rain"}]}
    record = tools(ASKED, CALLED, parts, ANSWER)
    assert rules_for(record, "openai") == rules_for(record, "azure") == {"tool-content-parts"}
    assert rules_for(record, "together") == set()


@pytest.mark.parametrize(("target", "least"), [("openai", 10), ("fireworks", 3), ("bedrock", 8), ("together", 1)])
def test_the_least_number_of_examples(target: str, least: int) -> None:
    kind: Kind = "bedrock" if target == "bedrock" else "chat"
    lines = [json.dumps(good(kind, number)).encode() for number in range(least)]
    assert "too-few-examples" not in check_lines(lines, Options((target,))).counts
    if least > 1:
        assert "too-few-examples" in check_lines(lines[1:], Options((target,))).counts


def test_every_rule_of_some_targets_alone_names_ones_that_take_its_kinds() -> None:
    for rule in rules().values():
        for name in rule.targets | set(rule.severities):
            assert not rule.kinds or rule.kinds & targets()[name].kinds, (rule.id, name)
