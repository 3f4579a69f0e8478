"""Examples are found again by their content when another program changed the file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dataset.marking import DAY, GOOD, LINES, Opened, lines_of, rows, tag, write_lines
from fttui.dataset.marks.sidecar import hash_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


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
