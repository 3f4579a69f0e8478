"""Fixes made in a document: one place, one example, or all rows of a rule as one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fttui.checks import table
from fttui.checks.engine import check_record, issues_of
from fttui.checks.live.live import LiveChecks
from fttui.checks.run import Options
from fttui.checks.table import FilePlan, rules
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.formats.lines import BOM
from fttui.ui.mending import Mending, fix_example, fix_issue, message_at
from ui.examples_app import chat, write_lines
from ui.found_checks import FoundChecks, issue


def misspelt(text: str, role: str = "assitant") -> dict[str, Any]:
    record = chat("Be brief.", text, "Yes.")
    record["messages"][2]["role"] = role
    return record


@pytest.fixture
def document(tmp_path: Path) -> Document:
    lines = [chat("S", "Q0", "A"), misspelt("Q1"), b"{broken", misspelt("Q3", "asistant"), chat("S", "Q4", "A")]
    return Document.open(write_lines(tmp_path / "a.jsonl", *lines))


def checks_of(document: Document) -> Any:
    found = [
        each
        for row in range(len(document))
        if isinstance(record := document.parsed(row).value, dict)
        for each in issues_of(check_record(record, "chat"), row + 1, ("openai",))
        if each.rule == "role-unknown"
    ]
    return FoundChecks(*found)


def lines(document: Document) -> list[bytes]:
    return [document.raw(row) for row in range(len(document))]


def test_one_issue_is_mended_where_it_is(document: Document) -> None:
    before, checks = lines(document), checks_of(document)
    spot = fix_issue(document, 1, checks.issues_of(1)[0], checks, "openai")
    assert spot is not None and (spot.row, spot.message) == (1, 2)
    assert document.raw(1) == before[1].replace(b"assitant", b"assistant")
    document.undo()
    assert lines(document) == before


def test_an_issue_that_is_gone_changes_nothing(document: Document) -> None:
    gone = issue(0, path=("messages", 9, "role"))
    with pytest.raises(InputError, match="has changed"):
        fix_issue(document, 0, gone, checks_of(document), "openai")
    assert not document.is_dirty


def test_what_has_no_fix_is_said(document: Document) -> None:
    checks = checks_of(document)
    with pytest.raises(InputError, match="no automatic fix"):
        fix_issue(document, 1, checks.issues_of(1)[0]._replace(is_fixable=False), checks, "openai")


def test_what_only_the_whole_file_can_mend_is_said(document: Document) -> None:
    blank = issue(2, "blank-line", "warning", path=())
    with pytest.raises(InputError, match="whole file"):
        fix_issue(document, 2, blank, checks_of(document), "openai")


def test_a_key_that_is_there_twice_is_mended_in_its_line(tmp_path: Path) -> None:
    line = b'{"messages": [{"role": "user", "content": "a", "content": "b"}, {"role": "assistant", "content": "c"}]}'
    document = Document.open(write_lines(tmp_path / "a.jsonl", line))
    found = issue(0, "duplicate-keys", "warning", path=())
    assert fix_issue(document, 0, found, FoundChecks(found), "openai") is not None  # type: ignore[arg-type]
    assert document.raw(0) == line.replace(b'"content": "a", ', b"")


def test_a_mark_that_begins_a_line_in_the_middle_goes(tmp_path: Path) -> None:
    line = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "c"}]}'
    document = Document.open(write_lines(tmp_path / "a.jsonl", line, BOM + line, BOM + line))
    checks = FoundChecks(*(issue(row, "bom-inside", path=()) for row in (1, 2)))
    assert fix_issue(document, 1, checks.issues_of(1)[0], checks, "openai") is not None  # type: ignore[arg-type]
    assert lines(document) == [line, line, BOM + line]
    assert Mending(document, checks, "openai", ["bom-inside"]).apply()[:2] == (1, 0)  # type: ignore[arg-type]
    assert lines(document) == [line] * 3


def test_an_example_is_mended_as_a_whole(document: Document) -> None:
    assert fix_example(document, 3, checks_of(document), "openai") is not None
    assert b'"assistant"' in document.raw(3)
    assert fix_example(document, 0, checks_of(document), "openai") is None
    assert fix_example(document, 2, checks_of(document), "openai") is None  # no example at all


def test_all_examples_are_mended_as_one_step(document: Document) -> None:
    before = lines(document)
    mending = Mending(document, checks_of(document), "openai", ["role-unknown"])
    assert [fixed.row for fixed in mending.fixed()] == [1, 3]
    assert lines(document) == before  # looking changes nothing
    assert mending.apply()[:2] == (2, 0)
    assert [row for row in range(5) if document.raw(row) != before[row]] == [1, 3]
    document.undo()
    assert lines(document) == before and not document.can_undo


def test_rows_go_and_change_in_the_same_step(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "file_fixes", lambda: {"of-file": lambda facts, targets: FilePlan([4])})
    before = lines(document)
    mending = Mending(document, checks_of(document), "openai", ["role-unknown", "of-file"])
    assert [(fixed.row, fixed.after is None) for fixed in mending.fixed()] == [(1, False), (3, False), (4, True)]
    assert mending.apply()[:2] == (2, 1)
    after = lines(document)
    assert len(after) == 4 and after[0] == before[0] and after[2] == before[2] and b"assitant" not in after[1]
    document.undo()
    assert lines(document) == before and not document.can_undo


def test_fixes_of_all_rows_look_at_what_the_others_did(tmp_path: Path) -> None:
    """Of pairs: the separator, the blank and the ending are each added once, and a copy goes."""
    pairs = [
        {"prompt": f"Tell me about {n * 7919}", "completion": f"It is the {n * 104729} of them"} for n in range(12)
    ]
    document = Document.open(write_lines(tmp_path / "pairs.jsonl", *pairs, pairs[3]))
    before = lines(document)
    checks = LiveChecks(document, Options(("openai",), "completion"))
    try:
        assert checks.wait(30)
        broken = [name for name in checks.counts() if rules()[name].fix is not None]
        assert {"duplicate", "prompt-separator-missing"} <= set(broken)
        mending = Mending(document, checks, "openai", broken)
        assert mending.apply()[:2] == (12, 1)
        assert checks.wait(30)
        assert [name for name in checks.counts() if rules()[name].fix is not None] == []
    finally:
        checks.close()
    document.undo()
    assert lines(document) == before and not document.can_undo


def test_an_edit_in_between_is_not_written_over(document: Document) -> None:
    mending = Mending(document, checks_of(document), "openai", ["role-unknown"])
    document.delete(0)
    before = lines(document)
    with pytest.raises(InputError, match="edited meanwhile"):
        mending.apply()
    assert lines(document) == before


def test_stopping_changes_nothing(document: Document) -> None:
    before = lines(document)
    mending = Mending(document, checks_of(document), "openai", ["role-unknown"])
    assert mending.apply(lambda: True).is_cancelled
    assert lines(document) == before and not document.is_dirty


def test_a_path_leads_to_its_message() -> None:
    record = {"input": {"messages": [{}, {}]}, "preferred_output": [{}], "non_preferred_output": [{}]}
    assert message_at(record, ("input", "messages", 1, "role")) == 1
    assert message_at(record, ("non_preferred_output", 0)) == 3
    assert message_at(record, ("tools",)) is None
