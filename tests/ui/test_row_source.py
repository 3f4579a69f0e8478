"""A document, its counts and its marks as the row list asks for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset.document import Document
from fttui.formats.chat import messages_of, preview_of
from fttui.ui.row_source import DocumentRows
from fttui.ui.services import Services
from ui.examples_app import chat, small_file, write_lines


class Counts:
    """Stands for the counts of a file."""

    def tokens_of(self, row: int) -> int | None:
        return 100 + row if row < 3 else None

    def count_of(self, row: int) -> Any:
        return None


class Known:
    """Stands for the services."""

    totals: Any = None
    marks: Any = None

    def __init__(self, document: Document) -> None:
        self.document = document


def rows_of(document: Document, **arguments: Any) -> DocumentRows:
    return DocumentRows(document, cast(Services, Known(document)), **arguments)


class Backwards:
    def __init__(self, document: Document) -> None:
        self.document = document

    def __len__(self) -> int:
        return len(self.document)

    def row_at(self, position: int) -> int:
        return len(self.document) - 1 - position

    def position_of(self, row: int) -> int | None:
        return len(self.document) - 1 - row


def test_what_the_list_shows_of_a_document(tmp_path: Path) -> None:
    document = Document.open(small_file(tmp_path))
    rows = rows_of(document, selection=lambda: {1}, issue=lambda row: "warning" if row == 3 else "")
    assert [rows.cells(row).turns for row in range(4)] == [3, 3, None, 4]
    assert rows.cells(0).preview == "How do I reset my password?"
    assert rows.cells(2).problem.startswith("not JSON")
    assert [rows.cells(row).is_marked for row in range(4)] == [False, True, False, False]
    assert rows.cells(3).issue == "warning"
    assert rows.size(0) == len(document.raw(0))
    assert (rows.tokens(0), rows.trained(0)) == (None, None)


def test_an_edit_shows_and_undo_shows_the_old_text_again(tmp_path: Path) -> None:
    document = Document.open(small_file(tmp_path))
    rows = rows_of(document)
    before, revision = rows.cells(0), rows.revision
    document.replace(0, chat("", "Something else"))
    assert rows.revision != revision
    assert (rows.cells(0).preview, rows.cells(0).is_changed) == ("Something else", True)
    document.undo()
    assert rows.cells(0) == before


def test_a_new_selection_is_another_revision(tmp_path: Path) -> None:
    selected: list[frozenset[int]] = [frozenset()]
    rows = rows_of(Document.open(small_file(tmp_path)), selection=lambda: selected[0])
    revision = rows.revision
    assert rows.revision == revision
    selected[0] = frozenset({2})
    assert rows.revision != revision


def test_a_view_gives_other_rows_at_the_same_positions(tmp_path: Path) -> None:
    document = Document.open(small_file(tmp_path))
    rows = rows_of(document, view=Backwards(document))
    assert (rows.row_at(0), rows.position_of(3), len(rows)) == (3, 0, 4)
    assert rows.cells(3).preview == "How do I reset my password?"


def test_rows_that_another_thread_removed_are_empty_until_the_list_follows(tmp_path: Path) -> None:
    document = Document.open(small_file(tmp_path))
    rows = rows_of(document)
    document.delete(1, 3)
    assert rows.cells(3).preview == ""
    assert (rows.tokens(3), rows.trained(3), rows.size(3), rows.position_of(3)) == (None, None, None, None)


def test_counts_of_another_file_are_not_shown(tmp_path: Path) -> None:
    document = Document.open(small_file(tmp_path))
    known = Known(document)
    known.totals = Counts()
    rows = DocumentRows(document, cast(Services, known))
    assert rows.tokens(1) == 101
    known.document = Document.open(write_lines(tmp_path / "other.jsonl", chat("a", "b")))
    assert rows.tokens(1) is None


_CONTENT = st.none() | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2) | st.integers()
_MESSAGE = st.fixed_dictionaries({}, optional={"role": st.sampled_from(["user", "assistant", ""]), "content": _CONTENT})


@given(st.lists(_MESSAGE | st.none() | st.text(max_size=3), max_size=4) | st.none() | st.text(max_size=3))
def test_the_quick_way_to_a_preview_says_the_same(tmp_path_factory: pytest.TempPathFactory, messages: Any) -> None:
    record = json.loads(json.dumps({"messages": messages}))
    document = Document.open(write_lines(tmp_path_factory.mktemp("rows") / "a.jsonl", record))
    cells = rows_of(document).cells(0)
    assert cells.preview == preview_of(record)
    assert cells.turns == len(messages_of(record))
