"""Saving without reading what was not edited: it must find out when that cannot be trusted."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dataset.small_disk import assert_as_it_was, files_up_to
from fttui.core.errors import InputError
from fttui.dataset import saving
from fttui.dataset.applying import apply_edit
from fttui.dataset.document import Document
from fttui.dataset.edits import Edit
from fttui.dataset.errors import FileDamagedError
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.reader import FileReader, Stamp, stamp_of
from fttui.dataset.recording import RecordedStep, StepKind
from fttui.dataset.rowset import RowSet
from fttui.dataset.saving import SaveResult
from fttui.dataset.spool import SpoolFile

LINES = [b'{"n": %06d, "text": "%s"}\n' % (n, b"x" * 80) for n in range(10_000)]
"""A megabyte, so that runs of it are copied by the system."""
MIDDLE = 5000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def edited(path: Path) -> Document:
    document = Document.open(path)
    document.replace_raw(MIDDLE, b"{}")
    return document


EDITED = b"".join([*LINES[:MIDDLE], b"{}\n", *LINES[MIDDLE + 1 :]])


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    reads: list[int] = []
    read = FileReader.read

    def counted(reader: FileReader, offset: int, size: int) -> bytes:
        reads.append(size)
        return read(reader, offset, size)

    monkeypatch.setattr(FileReader, "read", counted)
    return reads


def check_rows(document: Document, content: bytes) -> None:
    lines = content.splitlines()
    assert [document.raw(row) for row in range(len(document))] == lines
    again = Document.open(document.path)
    again.build_index()
    assert again.source(again.base).index.offsets == document.source(document.base).index.offsets  # type: ignore[union-attr]


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="the system copies nothing by itself")
def test_untouched_runs_are_not_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = edited(path)
    with monkeypatch.context() as patch:
        reads = count_reads(patch)
        document.save()
    assert sum(reads) < 1000
    assert path.read_bytes() == EDITED
    check_rows(document, EDITED)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, None])
def test_a_system_that_does_not_copy(path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None) -> None:
    def refuse(*args: int) -> int:
        if number is None:
            return 0
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    document = edited(path)
    document.save()
    assert path.read_bytes() == EDITED
    check_rows(document, EDITED)


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, "input/output error")])
def test_a_copy_that_fails_half_way(path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str) -> None:
    document = edited(path)
    left = [1]

    def fail(source: int, target: int, count: int, offset: int) -> int:
        if left[0]:
            left[0] -= 1
            return os.write(target, os.pread(source, 1000, offset))
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "copy_file_range", fail, raising=False)
        with pytest.raises(InputError, match=f"was not saved and is unchanged on disk: {words}"):
            document.save()
    assert_as_it_was(path, b"".join(LINES))
    document.save()
    assert path.read_bytes() == EDITED


def test_a_disk_that_is_full_while_it_is_copied(path: Path) -> None:
    document = edited(path)
    with files_up_to(300_000), pytest.raises(InputError, match="the disk does not take a file of that size"):
        document.save()
    assert_as_it_was(path, b"".join(LINES))


def touched(path: Path) -> None:
    os.utime(path)


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"theirs": 1}\n')


@pytest.mark.parametrize("change", [touched, appended])
def test_lines_that_are_where_they_were_are_kept(path: Path, change: Callable[[Path], None]) -> None:
    document = edited(path)
    change(path)
    document.save(overwrite=True)
    assert path.read_bytes() == EDITED
    check_rows(document, EDITED)


def rewritten(path: Path) -> None:
    path.write_bytes(b"".join(reversed(LINES)).replace(b'"text": "', b'"text": "y', 1))


def shorter(path: Path) -> None:
    path.write_bytes(b"".join(LINES)[:500_000])


@pytest.mark.parametrize("change", [rewritten, shorter])
def test_lines_that_are_elsewhere_now_are_not_saved(path: Path, change: Callable[[Path], None]) -> None:
    """Also with as many rows as before."""
    document = edited(path)
    change(path)
    theirs = path.read_bytes()
    with pytest.raises(FileDamagedError):
        document.save(overwrite=True)
    with pytest.raises(FileDamagedError):
        document.save_as(path.with_name("copy.jsonl"))
    assert path.read_bytes() == theirs
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_file_that_is_rewritten_while_it_is_copied(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = edited(path)
    copy = os.copy_file_range

    def meanwhile(*args: int) -> int:
        copied = copy(*args)
        if args[3]:  # the second run
            rewritten(path)
        return copied

    monkeypatch.setattr(os, "copy_file_range", meanwhile)
    with pytest.raises(FileDamagedError):
        document.save()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_many_small_runs_are_read_in_few_steps(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = Document.open(path)
    odd = RowSet.of(range(1, len(LINES), 2))
    document.delete_rows(RowSet.of(range(0, len(LINES), 2)))
    document.replace_lines(RowSet.of(range(0, len(odd), 10)), [b"{}"] * (len(odd) // 10))
    expected = b"".join(b"{}\n" if at % 10 == 0 else LINES[row] for at, row in enumerate(odd))
    with monkeypatch.context() as patch:
        reads = count_reads(patch)
        document.save()
    assert len(reads) < 100
    assert path.read_bytes() == expected
    check_rows(document, expected)


def test_who_wants_to_know_of_saves(path: Path, tmp_path: Path) -> None:
    document = edited(path)
    told: list[SaveResult] = []
    stop = document.subscribe_saved(told.append)
    first = document.save()
    second = document.save_as(tmp_path / "copy.jsonl")
    document.save_rows_as(RowSet.of([0]), tmp_path / "one.jsonl")
    stop()
    document.save()
    assert told == [first, second]


def test_some_rows_elsewhere(path: Path, tmp_path: Path) -> None:
    document = edited(path)
    target = tmp_path / "some.jsonl.gz"
    result = document.save_rows_as(RowSet.of([0, MIDDLE, 9999]), target)
    assert gzip.decompress(target.read_bytes()) == LINES[0] + b"{}\n" + LINES[9999]
    assert (result.path, result.rows, result.size) == (target, 3, target.stat().st_size)
    with pytest.raises(InputError, match="exists already"):
        document.save_rows_as(RowSet.of([1]), target)
    with pytest.raises(InputError, match="is the file that is open"):
        document.save_rows_as(RowSet.of([1]), path, overwrite=True)
    with pytest.raises(IndexError):
        document.save_rows_as(RowSet.of([10_000]), tmp_path / "x.jsonl")
    assert document.is_dirty
    assert document.path == path
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name, target.name]


def test_a_compressed_file_needs_a_name_and_keeps_its_packing(path: Path, tmp_path: Path) -> None:
    packed = tmp_path / "chat.jsonl.gz"
    packed.write_bytes(gzip.compress(b"".join(LINES)))
    before = packed.read_bytes()
    document = Document.open(packed)
    document.build_index()
    document.replace_raw(MIDDLE, b"{}")
    assert document.needs_name
    with pytest.raises(InputError, match="is compressed"):
        document.save()
    assert packed.read_bytes() == before
    document.save_as(tmp_path / "mine.jsonl.gz")
    assert not document.needs_name
    assert not document.is_dirty
    assert document.title == "mine.jsonl.gz"
    assert gzip.decompress((tmp_path / "mine.jsonl.gz").read_bytes()) == EDITED
    document.undo()
    document.save()
    assert gzip.decompress((tmp_path / "mine.jsonl.gz").read_bytes()) == b"".join(LINES)
    document.save_as(tmp_path / "plain.jsonl")
    assert (tmp_path / "plain.jsonl").read_bytes() == b"".join(LINES)
    document.save()


def test_reloading_takes_the_file_as_it_is(path: Path) -> None:
    document = edited(path)
    root = document.root(0)
    told: list[tuple[int, int]] = []
    document.subscribe(lambda change: told.append((change.removed, change.inserted)))
    path.write_bytes(b"\xef\xbb\xbfa\r\nb\r\nc")
    document.reload()
    assert [document.raw(row) for row in range(len(document))] == [b"a", b"b", b"c"]
    assert told == [(10_000, 0), (0, 3)]
    assert document.has_bom
    assert document.newline == b"\r\n"
    assert not document.is_dirty
    assert not document.can_undo
    assert document.root(0) != root
    document.insert_raw(3, b"d")
    document.save()
    assert path.read_bytes() == b"\xef\xbb\xbfa\r\nb\r\nc\r\nd"
    path.unlink()
    with pytest.raises(InputError, match="There is no file"):
        document.reload()
    assert len(document) == 4


class Replaying:
    """A recorder that replays: its rows are those that a start after a crash would have, with the file on disk."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.table = PieceTable(document.snapshot().pieces)
        self.calls: list[str] = []

    def step(self, kind: StepKind, edits: Sequence[Edit]) -> None:
        self.calls.append(kind)
        for edit in edits:
            apply_edit(self.table, edit)

    def saving(self, stamp: Stamp, base: int, meanwhile: Sequence[RecordedStep]) -> None:
        self.calls.append("saving")
        assert stamp_of(self.document.path) != stamp
        self.stamp = stamp
        self.table = PieceTable([Piece(base, 0, len(LINES))])
        for _, edits in meanwhile:
            for edit in edits:
                apply_edit(self.table, edit)

    def saved(self) -> None:
        self.calls.append("saved")
        assert stamp_of(self.document.path) == self.stamp

    def spool(self) -> SpoolFile:
        return SpoolFile.temporary()

    def added(self, first: int, lines: Sequence[bytes]) -> None:
        self.calls.append(f"added {len(lines)}")

    def marks(self, rows: RowSet, change: Mapping[str, Any]) -> None: ...

    def close(self, *, keep: bool) -> None: ...


def test_steps_made_while_a_save_runs_are_recorded_as_unsaved(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = edited(path)
    document.recorder = recorder = Replaying(document)
    write = saving.write_atomic

    def edit_meanwhile(target: Path, parts: object, **kwargs: Any) -> int:
        document.insert_raw(0, b"new")
        document.delete_rows(RowSet.of(range(1, 9000, 2)))
        document.move_rows(RowSet.of([3, 7, 9]), 1)
        with document.group():
            document.replace_raw(4, b"other")
            document.delete(0)
        document.undo()
        return write(target, parts, **kwargs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(saving, "write_atomic", edit_meanwhile)
        document.save()
    assert recorder.calls[-3:] == ["undo", "saving", "saved"]
    assert recorder.calls.count("step") == 4
    assert list(recorder.table) == list(document.snapshot().pieces)
    assert path.read_bytes() == EDITED
    assert document.is_dirty
    for _ in range(3):
        document.undo()
    assert not document.is_dirty


def test_a_rename_that_fails_leaves_everything_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = edited(path)
    base = document.base

    def fail(*args: object) -> None:
        raise OSError(errno.EACCES, "no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(InputError):
            document.save()
    assert document.base == base
    assert document.is_dirty
    document.replace_raw(0, b"and on")  # nobody holds a lock
    document.save()
    assert path.read_bytes().startswith(b"and on\n")


def test_a_line_with_nul_bytes_can_be_saved(path: Path) -> None:
    document = edited(path)
    document.insert_raw(0, b"\0" * 10)
    document.save()
    assert path.read_bytes() == b"\0" * 10 + b"\n" + EDITED
