"""Whole files, small ones here and large ones in processes."""

from __future__ import annotations

import gzip
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from checks.checked_files import found, line, lines, write
from fttui.checks import run
from fttui.checks.engine import check_record
from fttui.checks.model import Issue
from fttui.checks.pool import CheckingPool
from fttui.checks.rows import check_one
from fttui.checks.rules.lines import check_line
from fttui.checks.run import CheckCancelled, Options, check_file, check_lines
from fttui.core.errors import FttuiError, InputError
from fttui.formats.lines import BOM, parse_line
from token_files import is_alive

OPTIONS = Options(("openai", "azure"))


@pytest.fixture
def in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check files of any size in processes, in many blocks, the ends of which fall anywhere."""
    monkeypatch.setattr(run, "_SMALL", -1)
    monkeypatch.setattr(run, "_FIRST_BLOCK", 100)
    monkeypatch.setattr(run, "BLOCK", 700)


def test_a_file_has_the_issues_of_its_lines(tmp_path: Path) -> None:
    raws = lines()
    report = check_file(write(tmp_path / "a.jsonl", raws), OPTIONS)
    assert found(report) == found(check_lines(raws, OPTIONS))
    assert report.lines == len(raws)
    assert report.examples == sum(isinstance(parse_line(raw).value, dict) for raw in raws)
    assert report.counts["role-unknown"].rows >= 6
    assert list(report.rows_of("duplicate"))[-1] == len(raws) - 1


def test_processes_find_what_is_found_here(tmp_path: Path, in_processes: None) -> None:
    raws = lines()
    told: list[Issue] = []
    report = check_file(write(tmp_path / "a.jsonl", raws), OPTIONS, on_issues=told.extend)
    expected = check_lines(raws, OPTIONS)
    assert found(report) == found(expected)
    assert {(issue.line, issue.rule, issue.message) for issue in told} <= {
        (issue.line, issue.rule, issue.message) for issue in report.issues
    }
    assert [issue.line for issue in told] == sorted(issue.line or 0 for issue in told)
    assert {issue.rule for issue in told} >= {"role-unknown", "not-json"}
    for rule in expected.counts:
        assert report.rows_of(rule) == expected.rows_of(rule)


@pytest.mark.parametrize("begin", [b"", BOM])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_how_a_file_begins_and_ends_is_no_issue_of_its_lines(begin: bytes, end: bytes) -> None:
    raws = [line(number) + end for number in range(60)]
    raws[0] = begin + raws[0]
    report = check_lines([*raws[:-1], raws[-1].rstrip()], Options(("local",)))
    assert [issue for issue in report.issues if issue.line is not None] == []
    assert report.examples == report.lines == 60


def test_a_packed_file_is_checked_by_its_own_name(tmp_path: Path, in_processes: None) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(raw + b"\n" for raw in lines())))
    report = check_file(path, OPTIONS)
    assert report.path == path
    assert found(report) == found(check_lines(lines(), OPTIONS))


def test_an_empty_file_is_checked(tmp_path: Path) -> None:
    report = check_file(write(tmp_path / "a.jsonl", []), OPTIONS)
    assert (report.lines, report.examples) == (0, 0)
    assert report.grid["openai"] == "impossible"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        check_file(tmp_path / "nowhere.jsonl", OPTIONS)


def test_more_issues_than_are_kept_are_counted(tmp_path: Path, in_processes: None) -> None:
    raws = [line(number, "assitant") for number in range(40)]
    report = check_file(write(tmp_path / "a.jsonl", raws), Options(keep=5))
    kept = [issue.line for issue in report.issues if issue.rule == "role-unknown"]
    assert kept == [1, 2, 3, 4, 5]
    assert report.counts["role-unknown"] == (40, 40, 40)
    assert report.errors + report.warnings + report.infos == len(report.issues) + report.left_out
    assert report.left_out >= 35
    assert list(report.rows_of("role-unknown")) == list(range(40))


def test_issues_are_those_of_the_targets_and_the_grid_is_of_all() -> None:
    raws = [line(number) for number in range(60)]
    for target in ("openai", "gemini"):
        report = check_lines(raws, Options((target,)))
        assert report.grid == check_lines(raws, Options(("local",))).grid
        assert (report.grid[target] == "ok") is (report.errors == 0)
    assert report.grid["openai"] == "ok"
    assert report.grid["gemini"] == "impossible"


def test_what_has_a_fix_is_fixable_in_the_grid() -> None:
    raws = [line(number) for number in range(60)]
    assert check_lines([*raws, line(99, "assitant")], OPTIONS).grid["openai"] == "fixable"
    assert check_lines([*raws, b"{", line(99, "assitant")], OPTIONS).grid["openai"] == "impossible"


def test_the_kind_is_that_of_most_records_or_the_given_one() -> None:
    pairs = [json.dumps({"prompt": f"{number} ->", "completion": f" {number}\n"}).encode() for number in range(20)]
    assert check_lines([b"{", line(1), *pairs], OPTIONS).kind == "completion"
    assert check_lines([b"{", line(1), *pairs], Options(kind="chat")).kind == "chat"


@pytest.mark.parametrize("is_large", [False, True])
def test_a_cancelled_check_ends_and_leaves_no_process(
    is_large: bool, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_large:
        request.getfixturevalue("in_processes")
    pids: set[int] = set()
    close = CheckingPool.close

    def closing(pool: CheckingPool) -> None:
        pids.update(pool.pids)
        close(pool)

    monkeypatch.setattr(CheckingPool, "close", closing)
    told: list[Issue] = []
    path = write(tmp_path / "a.jsonl", [line(number, "assitant") for number in range(4000)])
    monkeypatch.setattr(run, "BLOCK", 700)
    monkeypatch.setattr(run, "_FIRST_BLOCK", 700)
    with pytest.raises(CheckCancelled):
        check_file(path, OPTIONS, on_issues=told.extend, cancel=lambda: bool(told))
    assert 0 < len(told) < 1000
    assert bool(pids) is is_large
    assert not any(is_alive(pid) for pid in pids)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("checking")]


def test_progress_grows_to_the_size_of_the_file(tmp_path: Path, in_processes: None) -> None:
    path = write(tmp_path / "a.jsonl", lines())
    seen: list[tuple[int, int]] = []
    check_file(path, OPTIONS, on_progress=lambda done, size: seen.append((done, size)))
    assert seen == sorted(seen)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_file_that_shrinks_meanwhile_ends_the_check_without_a_traceback(tmp_path: Path, in_processes: None) -> None:
    path = write(tmp_path / "a.jsonl", [line(number, "assitant") for number in range(400)])

    def shrink(issues: list[Issue]) -> None:
        os.truncate(path, 1000)

    assert check_file(path, OPTIONS, on_issues=shrink).lines <= 400


@pytest.mark.parametrize("name", hostile.LINES)
def test_every_line_can_be_checked(name: str) -> None:
    report = check_lines([hostile.LINES[name]] * 2, OPTIONS)
    assert report.lines >= 2


TEXTS = st.text(st.sampled_from('ab":\\ \n{}é'), max_size=12)
RECORDS = st.builds(
    lambda user, answer, system: {
        "messages": [
            *([{"role": "system", "content": system}] if system else []),
            {"role": "user", "content": user},
            {"role": "assistant", "content": answer},
        ]
    },
    TEXTS,
    TEXTS,
    st.one_of(st.none(), TEXTS),
)


@given(
    RECORDS, st.booleans(), st.sampled_from(["", ' "role": "user",', ' "role" : "user",', ' "x": 1,']), st.booleans()
)
def test_the_quick_way_finds_what_a_second_look_finds(
    record: dict[str, Any], is_ascii: bool, extra: str, is_compact: bool
) -> None:
    text = json.dumps(record, ensure_ascii=is_ascii, separators=(",", ":") if is_compact else None)
    raw = text.replace('{"role"', "{" + extra + '"role"', 1).encode()
    parsed = parse_line(raw)
    slow = [] if not parsed.warnings and not parsed.repeated else check_line(raw, 1, False)
    assert parsed.value is not None
    assert list(check_one(raw, "chat")[1]) == [*slow, *check_record(parsed.value, "chat", len(raw))]


def test_the_limit_is_that_of_the_model_asked_about() -> None:
    long = json.dumps(
        {"messages": [{"role": "user", "content": "hi " * 20_000}, {"role": "assistant", "content": "x"}]}
    )
    raws = [line(number) for number in range(60)] + [long.encode()]
    assert "too-long-to-learn" not in check_lines(raws, Options()).counts
    report = check_lines(raws, Options(model="gpt-3.5-turbo-0613"))
    assert report.rows_of("too-long-to-learn").tolist() == [60]


def test_a_rule_that_fails_is_said_and_no_traceback(tmp_path: Path, in_processes: None) -> None:
    path = write(tmp_path / "a.jsonl", lines())
    with pytest.raises(FttuiError, match="a rule raised"):
        check_file(path, Options(kind=["not", "a", "kind"]))  # type: ignore[arg-type]
