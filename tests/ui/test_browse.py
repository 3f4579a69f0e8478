"""What is shown and marked of a file, while the file is edited."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest

from fttui.dataset.document import Document
from fttui.dataset.rowset import RowSet
from fttui.ui.browse import Browse


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "ten.jsonl"
    path.write_bytes(b"".join(b'{"n": %d}\n' % number for number in range(10)))
    return Document.open(path)


def shown(browse: Browse) -> list[bytes]:
    return [browse.document.raw(browse.view.row_at(position)) for position in range(len(browse.view))]


def test_a_filter_shows_some_rows_and_follows_edits(document: Document) -> None:
    browse = Browse(document)
    browse.show_found("odd", RowSet.of(range(1, 10, 2)))
    document.delete(0)
    assert browse.follow()
    assert shown(browse) == [b'{"n": 1}', b'{"n": 3}', b'{"n": 5}', b'{"n": 7}', b'{"n": 9}']
    document.delete(2)
    browse.follow()
    assert shown(browse) == [b'{"n": 1}', b'{"n": 5}', b'{"n": 7}', b'{"n": 9}']
    document.undo()
    browse.follow()
    assert shown(browse) == [b'{"n": 1}', b'{"n": 3}', b'{"n": 5}', b'{"n": 7}', b'{"n": 9}']


def test_marks_stay_with_their_rows(document: Document) -> None:
    browse = Browse(document)
    browse.toggle(4)
    browse.toggle(6)
    document.insert_raw(0, b"{}")
    document.delete(5)
    browse.follow()
    assert [document.raw(row) for row in browse.marked] == [b'{"n": 6}']
    browse.toggle(6)


def test_an_action_works_on_the_marked_rows_or_else_on_the_one_under_the_cursor(document: Document) -> None:
    browse = Browse(document)
    assert list(browse.targets(3)) == [3]
    browse.toggle(5)
    assert list(browse.targets(3)) == [5]
    assert browse.clear_marks()
    assert not browse.clear_marks()
    assert list(browse.targets(3)) == [3]


def test_a_range_is_marked_from_where_it_began_in_the_order_shown(document: Document) -> None:
    browse = Browse(document)
    browse.show_sorted("n", True, array("q", range(9, -1, -1)))
    browse.toggle(0)
    browse.begin_range(8)
    browse.extend_range(5)
    assert list(browse.marked) == [0, 5, 6, 7, 8]
    browse.extend_range(7)
    assert list(browse.marked) == [0, 7, 8]
    browse.end_range()
    browse.extend_range(2)
    assert list(browse.marked) == [0, 7, 8]


def test_a_drawn_range_grows_and_shrinks_beside_what_was_marked(document: Document) -> None:
    browse = Browse(document)
    browse.toggle(3)
    browse.mark_extent(range(2, 4), range(0))
    browse.mark_extent(range(2, 7), range(2, 4))
    browse.mark_extent(range(2, 3), range(2, 7))
    assert list(browse.marked) == [2, 3]


def test_all_that_is_shown_is_marked_and_then_nothing(document: Document) -> None:
    browse = Browse(document)
    browse.toggle(0)
    browse.show_found("some", RowSet.of((2, 4)))
    browse.mark_shown()
    assert list(browse.marked) == [0, 2, 4]
    browse.mark_shown()
    assert list(browse.marked) == [0]


@pytest.mark.parametrize(("after", "step", "wanted"), [(0, 1, 3), (3, 1, 7), (7, 1, 3), (3, -1, 7), (8, -1, 7)])
def test_the_next_row_of_a_set_is_found_round_the_end(document: Document, after: int, step: int, wanted: int) -> None:
    assert Browse(document).next_in(RowSet.of((3, 7)), after, step) == wanted


def test_the_next_row_is_one_that_is_shown(document: Document) -> None:
    browse = Browse(document)
    browse.show_found("some", RowSet.of((1, 7, 9)))
    assert browse.next_in(RowSet.of((3, 7)), 0) == 7
    assert browse.next_in(RowSet.of((3,)), 0) is None
    browse.show_sorted("n", True, array("q", [9, 7, 1]))
    assert browse.next_in(RowSet.of((1, 9)), 0) == 1
