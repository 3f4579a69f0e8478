"""The walk of a review: what comes next, what is passed over, and how far one is."""

from __future__ import annotations

import random
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import view as view_module
from fttui.dataset.document import Document
from fttui.dataset.marks import lookup
from fttui.dataset.marks.marks import Marks
from fttui.dataset.rowset import RowSet
from fttui.ui.browse import Browse
from fttui.ui.reviewing import Progress, Review


class Walk:
    """A review of a file of eight lines, or some more."""

    def __init__(self, folder: Path, count: int = 8) -> None:
        path = folder / "eight.jsonl"
        path.write_bytes(b"".join(b'{"n": %d}\n' % number for number in range(count)))
        self.document = Document.open(path)
        self.document.build_index()
        self.browse = Browse(self.document)
        self.marks = Marks(self.document)
        self.review = Review(self.browse, self.marks)


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return Walk(tmp_path)


def test_it_goes_on_to_what_nobody_reviewed_and_round_the_end(walk: Walk) -> None:
    walk.marks.review(RowSet.of((0, 1, 3)), True)
    assert walk.review.next_row(0, include=True) == 2
    assert walk.review.next_row(2, include=True) == 2
    assert walk.review.next_row(2) == 4
    assert walk.review.next_row(7) == 2


def test_when_all_are_reviewed_there_is_no_next(walk: Walk) -> None:
    walk.marks.review(RowSet.span(0, 8), True)
    assert walk.review.next_row(3) is None
    assert walk.review.next_row(3, include=True) is None


def test_the_last_one_is_its_own_next_until_it_is_reviewed(walk: Walk) -> None:
    walk.marks.review(RowSet.span(0, 8) - RowSet.of((5,)), True)
    assert walk.review.next_row(5) == 5
    walk.marks.review(RowSet.of((5,)), True)
    assert walk.review.next_row(5) is None


def test_what_was_skipped_stays_skipped_wherever_it_moves(walk: Walk) -> None:
    walk.review.skip(2)
    assert walk.review.next_row(1) == 3
    walk.document.delete(0)
    walk.document.move(1, 6)
    walk.browse.follow()
    assert [walk.review.next_row(position, include=True) for position in (5, 6)] == [5, 0]


def test_only_what_is_shown_is_reviewed_in_its_order(walk: Walk) -> None:
    walk.browse.show_sorted("bytes", True, array("Q", (6, 4, 2)))
    assert walk.review.next_row(0) == 4
    walk.marks.review(RowSet.of((4, 0)), True)
    assert walk.review.next_row(0) == 2
    assert walk.review.next_row(2) == 6
    assert walk.review.progress == Progress(1, 3, 0, 0)


def test_progress_counts_what_was_decided(walk: Walk) -> None:
    assert walk.review.progress.text == "reviewed 0 of 8 (0%)"
    walk.marks.review(RowSet.of((0,)), True)
    walk.review.accept(1)
    walk.review.drop(7)
    assert walk.review.progress.text == "reviewed 2 of 7 (28%) · 1 accepted now · 1 dropped"


def test_nothing_shown_is_no_share_of_anything(walk: Walk) -> None:
    walk.browse.show_found("none", RowSet.of(()))
    assert walk.review.next_row(0) is None
    assert walk.review.next_row(0, include=True) is None
    assert walk.review.progress.text == "reviewed 0 of 0 (–)"


def test_undo_takes_back_what_was_dropped_and_redo_drops_it_again(walk: Walk) -> None:
    walk.review.drop(2)
    walk.review.drop(2)
    assert walk.review.progress == Progress(0, 6, 0, 2)
    walk.document.undo()
    assert walk.review.progress == Progress(0, 7, 0, 1)
    assert walk.review.next_row(2, include=True) == 2
    walk.document.undo()
    assert walk.review.progress == Progress(0, 8, 0, 0)
    walk.document.redo()
    assert walk.review.progress == Progress(0, 7, 0, 1)


def test_what_was_accepted_and_went_or_is_reviewed_no_more_was_not_accepted(walk: Walk) -> None:
    walk.document.insert_raw(0, b'{"n": 8}')
    for row in (0, 1):
        walk.review.accept(row)
    assert walk.review.progress == Progress(2, 9, 2, 0)
    walk.document.undo()
    assert walk.review.progress == Progress(1, 8, 1, 0)
    walk.marks.review(RowSet.of((0,)), False)
    assert walk.review.progress == Progress(0, 8, 0, 0)
    walk.review.accept(0)
    walk.review.accept(0)
    assert walk.review.progress == Progress(1, 8, 1, 0)


def test_accepting_is_taken_back_as_long_as_nothing_was_edited_since(walk: Walk) -> None:
    assert not walk.review.can_take_back
    walk.review.accept(1)
    walk.review.drop(2)
    walk.review.accept(2)
    assert walk.review.take_back() == 2
    assert walk.review.take_back() is None
    assert walk.review.progress == Progress(1, 7, 1, 1)
    walk.document.undo()
    assert walk.review.can_take_back
    assert walk.review.take_back() == 1
    assert walk.review.progress == Progress(0, 8, 0, 0)
    assert walk.review.next_row(0) == 1


def test_what_was_reviewed_before_stays_so_when_its_acceptance_is_taken_back(walk: Walk) -> None:
    walk.marks.review(RowSet.of((1,)), True)
    walk.review.accept(1)
    assert walk.review.take_back() is None
    walk.review.accept(2)
    walk.marks.review(RowSet.of((2,)), False)
    assert walk.review.take_back() is None
    assert walk.marks.rows_with(reviewed=True) == RowSet.of((1,))


@pytest.mark.parametrize("shown", ["everything", "found", "sorted"])
def test_a_decision_among_many_rows_looks_at_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    count = 20_000
    walk = Walk(tmp_path, count)
    rows = random.Random(1).sample(range(count), count)
    if shown == "found":
        walk.browse.show_found("some", RowSet.of(row for row in rows if row % 5))
    elif shown == "sorted":
        walk.browse.show_sorted("bytes", False, array("Q", rows))
    # half of them here and there, and all from the first quarter to the last
    walk.marks.review(RowSet.of(rows[: count // 2]) | RowSet.span(count // 4, count - 9), True)
    looked = 0
    flags = walk.marks.reviewed_flags

    def counted(*arguments: Any) -> Any:
        nonlocal looked
        looked += 1
        return flags(*arguments)

    monkeypatch.setattr(walk.marks, "reviewed_flags", counted)
    for _ in range(6):
        row = walk.review.next_row(len(walk.browse.view) // 4)
        assert row is not None
        walk.review.accept(row)
        assert walk.review.progress.accepted
    assert looked == 1


@given(
    reviewed=st.sets(st.integers(0, 7)), shown=st.permutations(range(8)), most=st.integers(0, 8), at=st.integers(0, 9)
)
@pytest.mark.parametrize("many", [0, 10_000])
def test_the_next_is_the_same_however_it_is_found(
    tmp_path_factory: pytest.TempPathFactory, many: int, reviewed: set[int], shown: list[int], most: int, at: int
) -> None:
    walk = Walk(tmp_path_factory.mktemp("review"))
    walk.marks.review(RowSet.of(reviewed), True)
    shown = shown[:most]
    with pytest.MonkeyPatch.context() as patch:
        for module in (view_module, lookup):
            patch.setattr(module, "_MANY", many)
        for view in ("sorted", "found"):
            if view == "sorted":
                walk.browse.show_sorted("bytes", True, array("Q", shown))
            else:
                walk.browse.show_found("some", RowSet.of(shown))
                shown = sorted(shown)
            wanted = [row for row in (*shown[at + 1 :], *shown[: at + 1]) if row not in reviewed]
            assert walk.review.next_row(at) == (wanted[0] if wanted else None)
            assert walk.review.progress == Progress(len(reviewed.intersection(shown)), len(shown), 0, 0)


@given(reviewed=st.sets(st.integers(0, 7)), skipped=st.sets(st.integers(0, 7)), start=st.integers(0, 7))
def test_accepting_until_the_end_sees_each_example_once(
    tmp_path_factory: pytest.TempPathFactory, reviewed: set[int], skipped: set[int], start: int
) -> None:
    walk = Walk(tmp_path_factory.mktemp("review"))
    walk.marks.review(RowSet.of(reviewed), True)
    for row in skipped:
        walk.review.skip(row)
    seen: list[int] = []
    row = walk.review.next_row(start, include=True)
    while row is not None:
        seen.append(row)
        walk.marks.review(RowSet.of((row,)), True)
        row = walk.review.next_row(row)
    wanted = [row for row in (*range(start, 8), *range(start)) if row not in reviewed | skipped]
    assert seen == wanted
