"""What comes back after a crash, and what a person is asked about it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from dataset.crashing import Killed, die, journal_folder, reopened, state, while_saving
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.journal.journal import Journal
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import open_session

LINES = [b'{"n": %d}\n' % n for n in range(100)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def test_a_restored_session_says_what_it_was(path: Path) -> None:
    session = open_session(path)
    document = session.document
    document.replace_raw(1, b"one")
    with document.group():
        document.delete(5)
        document.delete(6)
    document.undo()
    document.replace_raw(2, b"two")
    die(session)
    again = open_session(path)
    recovery = again.recovery
    assert recovery is not None
    assert (recovery.steps, recovery.fits) == (2, True)
    assert abs(recovery.when - path.stat().st_mtime) < 3600
    assert not again.document.is_dirty
    recovery.restore()
    assert again.recovery is None
    assert again.document.is_dirty
    assert again.document.undo() == 2
    assert again.document.undo() == 1
    assert again.document.undo() is None
    assert not again.document.is_dirty


def test_edits_that_were_all_undone_are_not_asked_about(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(1, b"one")
    session.document.undo()
    die(session)
    again = open_session(path)
    assert again.recovery is None
    assert not list(journal_folder(fttui_home).glob("*.left"))


def test_marks_come_back_without_a_question(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(7, b"seven")
    session.document.move(3, 0)
    session.marks.tag(RowSet.of([0]), "moved", True)
    session.marks.note(7, "look again")
    name = session.marks.id_of(7)
    session.document.undo()
    session.document.undo()
    die(session)
    again = open_session(path)
    assert again.recovery is None
    assert again.marks.of(3).tags == {"moved"}
    assert again.marks.of(7).note == "look again"
    assert again.marks.id_of(7) == name
    again.close()
    assert not list(journal_folder(fttui_home).iterdir())
    assert open_session(path).marks.of(3).tags == {"moved"}


def test_discarded_edits_are_gone_and_marks_stay(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.document.delete_rows(RowSet.of([0, 1]))
    session.marks.tag(RowSet.of([0]), "third", True)
    session.document.replace_lines(RowSet.span(0, 90), [b"new"] * 90)
    die(session)
    again = open_session(path)
    assert again.recovery is not None
    again.recovery.discard()
    assert again.recovery is None
    assert not again.document.is_dirty
    assert again.marks.of(2).tags == {"third"}
    again.close()
    assert not list(journal_folder(fttui_home).iterdir())
    assert open_session(path).recovery is None


def test_a_file_that_changed_keeps_the_edits_as_lines(path: Path, tmp_path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    document = session.document
    document.replace_raw(5, b"five")
    document.insert_raw(0, b"first")
    document.replace_lines(RowSet.span(10, 90), [b"bulk %d" % n for n in range(80)])
    document.delete(20, 70)
    die(session)
    path.write_bytes(b"".join(LINES[:50]))
    again = open_session(path)
    recovery = again.recovery
    assert recovery is not None
    assert not recovery.fits
    with pytest.raises(InputError, match="changed by another program"):
        recovery.restore()
    out = tmp_path / "lines.jsonl"
    assert recovery.save_lines(out) == 12
    assert out.read_bytes() == b"".join([b"first\n", b"five\n", *(b"bulk %d\n" % n for n in range(10))])
    with pytest.raises(InputError, match="exists already"):
        recovery.save_lines(out)
    recovery.discard()
    again.close()
    assert not list(journal_folder(fttui_home).iterdir())


@pytest.mark.parametrize("how", ["touched", "copied back"])
def test_a_file_with_another_stamp_and_the_same_bytes_still_fits(path: Path, tmp_path: Path, how: str) -> None:
    session = open_session(path)
    session.document.replace_raw(5, b"five")
    die(session)
    if how == "touched":
        os.utime(path, (1, 1))
    else:
        shutil.copy(path, tmp_path / "copy")
        path.unlink()
        (tmp_path / "copy").rename(path)
    again = open_session(path)
    assert again.recovery is not None
    assert again.recovery.fits
    again.recovery.restore()
    assert again.document.raw(5) == b"five"


def test_edits_after_a_save_start_from_the_saved_file(path: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(5, b"five")
    session.document.save()
    assert session.journal is not None
    assert not session.journal.path.exists()
    session.document.undo()  # lines of a file that is not there any more
    session.document.delete(0)
    expected = state(session)
    die(session)
    again = open_session(path)
    assert again.recovery is not None
    assert again.recovery.steps == 2
    again.recovery.restore()
    assert state(again) == expected


def test_a_kill_while_restoring_leaves_all_to_the_next_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(path)
    for row in range(5):
        session.document.replace_raw(row, b"edited")
    expected = state(session)
    die(session)
    again = open_session(path)
    original = Document._record
    left = [3]

    def record(self: Document, *args: Any) -> None:
        original(self, *args)
        left[0] -= 1
        if not left[0]:
            raise Killed

    assert again.recovery is not None
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Document, "_record", record)
        patch.setattr(Journal, "end_restoring", lambda journal: False)
        again.recovery.restore()
    die(again)
    third = open_session(path)
    assert third.recovery is not None
    assert third.recovery.steps == 5
    third.recovery.restore()
    assert state(third) == expected
    third.close(discard=True)


def test_edits_made_before_an_answer_do_not_mix_with_those_that_were_left(path: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"left")
    die(session)
    second = open_session(path)
    second.document.replace_raw(1, b"typed since")
    assert second.recovery is not None
    with pytest.raises(InputError, match="unsaved edits already"):
        second.recovery.restore()
    second.document.undo()
    second.recovery.restore()
    assert (second.document.raw(0), second.document.raw(1)) == (b"left", LINES[1].rstrip())
    second.close(discard=True)


def test_two_crashes_leave_two_journals_and_each_is_offered(path: Path) -> None:
    first = open_session(path)
    first.document.replace_raw(0, b"first")
    die(first)
    second = open_session(path)
    second.document.replace_raw(1, b"second")
    die(second)
    third = open_session(path)
    assert third.recovery is not None
    third.recovery.restore()
    assert third.document.raw(1) == b"second"
    third.close(discard=True)
    fourth = open_session(path)
    assert fourth.recovery is not None
    fourth.recovery.restore()
    assert fourth.document.raw(0) == b"first"
    fourth.close(discard=True)
    assert open_session(path).recovery is None


def test_a_lost_file_of_a_bulk_edit_is_a_sentence_and_the_steps_before_come_back(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"first")
    session.document.replace_lines(RowSet.span(10, 90), [b"bulk %d" % n for n in range(80)])
    die(session)
    for spool in journal_folder(fttui_home).glob("*.lines"):
        spool.unlink()
    again = open_session(path)
    assert again.recovery is not None
    with pytest.raises(InputError, match="damaged"):
        again.recovery.restore()
    assert again.document.raw(0) == b"first"
    assert again.document.raw(10) == LINES[10].rstrip()


def test_a_restored_copy_has_the_tags_it_had(path: Path) -> None:
    session = open_session(path)
    session.marks.tag(RowSet.of([3]), "hard", True)
    session.document.duplicate(3)
    session.document.duplicate_rows(RowSet.span(3, 5))
    session.marks.tag(RowSet.of([3]), "later", True)
    session.marks.tag(RowSet.of([3]), "hard", False)
    session.keep_marks()
    expected = state(session)
    die(session)
    again = reopened(path)
    assert state(again) == expected
    assert [sorted(again.marks.of(row).tags) for row in range(3, 8)] == [["later"], ["hard"], ["hard"], ["hard"], []]


def test_a_copy_whose_step_was_not_written_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(path)
    session.marks.tag(RowSet.of([3]), "hard", True)
    expected = state(session)
    assert session.journal is not None
    monkeypatch.setattr(session.journal, "_record", lambda *args: None)
    session.document.duplicate(3)
    session.journal.sync()
    die(session)
    assert state(reopened(path)) == expected


def test_what_is_said_in_the_midst_of_a_step_comes_back(path: Path) -> None:
    session = open_session(path)
    document = session.document
    with document.group():
        session.marks.tag(RowSet.of([0]), "before", True)
        document.delete(0)
        document.insert_raw(50, b"new")
        session.marks.tag(RowSet.of([50]), "new", True)
        session.marks.note(60, "goes in a moment")
        name = session.marks.id_of(60)
        document.move(60, 1)
        document.delete(1)
    expected = state(session)
    die(session)
    again = reopened(path)
    assert state(again) == expected
    assert again.marks.of(49).tags == frozenset()
    again.document.undo()
    assert again.marks.of(0).tags == {"before"}
    assert again.marks.of(60).note == "goes in a moment"
    assert again.marks.row_of(name) == 60
    die(again)
    assert state(reopened(path))[1][60].note == "goes in a moment"


def test_an_undo_past_a_save_brings_back_what_was_said(path: Path) -> None:
    session = open_session(path)
    document = session.document
    session.marks.tag(RowSet.span(3, 6), "hard", True)
    session.marks.note(4, "why?")
    name = session.marks.id_of(4)
    with document.group():
        document.delete(3, 2)
        document.delete(3)
    document.save()
    document.undo()
    session.marks.tag(RowSet.of([5]), "hard", False)
    expected = state(session)
    die(session)
    again = reopened(path)
    assert state(again) == expected
    assert again.marks.row_of(name) == 4
    again.document.save()
    again.close()
    once_more = open_session(path)
    assert state(once_more) == expected
    assert once_more.marks.row_of(name) == 4
    assert once_more.marks.missing == 2  # rows 3 and 5, as nobody knows that they are the same; for 90 days
    assert once_more.marks.trouble == ""


def test_what_is_said_of_a_row_that_comes_while_saving(path: Path) -> None:
    session = open_session(path)
    document = session.document

    def meanwhile() -> None:
        document.insert_raw(0, b"new")
        session.marks.tag(RowSet.of([0]), "new", True)
        document.undo()

    while_saving(document, meanwhile)
    document.save()
    document.redo()
    expected = state(session)
    assert expected[1][0].tags == {"new"}
    die(session)
    assert state(reopened(path)) == expected
