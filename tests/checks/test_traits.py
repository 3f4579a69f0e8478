"""Which rules look at a record: what they leave out could not have found anything."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.finding import chat
from checks.records import GOOD, failing, spoilt
from fttui.checks.engine import check_record
from fttui.checks.model import Example, Found
from fttui.checks.table import record_checks, rules
from fttui.checks.traits import (
    ANY,
    ARGUMENTS,
    CALLS,
    CONTENT,
    EVERYTHING,
    IMAGES,
    LONG_IDS,
    NAMES,
    PARTS,
    RARE_ROLES,
    REFUSALS,
    STRANGE_KEYS,
    WEIGHTS,
    traits_of,
)
from fttui.formats.kinds import KINDS, Kind


def found_by_all(record: dict[str, Any], kind: Kind, size: int = 0) -> list[tuple[str, Found]]:
    """What is found when every rule of a kind looks."""
    example = Example(record, kind, size)
    table = rules()
    return [
        (name, place)
        for name, look in record_checks().items()
        if not table[name].kinds or kind in table[name].kinds
        for place in look(example)
    ]


@given(case=spoilt(), other=st.none() | st.sampled_from(KINDS), size=st.sampled_from((0, 1)))
@settings(max_examples=600, deadline=None)
def test_the_rules_that_look_find_all_that_all_rules_find(
    case: tuple[Kind, dict[str, Any]], other: Kind | None, size: int
) -> None:
    kind, record = case
    kind = other or kind
    assert check_record(record, kind, size) == found_by_all(copy.deepcopy(record), kind, size)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_gets_lost_of_what_breaks_a_rule(kind: Kind) -> None:
    for _, record in (*failing(), *GOOD):
        assert check_record(record, kind) == found_by_all(record, kind)


@given(case=spoilt(), only=st.frozensets(st.sampled_from(sorted(record_checks())), max_size=4))
@settings(max_examples=100, deadline=None)
def test_only_some_rules_look(case: tuple[Kind, dict[str, Any]], only: frozenset[str]) -> None:
    kind, record = case
    found = [(rule, place) for rule, place in check_record(record, kind) if rule in only]
    assert check_record(record, kind, only=only) == found


def texts(*roles: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": "x"} for role in roles], **more}


CALL = {"id": "call00001", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}
TOOL_CALL = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call00001", "content": "4"}
PLAIN: tuple[tuple[Kind, dict[str, Any]], ...] = (
    ("chat", texts("system", "user", "assistant")),
    (
        "chat",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}, *texts("assistant")["messages"]]},
    ),
    ("chat", chat("Cold?", TOOL_CALL, RESULT, {"role": "assistant", "content": "Yes."}, tools=[TOOL])),
    (
        "preference",
        {
            "input": texts("user"),
            "preferred_output": [{"role": "assistant", "content": "a"}],
            "non_preferred_output": [{"role": "assistant", "content": "b"}],
        },
    ),
    ("reinforcement", texts("user", answer="7")),
    ("completion", {"prompt": "a", "completion": "b"}),
)


@pytest.mark.parametrize(("kind", "record"), PLAIN)
def test_a_plain_record_has_no_trait(kind: Kind, record: dict[str, Any]) -> None:
    assert traits_of(record, kind) & ~RARE_ROLES == ANY  # not everybody knows a tool


@pytest.mark.parametrize(
    ("change", "traits"),
    [
        ({"weight": 0}, WEIGHTS),
        ({"name": "ada"}, NAMES),
        ({"refusal": "No."}, REFUSALS),
        ({"mood": "good"}, STRANGE_KEYS),
        ({"content": " "}, CONTENT),
        ({"content": []}, PARTS),
        ({"content": [{"type": "image_url"}]}, PARTS | IMAGES),
        ({"tool_calls": [CALL]}, CALLS | ARGUMENTS | LONG_IDS),
        ({"function_call": {}}, EVERYTHING & ~ANY),
        ({"role": ["assistant"]}, EVERYTHING & ~ANY),
    ],
)
def test_what_a_message_has_shows(change: dict[str, Any], traits: int) -> None:
    record = texts("user", "assistant")
    record["messages"][1].update(change)
    assert traits_of(record, "chat") == ANY | traits
