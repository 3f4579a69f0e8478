"""Which files were open and what each is for: remembered, guessed, and never a reason to stop."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import hostile
from fttui.core.paths import data_dir
from fttui.dataset.recent import RecentFiles, Role, guess_role


class Clock:
    """Goes on by a second each time it is looked at."""

    now = 1000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("tickets.jsonl", "training"),
        ("tickets-valid.jsonl", "validation"),
        ("val.jsonl", "validation"),
        ("sport_dev.jsonl.gz", "validation"),
        ("Sport-TEST.jsonl", "test"),
        ("eval.jsonl", "test"),
        ("latest.jsonl", "training"),
        ("evaluate_me_valid_train.jsonl", "validation"),
        ("interval.jsonl", "training"),
    ],
)
def test_the_role_is_guessed_by_the_words_of_the_name(name: str, role: Role) -> None:
    assert guess_role(Path("/test/dev") / name, has_training=False) == role


def test_a_second_file_without_a_word_is_not_for_training_too() -> None:
    assert guess_role(Path("b.jsonl"), has_training=True) == "other"
    assert guess_role(Path("train.jsonl"), has_training=True) == "training"


def test_files_are_remembered_with_their_roles_latest_first(tmp_path: Path) -> None:
    clock = Clock()
    recent = RecentFiles(clock=clock)
    recent.remember([(tmp_path / "a", "training")])
    recent.remember([(tmp_path / "b", "test")])
    recent.set_role(tmp_path / "a", "other")
    again = RecentFiles(clock=clock)
    assert [(file.path.name, file.role) for file in again.files()] == [("b", "test"), ("a", "other")]
    assert again.role_of(tmp_path / "a") == "other"
    assert again.role_of(tmp_path / "c") is None
    again.forget(tmp_path / "b")
    assert [file.path.name for file in RecentFiles().files()] == ["a"]


def test_a_link_leads_to_the_role_of_its_file(tmp_path: Path) -> None:
    real = tmp_path / "real.jsonl"
    real.write_bytes(b"")
    link = tmp_path / "link.jsonl"
    link.symlink_to(real)
    RecentFiles().set_role(link, "validation")
    assert RecentFiles().role_of(real) == "validation"


def test_two_windows_do_not_overwrite_each_other(tmp_path: Path) -> None:
    one, other = RecentFiles(), RecentFiles()
    assert one.files() == other.files() == []
    one.remember([(tmp_path / "a", "training")])
    other.remember([(tmp_path / "b", "training")])
    assert len(RecentFiles().files()) == 2


def test_only_so_many_are_remembered(tmp_path: Path) -> None:
    recent = RecentFiles(clock=Clock())
    for number in range(103):
        recent.remember([(tmp_path / str(number), "other")])
    assert [file.path.name for file in recent.files()][::99] == ["102", "3"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"3", b'{"version": 1, "files": 3}', b'{"files": [3, null, {}, {"path": 1}]}', b"\xff\xfe",
        b'{"version": 1, "files": [{"path": "/a\\u0000", "role": "test", "opened": 1}]}',
        b'{"version": 1, "files": [{"path": "/a", "role": "king", "opened": 1}]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_broken_list_is_an_empty_one(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    path.write_bytes(content)
    recent = RecentFiles(path)
    assert recent.files() == []
    recent.remember([(tmp_path / "a", "test")])
    assert RecentFiles(path).role_of(tmp_path / "a") == "test"


def test_a_wrong_time_is_the_oldest(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    for opened in ("true", '"soon"', "-1", "1e400", "NaN"):
        path.write_text(f'{{"files": [{{"path": "/a", "role": "test", "opened": {opened}}}]}}')
        assert [file.opened for file in RecentFiles(path).files()] == [0.0]


def test_the_list_of_a_newer_fttui_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    path.write_text('{"version": 2, "files": "other"}')
    recent = RecentFiles(path)
    recent.set_role(tmp_path / "a", "test")
    assert recent.role_of(tmp_path / "a") == "test"
    assert json.loads(path.read_text())["version"] == 2


def test_hostile_names_come_back(tmp_path: Path) -> None:
    texts = (text.encode("utf-8", "replace").decode() for text in hostile.STRINGS.values())
    names = [text.replace("/", "").replace("\0", "")[:60] for text in texts]
    paths = [tmp_path / name for name in names if name.strip(".")]
    paths.append(tmp_path / os.fsdecode(b"\xff\xfe.jsonl"))
    RecentFiles().remember((path, "test") for path in paths)
    assert {file.path for file in RecentFiles().files()} == {Path(os.path.realpath(path)) for path in paths}


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    data_dir().parent.mkdir(parents=True, exist_ok=True)
    data_dir().write_bytes(b"a file where a folder should be")
    recent = RecentFiles()
    recent.set_role(tmp_path / "a", "test")
    assert recent.role_of(tmp_path / "a") == "test"
