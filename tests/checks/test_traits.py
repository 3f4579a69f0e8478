"""Which rules look at a record: what they leave out could not have found anything."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.records import GOOD, failing, spoilt
from fttui.checks.engine import check_record
from fttui.checks.model import Example, Found
from fttui.checks.table import record_checks, rules
from fttui.checks.traits import ANY, EVERYTHING, traits_of
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


@pytest.mark.parametrize(
    ("number", "traits"), enumerate((ANY, None, None, None, ANY, ANY)), ids=lambda value: str(value)
)
def test_good_records_have_few_traits(number: int, traits: int | None) -> None:
    kind, record = GOOD[number]
    assert traits_of(record, kind) != EVERYTHING or kind not in ("chat", "preference", "reinforcement", "completion")
    if traits is not None and traits_of(record, kind) != EVERYTHING:
        assert traits_of(record, kind) & traits
