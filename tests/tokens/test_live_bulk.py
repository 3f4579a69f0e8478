"""The meter's numbers after edits of many rows at once, and while a file still comes."""

from __future__ import annotations

import gzip
import json
import os
import threading
from pathlib import Path

import pytest

from fttui.dataset import line_keys
from fttui.dataset.document import Document
from fttui.dataset.filling import STANDARD_INPUT, adopt_standard_input
from fttui.dataset.rowset import RowSet
from fttui.tokens import changes, feeding
from fttui.tokens.live import LiveTotals
from fttui.tokens.rows import count_lines
from token_files import example, write
from tokens.live_counts import PATIENCE_S, RULE, counts_of, lines_of, recount


def test_bulk_edits_are_counted_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "_LINES", 40)  # many requests
    document = Document.open(write(tmp_path / "many.jsonl", [example(number, words=2) for number in range(1200)]))
    totals = LiveTotals(document, RULE)
    try:
        document.delete_rows(RowSet.of(range(0, 1200, 5)))  # while the file is counted
        document.replace_lines(RowSet.of(range(1, 900, 2)), lines_of(range(450), words=9))  # from a spool file
        document.replace(3, example(7, words=30))
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
        document.duplicate_rows(RowSet.of(range(0, 900, 3)))
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
        counted = totals.counted
        document.move_rows(RowSet.of(range(5, 1000, 7)), 100)
        document.save()
        document.delete(0)
        assert totals.wait(PATIENCE_S)
        assert totals.counted == counted
        assert totals.sums == recount(document)
        assert list(totals.by_row(document.snapshot())) == counts_of(document)
        while document.undo() is not None:
            pass
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
        assert totals.progress == 1
    finally:
        totals.close()


def test_a_bulk_edit_is_no_exact_number_before_it_is_counted(document: Document, totals: LiveTotals) -> None:
    with document.standing_still():  # nothing can be added up in here
        document.delete_rows(RowSet.of(range(0, 40, 2)))
        document.insert_lines(0, lines_of(range(100)))
        seen = totals.is_complete, totals.progress
    assert seen[0] is False
    assert totals.wait(PATIENCE_S)
    assert totals.sums == recount(document)


def test_what_is_unpacked_is_counted_when_it_is_there(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain", [example(number, words=1000) for number in range(800)])
    path = tmp_path / "chat.jsonl.gz"
    path.write_bytes(gzip.compress(plain.read_bytes(), 1))
    document = Document.open(path)
    assert not document.is_indexed
    totals = LiveTotals(document, RULE)
    try:
        assert (totals.progress, totals.is_complete) == (0, False)
        document.delete(0)
        document.build_index()
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
    finally:
        totals.close()


def test_standard_input_is_counted_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    adopt_standard_input(reading)
    os.write(writing, b"\n".join(lines_of(range(3))))
    document = Document.open(STANDARD_INPUT)
    totals = LiveTotals(document, RULE)
    try:
        monkeypatch.setattr(changes, "_FEW_ROWS", 0)
        document.delete(0)  # added up while it is not known how much will come
        assert not totals.is_complete
        os.write(writing, b"\n" + lines_of(range(3, 4))[0])
        os.close(writing)
        document.build_index()
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
        assert totals.examples == 3
    finally:
        totals.close()


@pytest.mark.parametrize("many", [1, 10_000])  # with numpy and without
def test_undo_across_a_save_counts_nothing_again(
    document: Document, totals: LiveTotals, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(line_keys, "_MANY_PIECES", many)
    rows = RowSet.of(range(0, 40, 2))
    before = totals.sums
    document.replace_lines(rows, [json.dumps(example(number, words=9)).encode() for number in range(20)])
    document.delete(1)
    assert totals.wait(PATIENCE_S)
    counted = totals.counted
    document.save()
    for _ in range(2):
        document.undo()
    assert totals.wait(PATIENCE_S)
    assert totals.sums == before == recount(document)
    assert list(totals.by_row(document.snapshot())) == [
        counts.tokens[0] for counts in (count_lines([document.raw(row)], RULE.encoding) for row in range(len(document)))
    ]
    assert totals.counted == counted


def test_no_thread_waits_after_the_end(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    totals = LiveTotals(document, RULE)
    monkeypatch.setattr(totals._pool, "submit", lambda *args, **options: None)  # no count ever comes
    document.insert_lines(0, lines_of(range(100)))
    document.delete_rows(RowSet.of(range(0, 60, 2)))
    thread = next((thread for thread in threading.enumerate() if thread.name == "add-up"), None)
    totals.close()
    if thread is not None:
        thread.join(10)
        assert not thread.is_alive()
