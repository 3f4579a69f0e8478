"""What is said about examples is written beside the data as plain lines, and read as it was written."""

from __future__ import annotations

import json
import re
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.marking import LINES, Opened, lines_of, rows, tag, write_lines
from fttui.dataset.document import Document
from fttui.dataset.marks import keeping as mark_keeping
from fttui.dataset.marks import sidecar, sidecar_reading
from fttui.dataset.marks.marks import Marks
from fttui.dataset.marks.sidecar import Entries, hash_of, write_sidecar
from fttui.dataset.marks.sidecar_places import path_beside
from fttui.dataset.marks.sidecar_reading import read_sidecar
from fttui.dataset.marks.table import Mark, MarkPool
from fttui.dataset.reader import Stamp


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


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


# --- many lines at once ----------------------------------------------------------------------------------------------


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
