"""Rules about preference pairs."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from checks.finding import fixed, found, rules_for
from fttui.checks.fixing import fix_record

ASK: list[dict[str, Any]] = [{"role": "user", "content": "Capital of Norway?"}]


def said(text: str) -> list[dict[str, Any]]:
    return [{"role": "assistant", "content": text}]


def pair(**more: Any) -> dict[str, Any]:
    good = {"input": {"messages": ASK}, "preferred_output": said("Oslo"), "non_preferred_output": said("Bergen")}
    return copy.deepcopy({key: value for key, value in {**good, **more}.items() if value is not ...})


def broken(record: dict[str, Any], target: str = "openai") -> set[str]:
    return rules_for(record, target, "preference")


def test_a_good_pair_breaks_no_rule() -> None:
    for target in ("openai", "azure", "together", "fireworks"):
        assert broken(pair(), target) == set()


@pytest.mark.parametrize("names", [("preferred_completion", "non_preferred_completion"), ("chosen", "rejected")])
def test_older_names_are_written_anew_where_they_stand(names: tuple[str, str]) -> None:
    record = {names[0]: said("Oslo"), "input": {"messages": ASK}, names[1]: said("Bergen")}
    assert "preference-old-keys" in broken(record)
    assert "preference-side-missing" not in broken(record)
    assert list(fixed("preference-old-keys", record, "preference")) == [
        "preferred_output",
        "input",
        "non_preferred_output",
    ]


def test_an_older_name_beside_the_new_one_is_left_to_a_person() -> None:
    record = pair(preferred_completion=said("Bodø"))
    [place] = found("preference-old-keys", record, "preference")
    assert not place.is_fixable


def test_a_pair_of_trl_is_mended() -> None:
    record: dict[str, Any] = {"prompt": "Capital of Norway?", "chosen": "Oslo", "rejected": "Bergen"}
    fix_record(record, "preference", ["openai"])
    assert record == pair()


@pytest.mark.parametrize("given", [ASK, "Capital of Norway?", ASK[0]])
def test_input_is_mended(given: Any) -> None:
    fix_record(record := pair(input=given), "preference", ["openai"])
    assert record == pair()


@pytest.mark.parametrize("given", [None, 7, "", []])
def test_input_that_nobody_can_mend(given: Any) -> None:
    [place] = found("preference-input", pair(input=given), "preference")
    assert not place.is_fixable


def test_messages_beside_the_answers_are_moved_into_input() -> None:
    record = fixed("preference-input", {"messages": ASK, **pair(input=...)}, "preference")
    assert record == pair()


@pytest.mark.parametrize("side", ["preferred_output", "non_preferred_output"])
def test_both_answers_are_there(side: str) -> None:
    [place] = found("preference-side-missing", pair(**{side: ...}), "preference")
    assert repr(side) in place.message


def test_azure_takes_several_messages() -> None:
    tools = [{"role": "tool", "tool_call_id": "call_1", "content": "Oslo"}]
    record = pair(preferred_output=[*said("Let me see"), *tools, *said("Oslo")])
    length, role = "preference-side-length", "preference-side-role"
    assert {length, role} <= broken(record, "openai")
    assert not {length, role} & broken(record, "azure")
    assert role in broken(pair(preferred_output=tools), "azure")
    assert length in broken(pair(preferred_output=[]), "azure")
    assert role in broken(pair(preferred_output=ASK), "azure")


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (said("Oslo"), said("Oslo"), True),
        (said("Oslo"), said(" Oslo\n"), True),
        (said("Oslo"), said("oslo"), False),
        (said("x"), [{"role": "assistant", "tool_calls": []}], False),
        ([], [], False),
    ],
)
def test_answers_differ(one: Any, other: Any, is_same: bool) -> None:
    record = pair(preferred_output=one, non_preferred_output=other)
    assert bool(found("preference-same", record, "preference")) == is_same


def test_pairs_are_text_only() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    record = pair(input={"messages": [{"role": "user", "content": [{"type": "text", "text": "Where?"}, image]}]})
    [place] = found("preference-images", record, "preference")
    assert place.path == ("input", "messages", 0, "content", 1)


def test_the_input_ends_with_a_question() -> None:
    record = pair(input={"messages": [*ASK, *said("Hm")]})
    assert "preference-last-turn" in broken(record)
    assert "preference-last-turn" not in broken(pair(input={"messages": [*ASK, *said("Hm"), *ASK]}))


def test_tools_are_moved_into_the_input() -> None:
    record = fixed("preference-tools-place", pair(tools=[]), "preference")
    assert record == pair(input={"messages": ASK, "tools": []})
    both = pair(tools=[], input={"messages": ASK, "tools": []})
    assert not found("preference-tools-place", both, "preference")[0].is_fixable
