"""Several open files: which is shown, what each is for, opening and closing."""

from __future__ import annotations

from pathlib import Path

import pytest

from fttui.core.errors import InputError
from fttui.core.settings import Settings
from fttui.dataset.document import Document
from fttui.dataset.recent import RecentFiles
from fttui.dataset.rowset import RowSet
from fttui.providers.profiles import Profile
from fttui.ui.open_files import OpenFiles
from fttui.ui.services import Services
from ui.workspace import examples_file


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return [examples_file(tmp_path / name) for name in ("tone.jsonl", "tone-valid.jsonl", "tone-test.jsonl")]


def test_the_first_is_shown_and_each_has_a_role(paths: list[Path]) -> None:
    files = OpenFiles()
    opened = [files.open(path) for path in paths]
    assert files.active is opened[0]
    assert [file.role for file in files] == ["training", "validation", "test"]
    assert [file.title for file in files] == [path.name for path in paths]
    assert files.by_role("validation") is opened[1]
    assert files.by_role("other") is None
    assert files.remarks() == ("1 of 3",)
    files.close_all()


def test_services_follow_the_file_that_is_shown(paths: list[Path]) -> None:
    services = Services(Settings(), Profile("local", is_local=True))
    assert (services.document, services.totals, services.marks, services.training_file) == (None,) * 4
    training, validation = (services.files.open(path) for path in paths[:2])
    assert services.document is training.document
    services.files.activate(validation)
    assert services.document is validation.document
    assert services.marks is validation.marks
    assert services.training_file is training
    assert services.files.remarks() == ("validation", "2 of 2")
    services.files.close_all()


def test_the_file_on_show_wins_its_role(paths: list[Path]) -> None:
    files = OpenFiles()
    one, other = files.open(paths[0]), files.open(paths[2])
    other.role = "training"
    assert files.by_role("training") is one
    files.activate(other)
    assert files.by_role("training") is other
    files.close_all()


def test_a_file_is_open_once_whatever_its_path(paths: list[Path], tmp_path: Path) -> None:
    files = OpenFiles()
    first = files.open(paths[0])
    link = tmp_path / "link.jsonl"
    link.symlink_to(paths[0])
    assert files.open(link) is first
    assert files.open(tmp_path / "." / paths[0].name) is first
    assert len(files) == 1
    files.close_all()


def test_closing_shows_the_neighbour(paths: list[Path]) -> None:
    files = OpenFiles()
    one, two, three = (files.open(path) for path in paths)
    files.activate(two)
    files.close(two)
    assert files.active is three
    files.close(three)
    assert files.active is one
    files.close(one)
    assert files.active is None
    assert files.next_after(None) is None
    assert files.remarks() == ()
    with pytest.raises(ValueError, match="only an open file"):
        files.activate(one)


def test_the_next_file_goes_round(paths: list[Path]) -> None:
    files = OpenFiles()
    one, two, three = (files.open(path) for path in paths)
    assert [files.next_after(file) for file in (one, two, three)] == [two, three, one]
    files.close_all()


def test_roles_are_remembered_and_beat_the_name(paths: list[Path]) -> None:
    files = OpenFiles()
    file = files.open(paths[1])
    files.remember()
    files.set_role(file, "training")
    files.close_all()
    assert OpenFiles(RecentFiles()).add(Document.open(paths[1])).role == "training"


def test_what_cannot_be_opened_changes_nothing(paths: list[Path], tmp_path: Path) -> None:
    files = OpenFiles()
    files.open(paths[0])
    with pytest.raises(InputError, match="There is no file"):
        files.open(tmp_path / "nothing.jsonl")
    assert len(files) == 1
    files.close_all()


def test_a_document_without_a_session_can_be_edited(paths: list[Path]) -> None:
    files = OpenFiles()
    file = files.add(Document.open(paths[0]))
    assert (file.session, file.recovery, file.has_journal) == (None, None, False)
    file.marks.tag(RowSet.of([0]), "kept until it is closed", True)
    file.document.delete(0)
    assert file.unsaved == 1
    file.close(discard=True)


def test_one_that_fails_to_close_does_not_keep_the_others_open(
    paths: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = OpenFiles()
    one, two = files.open(paths[0]), files.open(paths[1])
    closed = []

    def fail(*, discard: bool = False) -> None:
        raise OSError("gone")

    monkeypatch.setattr(one, "close", fail)
    monkeypatch.setattr(two, "close", lambda *, discard=False: closed.append(discard))
    files.close_all(discard=True)
    assert closed == [True]
