"""Whatever stands beside the data: what can be read is read, and nobody's sidecar is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dataset.marking import GOOD, LINES, Opened, lines_of, rows, tag, write_lines
from fttui.core.errors import InputError
from fttui.dataset.marks import keeping as mark_keeping
from fttui.dataset.marks.sidecar import hash_of
from fttui.dataset.marks.sidecar_places import path_beside, path_elsewhere


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


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
