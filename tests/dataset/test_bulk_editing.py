"""Edits of many rows: one step each, whatever happens in other threads meanwhile."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fttui.core.errors import InputError
from fttui.dataset import bulk_editing
from fttui.dataset.document import Document
from fttui.dataset.edits import Change
from fttui.dataset.history import Step
from fttui.dataset.rows import Prepared
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import SpoolSource

COUNT = 1000
EVEN = RowSet.of(range(0, COUNT, 2))


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"".join(b"%d\n" % n for n in range(COUNT)))
    return Document.open(path)


def raws(document: Document) -> list[bytes]:
    return [document.raw(row) for row in range(len(document))]


def meanwhile(document: Document, monkeypatch: pytest.MonkeyPatch, edit: Callable[[], object], times: int = 1) -> None:
    """Have ``edit`` made (so often) whenever a bulk edit has been worked out and is about to be made."""
    prepare = document._rows.prepare
    left = [times]

    def prepared(*args: object, **kwargs: object) -> Prepared:
        result = prepare(*args, **kwargs)  # type: ignore[arg-type]
        if left[0]:
            left[0] -= 1
            edit()
        return result

    monkeypatch.setattr(document._rows, "prepare", prepared)


def test_each_is_one_step_and_one_change(document: Document) -> None:
    told: list[Change] = []
    document.subscribe(told.append)
    before = raws(document)
    states = [before]
    for edit in (
        lambda: document.delete_rows(EVEN),
        lambda: document.duplicate_rows(RowSet.of(range(0, 300, 3))),
        lambda: document.move_rows(RowSet.of(range(100, 400, 5)), 7),
        lambda: document.insert_lines(50, [b"new %d" % n for n in range(100)]),
        lambda: document.replace_lines(RowSet.span(0, 200), [b"other %d" % n for n in range(200)]),
    ):
        edit()
        states.append(raws(document))
    assert len(told) == 5
    for state in reversed(states[:-1]):
        assert document.undo() is not None
        assert raws(document) == state
    assert not document.is_dirty
    for state in states[1:]:
        assert document.redo() is not None
        assert raws(document) == state


def test_lines_of_many_rows_are_not_in_memory(document: Document, fttui_home: Path) -> None:
    document.replace_lines(RowSet.span(0, 64), [b"few"] * 64)
    assert document.key(0)[0] == 0
    document.replace_lines(RowSet.span(0, 65), [b"many"] * 65)
    source = document.source(document.key(0)[0])
    assert isinstance(source, SpoolSource)
    document.insert_lines(0, [b"x" * (1 << 20), b"y"])
    assert isinstance(document.source(document.key(1)[0]), SpoolSource)
    assert not [*(fttui_home / "cache" / "spool").iterdir()]  # they have no names that could stay


def test_only_rows_that_differ_are_changed(document: Document) -> None:
    lines = [b"%d" % row if row % 5 else b"five" for row in EVEN]
    document.replace_lines(EVEN, lines)
    assert [row for row in range(COUNT) if document.is_changed(row)] == [row for row in EVEN if row % 5 == 0]
    document.replace_lines(EVEN, lines)
    document.undo()
    assert not document.is_dirty


@pytest.mark.parametrize("lines", [[b"a"] * 499, [b"a"] * 501])
def test_a_line_for_each_row_is_wanted(document: Document, lines: list[bytes]) -> None:
    with pytest.raises(ValueError, match="argument"):
        document.replace_lines(EVEN, lines)
    assert not document.is_dirty


def test_rows_that_are_not_there_are_refused(document: Document) -> None:
    beyond = RowSet.of([0, COUNT])
    for edit in (
        lambda: document.delete_rows(beyond),
        lambda: document.duplicate_rows(beyond),
        lambda: document.move_rows(beyond, 0),
        lambda: document.move_rows(EVEN, COUNT - len(EVEN) + 1),
        lambda: document.replace_lines(beyond, [b"a", b"b"]),
        lambda: document.insert_lines(COUNT + 1, [b"a"]),
    ):
        with pytest.raises(IndexError):
            edit()
    assert not document.is_dirty
    assert raws(document) == [b"%d" % n for n in range(COUNT)]


@pytest.mark.parametrize("times", [1, 3])
def test_rows_are_followed_when_others_are_edited_meanwhile(
    document: Document, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    meanwhile(document, monkeypatch, lambda: document.insert_raw(0, b"new"), times)
    document.delete_rows(EVEN)
    news = len(document) - COUNT // 2
    assert news == times
    assert raws(document) == [b"new"] * times + [b"%d" % n for n in range(1, COUNT, 2)]
    document.undo()
    assert len(document) == COUNT + news


def test_a_deleted_row_is_not_duplicated_or_replaced(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    for edit in (
        lambda: document.duplicate_rows(EVEN),
        lambda: document.replace_lines(EVEN, [b"other"] * len(EVEN)),
    ):
        with monkeypatch.context() as patch:
            meanwhile(document, patch, lambda: document.delete(8))
            with pytest.raises(InputError, match="edited or saved meanwhile; nothing was changed"):
                edit()
        assert len(document) == COUNT - 1
        document.undo()
        assert not document.is_dirty


def test_what_is_typed_meanwhile_is_not_overwritten(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        meanwhile(document, patch, lambda: document.replace_raw(8, b"typed"))
        with pytest.raises(InputError):
            document.replace_lines(EVEN, [b"other"] * len(EVEN))
    assert document.raw(8) == b"typed"
    with monkeypatch.context() as patch:
        meanwhile(document, patch, lambda: document.replace_raw(9, b"typed"))
        document.replace_lines(EVEN, [b"other"] * len(EVEN))
    assert [document.raw(row) for row in (8, 9, 10)] == [b"other", b"typed", b"other"]


def test_lines_made_from_an_earlier_revision_are_refused(document: Document) -> None:
    revision = document.revision
    document.insert_raw(0, b"new")
    with pytest.raises(InputError):
        document.replace_lines(EVEN, [b"other"] * len(EVEN), revision=revision)
    document.replace_lines(RowSet.of([0, 3]), [b"a", b"b"], revision=document.revision)
    assert (document.raw(0), document.raw(3)) == (b"a", b"b")


def test_undo_of_many_rows_while_others_are_edited(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    document.move_rows(EVEN, 0)
    meanwhile(document, monkeypatch, lambda: document.replace_raw(0, b"typed"))
    assert document.takes_long("undo")
    document.undo()  # the one that was typed, as it came last
    assert document.raw(0) == b"0"
    document.undo()
    assert raws(document) == [b"%d" % n for n in range(COUNT)]


def test_a_read_only_document_refuses_edits(document: Document, tmp_path: Path) -> None:
    document.delete(0)
    document.make_read_only("It is open in another window.")
    assert document.is_read_only
    refused: list[Callable[[], object]] = [
        lambda: document.replace_raw(0, b"x"),
        lambda: document.replace(0, {}),
        lambda: document.insert(0, {}),
        lambda: document.delete(0),
        lambda: document.duplicate(0),
        lambda: document.move(0, 1),
        lambda: document.undo(),
        lambda: document.delete_rows(EVEN),
        lambda: document.duplicate_rows(EVEN),
        lambda: document.move_rows(EVEN, 0),
        lambda: document.insert_lines(0, [b"x"]),
        lambda: document.replace_lines(RowSet.of([0]), [b"x"]),
        lambda: document.save(),
    ]
    for edit in refused:
        with pytest.raises(InputError, match=r"It is open in another window\."):
            edit()
    assert len(document) == COUNT - 1
    document.save_rows_as(RowSet.span(0, 2), tmp_path / "two.jsonl")
    document.save_as(tmp_path / "copy.jsonl")
    assert (tmp_path / "two.jsonl").read_bytes() == b"1\n2\n"
    assert (tmp_path / "copy.jsonl").read_bytes() == b"".join(b"%d\n" % n for n in range(1, COUNT))
    document.make_read_only("")
    document.undo()
    assert len(document) == COUNT


@pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "the disk is full"), (errno.EACCES, "no permission")])
def test_no_room_for_the_lines(
    document: Document, monkeypatch: pytest.MonkeyPatch, fttui_home: Path, number: int, words: str
) -> None:
    def refuse(*args: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("fttui.dataset.spool.LineIndex.add", refuse)
        with pytest.raises(InputError, match=words):
            document.replace_lines(EVEN, [b"other"] * len(EVEN))
    assert not document.is_dirty
    assert not [*(fttui_home / "cache" / "spool").iterdir()]
    document.replace_lines(EVEN, [b"other"] * len(EVEN))
    assert document.raw(0) == b"other"


def test_a_save_while_lines_are_kept_for_an_edit(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    document.delete(999)
    meanwhile(document, monkeypatch, document.save)
    document.delete_rows(EVEN)
    assert raws(document) == [b"%d" % n for n in range(1, 999, 2)]
    document.save()
    assert document.path.read_bytes() == b"".join(b"%d\n" % n for n in range(1, 999, 2))


def test_edits_are_made_again_as_one_step(document: Document) -> None:
    document.delete_rows(EVEN)
    document.move(0, 5)
    done = raws(document)
    edits = []
    while (step := document._history.next("undo")) is not None:
        document.undo()
        redo = document._history.next("redo")
        assert isinstance(step, Step) and redo is not None
        edits[:0] = redo.edits
    with pytest.raises(IndexError):
        document.make([*edits, *edits])
    assert not document.is_dirty
    document.make(edits)
    assert raws(document) == done
    document.undo()
    assert not document.is_dirty
    assert raws(document) == [b"%d" % n for n in range(COUNT)]


def test_a_line_without_a_line_feed_stays_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_editing, "_FEW_LINES", 0)
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b"a\nb\nc")
    document = Document.open(path)
    document.replace_lines(RowSet.span(0, 3), [b"x", b"y", b"z"])
    document.save()
    assert path.read_bytes() == b"x\ny\nz"
