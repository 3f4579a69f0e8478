"""A deleted example comes back as itself, among its neighbours, whatever was edited, saved or journalled since."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.crashing import die
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import open_session

LINES = [b'{"n": %d}' % number for number in range(8)]


def opened(folder: Path, *, ends: bytes = b"\n") -> Document:
    path = folder / "eight.jsonl"
    path.write_bytes(b"\n".join(LINES) + ends)
    return Document.open(path)


def now(document: Document) -> list[bytes]:
    return [document.raw(row) for row in range(len(document))]


@given(
    deleted=st.sets(st.integers(0, 7), min_size=1), order=st.randoms(use_true_random=False), edited=st.integers(0, 7)
)
def test_whatever_was_deleted_comes_back_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, deleted: set[int], order: object, edited: int
) -> None:
    document = opened(tmp_path_factory.mktemp("back"))
    roots = [document.root(row) for row in range(8)]
    document.replace_raw(edited, b'{"edited": 1}')
    document.delete_rows(RowSet.of(deleted))
    missing = sorted(deleted)
    order.shuffle(missing)  # type: ignore[attr-defined]
    for saved_row in missing:
        row = document.bring_back(saved_row)
        assert document.raw(row) == LINES[saved_row]
    assert [document.root(row) for row in range(8)] == roots
    wanted = LINES if edited in deleted else [*LINES[:edited], b'{"edited": 1}', *LINES[edited + 1 :]]
    assert now(document) == wanted
    for _ in range(len(deleted) + 2):
        document.undo()
    assert now(document) == LINES
    assert not document.is_dirty


def test_it_comes_back_with_its_marks(tmp_path: Path) -> None:
    document = opened(tmp_path)
    marks = Marks(document)
    marks.tag(RowSet.of((2,)), "hard", True)
    document.delete(2)
    assert marks.tags() == {}
    assert document.bring_back(2) == 2
    assert marks.rows_with(tag="hard") == RowSet.of((2,))


def test_after_a_save_the_lines_of_the_new_file_come_back(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.delete(0)
    document.move(0, 4)
    document.replace_raw(2, b'{"edited": 1}')
    document.save()
    saved = now(document)
    document.delete(2)
    assert document.bring_back(2) == 2
    assert now(document) == saved
    assert document.changes() == []


def test_an_example_that_is_there_does_not_come_a_second_time(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.move(3, 0)
    document.replace_raw(0, b'{"edited": 1}')
    with pytest.raises(InputError, match="not deleted"):
        document.bring_back(3)
    with pytest.raises(IndexError):
        document.bring_back(8)
    with pytest.raises(IndexError):
        document.bring_back(-1)


def test_nothing_comes_back_to_a_read_only_file(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.delete(0)
    document.make_read_only("It is open elsewhere.")
    with pytest.raises(InputError, match="open elsewhere"):
        document.bring_back(0)


def test_the_last_line_without_an_ending_is_a_line_of_its_own_again(tmp_path: Path) -> None:
    document = opened(tmp_path, ends=b"")
    document.delete(7)
    document.insert_raw(7, b'{"new": 1}')
    document.bring_back(7)
    assert sorted(now(document)) == sorted([*LINES, b'{"new": 1}'])
    document.save()
    assert sorted(document.path.read_bytes().split(b"\n")) == sorted([*LINES, b'{"new": 1}'])


def test_a_crash_keeps_what_came_back(tmp_path: Path) -> None:
    document = opened(tmp_path)
    session = open_session(document.path)
    session.document.delete_rows(RowSet.of((1, 2, 6)))
    session.document.bring_back(2)
    wanted = now(session.document)
    die(session)
    again = open_session(document.path)
    assert again.recovery is not None
    again.recovery.restore()
    assert now(again.document) == wanted == [LINES[row] for row in (0, 2, 3, 4, 5, 7)]
    again.document.undo()
    assert len(again.document) == 5
    again.close(discard=True)


def test_a_changed_example_is_the_saved_line_again_wherever_it_stands(tmp_path: Path) -> None:
    document = opened(tmp_path, ends=b"")
    document.replace_raw(7, b'{"edited": 1}')
    document.move(7, 0)
    document.restore(0)
    document.restore(1)
    assert now(document) == [LINES[7], *LINES[:7]]
    assert not any(document.is_changed(row) for row in range(8))
    assert document.is_dirty
    for _ in range(2):
        document.undo()
    assert now(document) == [*LINES[:7], b'{"edited": 1}']
    document.restore(7)
    assert not document.is_dirty
    document.undo()
    assert document.is_dirty
    document.redo()
    assert not document.is_dirty
    document.delete(0)
    assert document.is_dirty


def test_after_a_save_a_row_is_restored_to_what_was_saved(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.replace_raw(3, b'{"saved": 1}')
    document.save()
    document.replace_raw(3, b'{"edited": 1}')
    document.restore(3)
    assert document.raw(3) == b'{"saved": 1}'
    assert not document.is_dirty


def test_an_example_that_the_file_has_not_is_not_restored(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.insert_raw(0, b"{}")
    with pytest.raises(InputError, match="not in the saved file"):
        document.restore(0)
    with pytest.raises(IndexError):
        document.restore(9)
    document.make_read_only("It is open elsewhere.")
    with pytest.raises(InputError, match="open elsewhere"):
        document.restore(1)


def test_a_crash_keeps_what_was_restored(tmp_path: Path) -> None:
    document = opened(tmp_path)
    session = open_session(document.path)
    for row in (1, 4):
        session.document.replace_raw(row, b'{"edited": 1}')
    session.document.restore(4)
    wanted = now(session.document)
    die(session)
    again = open_session(document.path)
    assert again.recovery is not None
    again.recovery.restore()
    assert now(again.document) == wanted == [LINES[0], b'{"edited": 1}', *LINES[2:]]
    again.document.undo()
    assert again.document.raw(4) == b'{"edited": 1}'
    again.close(discard=True)
