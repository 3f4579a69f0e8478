"""Rows that go from one file to another: with what hangs on them, and never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Mark, Marks
from fttui.dataset.rowset import RowSet
from fttui.ui import row_moves
from fttui.ui.row_moves import move_rows_to


def opened(path: Path, *lines: bytes) -> tuple[Document, Marks]:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    document = Document.open(path)
    return document, Marks(document)


def lines_of(document: Document) -> list[bytes]:
    return [document.raw(row) for row in range(len(document))]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Document, Marks, Document, Marks]:
    return (
        *opened(tmp_path / "here.jsonl", b'{"n": 0}', b'{"n":1.50}', b"{broken", b'{"n": 3}'),
        *opened(tmp_path / "there.jsonl", b'{"m": 0}'),
    )


def test_rows_go_to_the_end_byte_for_byte_and_each_file_has_one_step_to_undo(
    files: tuple[Document, Marks, Document, Marks],
) -> None:
    here, marks, there, others = files
    move_rows_to(here, marks, RowSet.of((1, 2)), there, others)
    assert lines_of(here) == [b'{"n": 0}', b'{"n": 3}']
    assert lines_of(there) == [b'{"m": 0}', b'{"n":1.50}', b"{broken"]
    here.undo()
    there.undo()
    assert len(here) == 4
    assert len(there) == 1
    assert not here.is_dirty
    assert not there.is_dirty


def test_tags_and_notes_go_along_and_a_review_does_not(files: tuple[Document, Marks, Document, Marks]) -> None:
    here, marks, there, others = files
    marks.tag(RowSet.of((1, 3)), "hard", True)
    marks.tag(RowSet.of((3,)), "rude", True)
    marks.note(3, "look\nagain")
    marks.review(RowSet.of((1,)), True)
    move_rows_to(here, marks, RowSet.of((1, 3)), there, others)
    assert [others.of(row) for row in range(3)] == [
        Mark(),
        Mark(frozenset({"hard"})),
        Mark(frozenset({"hard", "rude"}), "look\nagain"),
    ]
    assert marks.tags() == {}


def test_a_file_without_marks_gives_and_takes_the_lines_alone(files: tuple[Document, Marks, Document, Marks]) -> None:
    here, _, there, _ = files
    move_rows_to(here, None, RowSet.of((0,)), there, None)
    assert (len(here), len(there)) == (3, 2)


def test_a_read_only_file_takes_nothing_and_nothing_is_lost(files: tuple[Document, Marks, Document, Marks]) -> None:
    here, marks, there, others = files
    before = lines_of(here)
    there.make_read_only("there.jsonl is open elsewhere.")
    with pytest.raises(InputError, match="open elsewhere"):
        move_rows_to(here, marks, RowSet.of((0,)), there, others)
    assert lines_of(here) == before
    assert lines_of(there) == [b'{"m": 0}']


def test_rows_of_a_read_only_file_are_not_in_both(files: tuple[Document, Marks, Document, Marks]) -> None:
    here, marks, there, others = files
    here.make_read_only("here.jsonl is open elsewhere.")
    with pytest.raises(InputError, match="open elsewhere"):
        move_rows_to(here, marks, RowSet.of((0,)), there, others)
    assert lines_of(there) == [b'{"m": 0}']


def test_of_very_many_rows_the_lines_go_without_marks(
    files: tuple[Document, Marks, Document, Marks], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, marks, there, others = files
    monkeypatch.setattr(row_moves, "_MOST_MARKS", 1)
    marks.tag(RowSet.of((0, 1)), "hard", True)
    move_rows_to(here, marks, RowSet.of((0, 1)), there, others)
    assert len(there) == 3
    assert others.tags() == {}
