"""Saving: all or nothing, every other byte kept, and a sentence when it cannot be done."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from dataset.small_disk import assert_as_it_was, files_up_to
from fttui.core.errors import InputError
from fttui.dataset import committing, saving
from fttui.dataset.document import Document
from fttui.dataset.errors import FileChangedError, FileDamagedError
from unprivileged import NOBODY, let_others_in, without_root

LINES = [b'{"n": %d}\n' % n for n in range(5)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def edited(path: Path) -> Document:
    document = Document.open(path)
    document.replace_raw(1, b'{"n": "edited"}')
    return document


EDITED = b"".join([LINES[0], b'{"n": "edited"}\n', *LINES[2:]])


def test_the_mode_is_kept_and_a_link_stays(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    edited(link).save()
    assert link.is_symlink()
    assert path.read_bytes() == EDITED
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def fail_with(number: int) -> Callable[..., object]:
    def fail(*args: object, **kwargs: object) -> object:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "no permission to write in its directory"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EDQUOT, "your disk quota is used up"),
        (errno.EIO, "input/output error"),
    ],
)
@pytest.mark.parametrize("call", ["open", "fsync", "rename"])
def test_a_failing_save_changes_nothing_and_says_why(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, call: str
) -> None:
    document = edited(path)
    with monkeypatch.context() as patch:
        if call == "rename":
            patch.setattr(Path, "replace", fail_with(number))
        else:
            patch.setattr(os, call, fail_with(number))
        with pytest.raises(InputError) as caught:
            document.save()
    assert caught.value.message == f"{path} was not saved and is unchanged on disk: {words}."
    assert_as_it_was(path, b"".join(LINES))
    assert document.is_dirty
    document.save()
    assert path.read_bytes() == EDITED


def test_a_write_that_stops_half_way(path: Path) -> None:
    document = edited(path)
    with files_up_to(20), pytest.raises(InputError, match="the disk does not take a file of that size"):
        document.save()
    assert_as_it_was(path, b"".join(LINES))


def test_no_permission_for_the_directory(path: Path) -> None:
    let_others_in(path.parent)
    document = edited(path)
    with without_root(), pytest.raises(InputError, match="no permission to write in its directory") as caught:
        document.save()
    assert caught.value.hint == "Save under another name."
    assert path.read_bytes() == b"".join(LINES)


def test_the_owner_is_kept(path: Path) -> None:
    owner = NOBODY if os.geteuid() == 0 else os.geteuid()  # only root can give files away
    os.chown(path, owner, -1)
    edited(path).save()
    assert path.stat().st_uid == owner


def replaced(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b'{"theirs": 1}\n')
    other.replace(path)


def appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"theirs": 1}\n')


@pytest.mark.parametrize("change", [replaced, appended])
def test_a_file_that_changed_on_disk_is_asked_about(path: Path, change: Callable[[Path], None]) -> None:
    document = edited(path)
    change(path)
    theirs = path.read_bytes()
    with pytest.raises(FileChangedError) as caught:
        document.save()
    assert caught.value.choices == ("overwrite", "save_as")
    assert caught.value.path == path
    assert path.read_bytes() == theirs
    assert document.is_dirty
    document.save(overwrite=True)
    assert path.read_bytes() == EDITED
    document.delete(0)
    document.save()


def test_a_changed_file_can_be_saved_elsewhere(path: Path, tmp_path: Path) -> None:
    document = edited(path)
    replaced(path)
    result = document.save_as(tmp_path / "mine.jsonl")
    assert result.path.read_bytes() == EDITED
    assert path.read_bytes() == b'{"theirs": 1}\n'
    assert document.path == result.path
    assert not document.is_dirty


def test_a_file_rewritten_in_place_cannot_be_overwritten_with_nonsense(path: Path) -> None:
    document = edited(path)
    path.write_bytes(b'{"theirs, and longer": 1}\n' * 3)
    theirs = path.read_bytes()
    with pytest.raises(FileDamagedError):
        document.save(overwrite=True)
    path.write_bytes(b"short")
    with pytest.raises(FileDamagedError):
        document.save(overwrite=True)
    assert path.read_bytes() == b"short"
    assert theirs != b"short"


def test_a_deleted_file_is_written_again(path: Path) -> None:
    path.chmod(0o600)
    document = edited(path)
    path.unlink()
    document.save()
    assert path.read_bytes() == EDITED
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_save_as(path: Path, tmp_path: Path) -> None:
    document = edited(path)
    target = tmp_path / "copy.jsonl"
    target.write_bytes(b"old")
    with pytest.raises(InputError, match="exists already"):
        document.save_as(target)
    assert target.read_bytes() == b"old"
    document.save_as(target, overwrite=True)
    assert target.read_bytes() == EDITED
    assert path.read_bytes() == b"".join(LINES)
    document.undo()
    document.save()
    assert target.read_bytes() == b"".join(LINES)
    with pytest.raises(InputError, match="its directory is not there"):
        document.save_as(tmp_path / "nowhere" / "x.jsonl")
    assert document.path == target


def test_save_as_to_the_same_file_is_save(path: Path, tmp_path: Path) -> None:
    document = edited(path)
    link = tmp_path / "link"
    link.symlink_to(path)
    document.save_as(link)
    assert path.read_bytes() == EDITED


def test_edits_made_while_a_save_runs_stay_unsaved_edits(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = edited(path)
    write = saving.write_atomic

    def edit_meanwhile(*args: object, **kwargs: object) -> int:
        size = write(*args, **kwargs)  # type: ignore[arg-type]
        document.replace_raw(3, b"meanwhile")
        document.delete(0)
        document.insert_raw(2, b"new")
        return size

    monkeypatch.setattr(saving, "write_atomic", edit_meanwhile)
    document.save()
    monkeypatch.undo()
    assert path.read_bytes() == EDITED
    assert document.is_dirty
    now = [b'{"n": "edited"}', b'{"n": 2}', b"new", b"meanwhile", b'{"n": 4}']
    assert [document.raw(row) for row in range(5)] == now
    assert [document.is_changed(row) for row in range(5)] == [False, False, True, True, False]
    for _ in range(3):
        document.undo()
    assert not document.is_dirty
    assert b"".join(document.lines()) == EDITED
    assert not any(document.is_changed(row) for row in range(5))
    for _ in range(3):
        document.redo()
    document.save()
    assert path.read_bytes() == b"".join(line + b"\n" for line in now)


def test_many_deleted_rows_are_left_in_the_old_file_for_undo(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "_MOST_COPIED", 10)
    document = Document.open(path)
    document.delete(0, 4)
    document.save()
    assert path.read_bytes() == LINES[4]
    document.undo()
    document.save()
    assert path.read_bytes() == b"".join(LINES)


def test_a_system_that_cannot_rename_over_an_open_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committing, "MUST_CLOSE", True)
    document = edited(path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail_with(errno.EACCES))
        with pytest.raises(InputError):
            document.save()
    assert document.raw(0) == b'{"n": 0}'
    document.save()
    assert path.read_bytes() == EDITED
    document.undo()
    document.save()
    assert path.read_bytes() == b"".join(LINES)


@pytest.mark.parametrize(
    ("content", "edit", "expected"),
    [
        (b"a\nb", lambda d: d.replace_raw(1, b""), b"a\n\n"),
        (b"a\nb\r", lambda d: d.move(1, 0), b"b\r\na"),
        (b"a\nb\r", lambda d: d.insert_raw(2, b"c"), b"a\nb\r\nc"),
        (b"a\r\nb", lambda d: d.insert_raw(2, b"c"), b"a\r\nb\r\nc"),
        (b"a\nb", lambda d: d.delete(1), b"a"),
        (b"a\n", lambda d: d.insert_raw(1, b"b"), b"a\nb\n"),
        (b"", lambda d: d.insert_raw(0, b"a"), b"a\n"),
        (b"\xef\xbb\xbfa\n", lambda d: d.insert_raw(0, b"b"), b"\xef\xbb\xbfb\na\n"),
        (b"\xef\xbb\xbfa\n", lambda d: d.delete(0), b"\xef\xbb\xbf"),
        (b"a\n", lambda d: d.replace_raw(0, b"{\n  1\r\n}\n"), b"{   1 }\n"),
    ],
)
def test_line_endings(path: Path, content: bytes, edit: Callable[[Document], None], expected: bytes) -> None:
    path.write_bytes(content)
    document = Document.open(path)
    edit(document)
    document.save()
    assert path.read_bytes() == expected
    assert b"".join(document.lines()) == expected.removeprefix(b"\xef\xbb\xbf")
    document.undo()
    document.save()
    assert path.read_bytes().rstrip(b"\r") == content.rstrip(b"\r")
