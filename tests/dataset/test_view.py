"""The order in which rows are shown, against a plain list under random edits."""

from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import view as view_module
from fttui.dataset.document import Document
from fttui.dataset.edits import BulkRows, Change
from fttui.dataset.rowset import RowSet
from fttui.dataset.view import View

COUNT = 12
EDITS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 3)), max_size=6)
ORDERS = st.permutations(range(COUNT)).flatmap(lambda rows: st.integers(0, COUNT).map(lambda count: rows[:count]))


def bulk(removed: set[int], inserted: set[int]) -> Change:
    """An edit of many rows at once."""
    return Change(0, 0, 0, bulk=BulkRows(RowSet.of(removed), RowSet.of(inserted), RowSet()))


def assert_consistent(view: View) -> None:
    shown = list(view)
    assert [view.row_at(position) for position in range(len(view))] == shown
    assert [view.position_of(row) for row in shown] == list(range(len(shown)))
    assert view.rows() == RowSet.of(shown)
    assert view.rows_between(4, 1) == RowSet.of(shown[1:5])
    for count in (0, 5, 60):
        assert list(view.flags(count)) == [row in shown for row in range(count)]
    flags = bytearray(2 * (row in shown and row % 3 == 0) for row in range(max(shown, default=-1) + 1))
    for start in range(len(shown) + 2):
        found = [position for position in range(start, len(shown)) if shown[position] % 3 == 0]
        assert view.find(flags, 2, start) == (found[0] if found else None)
    for position in (-1, len(shown)):
        with pytest.raises(IndexError):
            view.row_at(position)


class Model:
    """A document of named rows, and the names a view shows."""

    def __init__(self, shown: list[int], *, is_sorted: bool) -> None:
        self.document: list[object] = list(range(COUNT))
        self.shown: list[object] = list(shown)
        self.is_sorted = is_sorted

    def edit(self, row: int, removed: int, inserted: int) -> Change:
        row = min(row, len(self.document))
        removed = min(removed, len(self.document) - row)
        if removed == inserted:
            return Change(row, removed, inserted)
        gone = self.document[row : row + removed]
        self.shown = [name for name in self.shown if name not in gone]
        new = [object() for _ in range(inserted)]
        above = next((self.shown.index(name) for name in reversed(self.document[:row]) if name in self.shown), -1)
        self.document[row : row + removed] = new
        self.shown[above + 1 : above + 1] = new
        return Change(row, removed, inserted)

    @property
    def rows(self) -> list[int]:
        numbers = [self.document.index(name) for name in self.shown]
        return numbers if self.is_sorted else sorted(numbers)


@pytest.mark.parametrize("many", [0, 10_000])
@given(order=ORDERS, edits=EDITS)
def test_a_sorted_view_follows_edits(many: int, order: list[int], edits: list[tuple[int, int, int]]) -> None:
    model, view = Model(order, is_sorted=True), View.sorted(array("Q", order))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_module, "_MANY", many)
        for edit in edits:
            view.after(model.edit(*edit))
            assert list(view) == model.rows
        assert_consistent(view)


@given(order=ORDERS, edits=EDITS)
def test_a_filtered_view_follows_edits(order: list[int], edits: list[tuple[int, int, int]]) -> None:
    model, view = Model(order, is_sorted=False), View.filtered(RowSet.of(order))
    for edit in edits:
        view.after(model.edit(*edit))
        assert list(view) == model.rows
    assert_consistent(view)


@pytest.mark.parametrize("many", [0, 10_000])
@given(order=ORDERS, removed=st.sets(st.integers(0, COUNT - 1)), inserted=st.sets(st.integers(0, COUNT)))
def test_follows_an_edit_of_many_rows(many: int, order: list[int], removed: set[int], inserted: set[int]) -> None:
    left = [row for row in range(COUNT) if row not in removed]
    numbers: dict[int, int] = {}
    number = 0
    while left:
        if number not in inserted:
            numbers[left.pop(0)] = number
        number += 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view_module, "_MANY", many)
        filtered, in_order = View.filtered(RowSet.of(order)), View.sorted(order)
        filtered.after(bulk(removed, inserted))
        in_order.after(bulk(removed, inserted))
    old = [numbers[row] for row in order if row in numbers]
    assert list(filtered) == sorted({*old, *inserted})
    assert [row for row in in_order if row not in inserted] == old
    assert sorted(in_order) == list(filtered)
    assert_consistent(in_order)


def test_copies_stand_below_their_originals() -> None:
    view = View.sorted([2, 0, 1])
    view.after(bulk(set(), {1, 3, 5}))
    assert list(view) == [4, 5, 0, 1, 2, 3]


def test_everything_is_the_document(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" * 5)
    document = Document.open(path)
    view = View.everything(document)
    document.subscribe(view.after)
    assert_consistent(view)
    document.delete(1, 2)
    assert list(view) == [0, 1, 2] and view.is_everything and view.nearest(9) == 2
    assert_consistent(view)


def test_follows_the_edits_of_a_document(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b'{"n": %d}\n' % number for number in range(8)))
    document = Document.open(path)
    views = [View.everything(document), View.filtered(RowSet.of([1, 3, 5, 7])), View.sorted([7, 1, 5, 3])]
    for view in views:
        document.subscribe(view.after)

    def shown() -> list[str]:
        return [" ".join(document.raw(row)[6:-1].decode() for row in view) for view in views]

    document.duplicate_rows(RowSet.of([3, 4, 7]))
    assert shown() == ["0 1 2 3 3 4 4 5 6 7 7", "1 3 3 4 5 7 7", "7 7 1 5 3 3 4"]
    document.delete_rows(RowSet.of([0, 1, 5]))
    assert shown() == ["2 3 3 4 5 6 7 7", "3 3 4 5 7 7", "7 7 5 3 3 4"]
    document.replace_lines(RowSet.span(1, 3), [b'{"n": 8}', b'{"n": 9}'])
    assert shown() == ["2 8 9 4 5 6 7 7", "8 9 4 5 7 7", "7 7 5 8 9 4"]
    document.move(1, 5)
    assert shown()[:2] == ["2 9 4 5 6 8 7 7", "9 4 5 8 7 7"]
    while document.undo() is not None:
        for view in views:
            assert_consistent(view)
    assert shown()[0] == "0 1 2 3 4 5 6 7" and all(set("1357") <= set(text) for text in shown())


@pytest.mark.parametrize(("row", "in_order", "filtered"), [(0, 1, 0), (3, 1, 0), (4, 0, 1), (7, 2, 2), (99, 2, 2)])
def test_the_nearest_row(row: int, in_order: int, filtered: int) -> None:
    assert View.sorted([5, 3, 7]).nearest(row) == in_order
    assert View.filtered(RowSet.of([3, 5, 7])).nearest(row) == filtered


def test_nothing_shown() -> None:
    for view in (View.filtered(RowSet()), View.sorted([])):
        assert len(view) == 0 == view.nearest(3) and view.position_of(3) is None
        assert view.rows_between(0, 5) == RowSet()


def test_rows_that_a_search_finds_join() -> None:
    filtered, in_order = View.filtered(RowSet.of([5])), View.sorted([5, 1])
    for view in (filtered, in_order):
        view.add(RowSet.of([2, 5]))
    assert list(filtered) == [2, 5] and list(in_order) == [5, 1, 2]
