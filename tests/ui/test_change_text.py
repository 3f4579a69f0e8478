"""The list of changes: what it says of each, and taking each back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hostile
from fttui.core.errors import InputError
from fttui.dataset.changes import RowChange
from fttui.dataset.document import Document
from fttui.ui.change_text import lines_of, revert, summary, table_row
from fttui.ui.unsaved import unsaved_changes

LINES = [b'{"n": %d}' % number for number in range(6)]


def opened(folder: Path, lines: list[bytes] = LINES) -> Document:
    path = folder / "six.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return Document.open(path)


def now(document: Document) -> list[bytes]:
    return [document.raw(row) for row in range(len(document))]


def test_a_change_says_what_it_is_and_both_lines(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.replace_raw(1, b'{"n": "one"}')
    document.delete(3)
    document.insert_raw(0, b'{"n": "new"}')
    changes = document.changes()
    assert summary(changes) == "1 changed, 1 added, 1 deleted"
    assert [lines_of(document, change) for change in changes] == [
        (None, b'{"n": "new"}'),
        (b'{"n": 1}', b'{"n": "one"}'),
        (b'{"n": 3}', None),
    ]
    rows = [table_row(document, number, change) for number, change in enumerate(changes)]
    assert [(row.key, row.cells[0].text, row.cells[1].text) for row in rows] == [
        ("0", "1", "added"),
        ("1", "3", "changed"),
        ("2", "4", "deleted"),
    ]


def test_no_changes_are_nothing() -> None:
    assert summary([]) == "nothing"


@pytest.mark.parametrize("kind", ["changed", "added", "deleted"])
def test_each_kind_is_taken_back_alone_in_one_step_that_undo_brings_again(tmp_path: Path, kind: str) -> None:
    document = opened(tmp_path)
    document.replace_raw(1, b'{"n": "one"}')
    document.delete(3)
    document.insert_raw(0, b'{"n": "new"}')
    before = now(document)
    change = next(change for change in document.changes() if change.kind == kind)
    revert(document, change)
    left = [change.kind for change in document.changes()]
    assert left == [other for other in ("added", "changed", "deleted") if other != kind]
    document.undo()
    assert now(document) == before


def test_a_deleted_example_comes_back_as_the_one_it_was(tmp_path: Path) -> None:
    document = opened(tmp_path)
    root = document.root(3)
    document.delete(3)
    revert(document, document.changes()[0])
    assert now(document) == LINES
    assert document.changes() == []
    assert document.root(3) == root


def test_it_comes_back_behind_the_neighbour_it_had(tmp_path: Path) -> None:
    document = opened(tmp_path)
    for _ in range(3):
        document.delete(0)
    change = next(change for change in document.changes() if change.saved_row == 2)
    revert(document, change)
    assert now(document) == LINES[2:]
    document.insert_raw(0, b"{}")
    document.insert_raw(0, b"{}")
    change = next(change for change in document.changes() if change.saved_row == 1)
    revert(document, change)
    assert now(document) == [b"{}", b"{}", *LINES[1:]]


def test_a_moved_example_leads_to_undo(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.move(0, 4)
    change = document.changes()[0]
    assert change.kind == "moved"
    with pytest.raises(InputError, match="no one place"):
        revert(document, change)
    assert now(document) == [*LINES[1:5], LINES[0], LINES[5]]


def test_a_read_only_file_takes_nothing_back(tmp_path: Path) -> None:
    document = opened(tmp_path)
    document.delete(0)
    document.make_read_only("It is open elsewhere.")
    with pytest.raises(InputError, match="open elsewhere"):
        revert(document, document.changes()[0])


@pytest.mark.parametrize("name", [name for name, line in hostile.LINES.items() if b"\0" not in line])
def test_hostile_lines_are_listed_and_come_back_byte_for_byte(tmp_path: Path, name: str) -> None:
    line = hostile.LINES[name].removesuffix(b"\n")
    document = opened(tmp_path, [LINES[0], line, LINES[1]])
    document.build_index()
    at = next((row for row in range(len(document)) if document.raw(row) == line), None)
    if at is None:  # a line that holds no example
        return
    document.delete(at)
    change = document.changes()[0]
    assert table_row(document, 0, change).cells[1].text == "deleted"
    revert(document, change)
    assert document.raw(at) == line


_EDITS = st.lists(st.tuples(st.sampled_from(("change", "delete", "add")), st.integers(0, 20)), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=_EDITS, order=st.randoms(use_true_random=False))
def test_taking_back_every_change_in_any_order_gives_the_file(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int]], order: object
) -> None:
    document = opened(tmp_path_factory.mktemp("changes"))
    for number, (kind, at) in enumerate(edits):
        line = b'{"edit": %d}' % number
        if kind == "add" or not len(document):
            document.insert_raw(at % (len(document) + 1), line)
        elif kind == "change":
            document.replace_raw(at % len(document), line)
        else:
            document.delete(at % len(document))
    changes: list[RowChange] = document.changes()
    for _ in range(len(changes)):
        left = document.changes()
        revert(document, order.choice(left))  # type: ignore[attr-defined]
    assert document.changes() == []
    assert now(document) == LINES
    assert not any(document.is_changed(row) for row in range(len(LINES)))
    assert unsaved_changes(document) == 0
    if changes:
        document.undo()
        assert unsaved_changes(document) == len(document.changes()) == 1
        document.redo()
        assert unsaved_changes(document) == 0
