"""The sidecar is beside the data where it can be, and else in our own folder."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from dataset.marking import LINES, Opened, rows, tag
from fttui.dataset.marks.sidecar_places import path_beside, path_elsewhere
from unprivileged import let_others_in, without_root


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(LINES))
    return path


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


def test_a_second_window_writes_nothing(path: Path) -> None:
    tag(path, 2)
    path.write_bytes(b"".join(LINES[1:]))
    before = path_beside(path).read_bytes()
    opened = Opened.at(path)
    opened.document.make_read_only("It is open in another window.")
    assert opened.tagged() == [1]
    assert not opened.marks.keep()
    assert path_beside(path).read_bytes() == before
