"""The walk of a review: what comes next, what is passed over, and how far one is."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.dataset.rowset import RowSet
from fttui.ui.browse import Browse
from fttui.ui.reviewing import Progress, Review


class Walk:
    """A review of a file of eight lines."""

    def __init__(self, folder: Path) -> None:
        path = folder / "eight.jsonl"
        path.write_bytes(b"".join(b'{"n": %d}\n' % number for number in range(8)))
        self.document = Document.open(path)
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
    walk.marks.review(RowSet.of((0, 1)), True)
    walk.review.accepted()
    walk.document.delete(7)
    walk.browse.follow()
    walk.review.dropped()
    assert walk.review.progress.text == "reviewed 2 of 7 (28%) · 1 accepted now · 1 dropped"


def test_nothing_shown_is_no_share_of_anything(walk: Walk) -> None:
    walk.browse.show_found("none", RowSet.of(()))
    assert walk.review.next_row(0) is None
    assert walk.review.next_row(0, include=True) is None
    assert walk.review.progress.text == "reviewed 0 of 0 (–)"


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
