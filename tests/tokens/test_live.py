"""The meter's numbers are right after every edit, however much of the file is counted."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from fttui.dataset import line_keys, processes
from fttui.dataset.document import Document
from fttui.dataset.rowset import RowSet
from fttui.tokens import changes
from fttui.tokens.live import LiveTotals
from fttui.tokens.rows import BROKEN
from fttui.tokens.sums import Sums
from token_files import example, is_alive, plain_count, write
from tokens.live_counts import PATIENCE_S, RULE, counts_of, lines_of, recount


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
        monkeypatch.setattr(line_keys, "_MANY_PIECES", 3)
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
    assert rows == [None if count == BROKEN else count for count in counts_of(document)]
    assert list(totals.counts()) == [count for count in rows if count is not None]
    assert list(totals.by_row(document.snapshot())) == counts_of(document)


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
