"""Issues as words: the strip under the conversation, the rows of the list, the targets, an explanation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.checks.report import RuleCount
from fttui.checks.table import rules
from fttui.checks.targets import targets
from fttui.ui.issue_table import first_found, fix_text, grid_text, rows_of, title_text
from fttui.ui.issue_text import explanation, strip_text
from ui.found_checks import FoundChecks, issue


def test_the_chosen_issue_is_told_in_full_and_the_others_in_a_line() -> None:
    found = [
        issue(0, message="the role 'assitant' is unknown: did you mean 'assistant'?"),
        issue(0, "content-empty", "warning", "there is no text"),
        issue(0, "weight-value", "warning", "the weight is '1'"),
    ]
    lines = strip_text(found, 0, "f fix · h why", 70, 4).plain.split("\n")
    assert lines[0].startswith(" ✖ role-unknown at messages[1].role") and lines[0].endswith("1 of 3 · f fix · h why")
    assert lines[1] == "   the role 'assitant' is unknown: did you mean 'assistant'?"
    assert lines[2:] == [" ⚠ content-empty: there is no text", " ⚠ weight-value: the weight is '1'"]
    second = strip_text(found, 1, "h why", 70, 3).plain.split("\n")
    assert second[0].startswith(" ⚠ content-empty") and "2 of 3" in second[0]
    assert second[2].startswith(" ⚠ weight-value")


def test_keys_give_way_where_there_is_no_room_for_the_rule() -> None:
    (head, *_) = strip_text([issue(0)], 0, "f fix · h why", 30, 3).plain.split("\n")
    assert head.startswith(" ✖ role-unknown at messag") and "why" not in head


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=200), st.text(max_size=30)), min_size=1, max_size=6),
    st.integers(20, 120),
    st.integers(2, 6),
)
def test_no_message_breaks_out_of_the_strip(texts: list[tuple[str, str]], width: int, height: int) -> None:
    found = [issue(0, message=message or "x", path=("messages", key)) for message, key in texts]
    text = strip_text(found, len(found) - 1, "f fix", width, height)
    lines = text.split("\n")
    assert len(lines) <= height
    assert all(line.cell_length <= width for line in lines)
    assert "\x1b" not in text.plain and "\x9b" not in text.plain


def test_the_list_has_the_worst_rules_first() -> None:
    checks = FoundChecks(
        issue(3), issue(5), issue(5, "weight-value"), issue(7, "blank-line", "warning"),
        whole=[issue(None, "too-few-examples", "error", path=())] if "too-few-examples" in rules() else [],
    )  # fmt: skip
    rows = {row.key: row.cells for row in rows_of(checks, "openai")}  # type: ignore[arg-type]
    assert next(iter(rows)) == "role-unknown"
    assert [cell.text for cell in rows["role-unknown"]][:5] == ["✖", "role-unknown", "2", "2", "necessary"]


def test_the_title_says_for_whom_and_how_far() -> None:
    checks = FoundChecks(issue(0), issue(1, severity="warning"), is_complete=False)
    text = title_text("my\x1bfile.jsonl", "openai", checks).plain  # type: ignore[arg-type]
    assert text == "my␛file.jsonl, chat, checked for OpenAI · 25% so far · ✖ 1 ⚠ 1"


@pytest.mark.parametrize("width", [24, 78, 138])
def test_every_target_is_in_the_grid(width: int) -> None:
    grid = dict.fromkeys(targets(), "impossible") | {"openai": "ok", "local": "fixable"}
    text = grid_text(grid, "openai", width)
    assert all(name in text.plain for name in targets())
    assert all(line.cell_length <= max(width + 3, 28) for line in text.split("\n"))
    assert "✓ ok" in text.plain and "⚠ fixable" in text.plain
    early = grid_text(grid, "openai", width, is_complete=False).plain
    assert "✓" not in early and "ok so far" in early and "⚠ fixable" in early


def test_the_first_issue_of_a_rule_is_the_files_or_that_of_the_first_row() -> None:
    whole = issue(None, "role-unknown", message="in the file", path=())
    rows = range(9)
    assert first_found(FoundChecks(issue(4), issue(2)), rows, "role-unknown").line == 3  # type: ignore[arg-type, union-attr]
    assert first_found(FoundChecks(whole=[whole]), rows, "role-unknown") is whole  # type: ignore[arg-type]
    assert first_found(FoundChecks(issue(12)), rows, "role-unknown") is None  # type: ignore[arg-type]
    both = FoundChecks(issue(4), whole=[whole])
    both.rows_with = None  # type: ignore[method-assign, assignment]  # no row is looked at
    assert first_found(both, rows, "role-unknown") is whole  # type: ignore[arg-type]


def test_every_rule_is_explained_for_every_target() -> None:
    for rule in rules().values():
        for target in targets():
            parts = explanation(rule, target)
            assert [heading for heading, _ in parts] == ["", "for", "fix"]
            assert all(text.strip() for _, text in parts), rule.id


def test_the_list_says_how_many_places_a_fix_mends() -> None:
    assert fix_text(RuleCount(2, 2, 2), "necessary") == "necessary"
    assert fix_text(RuleCount(1_200, 9, 34), "necessary") == "34 of 1,200"
    assert fix_text(RuleCount(1_200_000, 9, 34), "necessary") == "some"
    assert fix_text(RuleCount(2, 2, 0), "necessary") == "by hand"
    assert fix_text(RuleCount(2, 2, 0), None) == "by hand"
