"""Rules about reinforcement: what the grader reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.finding import found
from fttui.checks.model import Found
from fttui.checks.table import file_fixes
from fttui.checks.whole.facts import BlockFacts, FileFacts, file_found

ASK = {"messages": [{"role": "user", "content": "Capital of Norway?"}]}


def facts_of(records: list[dict[str, Any]], kind: Any = "reinforcement") -> FileFacts:
    block = BlockFacts()
    for row, record in enumerate(records):
        block.add(row, json.dumps(record).encode(), record, kind)
    return FileFacts(block, 1, False, kind)


def in_file(rule: str, *records: dict[str, Any], kind: Any = "reinforcement") -> list[tuple[int | None, Found]]:
    return [(row, place) for name, row, place in file_found(facts_of(list(records), kind)) if name == rule]


def graded(**fields: Any) -> dict[str, Any]:
    return {**ASK, **fields}


@pytest.mark.parametrize("value", [None, "", "  ", [], {}])
def test_an_empty_field_measures_nothing(value: Any) -> None:
    [place] = found("grader-field-empty", graded(answer=value), "reinforcement")
    assert place.path == ("answer",)


@pytest.mark.parametrize("value", [0, False, "0", [0], {"a": None}, -0.5])
def test_a_field_with_a_value_does(value: Any) -> None:
    assert found("grader-field-empty", graded(answer=value), "reinforcement") == []


def test_keys_that_no_grader_reads_may_be_empty() -> None:
    assert found("grader-field-empty", graded(answer=1, tools=[]), "reinforcement") == []


def test_response_format_is_the_jobs() -> None:
    assert found("response-format-in-row", graded(answer=1, response_format={"type": "text"}), "reinforcement")


def test_each_row_without_a_field_is_named() -> None:
    good = graded(answer="Oslo")
    places = in_file("grader-field-missing", good, graded(points=1), good, graded(points=2, answer="x"), graded())
    assert [row for row, _ in places] == [1, 4]
    assert places[0][1].message == "'answer', which 3 of 5 examples have, is missing"


def test_a_misspelt_field_is_renamed_in_place() -> None:
    rows = [graded(answer="a"), graded(answer="b"), {"anser": "c", **ASK}]
    [(row, place)] = in_file("grader-field-missing", *rows)
    assert (row, place.path, place.is_fixable) == (2, ("anser",), True)
    plan = file_fixes()["grader-field-missing"](facts_of(rows), ["openai"])
    assert plan.edit is not None
    for record in rows:
        plan.edit(record)
    assert rows[2] == {"answer": "c", **ASK}
    assert list(rows[2]) == ["answer", "messages"]
    assert rows[0] == graded(answer="a")
    assert in_file("grader-field-missing", *rows) == []


@given(st.lists(st.sets(st.sampled_from(("answer", "points", "hint"))), min_size=1, max_size=12))
def test_what_at_least_half_of_the_examples_have_is_wanted_of_all(fields: list[set[str]]) -> None:
    records = [graded(**dict.fromkeys(sorted(names), "x")) for names in fields]
    counts = {name: sum(name in names for names in fields) for name in ("answer", "points", "hint")}
    common = {name for name, count in counts.items() if count and 2 * count >= len(fields)}
    wanted = sorted((row, name) for row, names in enumerate(fields) for name in common - names)
    places = in_file("grader-field-missing", *records)
    assert sorted((row, place.message.split("'")[1]) for row, place in places) == wanted
    rare = {place.path[0] for _, place in in_file("grader-field-rare", *records)}
    assert rare == {name for name, count in counts.items() if count} - common


def test_a_file_without_a_field_is_said_once() -> None:
    assert [row for row, _ in in_file("grader-field-none", ASK, ASK)] == [None]
    assert in_file("grader-field-none", ASK, graded(answer=1)) == []


@pytest.mark.parametrize(
    ("name", "is_good"), [("a b", False), ("a.b", False), ("1a", False), ("größe", True), ("a_1", True)]
)
def test_names_that_a_template_can_read(name: str, is_good: bool) -> None:
    assert (in_file("grader-field-name", graded(**{name: "x"})) == []) == is_good


def test_names_that_are_nearly_the_same() -> None:
    [(row, place)] = in_file("grader-field-name", graded(answer="x"), graded(answer="x", Answer="y"))
    assert row == 1
    assert "'answer'" in place.message and "'Answer'" in place.message


def test_other_files_have_no_grader() -> None:
    for rule in ("grader-field-missing", "grader-field-rare", "grader-field-none", "grader-field-name"):
        assert in_file(rule, graded(answer=1), graded(points=1), ASK, kind="chat") == []


def test_keys_that_are_data_are_let_be() -> None:
    assert in_file("grader-field-rare", *(graded(**{f"k{number}": 1}) for number in range(400))) == []
