"""Rules about what a record is at all, and about Gemini's and Bedrock's shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.finding import chat, fixed, found, rules_for
from fttui.checks.engine import check_record, issues_of
from fttui.checks.rules.shapes import kind_found
from fttui.checks.targets import targets
from fttui.formats.kinds import KINDS, Kind, kind_of_record

SHARED = Path(__file__).parents[3] / "shared" / "data" / "formats"
GEMINI: dict[str, Any] = {
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "contents": [{"role": "user", "parts": [{"text": "Hi"}]}, {"role": "model", "parts": [{"text": "Hello"}]}],
}
BEDROCK: dict[str, Any] = {
    "schemaVersion": "bedrock-conversation-2024",
    "system": [{"text": "Be brief."}],
    "messages": [{"role": "user", "content": [{"text": "Hi"}]}, {"role": "assistant", "content": [{"text": "Hello"}]}],
}


@pytest.mark.parametrize("kind", KINDS)
def test_who_takes_a_kind(kind: Kind) -> None:
    without = {name for place in kind_found(kind) for name in place.targets or ()}
    assert without == {name for name, limits in targets().items() if kind not in limits.kinds}


def test_lines_of_another_kind() -> None:
    pair = {"input": chat("Hi"), "preferred_output": [], "non_preferred_output": []}
    assert [place.message for place in found("kind-mixed", pair, "chat")] == [
        "this line is one of preference pairs, in a file of chat examples"
    ]
    sharegpt = {"conversations": []}
    assert found("kind-mixed", sharegpt)[0].message.startswith("this line looks like ShareGPT conversations")
    assert not found("messages-missing", sharegpt)
    assert not found("kind-mixed", chat("Hi"), "reinforcement")
    assert not found("kind-mixed", {"prompt": "x", "chosen": "a", "rejected": "b"}, "preference")
    assert not found("kind-mixed", {"unheard": 1})


@pytest.mark.parametrize(
    ("record", "whose"),
    [
        ({"conversations": []}, "ShareGPT"), ({"chosen": "", "rejected": ""}, "TRL"), ({"text": ""}, "plain text"),
        ({"x": 1}, "nothing here"),
    ],
)  # fmt: skip
def test_it_is_said_whose_data_it_is(record: dict[str, Any], whose: str) -> None:
    (place,) = found("shape-foreign", record, "other")
    assert whose in place.message


def test_unknown_keys() -> None:
    record = {**chat("Hi", "Hello"), "Tools": [], "id": 7, "seed": None}
    mended = fixed("key-unknown", record)
    assert mended == {**chat("Hi", "Hello"), "tools": [], "id": 7}, "data is not thrown away"
    assert not found("key-unknown", {"mesages": [], "tools": []})
    assert not found("key-unknown", {**chat("Hi"), "reference_answer": "x"}, "reinforcement")
    pair = {"input": {**chat("Hi"), "lang": "en"}, "preferred_output": [], "non_preferred_output": [], "score": 1}
    assert [place.path for place in found("key-unknown", pair, "preference")] == [("score",), ("input", "lang")]


def test_a_system_prompt_beside_the_messages_moves_inside() -> None:
    record = {"system": "Be brief.", **chat("Hi", "Hello")}
    assert rules_for(record, "openai") == {"system-outside"}
    mended = fixed("system-outside", record)
    assert list(mended) == ["messages"]
    assert mended["messages"][0] == {"role": "system", "content": "Be brief."}
    both = {"system": "Be brief.", **chat({"role": "system", "content": "x"}, "Hello")}
    assert not found("system-outside", both)
    assert found("key-unknown", both)


def spoilt(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**record, **changes}


def test_whole_gemini_and_bedrock_lines_are_fine() -> None:
    assert rules_for(GEMINI, "gemini", "gemini") == set()
    assert rules_for(BEDROCK, "bedrock", "bedrock") == set()


@pytest.mark.parametrize(
    ("contents", "rule", "mended"),
    [
        ([{"role": "human", "parts": "Hi"}, {"role": "assistant", "parts": ["Hello"]}], None, GEMINI["contents"]),
        ([{"role": "user", "content": "Hi"}, GEMINI["contents"][1]], "gemini-parts", GEMINI["contents"]),
        ([{"role": "user", "parts": [{"text": 7}]}, GEMINI["contents"][1]], "gemini-parts", None),
        ([{"role": "model", "parts": [{"text": "Hi"}]}], "gemini-order", None),
        ([{"parts": [{"text": "Hi"}]}, GEMINI["contents"][1]], "", None),
        ([GEMINI["contents"][0], {"parts": [{"text": "Hello"}]}], "gemini-role", None),
        ([GEMINI["contents"][0]], "gemini-model-missing", None),
        ([{"parts": [{"text": "Hi"}]}], "gemini-model-missing", None),
        ([*GEMINI["contents"], GEMINI["contents"][0]], "gemini-last-turn", None),
        ([7], "gemini-contents", None),
        ({}, "gemini-contents", None),
    ],
)
def test_gemini_turns(contents: Any, rule: str | None, mended: Any) -> None:
    record = spoilt(GEMINI, contents=contents)
    broken = rules_for(record, "gemini", "gemini")
    assert broken == ({"gemini-role", "gemini-parts"} if rule is None else {rule} - {""})
    if mended:
        assert fixed("gemini-parts", fixed("gemini-role", record, "gemini"), "gemini") == GEMINI


def test_gemini_system() -> None:
    plain = {"contents": GEMINI["contents"], "systemInstruction": "Be brief."}
    assert fixed("gemini-system", plain, "gemini")["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    snake = {"contents": GEMINI["contents"], "system_instruction": GEMINI["systemInstruction"]}
    assert rules_for(snake, "gemini", "gemini") == set()  # as Google's guide to tuning function calls has it
    snake["system_instruction"] = "Be brief."
    assert fixed("gemini-system", snake, "gemini")["system_instruction"]["parts"] == [{"text": "Be brief."}]


def test_calls_for_gemini_are_fine() -> None:
    for role in ("function", "user", None):
        call = {"role": "model", "parts": [{"functionCall": {"name": "rain", "args": {}}}]}
        result = {
            **({"role": role} if role else {}),
            "parts": [{"functionResponse": {"name": "rain", "response": {"rain": True}}}],
        }
        record = {**GEMINI, "contents": [GEMINI["contents"][0], call, result, GEMINI["contents"][1]]}
        assert rules_for(record, "gemini", "gemini") == set()
    odd = {**GEMINI, "contents": [GEMINI["contents"][0], {"role": "function", "parts": [{"text": "Hello"}]}]}
    assert "gemini-role" in rules_for(odd, "gemini", "gemini")


def test_a_chat_becomes_bedrocks() -> None:
    record: dict[str, Any] = chat({"role": "system", "content": "Be brief."}, USER, ANSWER)
    for rule in ("bedrock-role", "bedrock-content", "bedrock-schema", "bedrock-system"):
        record = fixed(rule, record, "bedrock")
    assert record == BEDROCK


USER: dict[str, Any] = {"role": "human", "content": [{"type": "text", "text": "Hi"}]}
ANSWER: dict[str, Any] = {"role": "assistant", "content": "Hello"}


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        (["Hi"], "bedrock-messages"),
        ([BEDROCK["messages"][1]], "bedrock-order"),
        ([BEDROCK["messages"][0]], "bedrock-last-turn"),
        ([BEDROCK["messages"][0], {"role": "assistant", "content": [{"text": " "}]}], "bedrock-text-empty"),
        ([BEDROCK["messages"][0], {"role": "assistant", "content": [7]}], "bedrock-content"),
        ([BEDROCK["messages"][0], {"role": "assistant"}], "bedrock-content"),
        ([BEDROCK["messages"][0], {"role": ["x"], "content": [{"text": "Hi"}]}], "bedrock-role"),
    ],
)
def test_bedrock_turns(messages: Any, rule: str) -> None:
    assert rules_for(spoilt(BEDROCK, messages=messages), "bedrock", "bedrock") == {rule}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared files are not here")
def test_wellformed_files_have_no_error() -> None:
    """Every shape that OpenAI and Azure take passes there, but TRL's calls, which have no ids."""
    others = {"trl_tools.jsonl": {"tool-call-id-missing", "tool-result-id-missing", "tool-arguments-type"}}
    seen = 0
    for path in sorted(SHARED.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            kind = kind_of_record(record)
            takers = [name for name in ("openai", "azure") if kind in targets()[name].kinds]
            found = issues_of(check_record(record, kind), 1, takers)
            assert {issue.rule for issue in found if issue.severity == "error"} <= others.get(path.name, set())
            seen += bool(takers)
    assert seen >= 8
