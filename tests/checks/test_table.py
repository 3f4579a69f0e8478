"""The table of rules is whole, and every rule's own examples break it and keep it."""

from __future__ import annotations

import copy
import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from fttui.checks.engine import check_record, issues_of
from fttui.checks.model import Found, Rule
from fttui.checks.run import Options, check_lines
from fttui.checks.table import MODULES, record_checks, record_fixes, rules
from fttui.checks.targets import targets
from fttui.formats.kinds import KINDS, Kind, kind_of_file
from fttui.formats.lines import parse_exact, parse_line

RULES = tuple(rules().values())
RECORD_RULES = tuple(rule for rule in RULES if rule.scope == "record")
TOO_LONG_TO_SHOW = ("image-size", "too-long", "too-long-to-learn", "completion-long")
"""Rules whose failing line has megabytes: tests of their own write it."""
NO_LINES_TO_SHOW = (
    "nested-too-deep", "not-utf8", "encoding", "bom-inside", "bom-unwanted", "bom-missing", "few-examples",
    "too-many-examples", "too-many-image-examples", "file-too-large",
)  # fmt: skip
"""Rules about bytes that are no text, or about a whole file: tests of their own write it."""


def records_of(lines: tuple[str, ...]) -> list[dict[str, Any]]:
    records = [parse_line(line.encode()).value for line in lines]
    assert all(isinstance(record, dict) for record in records)
    return [record for record in records if record is not None]


def kind_for(rule: Rule, records: list[dict[str, Any]]) -> Kind:
    """The kind of the file that a rule's example is."""
    kind = kind_of_file(records)
    if not rule.kinds or kind in rule.kinds:
        return kind
    return "chat" if "chat" in rule.kinds else min(rule.kinds)


def broken_in_file(rule: Rule, lines: tuple[str, ...]) -> set[str]:
    """The rules that are broken in a file of these lines, for any target."""
    parsed = [parse_line(line.encode("utf-8", "surrogatepass")).value for line in lines]
    kind = kind_for(rule, [record for record in parsed if record is not None])
    raw = [line.encode("utf-8", "surrogatepass") + b"\n" for line in lines]
    return set(check_lines(raw, Options(tuple(targets()), kind)).counts)


def errors(found: list[tuple[str, Found]], target: str) -> set[str]:
    return {issue.rule for issue in issues_of(found, 1, [target]) if issue.severity == "error"}


def names(found: list[tuple[str, Found]], target: str) -> set[str]:
    return {issue.rule for issue in issues_of(found, 1, [target])}


def test_no_id_is_given_twice() -> None:
    ids = [
        name
        for module in MODULES
        for name in tomllib.loads(files("fttui.checks.rules").joinpath(f"{module}.toml").read_text("utf-8"))
    ]
    assert len(ids) == len(set(ids)) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_words_are_whole(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id)
    assert rule.scope in ("line", "record", "file")
    assert {rule.severity, *rule.severities.values()} <= {"error", "warning", "info"}
    assert rule.targets | set(rule.severities) <= set(targets())
    assert rule.kinds <= set(KINDS)
    assert rule.title and not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert (rule.fix is None) == (not rule.fix_text)
    assert rule.fix in (None, "necessary", "recommended")
    assert not rule.fix_text.endswith(".")
    assert rule.passing or rule.id in NO_LINES_TO_SHOW
    assert rule.failing or rule.id in (*TOO_LONG_TO_SHOW, *NO_LINES_TO_SHOW)


@pytest.mark.parametrize("rule", RECORD_RULES, ids=lambda rule: rule.id)
def test_a_rule_has_its_functions(rule: Rule) -> None:
    assert rule.id in record_checks()
    assert (rule.id in record_fixes()) == (rule.fix is not None)


def test_every_function_belongs_to_a_rule() -> None:
    assert set(record_fixes()) <= set(rules())


@pytest.mark.parametrize("rule", RECORD_RULES, ids=lambda rule: rule.id)
def test_failing_breaks_this_rule_alone(rule: Rule) -> None:
    records = records_of(rule.failing)
    kind = kind_for(rule, records)
    broken = 0
    for record in records:
        found = check_record(record, kind)
        for_rule = [target for target in targets() if rule.id in names(found, target)]
        broken += bool(for_rule)
        if rule.id != "kind-mixed":  # the lines around the one that is meant are no mistakes
            assert for_rule, record
        assert not for_rule or any(errors(found, target) <= {rule.id} for target in for_rule), found
    assert broken or rule.id in TOO_LONG_TO_SHOW


@pytest.mark.parametrize("rule", RECORD_RULES, ids=lambda rule: rule.id)
def test_passing_has_no_error(rule: Rule) -> None:
    records = records_of(rule.passing)
    kind = kind_for(rule, records)
    mine = [target for target in targets() if rule.severity_for(target) is not None]
    for record in records:
        found = check_record(record, kind)
        assert any(not errors(found, target) and rule.id not in names(found, target) for target in mine), found


@pytest.mark.parametrize("rule", [rule for rule in RECORD_RULES if rule.fix], ids=lambda rule: rule.id)
def test_a_fix_mends_its_place(rule: Rule) -> None:
    kind = kind_for(rule, records_of(rule.failing))
    mended = 0
    for line in rule.failing:
        record = parse_exact(line.encode()).value
        assert record is not None
        for _ in range(50):
            place = next(
                (place for name, place in check_record(record, kind) if name == rule.id and place.is_fixable), None
            )
            if place is None:
                break
            before = copy.deepcopy(record)
            record_fixes()[rule.id](record, place.path)
            assert record != before or repr(record) != repr(before)
            mended += 1
        else:
            raise AssertionError(f"the fix does not end: {record}")
    assert mended, "no failing line shows the fix"


@pytest.mark.parametrize("rule", RECORD_RULES, ids=lambda rule: rule.id)
def test_messages_are_clauses(rule: Rule) -> None:
    records = records_of(rule.failing)
    for record in records:
        for name, place in check_record(record, kind_for(rule, records)):
            if name == rule.id:
                assert place.message and not place.message.endswith("."), place.message
                assert len(place.message) < 400


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.failing], ids=lambda rule: rule.id)
def test_a_file_of_the_failing_lines_breaks_the_rule(rule: Rule) -> None:
    before = rule.passing[:1] if rule.scope == "line" else ()  # where the line stands may count: inside a file
    assert rule.id in broken_in_file(rule, (*before, *rule.failing))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.scope != "record"], ids=lambda rule: rule.id)
def test_a_file_of_the_passing_lines_keeps_the_rule(rule: Rule) -> None:
    assert rule.id not in broken_in_file(rule, rule.passing) or rule.id == "kind-not-taken"  # nobody takes all kinds
