"""The checks of an open file: at every moment what a check of its rows would find."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.checked_files import example, line, lines, write
from fttui.checks import run
from fttui.checks.live import live
from fttui.checks.live import whole as live_whole
from fttui.checks.live.live import LiveChecks
from fttui.checks.model import SEVERITIES
from fttui.checks.report import Report
from fttui.checks.rows import gather_block
from fttui.checks.run import Options, check_lines
from fttui.dataset import processes
from fttui.dataset.document import Document
from fttui.dataset.reader import FileReader
from fttui.dataset.rowset import RowSet
from token_files import is_alive

OPTIONS = Options(("openai", "azure"))
PATIENCE_S = 60

Open = Callable[[list[bytes]], tuple[Document, LiveChecks]]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Writes lines to a file, opens it and begins to check it, in blocks the ends of which fall anywhere."""
    monkeypatch.setattr(run, "_FIRST_BLOCK", 1000)
    monkeypatch.setattr(run, "BLOCK", 5000)
    begun: list[LiveChecks] = []

    def open_(raws: list[bytes]) -> tuple[Document, LiveChecks]:
        document = Document.open(write(tmp_path / "a.jsonl", raws))
        document.build_index()
        checks = LiveChecks(document, OPTIONS)
        begun.append(checks)
        return document, checks

    yield open_
    for checks in begun:
        checks.close()


def fresh(document: Document, checks: LiveChecks, targets: tuple[str, ...]) -> Report:
    """What a check of the rows finds now."""
    return check_lines([raw.rstrip(b"\r\n") for raw in document.lines()], Options(targets, checks.kind))


def assert_right(document: Document, checks: LiveChecks, targets: tuple[str, ...] = OPTIONS.targets) -> None:
    """Everything is as if it was checked just now."""
    assert checks.wait(PATIENCE_S), checks.error
    report = fresh(document, checks, targets)
    assert checks.counts() == report.counts
    assert checks.grid == report.grid
    assert (checks.errors, checks.warnings) == (report.errors, report.warnings)
    assert checks.grid == report.grid
    assert checks.file_issues() == [issue for issue in report.issues if issue.line is None]
    for rule in report.counts:
        assert checks.rows_with(rule) == RowSet.of(report.rows_of(rule))
    bad: dict[int, set[str]] = {}
    for issue in report.issues:
        if issue.line is not None:
            bad.setdefault(issue.line - 1, set()).add(issue.severity)
    for severity in SEVERITIES:
        assert checks.rows_with(severity) == RowSet.of(row for row, found in bad.items() if severity in found)
    for row in range(len(document)):
        found = bad.get(row, set())
        assert checks.severity_of(row) == ("error" if "error" in found else "warning" if "warning" in found else "")


def test_of_a_file_that_is_no_json_lines_one_issue_is_told_until_it_is_some(opened: Open) -> None:
    document, checks = opened([b"[", *(line(number) + b"," for number in range(12)), line(12), b"]"])
    assert_right(document, checks)
    assert set(checks.counts()) == {"not-json-lines"}
    assert not checks.severity_of(3)
    assert [issue.rule for issue in checks.issues_of(3)] == ["not-json"]  # told of a line that is looked at
    document.delete(0)
    assert_right(document, checks)
    assert checks.counts()["not-json"].rows == 13
    assert [issue.rule for issue in checks.issues_of(3)] == ["not-json"]


def test_a_file_that_is_opened_is_checked(opened: Open) -> None:
    document, checks = opened(lines())
    assert_right(document, checks)
    assert checks.progress == 1
    assert checks.facts is not None
    assert [issue.rule for issue in checks.issues_of(3)] == ["role-unknown"]
    assert checks.issues_of(3)[0].line == 4
    assert [issue.rule for issue in checks.issues_of(len(document) - 1)] == ["duplicate"]


def test_other_targets_need_no_other_check(opened: Open) -> None:
    document, checks = opened([*lines(), *(line(number, "developer") for number in range(3)), line(1)])
    assert_right(document, checks)
    for targets in (("together",), ("mistral", "gemini"), ("local",), OPTIONS.targets):
        checks.aim(targets)
        assert checks.is_complete
        assert_right(document, checks, targets)
    checks.aim(("together",))
    document.delete(0)
    assert_right(document, checks, ("together",))


def test_other_targets_may_be_chosen_while_the_file_is_checked(opened: Open) -> None:
    document, checks = opened([line(number, "developer") for number in range(900)])
    checks.aim(("together",))
    assert_right(document, checks, ("together",))


def test_an_empty_file_is_checked(opened: Open) -> None:
    document, checks = opened([])
    assert_right(document, checks)
    document.insert(0, example(1, "assitant"))
    assert_right(document, checks)
    assert checks.severity_of(0) == "error"


def test_edits_are_followed(opened: Open) -> None:
    document, checks = opened(lines(40))
    choose = random.Random(4)
    for step in range(60):
        row = choose.randrange(len(document))
        match choose.randrange(8):
            case 0:
                document.delete(row, min(3, len(document) - row))
            case 1:
                document.insert(row, example(choose.randrange(50), choose.choice(("assistant", "assitant"))))
            case 2:
                document.replace(row, example(choose.randrange(50), choose.choice(("assistant", "asistant"))))
            case 3:
                document.replace_raw(row, b'{"messages": [')
            case 4:
                document.move(row, choose.randrange(len(document)))
            case 5:
                document.undo()
            case 6:
                document.redo()
            case 7 if not step % 3:
                document.save()
            case _:
                document.duplicate(row)
        if step % 12 == 11:
            assert_right(document, checks)
    assert_right(document, checks)
    document.reload()
    assert_right(document, checks)


def test_edits_before_the_check_began_are_in_it(tmp_path: Path) -> None:
    document = Document.open(write(tmp_path / "a.jsonl", lines()))
    document.delete(3)
    document.insert(0, example(5, "assitant"))
    document.move(0, 9)
    checks = LiveChecks(document, OPTIONS)
    try:
        assert_right(document, checks)
    finally:
        checks.close()


def test_many_edited_rows_are_checked(opened: Open) -> None:
    document, checks = opened([line(number) for number in range(1500)])
    assert_right(document, checks)
    with document.group():
        for row in range(1200):
            document.replace(row, example(row, "assitant"))
    assert checks.wait(PATIENCE_S)
    assert checks.counts()["role-unknown"] == (1200, 1200, 1200)
    assert checks.rows_with("error") == RowSet.span(0, 1200)
    document.undo()
    assert checks.wait(PATIENCE_S)
    assert "role-unknown" not in checks.counts()


def test_a_large_file_is_looked_at_as_a_whole_when_asked_for(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_SMALL", 10)
    document, checks = opened([line(0), line(1), *(line(number) for number in range(60))])
    assert_right(document, checks)
    assert checks.rows_with("duplicate") == RowSet.of([2, 3])
    document.delete(1)
    assert checks.wait(PATIENCE_S)
    assert (checks.is_stale, checks.facts) == (True, None)
    assert checks.rows_with("duplicate") == RowSet.of([1, 2])  # followed, not found anew
    assert [issue.rule for issue in checks.issues_of(2)] == ["duplicate"]
    checks.check_again()
    assert_right(document, checks)
    assert not checks.is_stale


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_rows_are_looked_at_as_a_whole_wherever_their_bytes_are(
    opened: Open, monkeypatch: pytest.MonkeyPatch, bom: bytes
) -> None:
    """The processes read runs of the file's lines themselves; edited ones are sent to them."""
    monkeypatch.setattr(live_whole, "_FEW", 3)
    monkeypatch.setattr(live_whole, "_BLOCK", 2000)
    document, checks = opened([bom + line(0), *(line(number % 70) for number in range(1, 90)), b"", b"no JSON"])
    assert checks.wait(PATIENCE_S)
    choose = random.Random(4)
    for _ in range(4):
        for _ in range(3):
            row = choose.randrange(len(document))
            how = choose.choice((document.delete, lambda row: document.insert(row, example(row)), document.duplicate))
            how(row)
        checks.check_again()
        assert checks.wait(PATIENCE_S)
        assert checks.facts is not None
        block = gather_block([raw.rstrip(b"\r\n") for raw in document.lines()], checks.kind).facts
        known = checks.facts.block
        assert (known.lines, known.records, list(known.blank)) == (block.lines, block.records, list(block.blank))
        assert list(known.wholes) == list(block.wholes)
        assert list(known.questions) == list(block.questions)


def test_processes_that_ended_are_given_the_file_again(opened: Open) -> None:
    document, checks = opened([line(0), *(line(number) for number in range(300))])
    assert_right(document, checks)
    for number in tuple(checks._pool._workers):
        checks._pool._end(number)
    document.delete(5)
    checks.check_again()
    assert_right(document, checks)
    for number in tuple(checks._pool._workers):
        checks._pool._end(number)
    document.save()
    document.delete(7)
    checks.check_again()
    assert_right(document, checks)


def test_personal_data_is_told_of_the_file_and_found_by_its_rule(opened: Open) -> None:
    raws = [line(number) for number in range(60)]
    raws[7] = raws[7].replace(b"It is", b"Write to somebody.real@bigcompany.co.jp, it is")
    _, checks = opened(raws)
    assert checks.wait(PATIENCE_S)
    (rule,) = [issue.rule for issue in checks.file_issues() if "mail" in issue.rule]
    assert checks.rows_with(rule) == RowSet.of([7])
    assert checks.severity_of(7) == ""
    (found,) = checks.issues_of(7)
    assert (found.rule, found.path) == (rule, ("messages", 1, "content"))
    assert "'somebody.real@bigcompany.co.jp'" in found.message


def test_a_draft_is_checked_as_it_stands(opened: Open) -> None:
    _, checks = opened(lines())
    assert checks.issues_of_draft(example(3)) == []
    assert [issue.rule for issue in checks.issues_of_draft(example(3, "assitant"))] == ["role-unknown"]
    checks.issues_of_draft({})
    checks.issues_of_draft({"messages": [None, {"role": ["user"], "content": 7}]})


def test_news_are_told_until_nobody_listens(opened: Open) -> None:
    document, checks = opened(lines())
    told = threading.Event()
    stop = checks.subscribe(told.set)
    assert checks.wait(PATIENCE_S)
    assert told.wait(PATIENCE_S)
    told.clear()
    stop()
    stop()
    document.delete(0)
    assert_right(document, checks)
    assert not told.is_set()


def test_rows_that_are_not_there_have_no_severity(opened: Open) -> None:
    _, checks = opened(lines())
    assert checks.severity_of(10_000) == ""
    with pytest.raises(IndexError):
        checks.issues_of(10_000)


def test_no_process_is_left_after_close(opened: Open) -> None:
    document, checks = opened(lines())
    assert checks.wait(PATIENCE_S)
    pids = checks._pool.pids
    assert pids
    checks.close()
    checks.close()
    assert not any(is_alive(pid) for pid in pids)
    document.delete(0)
    assert checks.counts()["role-unknown"].rows


def test_a_check_that_fails_is_said(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "INHERITS", False)  # each process opens the file by its name
    check_file = LiveChecks._check_file

    def check_file_that_is_gone(checks: LiveChecks, reader: FileReader) -> None:
        reader.path.unlink()
        check_file(checks, reader)

    monkeypatch.setattr(LiveChecks, "_check_file", check_file_that_is_gone)
    _, checks = opened(lines())
    assert not checks.wait(PATIENCE_S)
    assert checks.error is not None
    assert "cannot be checked" in checks.error.message


def test_a_disk_that_fails_while_the_whole_is_judged_is_said(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(live.KeptFacts, "of", fail)
    _, checks = opened(lines())
    assert not checks.wait(PATIENCE_S)
    assert checks.error is not None and "Input/output error" in checks.error.message
