"""What is said about examples comes back from the file beside the data, and nobody's sidecar is lost."""

from __future__ import annotations

import gzip
import json
import os
import re
import stat
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.crashing import Killed, die, kill_after_rename
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.marks import keeping as mark_keeping
from fttui.dataset.marks import sidecar, sidecar_reading
from fttui.dataset.marks.marks import Marks
from fttui.dataset.marks.sidecar import Entries, hash_of, write_sidecar
from fttui.dataset.marks.sidecar_places import path_beside, path_elsewhere
from fttui.dataset.marks.sidecar_reading import read_sidecar
from fttui.dataset.marks.table import Mark, MarkPool
from fttui.dataset.reader import Stamp
from fttui.dataset.rowset import RowSet
from fttui.dataset.session import open_session
from unprivileged import let_others_in, without_root

LINES = [b'{"n": %d}\n' % n for n in range(8)]
HARD = Mark(frozenset({"hard"}))
DAY = 86_400


def rows(*numbers: int) -> RowSet:
    return RowSet.of(numbers)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


@dataclass
class Opened:
    """A document with all its marks read, and what was said meanwhile."""

    document: Document
    marks: Marks
    said: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path) -> Opened:
        said: list[str] = []
        document = Document.open(path)
        marks = Marks(document, said.append)
        marks.load()
        return cls(document, marks, said)

    def tagged(self, tag: str = "hard") -> list[int]:
        return list(self.marks.rows_with(tag=tag))


def tag(path: Path, *numbers: int, name: str = "hard") -> Opened:
    """Tag rows of a file, and keep that."""
    opened = Opened.at(path)
    opened.marks.tag(rows(*numbers), name, True)
    assert opened.marks.keep()
    return opened


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path_beside(path).read_text().splitlines()]


def write_lines(path: Path, *lines: bytes | str | dict[str, Any], header: Any = None) -> None:
    """Write a sidecar that fits the data file as it is."""
    known = path.stat()
    file = {"size": known.st_size, "mtime_ns": known.st_mtime_ns}
    all_lines = [{"fttui_marks": 1, "file": file} if header is None else header, *lines]
    parts = (line if isinstance(line, bytes | str) else json.dumps(line) for line in all_lines)
    path_beside(path).write_bytes(b"".join((p if isinstance(p, bytes) else p.encode()) + b"\n" for p in parts))


# --- the format -------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=20).filter(
    lambda text: sidecar.clean_tag(text) == text
)
MARKS = st.builds(Mark, st.frozensets(TEXT, max_size=3), st.text(st.characters(), max_size=50), st.booleans())
ENTRY = st.tuples(
    st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 64) - 1), MARKS, st.booleans(), st.sampled_from([0.0, 4e9])
)


@given(st.lists(ENTRY, max_size=20))
def test_what_is_written_is_read(wanted: list[tuple[int, int, Mark, bool, float]]) -> None:
    pool, entries = MarkPool(), Entries()
    for number, (row, line_hash, mark, has_id, orphaned) in enumerate(wanted, 1):
        if mark != Mark() or has_id:
            entries.append((row, line_hash, pool.number(mark), number if has_id else 0, orphaned))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.fttui"
        write_sidecar(path, Stamp(1, 2, 3, 4), entries, pool, mode=0o600)
        again = MarkPool()
        found = read_sidecar(path, again)
    assert found.bad == 0
    assert (found.header.size, found.header.mtime_ns) == (3, 4)
    assert [(e.row, e.hash, again.marks[e.mark], e.id, e.orphaned) for e in found.entries] == [
        (e.row, e.hash, pool.marks[e.mark], e.id, e.orphaned) for e in entries
    ]


def test_a_sidecar_is_plain_json_lines_beside_the_file(path: Path) -> None:
    path.chmod(0o640)
    opened = tag(path, 2)
    opened.marks.note(2, "ask Ann")
    opened.marks.review(rows(2), True)
    name = opened.marks.id_of(5)
    assert opened.marks.keep()
    known = path.stat()
    assert lines_of(path) == [
        {"fttui_marks": 1, "file": {"size": known.st_size, "mtime_ns": known.st_mtime_ns}},
        {"row": 2, "hash": f"{hash_of(LINES[2]):016x}", "tags": ["hard"], "note": "ask Ann", "reviewed": True},
        {"row": 5, "hash": f"{hash_of(LINES[5]):016x}", "id": name},
    ]
    assert stat.S_IMODE(path_beside(path).stat().st_mode) == 0o640
    assert opened.said == []


def test_nothing_is_written_where_nothing_is_said(path: Path) -> None:
    opened = Opened.at(path)
    assert opened.marks.keep()
    opened.document.replace_raw(0, b"{}")
    opened.document.save()
    assert not path_beside(path).exists()
    tag(path, 1)
    opened = Opened.at(path)
    opened.marks.tag(rows(1), "hard", False)
    assert opened.marks.keep()
    assert not path_beside(path).exists()


def test_a_sidecar_that_says_it_all_is_not_written_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tag(path, 1, 2)
    monkeypatch.setattr(mark_keeping, "_AT_ONCE", 0)
    before = path_beside(path).stat()
    opened = Opened.at(path)
    assert opened.tagged() == [1, 2]
    assert opened.marks.keep()
    assert path_beside(path).stat() == before


@pytest.mark.parametrize("at_once", [0, 1 << 20])
def test_what_is_marked_before_all_is_read_joins_it(path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    name = tag(path, 1, 2).marks.id_of(1)
    first = Opened.at(path)
    first.marks.id_of(1)
    assert first.marks.keep()
    name = first.marks.id_of(1)
    monkeypatch.setattr(mark_keeping, "_AT_ONCE", at_once)
    marks = Marks(Document.open(path))
    assert marks.is_loaded is bool(at_once)
    marks.tag(rows(2), "hard", False)
    marks.tag(rows(3), "hard", True)
    marks.review(rows(1), True)
    assert marks.id_of(1) == name
    assert list(marks.rows_with(tag="hard")) == [1, 3]
    assert marks.keep()
    assert Opened.at(path).tagged() == [1, 3]


def test_loading_can_be_stopped_and_taken_up_again(path: Path) -> None:
    tag(path, 1)
    path.write_bytes(b"".join(LINES[1:]))
    marks = Marks(Document.open(path))
    marks.load(lambda: True)
    assert not marks.is_loaded
    marks.load()
    assert marks.is_loaded
    assert list(marks.rows_with(tag="hard")) == [0]


# --- hostile sidecars -------------------------------------------------------------------------------------------------

GOOD = {"row": 1, "tags": ["hard"]}
BAD: dict[str, bytes | str | dict[str, Any]] = {
    "broken": b'{"row": 2, "tags": ["ha',
    "no utf-8": b'{"row": 2, "note": "\xff\xfe"}',
    "not an object": b"[2]",
    "deep": b"[" * 100_000,
    "no row": {"tags": ["hard"]},
    "row not a number": {"row": "2", "tags": ["hard"]},
    "row a truth": {"row": True, "tags": ["hard"]},
    "row a fraction": {"row": 2.5, "tags": ["hard"]},
    "row below 0": {"row": -2, "tags": ["hard"]},
    "row enormous": {"row": 1 << 60, "tags": ["hard"]},
    "row beyond all numbers": b'{"row": ' + b"9" * 5000 + b', "tags": ["hard"]}',
    "tags not a list": {"row": 2, "tags": "hard"},
    "tag not a text": {"row": 2, "tags": ["hard", 3]},
    "tag a list": {"row": 2, "tags": [["hard"]]},
    "tag empty": {"row": 2, "tags": [""]},
    "tag too long": {"row": 2, "tags": ["x" * 101]},
    "too many tags": {"row": 2, "tags": [str(number) for number in range(1001)]},
    "note not a text": {"row": 2, "note": ["x"]},
    "note too long": {"row": 2, "note": "x" * 1_000_001},
    "reviewed not a truth": {"row": 2, "reviewed": 1},
    "hash not a text": {"row": 2, "hash": 7, "tags": ["hard"]},
    "hash no number": {"row": 2, "hash": "z" * 16, "tags": ["hard"]},
    "hash too long": {"row": 2, "hash": "0" * 17, "tags": ["hard"]},
    "id no name": {"row": 2, "id": "i" * 10},
    "id not a text": {"row": 2, "id": 3},
    "orphaned not a number": {"row": 2, "orphaned": "x", "tags": ["hard"]},
    "orphaned not finite": b'{"row": 2, "orphaned": 1e999, "tags": ["hard"]}',
    "nothing said": {"row": 2},
    "a line without an end": b'{"row": 2, "note": "' + b"x" * (17 << 20) + b'"}',
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_told_and_passed_over(path: Path, bad: bytes | str | dict[str, Any]) -> None:
    write_lines(path, GOOD, bad, {"row": 3, "tags": ["hard"]})
    before = path_beside(path).read_bytes()
    opened = Opened.at(path)
    assert opened.tagged() == [1, 3]
    assert opened.said == [f"1 line of {path_beside(path)} cannot be read; the other tags and notes are here."]
    opened.marks.tag(rows(4), "hard", True)
    assert opened.marks.keep()
    aside = list(path.parent.glob("*.old"))
    assert [old.read_bytes() for old in aside] == [before]  # what we could not read is not lost
    assert opened.said[1:] == [
        f"{path_beside(path)} could only be read in part; as it was, it is kept as {aside[0].name}."
    ]
    again = Opened.at(path)
    assert (again.tagged(), again.said) == ([1, 3, 4], [])


@pytest.mark.parametrize(
    "header",
    [b"", b"nonsense", {"fttui_marks": 0}, {"fttui_marks": "1"}, {"fttui_marks": 1, "file": 3}, {"fttui_marks": True}],
)
def test_without_a_header_examples_are_found_by_content(path: Path, header: Any) -> None:
    entry = {"row": 0, "hash": f"{hash_of(LINES[4]):016x}", "tags": ["hard"]}
    write_lines(path, {"row": 2, "tags": ["lost"]} if header == b"" else entry, entry, header=header)
    opened = Opened.at(path)
    assert opened.tagged() == [4]
    assert opened.tagged("lost") == []


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00" * 1000, bytes(range(256)) * 40, b"[" * 10_000], ids=len)
def test_a_sidecar_that_is_none_is_moved_aside(path: Path, content: bytes) -> None:
    path_beside(path).write_bytes(content)
    opened = Opened.at(path)
    assert opened.marks.tags() == {}
    opened.marks.tag(rows(1), "hard", True)
    assert opened.marks.keep()
    assert [old.read_bytes() for old in path.parent.glob("*.old")] == [content]
    assert Opened.at(path).tagged() == [1]


@pytest.mark.parametrize("at_once", [0, 1 << 20])
def test_what_cannot_be_found_by_content_yet_is_written_so_that_it_can(
    path: Path, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mark_keeping, "_AT_ONCE", at_once)
    write_lines(path, GOOD)  # without a hash
    assert Opened.at(path).marks.keep()
    assert lines_of(path)[1]["hash"] == f"{hash_of(LINES[1]):016x}"
    path.write_bytes(b"".join(LINES[1:]))
    assert Opened.at(path).tagged() == [0]


def test_two_examples_never_have_one_id(path: Path) -> None:
    name = "0123456789"
    write_lines(path, {"row": 1, "id": name}, {"row": 2, "id": name, "tags": ["hard"]})
    opened = Opened.at(path)
    assert (opened.marks.row_of(name), opened.marks.id_of(1), opened.tagged()) == (1, name, [2])
    assert opened.marks.id_of(2) != name
    opened.marks.apply(rows(3), {"id": name})
    assert opened.marks.row_of(name) == 1
    assert opened.marks.id_of(3) != name


def test_rows_beyond_the_end_are_remembered_without_memory(path: Path) -> None:
    write_lines(path, *({"row": 8 + 5000 * number, "tags": ["hard"]} for number in range(1000)), GOOD)
    opened = Opened.at(path)
    assert opened.tagged() == [1]
    assert opened.marks.missing == 1000
    assert len(opened.marks._store.chunks()) == 1


@pytest.mark.parametrize("kind", ["directory", "pipe", "device"])
def test_something_else_of_that_name_is_left_alone(path: Path, kind: str) -> None:
    beside = path_beside(path)
    if kind == "directory":
        beside.mkdir()
    elif kind == "pipe":
        os.mkfifo(beside)
    else:
        beside.symlink_to("/dev/zero")
    before = beside.lstat()
    opened = tag(path, 3)
    assert beside.lstat() == before
    assert len(opened.said) == 1
    assert "cannot be kept beside it (there is something else of that name)" in opened.said[0]
    assert Opened.at(path).tagged() == [3]


NEWER = {"fttui_marks": 2, "file": {"size": 1, "mtime_ns": 1}, "more": True}


def test_a_newer_sidecar_is_never_overwritten(path: Path) -> None:
    write_lines(path, GOOD, header=NEWER)
    before = path_beside(path).read_bytes()
    opened = Opened.at(path)
    for change in (
        lambda: opened.marks.tag(rows(0), "hard", True),
        lambda: opened.marks.note(0, "x"),
        lambda: opened.marks.review(rows(0), True),
    ):
        with pytest.raises(InputError, match="was written by a newer fttui"):
            change()
    opened.marks.id_of(3)
    opened.document.replace_raw(0, b"{}")
    opened.document.save()
    assert not opened.marks.keep()
    assert path_beside(path).read_bytes() == before
    assert len(opened.said) == 1


@pytest.mark.parametrize("place", [path_beside, path_elsewhere])
def test_a_newer_sidecar_that_comes_later_is_not_overwritten(path: Path, place: Callable[[Path], Path]) -> None:
    opened = tag(path, 1)
    newer = json.dumps(NEWER).encode() + b"\n"
    place(path).parent.mkdir(parents=True, exist_ok=True)
    place(path).write_bytes(newer)
    opened.marks.tag(rows(2), "hard", True)
    assert not opened.marks.keep()
    assert place(path).read_bytes() == newer
    assert len(opened.said) == 1


def test_what_another_program_wrote_is_kept(path: Path) -> None:
    opened = tag(path, 1)
    write_lines(path, {"row": 5, "tags": ["theirs"]})
    theirs = path_beside(path).read_bytes()
    opened.marks.tag(rows(2), "hard", True)
    assert opened.marks.keep()
    assert [old.read_bytes() for old in path.parent.glob("*.old")] == [theirs]
    assert Opened.at(path).tagged() == [1, 2]
    assert len(opened.said) == 1


# --- where it is kept -------------------------------------------------------------------------------------------------


@pytest.fixture
def shut(path: Path, fttui_home: Path) -> Path:
    """The data file, in a folder where nothing can be written; its owner may go on."""
    let_others_in(path.parent)
    let_others_in(fttui_home)
    fttui_home.chmod(0o777)
    path.parent.chmod(0o555)
    return path


def test_where_nothing_can_be_written_it_is_kept_elsewhere(shut: Path) -> None:
    with without_root():
        opened = tag(shut, 1)
        opened.marks.tag(rows(2), "hard", True)
        assert opened.marks.keep()
        assert not path_beside(shut).exists()
        assert len(opened.said) == 1
        assert "cannot be kept beside it (Permission denied); they are kept in " in opened.said[0]
        assert stat.S_IMODE(path_elsewhere(shut).stat().st_mode) == 0o600
        again = Opened.at(shut)
        assert (again.tagged(), again.said) == ([1, 2], [])


def test_it_comes_back_beside_the_file_when_that_can_be_written(path: Path, shut: Path) -> None:
    shut.parent.chmod(0o777)
    with without_root():
        tag(shut, 0, name="old")
        os.utime(path_beside(shut), ns=(0, time.time_ns() - 10**9))
    shut.parent.chmod(0o555)
    with without_root():
        tag(shut, 1)
    shut.parent.chmod(0o777)
    with without_root():
        again = tag(shut, 2)
        assert (again.tagged(), again.tagged("old"), again.said) == ([1, 2], [0], [])
        assert not path_elsewhere(shut).exists()
        assert Opened.at(shut).tagged() == [1, 2]
    assert not list(shut.parent.glob("*.old"))


def test_where_it_can_be_kept_nowhere_that_is_said(shut: Path, fttui_home: Path) -> None:
    fttui_home.chmod(0o555)
    with without_root():
        opened = Opened.at(shut)
        opened.marks.tag(rows(1), "hard", True)
        assert not opened.marks.keep()
        opened.marks.tag(rows(2), "hard", True)
        assert not opened.marks.keep()
    assert opened.said == [f"The tags and notes of {shut} cannot be kept: Permission denied."]
    assert opened.tagged() == [1, 2]


def test_links_are_followed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.jsonl"
    link.parent.mkdir()
    link.symlink_to(path)
    tag(link, 3)
    assert path_beside(path).exists()
    assert Opened.at(path).tagged() == [3]


# --- saving -----------------------------------------------------------------------------------------------------------


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


def test_a_second_window_writes_nothing(path: Path) -> None:
    tag(path, 2)
    path.write_bytes(b"".join(LINES[1:]))
    before = path_beside(path).read_bytes()
    opened = Opened.at(path)
    opened.document.make_read_only("It is open in another window.")
    assert opened.tagged() == [1]
    assert not opened.marks.keep()
    assert path_beside(path).read_bytes() == before


# --- changes from outside ---------------------------------------------------------------------------------------------


def test_examples_are_found_again_by_content(path: Path) -> None:
    opened = tag(path, 1, 6)
    opened.marks.note(6, "look")
    name = opened.marks.id_of(4)
    assert opened.marks.keep()
    path.write_bytes(b"".join([b"{}\n", *LINES[4:], LINES[1]]))
    again = Opened.at(path)
    assert again.tagged() == [3, 5]
    assert again.marks.of(3).note == "look"
    assert (again.marks.row_of(name), again.marks.id_of(1)) == (1, name)
    assert again.marks.keep()  # and by row from now on
    assert lines_of(path)[0]["file"]["size"] == path.stat().st_size
    assert [line["row"] for line in lines_of(path)[1:]] == [1, 3, 5]


def test_among_equal_lines_the_nearest_is_meant_and_each_once(path: Path) -> None:
    same = b'{"n": "same"}\n'
    path.write_bytes(b"".join([same, LINES[1], same, LINES[3], same]))
    opened = Opened.at(path)
    for row, name in ((0, "first"), (2, "second"), (4, "third")):
        opened.marks.tag(rows(row), name, True)
    assert opened.marks.keep()
    path.write_bytes(b"".join([LINES[1], LINES[2], same, LINES[3], same, LINES[4]]))
    again = Opened.at(path)
    assert (again.tagged("second"), again.tagged("third")) == ([2], [4])
    assert (again.tagged("first"), again.marks.missing) == ([], 1)


def test_a_file_that_was_only_touched_keeps_its_rows(path: Path) -> None:
    path.write_bytes(LINES[0] * 5)
    tag(path, 1, 4)
    os.utime(path, ns=(1, 1))
    assert Opened.at(path).tagged() == [1, 4]


def test_what_is_missing_comes_back_within_ninety_days(path: Path) -> None:
    opened = tag(path, 2, 3)
    name = opened.marks.id_of(2)
    assert opened.marks.keep()
    path.write_bytes(b"".join(LINES[4:]))  # git checkout another
    without = Opened.at(path)
    assert (without.tagged(), without.marks.missing) == ([], 2)
    assert without.marks.row_of(name) is None
    assert without.marks.keep()
    kept = lines_of(path)[1:]
    assert all(abs(line["orphaned"] - time.time()) < 60 for line in kept)
    assert Opened.at(path).marks.missing == 2
    path.write_bytes(b"".join([*LINES[4:], *LINES[:4]]))
    again = Opened.at(path)
    assert (again.tagged(), again.marks.row_of(name), again.marks.missing) == ([6, 7], 6, 0)


@pytest.mark.parametrize(("days", "missing"), [(89, 1), (91, 0)])
def test_what_is_missing_is_forgotten_after_ninety_days(path: Path, days: int, missing: int) -> None:
    write_lines(path, GOOD, {"row": 2, "orphaned": time.time() - days * DAY, "tags": ["hard"]})
    opened = Opened.at(path)
    assert (opened.tagged(), opened.marks.missing, opened.said) == ([1], missing, [])
    opened.marks.tag(rows(4), "hard", True)
    assert opened.marks.keep()
    assert len(lines_of(path)) == 3 + missing  # the header, two rows, and it


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


@pytest.mark.parametrize("is_kept", [True, False])
def test_marks_stay_when_the_file_is_reloaded(path: Path, is_kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = tag(path, 1, 5)
    opened.document.replace_raw(0, b"{}")
    path.write_bytes(b"".join(LINES[4:]))
    if is_kept:
        assert opened.marks.keep()
    else:
        opened.marks.note(5, "not kept")
    opened.document.reload()
    opened.marks.reload()
    assert opened.tagged() == [1]
    assert opened.marks.missing == 1
    assert opened.marks.of(1).note == ("" if is_kept else "not kept")
    opened.marks.tag(rows(3), "hard", True)
    assert opened.marks.keep()
    assert Opened.at(path).tagged() == [1, 3]


def test_what_is_marked_between_reload_and_reading_stays(path: Path) -> None:
    opened = tag(path, 6)
    path.write_bytes(b"".join(LINES[4:]))
    assert opened.marks.keep()
    opened.document.reload()
    opened.marks.review(rows(0), True)
    opened.marks.reload()
    assert opened.tagged() == [2]
    assert opened.marks.of(0).reviewed


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


def test_who_was_missing_takes_nobody_s_line(path: Path) -> None:
    hashed = {"hash": f"{hash_of(LINES[3]):016x}"}
    write_lines(
        path,
        {"row": 3, "orphaned": time.time() - DAY, "tags": ["missing"], **hashed},
        {"row": 0, "tags": ["here"], **hashed},
        header={"fttui_marks": 1, "file": {"size": 1, "mtime_ns": 1}},
    )
    opened = Opened.at(path)
    assert (opened.tagged("here"), opened.tagged("missing"), opened.marks.missing) == ([3], [], 1)


def test_ninety_days_count_from_the_deletion(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = tag(path, 2, 5)
    opened.document.delete(2)
    opened.document.save()
    since = lines_of(path)[-1]["orphaned"]
    monkeypatch.setattr(time, "time", lambda: since + 50 * DAY)
    opened.marks.tag(rows(0), "hard", True)
    assert opened.marks.keep()
    assert lines_of(path)[-1]["orphaned"] == since
    again = Opened.at(path)
    again.marks.tag(rows(1), "hard", True)
    assert again.marks.keep()
    assert lines_of(path)[-1]["orphaned"] == since


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


def nested(draw: st.DrawFn, texts: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A line much as we write it: each key may be missing, of another type, or in another place."""
    known = {
        "row": draw(st.integers(0, 9) | st.sampled_from([-1, 1 << 50, "3", None])),
        "hash": draw(st.sampled_from(["0123456789abcdef", "fedcba9876543210"] * 3 + ["0" * 15, 7])),
        "id": draw(st.sampled_from(["0000000001", "0000000002", "000000000z", "0000000000", "uuuuuuuuuu"])),
        "tags": draw(st.lists(texts, max_size=2) | st.just("hard")),
        "note": draw(texts | st.just(3)),
        "reviewed": draw(st.booleans() | st.just(1)),
        "orphaned": draw(st.sampled_from([4e9, -1, "x"])),
        "other": {},
    }
    usual = ["row", "hash", *draw(st.sampled_from([[], ["id"]])), *draw(st.sampled_from([["tags"], ["note"], []]))]
    keys = draw(
        st.one_of(st.just(usual), st.just(usual), st.just(usual), st.permutations(sorted(known)).map(lambda k: k[:4]))
    )
    return {key: known[key] for key in keys}


SIDECAR_LINE = st.composite(nested)(st.sampled_from(["hard", "schön", "\x00", "a}b", '"', ""]))


@given(st.lists(SIDECAR_LINE, max_size=6), st.booleans())
def test_lines_are_read_together_as_they_are_one_by_one(lines: list[dict[str, Any]], ends: bool) -> None:
    header = {"fttui_marks": 1, "file": {"size": 1, "mtime_ns": 2}}
    text = "\n".join(map(json.dumps, [header, *lines])) + "\n" * ends
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "a.fttui"
        path.write_text(text)
        pool, other = MarkPool(), MarkPool()
        together = read_sidecar(path, pool)
        patch.setattr(sidecar_reading, "_PLAIN", re.compile(rb"never\A"))
        apart = read_sidecar(path, other)
        patch.setattr(sidecar_reading, "_BLOCK", 7)
        in_bits = read_sidecar(path, other)
    assert (together.header, together.bad) == (apart.header, apart.bad) == (in_bits.header, in_bits.bad)
    assert list(apart.entries) == list(in_bits.entries)
    assert [e._replace(mark=0) for e in together.entries] == [e._replace(mark=0) for e in apart.entries]
    assert [pool.marks[e.mark] for e in together.entries] == [other.marks[e.mark] for e in apart.entries]


def test_a_line_without_an_end_is_passed_over(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sidecar_reading, "_BLOCK", 64)
    monkeypatch.setattr(sidecar_reading, "_LONGEST_LINE", 256)
    write_lines(path, {"row": 1, "tags": ["a"]}, b"x" * 5000, {"row": 2, "tags": ["b"]}, b"y" * 5000)
    found = read_sidecar(path_beside(path), MarkPool())
    assert ([entry.row for entry in found.entries], found.bad) == ([1, 2], 2)
