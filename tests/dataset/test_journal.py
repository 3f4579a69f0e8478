"""The journal's bytes and its file: frames, torn ends, trouble with the disk, the thread that syncs."""

from __future__ import annotations

import errno
import os
import resource
import stat
import threading
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.crashing import die, journal_folder, reopened, state
from fttui.core.errors import InputError
from fttui.dataset.edits import Bulk, Edit, Move, MoveRows, Splice
from fttui.dataset.journal import file as journal_file
from fttui.dataset.journal.format import (
    MAGIC,
    Kind,
    frame,
    lines_frames,
    marks_frame,
    packed_json,
    read_edits,
    read_lines,
    read_marks,
    step_frame,
)
from fttui.dataset.journal.reading import NewerJournalError, read_journal
from fttui.dataset.pieces import PackedPieces, Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import open_session
from unprivileged import let_others_in, without_root

HEAD = 9
"""Bytes of a frame before its payload."""

LINES = [b'{"n": %d}\n' % n for n in range(100)]

numbers = st.integers(0, 2**40)
columns = st.lists(numbers, max_size=4) | st.tuples(numbers, st.integers(2, 5)).map(lambda pair: [pair[0]] * pair[1])
pieces = st.lists(st.builds(Piece, st.integers(0, 9), numbers, st.integers(1, 2**30)), max_size=4)
edits = st.one_of(
    st.builds(Splice, numbers, numbers, pieces.map(lambda some: tuple(PackedPieces.of(some)))),
    st.builds(Move, numbers, numbers),
    columns.flatmap(
        lambda at: st.builds(
            lambda removed, inserted, some: Bulk(
                array("Q", at), array("Q", removed), array("Q", inserted), PackedPieces.of(some)
            ),
            st.lists(numbers, min_size=len(at), max_size=len(at)),
            st.lists(numbers, min_size=len(at), max_size=len(at)),
            pieces,
        )
    ),
    st.builds(lambda at, to, back: MoveRows(array("Q", at), array("Q", at), to, back), columns, numbers, st.booleans()),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


@given(st.lists(edits, max_size=4))
def test_edits_come_back_as_they_were(some: list[Edit]) -> None:
    assert read_edits(step_frame(some)[HEAD:]) == some


@given(st.lists(edits, min_size=1, max_size=2), st.data())
def test_a_damaged_edit_is_a_value_error(some: list[Edit], data: st.DataObject) -> None:
    packed = step_frame(some)[HEAD:]
    cut = packed[: data.draw(st.integers(1, len(packed) - 1))]
    try:
        found = read_edits(cut)
    except ValueError:
        return
    assert found == some[: len(found)]
    assert len(found) < len(some)


@given(st.integers(0, 9), numbers, st.lists(st.binary(max_size=9), min_size=1, max_size=9))
def test_lines_come_back_as_they_were(source: int, first: int, lines: list[bytes]) -> None:
    (data,) = lines_frames(source, first, lines)
    assert read_lines(data[HEAD:]) == (source, first, lines)


def test_many_lines_take_several_frames() -> None:
    frames = [*lines_frames(0, 5, [b"x" * 1000] * 3000)]
    assert len(frames) > 2
    found = [read_lines(data[HEAD:]) for data in frames]
    assert [first for _, first, _ in found] == [5 + sum(len(x[2]) for x in found[:n]) for n in range(len(found))]
    assert sum(len(lines) for _, _, lines in found) == 3000


@given(st.sets(st.integers(0, 99)))
def test_marks_come_back_as_they_were(rows: set[int]) -> None:
    change = {"tag": "schön", "on": True}
    assert read_marks(marks_frame(RowSet.of(rows), change)[HEAD:]) == (RowSet.of(rows), change)


def test_nothing_is_written_before_the_first_edit_and_only_the_user_can_read_it(path: Path, fttui_home: Path) -> None:
    session = open_session(path)
    folder = journal_folder(fttui_home)
    assert not list(folder.glob("*.journal"))
    session.document.replace_raw(1, b"secret")
    (journal,) = folder.glob("*.journal")
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    session.document.replace_lines(RowSet.span(0, 90), [b"bulk"] * 90)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    session.close(discard=True)
    assert not list(folder.iterdir())


def test_a_step_is_in_the_file_when_the_edit_returns_and_before_a_listener_hears_of_it(path: Path) -> None:
    session = open_session(path)
    assert session.journal is not None
    place = session.journal.path
    seen: list[bool] = []
    session.document.subscribe(lambda change: seen.append(b"typed" in place.read_bytes()))
    session.document.replace_raw(1, b"typed")
    assert seen == [True]
    session.close(discard=True)


def test_a_journal_torn_at_any_byte_gives_the_steps_before(path: Path) -> None:
    session = open_session(path)
    document = session.document
    states = [(0, b"".join(document.lines()))]
    assert session.journal is not None
    place = session.journal.path
    actions = [
        lambda: document.replace_raw(3, b"typed"),
        lambda: document.delete(0, 2),
        document.undo,
        lambda: document.move_rows(RowSet.of([1, 5, 9]), 40),
        lambda: document.insert_raw(100, b"last"),
        document.undo,
        document.redo,
    ]
    for action in actions:
        action()
        states.append((place.stat().st_size, b"".join(document.lines())))
    whole = place.read_bytes()
    die(session)
    place.unlink()
    for size in range(len(whole)):
        place.write_bytes(whole[:size])
        again = reopened(path)
        expected = [lines for needed, lines in states if needed <= size][-1]
        assert b"".join(again.document.lines()) == expected, size
        again.close(discard=True)
        assert not list(place.parent.iterdir()), size


@pytest.mark.parametrize("at", [0, 5, len(MAGIC), len(MAGIC) + 20])
def test_a_journal_damaged_at_its_head_is_moved_aside_with_a_sentence(path: Path, at: int) -> None:
    session = open_session(path)
    session.document.replace_raw(3, b"typed")
    assert session.journal is not None
    place = session.journal.path
    die(session)
    data = bytearray(place.read_bytes())
    data[at] ^= 0xFF
    place.write_bytes(data)
    notes: list[str] = []
    again = open_session(path, on_note=notes.append)
    assert again.recovery is None
    assert len(notes) == 1
    assert "damaged" in notes[0]
    (aside,) = place.parent.glob("*.damaged")
    assert aside.read_bytes() == data
    again.document.replace_raw(1, b"goes on")
    die(again)
    assert reopened(path).document.raw(1) == b"goes on"


def test_damage_in_the_middle_gives_the_steps_before_and_keeps_the_rest(path: Path) -> None:
    session = open_session(path)
    assert session.journal is not None
    place = session.journal.path
    session.document.replace_raw(3, b"good")
    size = place.stat().st_size
    session.document.replace_raw(4, b"damaged")
    session.document.replace_raw(5, b"behind it")
    die(session)
    data = bytearray(place.read_bytes())
    data[size + HEAD] ^= 0xFF
    place.write_bytes(data)
    notes: list[str] = []
    again = open_session(path, on_note=notes.append)
    assert again.recovery is not None
    assert again.recovery.steps == 1
    again.recovery.restore()
    assert (again.document.raw(3), again.document.raw(4)) == (b"good", LINES[4].rstrip())
    assert ["damaged" in note for note in notes] == [True]
    assert [aside.read_bytes() for aside in place.parent.glob("*.damaged")] == [data]
    again.close(discard=True)


def test_zeros_after_a_power_cut_are_no_damage(path: Path) -> None:
    session = open_session(path)
    assert session.journal is not None
    session.document.replace_raw(3, b"good")
    die(session)
    with session.journal.path.open("ab") as file:
        file.write(bytes(5000))
    notes: list[str] = []
    again = open_session(path, on_note=notes.append)
    assert again.recovery is not None
    again.recovery.restore()
    assert again.document.raw(3) == b"good"
    assert notes == []


def test_a_journal_of_a_newer_version_is_left_alone(path: Path, tmp_path: Path) -> None:
    session = open_session(path)
    assert session.journal is not None
    place = session.journal.path
    die(session)
    data = MAGIC + frame(Kind.BASE, packed_json({"version": 2, "what": "else"}))
    place.write_bytes(data)
    with pytest.raises(NewerJournalError, match="newer"):
        read_journal(place)
    notes: list[str] = []
    again = open_session(path, on_note=notes.append)
    assert len(notes) == 1
    assert "newer" in notes[0]
    again.document.replace_raw(1, b"x")
    again.close(discard=True)
    assert [file.read_bytes() for file in place.parent.glob("*.left")] == [data]


def test_a_file_that_is_no_journal_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(b"something else\n")
    with pytest.raises(InputError, match="no journal"):
        read_journal(path)


class Trouble:
    """What the journal said, in order."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, sentence: str) -> None:
        self.said.append(sentence)


def test_a_full_disk_is_told_once_and_all_is_written_when_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = Trouble()
    session = open_session(path, on_trouble=trouble)
    document = session.document
    document.replace_raw(0, b"before")
    write = os.write
    left = [40]  # the next write is cut short, as on a disk with so many bytes left

    def full(fd: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        size = min(left[0], len(data))
        left[0] -= size
        return write(fd, data[:size])

    with monkeypatch.context() as patch:
        patch.setattr(journal_file.os, "write", full)
        document.replace_raw(1, b"x" * 100)
        document.replace_raw(2, b"y" * 100)
        document.undo()
        assert len(trouble.said) == 1
        assert "the disk is full" in trouble.said[0]
        assert document.raw(1) == b"x" * 100
    document.redo()
    assert trouble.said[1:] == [""]
    expected = state(session)
    die(session)
    assert state(reopened(path)) == expected


def test_a_crash_on_a_full_disk_gives_the_edits_before_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(path)
    session.document.replace_raw(0, b"before")

    def full(fd: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(journal_file.os, "write", full)
        session.document.replace_raw(1, b"x")
        die(session)
    again = reopened(path)
    assert (again.document.raw(0), again.document.raw(1)) == (b"before", LINES[1].rstrip())


def test_a_limit_on_the_size_of_files_is_trouble_and_no_crash(path: Path) -> None:
    trouble = Trouble()
    session = open_session(path, on_trouble=trouble)
    session.document.replace_raw(0, b"before")
    assert session.journal is not None
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (session.journal.path.stat().st_size + 50, old[1]))
    try:
        session.document.replace_raw(1, b"x" * 1000)
        assert len(trouble.said) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert session.journal.sync()
    assert trouble.said[-1] == ""
    expected = state(session)
    die(session)
    assert state(reopened(path)) == expected


def test_a_folder_without_permission_is_trouble_and_editing_and_saving_go_on(path: Path, fttui_home: Path) -> None:
    let_others_in(fttui_home)
    let_others_in(path.parent)
    for each in (fttui_home, path.parent, path):
        each.chmod(0o777)
    folder = journal_folder(fttui_home)
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    trouble = Trouble()
    with without_root():
        session = open_session(path, on_trouble=trouble)
        assert not session.document.is_read_only
        session.document.replace_raw(1, b"typed")
        session.document.replace_lines(RowSet.span(0, 90), [b"bulk %d" % n for n in range(90)])
        assert len(trouble.said) == 1
        assert "no permission" in trouble.said[0]
        session.document.save()
        assert trouble.said[1:] == [""]  # nothing is unsaved
        assert path.read_bytes().startswith(b"bulk 0\nbulk 1\n")
        session.close()


def test_what_was_written_is_synced_in_the_background(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = threading.Event()
    fdatasync = os.fdatasync

    def watched(fd: int) -> None:
        fdatasync(fd)
        synced.set()

    monkeypatch.setattr(journal_file.os, "fdatasync", watched)
    session = open_session(path)
    session.document.replace_raw(1, b"typed")
    assert synced.wait(10)
    session.close(discard=True)


def test_trouble_ends_without_another_edit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()
    said: list[str] = []

    def on_trouble(sentence: str) -> None:
        said.append(sentence)
        if not sentence:
            ended.set()

    session = open_session(path, on_trouble=on_trouble)
    write = os.write
    failures = [2]

    def full(fd: int, data: bytes) -> int:
        if failures[0]:
            failures[0] -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    monkeypatch.setattr(journal_file.os, "write", full)
    monkeypatch.setattr("fttui.dataset.journal.syncing._AGAIN", 0.1)
    session.document.replace_raw(1, b"typed")
    assert ended.wait(20)
    assert [bool(sentence) for sentence in said] == [True, False]
    session.close(discard=True)
