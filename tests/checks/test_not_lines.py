"""Of a file that is no JSON lines at all, one issue is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fttui.checks.model import Issue
from fttui.checks.run import Options, check_file, check_lines
from fttui.checks.table import rules
from fttui.checks.targets import targets

RECORDS = [
    {"messages": [{"role": "user", "content": f"{number} 時ですか"}, {"role": "assistant", "content": "はい"}]}
    for number in range(30)
]
ARRAY = json.dumps(RECORDS, ensure_ascii=False, indent=1)
ONE_A_LINE = "[\n" + ",\n".join(json.dumps(record) for record in RECORDS) + "\n]"
SPREAD = json.dumps({"data": RECORDS}, indent=2).replace("},", "},\n")
TABLE = "prompt,completion\n" + "\n".join(f'"{number}, isn\'t it?",yes' for number in range(30))
FILE_RULES = {rule.id for rule in rules().values() if rule.scope == "file"}
ALL = Options(tuple(targets()))


@pytest.mark.parametrize("text", [ARRAY, ONE_A_LINE, SPREAD, TABLE], ids=["array", "one a line", "spread", "table"])
def test_an_array_or_a_table_is_one_issue(text: str) -> None:
    report = check_lines(text.encode().split(b"\n"), ALL)
    assert [(issue.rule, issue.line) for issue in report.issues] == [("not-json-lines", None)]
    assert dict(report.counts) == {"not-json-lines": (1, 0, 0)}
    assert (report.errors, report.warnings, report.left_out) == (1, 0, 0)
    assert set(report.grid.values()) == {"impossible"}
    assert not report.rows_of("not-json")


@pytest.mark.parametrize("codec", ["cp932", "utf-16-le", "euc_jp"])
def test_another_encoding_is_one_issue(codec: str) -> None:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in RECORDS)
    report = check_lines(text.encode(codec).split(b"\n"), ALL)
    assert [(issue.rule, issue.line) for issue in report.issues] == [("encoding", None)]


def test_issues_of_lines_that_are_none_are_not_told_on_the_way(tmp_path: Path) -> None:
    told: list[Issue] = []
    path = tmp_path / "table.jsonl"
    path.write_text(TABLE, "utf-8")
    check_file(path, ALL, on_issues=told.extend)
    assert not told
    path.write_text("[\n" + "\n".join(json.dumps(record) for record in RECORDS) + "\n]", "utf-8")
    report = check_file(path, ALL, on_issues=told.extend)
    assert [issue.line for issue in told if issue.rule == "not-json"] == [1, 32]
    assert told == [issue for issue in report.issues if issue.line is not None and issue.rule not in FILE_RULES]


def test_lines_in_another_encoding_are_told_beside_good_ones() -> None:
    good = json.dumps(RECORDS[0]).encode()
    bad = json.dumps(RECORDS[1], ensure_ascii=False).encode("cp932")
    report = check_lines([good] * 12 + [bad] * 3, ALL)
    assert [issue.line for issue in report.issues if issue.rule == "not-utf8"] == [13, 14, 15]
    assert report.counts["encoding"] == (1, 0, 0)


def test_some_broken_lines_are_told_line_by_line() -> None:
    good = json.dumps(RECORDS[0]).encode()
    report = check_lines([good] * 12 + [b"{"] * 3, ALL)
    assert [issue.line for issue in report.issues if issue.rule == "not-json"] == [13, 14, 15]


def test_personal_data_is_told_all_the_same() -> None:
    text = json.dumps([{"prompt": "Who?", "completion": "jane.doe@acme.co.jp"}], indent=1)
    report = check_lines(text.encode().split(b"\n"), ALL)
    assert set(report.counts) == {"not-json-lines", "personal-email"}
