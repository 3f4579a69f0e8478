"""Tags, notes, reviewed marks and ids stay with their examples, whatever becomes of the rows."""

from __future__ import annotations

import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import hostile
from dataset.marking import LINES, rows
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Mark, Marks
from fttui.dataset.rowset import RowSet


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return Document.open(path)


def test_marks_are_given_and_taken_away(document: Document) -> None:
    marks = Marks(document)
    marks.tag(rows(1, 2, 5), "hard", True)
    marks.tag(rows(2), "rude", True)
    marks.tag(rows(5), "hard", False)
    marks.note(2, "too long?\nask Ann")
    marks.review(rows(0, 2), True)
    marks.review(rows(0), False)
    assert [marks.of(row) for row in range(4)] == [
        Mark(),
        Mark(frozenset({"hard"})),
        Mark(frozenset({"hard", "rude"}), "too long?\nask Ann", True),
        Mark(),
    ]
    assert marks.tags() == {"hard": 2, "rude": 1}
    assert marks.reviewed() == 1


def test_rows_are_found_by_what_is_said_of_them(document: Document) -> None:
    marks = Marks(document)
    assert marks.rows_with(tag="hard") == rows()
    assert marks.rows_with(reviewed=False) == RowSet.span(0, 8)
    marks.tag(rows(1, 2, 5), "hard", True)
    marks.note(5, "x")
    marks.review(rows(2, 7), True)
    assert marks.rows_with(tag="hard") == rows(1, 2, 5)
    assert marks.rows_with(tag="hard", reviewed=False) == rows(1, 5)
    assert marks.rows_with(noted=True) == rows(5)
    assert marks.rows_with(noted=False, reviewed=False) == rows(0, 1, 3, 4, 6)
    assert marks.rows_with(tag="soft") == rows()


def test_listeners_and_the_revision_tell_of_each_change(document: Document) -> None:
    marks = Marks(document)
    told: list[int] = []
    stop = marks.subscribe(lambda: told.append(marks.revision))
    marks.tag(rows(1), "hard", True)
    marks.review(rows(1), True)
    stop()
    marks.note(1, "x")
    assert len(told) == 2
    assert told[0] < told[1] < marks.revision


def test_marks_stay_with_their_examples(document: Document) -> None:
    marks = Marks(document)
    marks.tag(rows(3), "hard", True)
    example = marks.id_of(3)
    document.move(3, 0)
    document.replace_raw(0, b'{"n": "edited"}')
    document.insert_raw(0, b'{"n": "new"}')
    assert marks.rows_with(tag="hard") == rows(1)
    assert marks.row_of(example) == 1
    document.delete(1)
    assert marks.tags() == {}
    assert marks.row_of(example) is None
    document.undo()
    document.save()
    document.delete(0)
    assert marks.tags() == {"hard": 1}
    assert (marks.row_of(example), marks.id_of(0)) == (0, example)


def test_a_copy_has_the_tags_and_nothing_else(document: Document) -> None:
    marks = Marks(document)
    marks.tag(rows(2), "hard", True)
    marks.note(2, "x")
    marks.review(rows(2), True)
    example = marks.id_of(2)
    document.duplicate(2)
    assert marks.of(3) == Mark(frozenset({"hard"}))
    assert marks.id_of(3) != example
    assert marks.tags() == {"hard": 2}
    document.insert_raw(3, b'{"n": "something else"}')
    assert marks.of(3) == Mark()


def test_copies_of_many_rows_have_their_tags(document: Document) -> None:
    marks = Marks(document)
    marks.tag(rows(0, 1, 5), "hard", True)
    marks.review(rows(1), True)
    document.duplicate_rows(rows(0, 1, 2, 5))
    assert [marks.of(row).tags for row in range(12)] == [
        frozenset({"hard"}) if row in (0, 1, 2, 3, 8, 9) else frozenset() for row in range(12)
    ]
    assert marks.reviewed() == 1


def test_a_step_of_many_edits_made_again(document: Document) -> None:
    marks = Marks(document)
    marks.tag(rows(2), "hard", True)
    with document.group():
        document.insert_raw(8, b'{"n": "last"}')
        document.delete(3, 5)
    document.undo()
    document.redo()
    assert [marks.of(row).tags for row in range(4)] == [set(), set(), {"hard"}, set()]


def test_undo_does_not_give_tags_again(document: Document) -> None:
    marks = Marks(document)
    marks.tag(rows(2), "hard", True)
    document.duplicate(2)
    marks.tag(rows(3), "hard", False)
    document.delete(3)
    document.undo()
    assert marks.of(3) == Mark()


def test_undo_past_a_save_does_not_take_examples_for_copies_of_others(document: Document) -> None:
    marks = Marks(document)
    document.duplicate(2)
    document.save()
    marks.tag(rows(2), "hard", True)
    marks.tag(rows(3), "easy", True)
    document.delete(3)
    document.save()
    document.undo()
    assert marks.of(3).tags == {"easy"}


def test_ids_are_unique_and_stay(document: Document) -> None:
    marks = Marks(document)
    ids = [marks.id_of(row) for row in range(8)]
    assert len(set(ids)) == 8
    assert {len(example) for example in ids} == {10}
    assert [marks.row_of(example) for example in ids] == list(range(8))
    assert [marks.id_of(row) for row in range(8)] == ids
    assert marks.row_of("nonsense") is None
    assert marks.row_of("aaaaaaaaaa") is None


class Recorder:
    """Remembers what the journal is told of marks."""

    def __init__(self) -> None:
        self.told: list[tuple[RowSet, Mapping[str, Any]]] = []

    def marks(self, rows: RowSet, change: Mapping[str, Any]) -> None:
        self.told.append((rows, change))


def test_what_was_recorded_can_be_applied_again(document: Document) -> None:
    marks = Marks(document)
    recorder = Recorder()
    document.recorder = recorder  # type: ignore[assignment]
    marks.tag(rows(1, 2), "hard", True)
    marks.tag(rows(2), "hard", False)
    marks.note(4, "half \ud83d only")
    marks.review(RowSet.span(0, 8), True)
    example = marks.id_of(6)
    document.recorder = None
    again = Marks(Document.open(document.path))
    for recorded, change in recorder.told:
        again.apply(recorded, change)
    assert [again.of(row) for row in range(8)] == [marks.of(row) for row in range(8)]
    assert again.id_of(6) == example
    for nonsense in ({}, {"tag": 3, "on": True}, {"id": "x"}, {"note": None}, {"reviewed": 1}):
        again.apply(rows(0), nonsense)
    assert again.of(0) == marks.of(0)


@pytest.mark.parametrize("tag", ["", " \n ", "x" * 101, "x" * 1000])
def test_a_tag_that_is_none_is_refused(document: Document, tag: str) -> None:
    with pytest.raises(InputError, match="A tag has 1 to 100 characters"):
        Marks(document).tag(rows(0), tag, True)


def test_a_note_too_long_is_refused(document: Document) -> None:
    with pytest.raises(InputError, match="A note has at most 1,000,000 characters"):
        Marks(document).note(0, "x" * 1_000_001)


@pytest.mark.parametrize("text", [text for text in hostile.STRINGS.values() if len(text) <= 1_000_000])
def test_hostile_text_is_kept_as_it_is_in_notes_and_as_one_line_in_tags(document: Document, text: str) -> None:
    marks = Marks(document)
    marks.note(3, text)
    marks.review(rows(3), True)
    if 0 < len(text.strip()) < 100:
        marks.tag(rows(3), text, True)
    assert marks.keep()
    again = Marks(Document.open(document.path))
    again.load()
    assert again.of(3) == marks.of(3)
    assert again.of(3).note == text
    assert not any("\n" in tag or "\x1b" in tag for tag in again.of(3).tags)


def test_nothing_is_marked_where_nothing_can_be_kept(document: Document) -> None:
    marks = Marks(document)
    document.make_read_only("chat.jsonl is open in another window.")
    for change in (
        lambda: marks.tag(rows(0), "hard", True),
        lambda: marks.note(0, "x"),
        lambda: marks.review(rows(0), True),
    ):
        with pytest.raises(InputError, match="open in another window"):
            change()
    assert marks.of(0) == Mark()


def test_rows_that_are_not_there(document: Document) -> None:
    marks = Marks(document)
    for change in (lambda: marks.of(8), lambda: marks.id_of(8), lambda: marks.tag(RowSet.span(0, 9), "x", True)):
        with pytest.raises(IndexError):
            change()
    with pytest.raises(IndexError):
        marks.tag(RowSet.span(0, 100), "x", True)


def test_a_million_tags_cost_less_than_forty_bytes_each(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    path.write_bytes(b"{}\n" * 1_000_000)
    document = Document.open(path)
    document.build_index()
    marks = Marks(document)
    tracemalloc.start()
    try:
        marks.tag(RowSet.span(0, 1_000_000), "hard", True)
        marks.review(RowSet.of(range(0, 1_000_000, 1000)), True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000
    assert marks.tags() == {"hard": 1_000_000}
    assert marks.reviewed() == 1000
    document.delete_rows(RowSet.span(0, 500_000))
    assert marks.tags() == {"hard": 500_000}
    assert marks.reviewed() == 500
