"""A document: rows, edits, undo, save."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.dataset.document import Document

LINES = [b'{"messages": [{"role": "user", "content": "%d"}]}' % n for n in range(4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(line + b"\n" for line in LINES))
    return path


def rows(document: Document) -> list[bytes]:
    return [document.raw(row) for row in range(len(document))]


def test_a_file_is_read_row_by_row(path: Path) -> None:
    document = Document.open(path)
    assert document.is_indexed
    assert rows(document) == LINES
    assert document.parsed(2).value == {"messages": [{"role": "user", "content": "2"}]}
    assert not document.is_dirty


def test_each_edit_is_undone_redone_and_saved(path: Path) -> None:
    document = Document.open(path)
    before = path.read_bytes()
    document.replace(1, {"messages": []})
    document.insert(0, {"messages": [1]})
    document.delete(4)
    document.move(0, 2)
    edited = rows(document)
    assert edited == [LINES[0], b'{"messages": []}', b'{"messages": [1]}', LINES[2]]
    assert [document.is_changed(row) for row in range(4)] == [False, True, True, False]
    while document.undo() is not None:
        pass
    assert rows(document) == LINES
    assert not document.is_dirty
    document.save()
    assert path.read_bytes() == before
    while document.redo() is not None:
        pass
    assert rows(document) == edited
    result = document.save()
    assert path.read_bytes() == b"".join(line + b"\n" for line in edited)
    assert (result.rows, result.size) == (4, path.stat().st_size)
    assert not document.is_dirty
    assert not any(document.is_changed(row) for row in range(4))
    document.undo()
    assert document.is_dirty
    assert rows(document)[0] == b'{"messages": [1]}'
