"""Fixes converge: what is mended has nothing left to mend, and what no fix is about stays as it was."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from checks.records import GOOD, failing, spoilt
from fttui.checks.engine import check_record, issues_of
from fttui.checks.fixing import fix_line, fix_record
from fttui.checks.model import Issue
from fttui.checks.rules.lines import check_line
from fttui.checks.table import record_fixes, rules
from fttui.checks.targets import targets
from fttui.formats.kinds import Kind
from fttui.formats.lines import parse_exact, parse_line

ALL = tuple(targets())


def fixable(record: dict[str, Any], kind: Kind, asked: tuple[str, ...]) -> list[Issue]:
    """What is found in a record and has a fix for a record."""
    found = issues_of(check_record(record, kind), None, asked)
    return [issue for issue in found if issue.is_fixable and issue.rule in record_fixes()]


@pytest.mark.parametrize(("kind", "record"), GOOD)
def test_a_good_record_has_no_error(kind: Kind, record: dict[str, Any]) -> None:
    """Or the property below would be about other records than it says."""
    takers = [name for name, limits in targets().items() if kind in limits.kinds]
    issues = issues_of(check_record(record, kind), None, takers)
    for taker in takers:
        if not any(taker in issue.targets and issue.severity == "error" for issue in issues):
            return
    pytest.fail(str(issues))


@settings(max_examples=250, deadline=None)
@given(spoilt(), st.sampled_from([(name,) for name in ALL] + [ALL]))
def test_fixes_converge(case: tuple[Kind, dict[str, Any]], asked: tuple[str, ...]) -> None:
    kind, record = case
    before = copy.deepcopy(record)
    done = fix_record(record, kind, asked)
    assert fixable(record, kind, asked) == [], (before, done)
    assert fix_record(record, kind, asked) == ()
    if not done:
        assert record == before


@pytest.mark.parametrize("target", ALL)
def test_what_breaks_a_rule_is_mended_for_good(target: str) -> None:
    for kind, record in failing():
        record = copy.deepcopy(record)
        fix_record(record, kind, (target,))
        assert fixable(record, kind, (target,)) == []


@settings(max_examples=80, deadline=None)
@given(spoilt(), st.sampled_from(ALL))
def test_a_mended_line_has_nothing_left_to_mend(case: tuple[Kind, dict[str, Any]], target: str) -> None:
    kind, record = case
    raw = json.dumps(record).encode() + b"\r\n"
    new, done = fix_line(raw, kind, (target,))
    assert new.endswith(b"\r\n")
    assert b"\n" not in new[:-2]
    if not done:
        assert new == raw
    again = parse_line(new[:-2]).value
    assert isinstance(again, dict)
    assert fixable(again, kind, (target,)) == []
    assert not [issue for issue in issues_of(check_line(new, 1, False), None, (target,)) if issue.is_fixable]


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(GOOD), st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=8), max_size=3))
def test_keys_of_messages_that_no_fix_is_about_stay(good: tuple[Kind, dict[str, Any]], more: dict[str, Any]) -> None:
    kind, record = good
    record = copy.deepcopy(record)
    if "messages" not in record:
        return
    record["messages"].insert(0, {"role": "sytem", "content": record["messages"][0]["content"], **more})
    before = copy.deepcopy(record)
    assert "role-unknown" not in fix_record(record, kind, ALL, only=("blank-line",))
    assert record == before
    fix_record(record, kind, ALL, only=("role-unknown",))
    before["messages"][0]["role"] = record["messages"][0]["role"]
    assert record == before


def test_only_and_necessary_narrow_what_is_mended() -> None:
    record = {"messages": [{"role": "human", "content": "Hi"}, {"role": "gpt", "content": "Hello"}]}
    for narrow in ({"only": ("key-unknown",)}, {"only": ()}):
        same = copy.deepcopy(record)
        assert fix_record(same, "chat", ("openai",), **narrow) == ()
        assert same == record
    assert fix_record(record, "chat", ("openai",), recommended=False) == ("role-unknown", "role-unknown")
    assert [message["role"] for message in record["messages"]] == ["user", "assistant"]


def test_recommended_fixes_are_left_out_when_only_necessary_ones_are_wanted() -> None:
    wanted = {name for name, rule in rules().items() if rule.fix == "recommended" and name in record_fixes()}
    assert wanted
    for name in wanted:
        for line in rules()[name].failing:
            _, done = fix_line(line.encode("utf-8", "surrogatepass"), "chat", ALL, recommended=False, row=1)
            assert name not in done


def test_a_mended_line_keeps_its_spelling() -> None:
    raw = b'{"n":1.50,"messages":[{"role":"user","content":"\\u00e9"},{"role":"gpt","content":"b","w":1e3}]}\n'
    new, done = fix_line(raw, "chat", ("openai",), only=("role-unknown",))
    assert done == ("role-unknown",)
    assert new == raw.replace(b'"gpt"', b'"assistant"')


def test_a_line_with_a_key_twice_is_not_written_anew_unless_that_may_be_mended() -> None:
    raw = b'{"messages": [{"role": "gpt", "content": "a", "content": "b"}]}'
    assert fix_line(raw, "chat", ("openai",), only=("role-unknown",)) == (raw, ())
    new, done = fix_line(raw, "chat", ("openai",), only=("role-unknown", "duplicate-keys"))
    assert new == b'{"messages": [{"role": "assistant", "content": "b"}]}'
    assert set(done) == {"role-unknown", "duplicate-keys"}


def test_a_byte_order_mark_is_the_file_s_at_its_beginning_and_a_mistake_elsewhere() -> None:
    raw = b'\xef\xbb\xbf{"messages": [{"role": "gpt", "content": "b"}]}\n'
    first, _ = fix_line(raw, "chat", ("openai",), only=("role-unknown", "bom-inside"))
    assert first == raw.replace(b"gpt", b"assistant")
    later, done = fix_line(raw, "chat", ("openai",), only=("bom-inside",), row=3)
    assert (later, done) == (raw[3:], ("bom-inside",))


@pytest.mark.parametrize("kind", ["chat", "completion", "bedrock"])
@pytest.mark.parametrize("name", hostile.LINES)
def test_hostile_lines(name: str, kind: Kind) -> None:
    raw = hostile.LINES[name]
    new, done = fix_line(raw, kind, ALL, row=1)
    assert new.count(b"\n") == 1
    if not done:
        assert new == raw
    elif parse_exact(raw).error is not None:
        pytest.fail("a line that cannot be read was written anew")
