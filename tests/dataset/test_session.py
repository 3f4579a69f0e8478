"""Opening a file for work: the lock, two windows, saving under another name, a clean end."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from dataset.crashing import die, journal_folder, reopened
from fttui.core.errors import InputError
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import open_session

LINES = [b'{"n": %d}\n' % n for n in range(100)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def test_a_clean_end_leaves_nothing(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"edited")
    session.document.save()
    session.close()
    assert not list(journal_folder(fttui_home).iterdir())
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_end_with_unsaved_edits_keeps_them_unless_they_are_discarded(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"edited")
    session.close()
    again = open_session(path)
    assert again.recovery is not None
    again.recovery.restore()
    assert again.document.raw(0) == b"edited"
    again.close(discard=True)
    assert not list(journal_folder(fttui_home).iterdir())


def test_the_second_window_is_read_only_and_says_who_has_the_file(path: Path, tmp_path: Path) -> None:
    first = open_session(path)
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    for name in (path, link):
        second = open_session(name)
        assert second.lock is None
        assert second.journal is None
        assert second.document.is_read_only
        assert f"process {os.getpid()}" in second.document.read_only_reason
        with pytest.raises(InputError, match="another fttui window"):
            second.document.replace_raw(0, b"x")
        with pytest.raises(InputError, match="another fttui window"):
            second.document.save()
        second.close()
    first.document.replace_raw(0, b"still ours")
    first.close(discard=True)
    third = open_session(path)
    assert not third.document.is_read_only
    third.close()


def test_a_second_window_does_not_touch_what_a_crash_left(path: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"edited")
    die(session)
    first = open_session(path)
    second = open_session(path)
    assert second.recovery is None
    assert first.recovery is not None
    first.recovery.restore()
    assert first.document.raw(0) == b"edited"
    first.close(discard=True)


def test_a_read_only_window_that_saves_elsewhere_can_edit_that(path: Path, tmp_path: Path) -> None:
    first = open_session(path)
    second = open_session(path)
    copy = tmp_path / "copy.jsonl"
    second.document.save_as(copy)
    assert not second.document.is_read_only
    second.document.replace_raw(0, b"edited")
    die(second)
    again = reopened(copy)
    assert again.document.raw(0) == b"edited"
    again.close(discard=True)
    first.close()


def test_the_lock_and_the_journal_go_with_the_document_to_its_new_name(
    path: Path, tmp_path: Path, fttui_home: Path
) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"first")
    other = tmp_path / "other.jsonl"
    session.document.save_as(other)
    session.document.replace_raw(1, b"second")
    old = open_session(path)
    assert not old.document.is_read_only
    assert old.recovery is None
    old.close()
    assert open_session(other).document.is_read_only
    die(session)
    again = reopened(other)
    assert (again.document.raw(0), again.document.raw(1)) == (b"first", b"second")
    again.close(discard=True)
    assert path.read_bytes() == b"".join(LINES)
    assert not list(journal_folder(fttui_home).iterdir())


def test_saving_over_a_file_that_is_open_elsewhere_is_told(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(b"{}\n")
    window = open_session(other)
    said: list[str] = []
    session = open_session(path, on_note=said.append)
    session.document.save_as(other, overwrite=True)
    assert "another fttui window" in said[0]
    session.close()
    window.close()


def test_what_a_crash_left_of_the_file_saved_over_is_kept(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(b"1\n2\n")
    crashed = open_session(other)
    crashed.document.replace_raw(0, b"unsaved")
    die(crashed)
    session = open_session(path)
    session.document.save_as(other, overwrite=True)
    session.document.replace_raw(0, b"edited")
    session.document.save()
    session.close()
    again = open_session(other)
    assert again.recovery is not None
    assert not again.recovery.fits
    out = tmp_path / "lines.jsonl"
    assert again.recovery.save_lines(out) == 1
    assert out.read_bytes() == b"unsaved\n"


def test_a_compressed_file_gets_its_edits_back(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(LINES)))
    session = open_session(path)
    session.document.build_index()
    session.document.delete_rows(RowSet.of([3, 5]))
    expected = list(session.document.lines())
    die(session)
    again = reopened(path)
    assert list(again.document.lines()) == expected
    plain = tmp_path / "chat.jsonl"
    again.document.save_as(plain)
    again.document.undo()
    die(again)
    assert list(reopened(plain).document.lines()) == LINES


def test_marks_are_journalled_at_once_and_the_journal_goes_when_they_are_kept(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.marks.tag(RowSet.of([3]), "hard", True)
    assert list(journal_folder(fttui_home).glob("*.journal"))
    session.keep_marks()
    assert not list(journal_folder(fttui_home).glob("*.journal"))
    session.document.replace_raw(0, b"edited")
    session.keep_marks()
    assert list(journal_folder(fttui_home).glob("*.journal"))
    session.close(discard=True)
