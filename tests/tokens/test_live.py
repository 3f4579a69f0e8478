"""The meter's numbers are right after every edit, however much of the file is counted."""

from __future__ import annotations

import gzip
import json
import os
import random
import threading
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import processes
from fttui.dataset.document import Document
from fttui.dataset.filling import STANDARD_INPUT, adopt_standard_input
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.tokens import changes, feeding
from fttui.tokens import sums as sums_module
from fttui.tokens.live import LiveTotals
from fttui.tokens.models import rule_for
from fttui.tokens.rows import BROKEN, RowCounts, count_lines
from fttui.tokens.sums import UNKNOWN, LineCounts, Sums, sums_of
from token_files import example, is_alive, plain_count, write

RULE = rule_for("gpt-3.5-turbo-0613")
PATIENCE_S = 60


def recount(document: Document) -> Sums:
    """The numbers of all rows as they are now, counted from nothing."""
    rows = count_lines([document.raw(row) for row in range(len(document))], RULE.encoding)
    return sums_of(rows.tokens, rows.trainable, RULE.limit)


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Document]:
    path = write(tmp_path / "small.jsonl", [example(number, words=5) for number in range(40)])
    path.write_bytes(path.read_bytes() + b"broken\n\n")
    document = Document.open(path)
    yield document
    document.close()


@pytest.fixture
def totals(document: Document) -> Iterator[LiveTotals]:
    totals = LiveTotals(document, RULE)
    assert totals.wait(PATIENCE_S)
    yield totals
    totals.close()


def test_the_file_as_it_is(document: Document, totals: LiveTotals) -> None:
    expected = [plain_count(example(number, words=5), "cl100k_base") for number in range(40)]
    assert (totals.examples, totals.broken) == (40, 2)
    assert totals.tokens == totals.billable == sum(total for total, _ in expected)
    assert totals.trainable == sum(trained for _, trained in expected)
    assert (totals.over_limit, totals.progress, totals.error) == (0, 1.0, None)
    assert totals.tokens_of(7) == expected[7][0]
    assert totals.tokens_of(40) is None
    assert totals.tokens_of(99) is None
    assert list(totals.counts()) == [total for total, _ in expected]


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(b"")
    document = Document.open(path)
    totals = LiveTotals(document, RULE)
    try:
        assert totals.wait(PATIENCE_S)
        assert totals.sums == Sums()
        document.insert(0, example(1))
        assert totals.wait(PATIENCE_S)
        assert totals.tokens == plain_count(example(1), "cl100k_base")[0]
    finally:
        totals.close()


def test_each_kind_of_edit(document: Document, totals: LiveTotals) -> None:
    def agree() -> None:
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)

    document.replace(3, example(3, words=5000))
    agree()
    assert totals.over_limit == 1
    document.insert(0, example(77))
    agree()
    document.delete(5)
    agree()
    document.duplicate(0)
    agree()
    document.move(2, 30)
    agree()
    document.replace_raw(10, b"no longer json")
    agree()
    while document.undo() is not None:
        agree()
    while document.redo() is not None:
        agree()


def test_moving_undoing_and_redoing_count_nothing_again(document: Document, totals: LiveTotals) -> None:
    document.replace(3, example(99))
    assert totals.wait(PATIENCE_S)
    counted = totals.counted
    document.move(0, 9)
    document.delete(3, 5)
    document.undo()
    document.undo()
    document.undo()
    document.redo()
    assert totals.is_complete
    assert totals.counted == counted
    assert totals.sums == recount(document)


@pytest.mark.parametrize("seed", range(4))
def test_any_edits_in_any_order(
    document: Document, totals: LiveTotals, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:  # as if each edit were a big one
        monkeypatch.setattr(changes, "_FEW_ROWS", 1)
        monkeypatch.setattr(sums_module, "_MANY_PIECES", 3)
    chance = random.Random(seed)
    for number in range(60):
        row = chance.randrange(len(document))
        match chance.randrange(9):
            case 0 | 1:
                document.replace(row, example(number, words=chance.randrange(30)))
            case 2:
                document.insert(row, example(number))
            case 3:
                document.delete(row, min(chance.randrange(1, 4), len(document) - row, len(document) - 1))
            case 4:
                document.move(row, chance.randrange(len(document)))
            case 5:
                document.undo()
            case 6:
                document.redo()
            case 7:
                with document.group():
                    document.insert(row, example(number))
                    document.delete(0)
                    document.replace(0, example(number + 1))
            case _:
                document.save() if chance.random() < 0.7 else document.save_as(tmp_path / f"{number}.jsonl")
        if not len(document):
            document.insert(0, example(1))
    assert totals.wait(PATIENCE_S)
    assert totals.sums == recount(document)
    rows = [totals.tokens_of(row) for row in range(len(document))]
    assert rows == [None if count == BROKEN else count for count in _counts(document)]
    assert list(totals.counts()) == [count for count in rows if count is not None]
    assert list(totals.by_row(document.snapshot())) == _counts(document)


def _counts(document: Document) -> list[int]:
    return list(count_lines([document.raw(row) for row in range(len(document))], RULE.encoding).tokens)


def test_edits_while_a_large_file_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "large.jsonl", [example(number) for number in range(6000)])
    document = Document.open(path)
    document.build_index()
    totals = LiveTotals(document, RULE)
    try:
        assert not totals.is_complete
        document.delete(10, 3000)  # not counted yet
        document.replace(5, example(1, words=3))
        document.insert(0, example(2))
        document.undo()
        document.save()
        document.delete(100, 50)
        document.move(0, 200)
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
        document.undo()
        document.undo()
        document.undo()
        document.undo()
        assert len(document) == 6000
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
    finally:
        totals.close()


def test_edits_made_before_the_count_began(document: Document) -> None:
    document.delete(0, 3)
    document.delete(20)
    document.insert(5, example(50))
    document.replace(30, example(51))
    totals = LiveTotals(document, RULE)
    try:
        assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
        while document.undo() is not None:
            assert totals.wait(PATIENCE_S)
        assert totals.sums == recount(document)
    finally:
        totals.close()


def test_a_count_that_begins_in_another_thread_while_edits_go_on(document: Document) -> None:
    totals: list[LiveTotals] = []
    beginning = threading.Thread(target=lambda: totals.extend(LiveTotals(document, RULE) for _ in range(5)))
    beginning.start()
    number = 0
    while beginning.is_alive() or not number:
        document.replace(number % 40, example(number, words=3))
        document.delete(1)
        document.undo()
        number += 1
    try:
        expected = recount(document)
        for one in totals:
            assert one.wait(PATIENCE_S)
            assert one.sums == expected
    finally:
        for one in totals:
            one.close()


def test_a_draft_counts_in_the_place_of_its_row(document: Document, totals: LiveTotals) -> None:
    before = totals.sums
    record = example(3, words=30)
    news = totals.counted
    totals.draft(3, example(3, words=10))
    totals.draft(3, record)
    expected = (
        before.tokens - plain_count(example(3, words=5), "cl100k_base")[0] + plain_count(record, "cl100k_base")[0]
    )
    with totals._news:
        assert totals._news.wait_for(lambda: totals.tokens == expected, PATIENCE_S)
    totals.draft(3, None)
    assert totals.sums == before
    assert totals.counted == news


def test_the_screen_is_told(document: Document) -> None:
    told: list[bool] = []
    totals = LiveTotals(document, RULE, on_change=lambda: told.append(totals.is_complete))
    try:
        assert totals.wait(PATIENCE_S)
        document.delete(0)
        assert told[-1] is True
    finally:
        totals.close()


def test_the_screen_is_told_when_a_bulk_edit_is_counted(document: Document) -> None:
    complete = threading.Event()
    totals = LiveTotals(document, RULE, on_change=lambda: complete.set() if totals.is_complete else None)
    try:
        assert totals.wait(PATIENCE_S)
        document.insert_lines(0, lines_of(range(100)))
        complete.clear()
        document.delete_rows(RowSet.of(range(0, 140, 2)))
        assert complete.wait(PATIENCE_S)
        assert totals.sums == recount(document)
    finally:
        totals.close()


def test_no_process_is_left(document: Document) -> None:
    totals = LiveTotals(document, RULE)
    assert totals.wait(PATIENCE_S)
    pids = totals._pool.pids
    assert pids
    totals.close()
    totals.close()
    assert not any(is_alive(pid) for pid in pids)
    document.delete(0)
    assert totals.examples == 40


def test_a_file_that_was_replaced_is_counted_as_it_was_opened(document: Document) -> None:
    write(document.path.with_name("other"), [example(1)]).replace(document.path)
    totals = LiveTotals(document, RULE)
    try:
        assert totals.wait(PATIENCE_S)
        assert totals.examples == 40
    finally:
        totals.close()


def test_a_count_that_fails_is_said(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "INHERITS", False)  # each process opens the file by its name
    document.path.unlink()
    told = threading.Event()
    totals = LiveTotals(document, RULE, on_change=told.set)
    try:
        assert not totals.wait(PATIENCE_S)
        assert not totals.is_complete
        assert "cannot be counted" in str(totals.error)
        assert told.wait(PATIENCE_S)
    finally:
        totals.close()


# --- bulk edits -------------------------------------------------------------------------------------------------------


def lines_of(numbers: range, words: int = 2) -> list[bytes]:
    return [json.dumps(example(number, words=words)).encode() for number in numbers]


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
        assert list(totals.by_row(document.snapshot())) == _counts(document)
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


PIECES = st.lists(st.builds(Piece, st.integers(1, 3), st.integers(0, 12), st.integers(1, 5)), max_size=12)


@given(PIECES, PIECES, st.integers(0, 15), st.sampled_from([1, 4, 1000]))
def test_counts_by_row_are_those_of_each_line(rows: list[Piece], saved: list[Piece], known: int, many: int) -> None:
    counts = LineCounts(1)
    counts.add(1, range(known), RowCounts(array("I", range(known)), array("I", range(known))))
    counts.add(2, [6, 4, 5], RowCounts(array("I", [52, 50, BROKEN]), array("I", [6, 5, 0])))
    of_line = {(1, line): line for line in range(known)} | {(2, 4): 50, (2, 5): BROKEN, (2, 6): 52}

    def expected(pieces: list[Piece]) -> list[int]:
        lines = [(source, line) for source, start, count in pieces for line in range(start, start + count)]
        return [of_line.get(line, UNKNOWN) for line in lines]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums_module, "_MANY_PIECES", many)
        assert list(counts.by_row(rows).tokens) == expected(rows)
        counts.renumber(saved, 9)
        of_line |= {(9, line): count for line, count in enumerate(expected(saved))}
        total = sum(piece.rows for piece in saved)
        again = [Piece(9, 0, total), *rows, Piece(9, total // 2, total - total // 2)]
        assert list(counts.by_row([piece for piece in again if piece.rows]).tokens) == expected(again)
        counts.settle(9)
        assert list(counts.by_row([piece for piece in again if piece.rows]).tokens) == expected(again)


@pytest.mark.parametrize("many", [1, 10_000])  # with numpy and without
def test_undo_across_a_save_counts_nothing_again(
    document: Document, totals: LiveTotals, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(sums_module, "_MANY_PIECES", many)
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


def test_copies_of_lines_have_their_counts() -> None:
    counts = LineCounts(1)
    counts.add(1, range(5), RowCounts(array("I", [10, 11, 12, BROKEN, UNKNOWN]), array("I", [1, 2, 3, 0, 0])))
    pieces = [Piece(1, 3, 2), Piece(0, 0, 1), Piece(1, 0, 2)]
    counts.copy(pieces, [Piece(0, 4, 2), Piece(0, 0, 1), Piece(0, 6, 2)])
    rows = counts.by_row([Piece(0, 3, 5)])
    assert list(rows.tokens) == [UNKNOWN, BROKEN, UNKNOWN, 10, 11]
    assert list(rows.trainable) == [0, 0, 0, 1, 2]
