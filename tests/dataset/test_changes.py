"""What differs from the saved file: what the model of a document cannot show as well."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset.changes import RowChange, heaviest_ascending
from fttui.dataset.document import Document
from fttui.dataset.rowset import RowSet


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), max_size=8, unique_by=lambda pair: pair[0]))
def test_the_heaviest_ascending_selection(pairs: list[tuple[int, int]]) -> None:
    values, weights = [value for value, _ in pairs], [weight for _, weight in pairs]
    kept = heaviest_ascending(values, weights)
    assert [values[at] for at in kept] == sorted(values[at] for at in kept)
    assert kept == sorted(set(kept))
    best = max(
        sum(weights[at] for at in chosen)
        for size in range(len(pairs) + 1)
        for chosen in combinations(range(len(pairs)), size)
        if all(values[one] < values[two] for one, two in pairwise(chosen))
    )
    assert sum(weights[at] for at in kept) == best


def test_changes_in_the_order_of_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(b"%d\n" % n for n in range(10)))
    document = Document.open(path)
    assert document.changes() == []
    document.delete_rows(RowSet.of([2, 9]))
    document.replace_raw(0, b"zero")
    document.insert_raw(1, b"new")
    document.move(8, 4)
    assert [document.raw(row) for row in range(9)] == [b"zero", b"new", b"1", b"3", b"8", b"4", b"5", b"6", b"7"]
    assert document.changes() == [
        RowChange("changed", 0, 0),
        RowChange("added", 1, None),
        RowChange("deleted", None, 2),
        RowChange("moved", 4, 8),
        RowChange("deleted", None, 9),
    ]
    assert document.saved_line(0) == b"0"
    assert document.saved_line(1) is None
    assert document.saved_raw(2) == b"2"


def test_a_change_that_is_typed_back_is_none(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"a\nb\n")
    document = Document.open(path)
    document.replace_raw(0, b"x")
    document.replace_raw(0, b"a")
    assert document.is_dirty
    assert document.changes() == []


def test_an_example_is_known_after_saves_and_undo(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"a\nb\nc\n")
    document = Document.open(path)
    root = document.root(1)
    document.delete(1)
    document.save()
    document.undo()
    assert document.root(1) == root
    assert document.saved_line(1) is None
    assert document.changes() == [RowChange("added", 1, None)]
    document.replace_raw(1, b"B")
    document.save()
    assert document.root(1) == root
    assert document.saved_line(1) == b"B"
    document.undo()
    assert document.changes() == [RowChange("changed", 1, 1)]
