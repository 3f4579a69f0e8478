"""A save writes the sidecar with the file; what was said stays with its example, even if a crash comes between."""

from __future__ import annotations

import gzip
import threading
from pathlib import Path
from typing import Any

import pytest

from dataset.crashing import Killed, die, kill_after_rename
from dataset.marking import LINES, Opened, lines_of, rows, tag
from fttui.dataset.marks.sidecar import hash_of
from fttui.dataset.marks.sidecar_places import path_beside
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import open_session


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


def test_a_save_writes_the_sidecar(path: Path) -> None:
    opened = Opened.at(path)
    opened.marks.tag(rows(3, 5), "hard", True)
    name = opened.marks.id_of(3)
    opened.document.replace_raw(3, b'{"n": "edited"}')
    opened.document.move(3, 0)
    opened.document.delete(2)
    opened.document.save()
    again = Opened.at(path)
    assert again.tagged() == [0, 4]
    assert again.marks.row_of(name) == 0
    assert [line["hash"] for line in lines_of(path)[1:]] == [
        f"{hash_of(line):016x}" for line in (b'{"n": "edited"}', LINES[5])
    ]


@pytest.mark.parametrize("name", ["other.jsonl", "other.jsonl.gz"])
def test_marks_go_along_to_another_file_and_the_old_one_keeps_its_own(path: Path, name: str) -> None:
    opened = tag(path, 1, 2)
    before = path_beside(path).read_bytes()
    other = path.with_name(name)
    opened.document.delete(0)
    opened.marks.tag(rows(4), "new", True)
    opened.document.save_as(other)
    opened.marks.tag(rows(5), "later", True)
    assert opened.marks.keep()
    assert path_beside(path).read_bytes() == before
    found = Opened.at(other)
    assert (found.tagged(), found.tagged("new"), found.tagged("later")) == ([0, 1], [4], [5])
    assert all("hash" in line for line in lines_of(other)[1:])
    assert Opened.at(path).tagged() == [1, 2]


def test_a_packed_file_has_marks(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(LINES)))
    tag(path, 2)
    assert Opened.at(path).tagged() == [2]
    path.write_bytes(gzip.compress(b"".join(LINES[1:])))
    assert Opened.at(path).tagged() == [1]


def test_a_deleted_example_is_remembered_until_it_comes_back(path: Path) -> None:
    opened = tag(path, 2)
    name = opened.marks.id_of(2)
    assert opened.marks.keep()
    opened.document.delete(2)
    opened.document.save()
    assert [line.get("id") for line in lines_of(path)[1:]] == [name]
    assert Opened.at(path).marks.missing == 1
    opened.document.undo()
    opened.document.save()
    again = Opened.at(path)
    assert (again.tagged(), again.marks.row_of(name), again.marks.missing) == ([2], 2, 0)


def test_an_id_survives_all_that_can_happen(path: Path) -> None:
    opened = Opened.at(path)
    name = opened.marks.id_of(3)
    opened.document.replace_raw(3, b'{"n": "edited"}')
    opened.document.move(3, 6)
    opened.document.save()
    opened.document.insert_raw(0, b"{}")
    opened.document.replace_lines(RowSet.span(0, 9), [b'{"n": "all %d"}' % row for row in range(9)])
    opened.document.undo()
    opened.document.redo()
    opened.document.move_rows(rows(7), 2)
    opened.document.save()
    assert opened.marks.row_of(name) == 2
    again = Opened.at(path)
    assert again.marks.row_of(name) == 2
    again.document.replace_raw(2, b'{"n": "again"}')
    again.document.save()
    path.write_bytes(b'{"n": "again"}\n' + path.read_bytes().replace(b'{"n": "again"}\n', b""))
    once_more = Opened.at(path)
    assert (once_more.marks.row_of(name), once_more.marks.id_of(0)) == (0, name)


def test_an_example_that_is_deleted_before_anything_was_kept_is_known_when_it_comes_back(path: Path) -> None:
    opened = Opened.at(path)
    opened.document.save()
    opened.marks.tag(rows(2, 3, 5), "hard", True)
    name = opened.marks.id_of(3)
    opened.document.replace_raw(5, b'{"n": "edited"}')
    opened.document.delete_rows(rows(2, 3, 5))
    opened.document.save()
    assert [line["hash"] for line in lines_of(path) if line.get("orphaned")] == [
        f"{hash_of(LINES[row]):016x}" for row in (2, 3, 5)
    ]
    opened.marks.close()
    path.write_bytes(b"".join(LINES))  # another program goes back to an earlier version
    again = Opened.at(path)
    assert again.tagged() == [2, 3, 5]
    assert again.marks.row_of(name) == 3


def test_an_example_that_came_back_otherwise_is_not_kept_twice(path: Path) -> None:
    opened = tag(path, 3)
    name = opened.marks.id_of(3)
    opened.document.delete(3)
    opened.document.save()
    opened.marks.close()
    again = Opened.at(path)
    assert again.marks.missing == 1
    again.document.insert_raw(3, LINES[3].rstrip())
    again.marks.apply(rows(3), {"id": name})
    again.document.save()
    assert [line["row"] for line in lines_of(path)[1:]] == [3]
    once_more = Opened.at(path)
    assert (once_more.marks.row_of(name), once_more.marks.missing, once_more.said) == (3, 0, [])


def test_a_line_set_aside_before_marks_are_carried(path: Path) -> None:
    """The sidecar of the file before a save has lines that cannot be read, and a crash came before the next one."""
    tag(path, 3)
    side = path_beside(path)
    side.write_bytes(side.read_bytes() + b"{not json\n")
    session = open_session(path)
    session.document.delete(0)
    kill_after_rename(session)
    with pytest.raises(Killed):
        session.document.save()
    before = side.read_bytes()
    die(session)
    notes: list[str] = []
    again = open_session(path, on_note=notes.append)
    assert again.marks.of(2).tags == {"hard"}
    asides = list(path.parent.glob("*.old"))
    assert [aside.read_bytes() for aside in asides] == [before]
    assert any(asides[0].name in note for note in notes)
    again.marks.tag(rows(0), "more", True)
    again.close()
    assert [aside.read_bytes() for aside in path.parent.glob("*.old")] == [before]


def test_a_mark_that_is_still_being_set_keeps_the_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags are kept at the moment when a tag is in the journal and not yet on its example."""
    session = open_session(path)
    session.marks.tag(rows(1), "first", True)
    session.keep_marks()
    assert session.journal is not None
    record = session.journal.marks

    def record_and_keep(*args: Any) -> None:
        record(*args)
        thread = threading.Thread(target=session.keep_marks)
        thread.start()
        thread.join(10)

    monkeypatch.setattr(session.journal, "marks", record_and_keep)
    session.marks.tag(rows(2), "hard", True)
    assert session.journal.has_marks
    die(session)
    assert open_session(path).marks.of(2).tags == {"hard"}
