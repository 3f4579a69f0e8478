"""Line beginnings, in one go, in blocks, and in a thread while rows are read and edited."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import document as document_module
from fttui.dataset import index as index_module
from fttui.dataset.document import Document
from fttui.dataset.index import LineIndex, index_file


class Bytes:
    """A file in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]

    def fill(self, position: int, cancel: Callable[[], bool]) -> None:
        """It is all there."""


@given(
    st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b"long line", "é".encode()])).map(b"".join),
    st.integers(1, 9),
)
def test_lines_are_found_whatever_the_blocks(data: bytes, block: int) -> None:
    index = LineIndex()
    with patch.object(index_module, "BLOCK", block), patch.object(index_module, "_STEP", 2):
        for ends, position in index_file(Bytes(data)):
            index.add(ends, position)
    index.finish()
    expected = [0] + [found.end() for found in re.finditer(rb"\n", data)]
    if not data.endswith(b"\n") and data:
        expected.append(len(data))
    assert list(index.offsets) == expected
    assert index.ends_with_newline == (data.endswith(b"\n") or not data)
    assert index.offsets.itemsize == 8


def test_a_part_of_a_file_is_indexed_and_can_be_stopped() -> None:
    data = b"ab\n" * 10
    with patch.object(index_module, "BLOCK", 6):
        assert [list(ends) for ends, _ in index_file(Bytes(data), start=3, stop=12)] == [[6, 9], [12]]
        answers = iter([False, True])
        assert [position for _, position in index_file(Bytes(data), cancel=lambda: next(answers))] == [6]


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"".join(b'{"n": %d}\n' % n for n in range(20_000)))
    return path


def test_rows_appear_while_others_are_read_and_edited(long_file: Path) -> None:
    with patch.object(document_module, "BLOCK", 500), patch.object(index_module, "BLOCK", 500):
        document = Document.open(long_file)
        assert 0 < len(document) < 100
        assert not document.is_indexed
        progress: list[int] = []
        thread = threading.Thread(target=document.build_index, kwargs={"on_progress": progress.append})
        thread.start()
        document.replace_raw(3, b"edited")
        document.delete(0)
        document.insert_raw(1, b"new")
        seen = 0
        while thread.is_alive():
            count = len(document)
            assert count >= seen
            seen = count
            assert document.raw(count - 1) == b'{"n": %d}' % (count - 1)
        thread.join()
    assert document.is_indexed
    assert progress == sorted(progress)
    assert progress[-1] == document.indexed_bytes == document.size == long_file.stat().st_size
    assert [document.raw(row) for row in range(4)] == [b'{"n": 1}', b"new", b'{"n": 2}', b"edited"]
    assert [document.raw(row) for row in range(4, 20_000)] == [b'{"n": %d}' % n for n in range(4, 20_000)]
    while document.undo() is not None:
        pass
    assert b"".join(document.lines()) == long_file.read_bytes()


def test_indexing_stops_and_goes_on(long_file: Path) -> None:
    with patch.object(document_module, "BLOCK", 500), patch.object(index_module, "BLOCK", 500):
        document = Document.open(long_file)
        answers = iter([False, False, True])
        document.build_index(cancel=lambda: next(answers))
        stopped_at = document.indexed_bytes
        assert stopped_at == 1500
        assert not document.is_indexed
        document.build_index()
    assert document.is_indexed
    assert len(document) == 20_000


def test_a_save_waits_for_all_rows(long_file: Path) -> None:
    before = long_file.read_bytes()
    with patch.object(document_module, "BLOCK", 500):
        document = Document.open(long_file)
        assert not document.is_indexed
        document.replace_raw(0, b"edited")
        document.save()
    assert long_file.read_bytes() == b"edited" + before[len(b'{"n": 0}') :]


def test_a_closed_document_is_not_saved_in_part(long_file: Path) -> None:
    with patch.object(document_module, "BLOCK", 500):
        document = Document.open(long_file)
    before = long_file.read_bytes()
    document.replace_raw(0, b"edited")
    document.close()
    with pytest.raises(Exception, match="nothing was saved"):
        document.save()
    assert long_file.read_bytes() == before


def test_lines_appended_by_others_after_opening_are_not_ours(long_file: Path) -> None:
    with patch.object(document_module, "BLOCK", 500):
        document = Document.open(long_file)
        with long_file.open("ab") as file:
            file.write(b"theirs\n")
        document.build_index()
    assert len(document) == 20_000


def test_a_snapshot_stays_while_the_document_goes_on(long_file: Path) -> None:
    document = Document.open(long_file)
    snapshot = document.snapshot()
    expected = long_file.read_bytes()
    document.delete(0, 19_999)
    document.save()
    document.close()
    del document
    assert b"".join(snapshot.lines()) == expected
    assert b"".join(snapshot.chunks()) == expected
    assert len(snapshot) == 20_000
