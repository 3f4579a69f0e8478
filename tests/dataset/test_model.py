"""Any sequence of edits, undo, redo and save, against a plain list of lines as the model."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import hostile
from dataset.plain_lines import BOM, Model, Row, actions, files, single
from fttui.dataset import bulk_editing, index, pieces, saving, sources
from fttui.dataset import document as document_module
from fttui.dataset.applying import apply_edit
from fttui.dataset.document import Document
from fttui.dataset.edits import Change, Edit
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.reader import Stamp, stamp_of
from fttui.dataset.recording import RecordedStep, StepKind
from fttui.dataset.rowset import RowSet
from fttui.dataset.spool import SpoolFile
from fttui.formats.lines import parse_line
from fttui.formats.style import style_of


class Shadow:
    """A recorder that makes all edits again in rows of its own, as a replay would."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.table = PieceTable(document.snapshot().pieces)
        self.saved_table = self.table

    def step(self, kind: StepKind, edits: Sequence[Edit]) -> None:
        for edit in edits:
            apply_edit(self.table, edit)

    def saving(self, stamp: Stamp, base: int, meanwhile: Sequence[RecordedStep]) -> None:
        self.saved_table = PieceTable([Piece(base, 0, len(self.document))])
        self.stamp = stamp
        assert not meanwhile

    def saved(self) -> None:
        assert self.stamp == stamp_of(self.document.path)
        self.table = self.saved_table

    def spool(self) -> SpoolFile:
        return SpoolFile.temporary()

    def added(self, first: int, lines: Sequence[bytes]) -> None: ...

    def marks(self, rows: RowSet, change: Mapping[str, Any]) -> None: ...

    def close(self, *, keep: bool) -> None: ...


def keys_of(document: Document) -> Counter[tuple[int, int]]:
    return Counter(document.key(row) for row in range(len(document)))


class Pair:
    """A document and the model of it, and lists that follow the document by what it tells."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        path.write_bytes(data)
        self.model = Model(data)
        self.hidden = self.model.rows
        self.model.rows = self.model.saved = []
        self.document = Document.open(path)
        self.told: list[bytes | None] = []
        self.keys: Counter[tuple[int, int]] = Counter()
        self.roots: dict[tuple[int, int], object] = {}
        self.document.subscribe(self.follow)
        self.document.recorder = self.shadow = Shadow(self.document)
        self.snapshots: list[tuple[Any, list[bytes]]] = []
        self.reveal()

    def follow(self, change: Change) -> None:
        self.keys.subtract((source, start + at) for source, start, count in change.gone for at in range(count))
        self.keys.update((source, start + at) for source, start, count in change.came for at in range(count))
        if change.bulk is None:
            assert change.removed == len(self.told[change.row : change.row + change.removed])
            self.told[change.row : change.row + change.removed] = [None] * change.inserted
            return
        assert (change.row, change.removed, change.inserted) == (0, 0, 0)
        for row in change.bulk.replaced:
            self.told[row] = None
        for row in reversed([*change.bulk.removed]):
            del self.told[row]
        for row in change.bulk.inserted:
            self.told.insert(row, None)

    def reveal(self) -> None:
        """Rows that the index has found by now come after all others, in every state."""
        count = len(self.document) - len(self.model.rows)
        found, self.hidden = self.hidden[:count], self.hidden[count:]
        for state in (self.model.rows, *self.model.undo_states, *self.model.redo_states):
            state.extend(found)
        self.told.extend(row.raw for row in found)
        self.shadow.table = PieceTable(self.document.snapshot().pieces)
        self.keys = keys_of(self.document)

    def act(self, name: str, first: Any, second: Any) -> None:
        document, model = self.document, self.model
        if name == "undo":
            assert (document.undo() is not None) == model.travel(model.undo_states, model.redo_states)
        elif name == "redo":
            assert (document.redo() is not None) == model.travel(model.redo_states, model.undo_states)
        elif name == "group":
            before, states = model.rows, len(model.undo_states)
            with document.group():
                for edit in first:
                    self.edit(*edit)
            if len(model.undo_states) > states:
                model.undo_states[states:] = [before]
        elif name == "save":
            document.build_index()
            self.reveal()
            assert not self.hidden
            document.save()
            assert self.path.read_bytes() == model.save(document.newline)
            assert not document.is_dirty
            assert not any(document.is_changed(row) for row in range(len(document)))
            self.keys = keys_of(document)
        elif name == "save_rows_as":
            chosen = self.chosen(first)
            target = self.path.with_name("rows.jsonl")
            result = document.save_rows_as(chosen, target, overwrite=True)
            part = Model(model.bom)
            assert target.read_bytes() == part.content(document.newline, [model.rows[row] for row in chosen])
            assert (result.rows, result.size) == (len(chosen), target.stat().st_size)
        elif name == "reload":
            document.reload()
            self.model = Model(self.path.read_bytes())
            self.hidden = []
            self.shadow.table = PieceTable(document.snapshot().pieces)
        elif name == "grow":
            asked = iter([False])
            document.build_index(cancel=lambda: next(asked, True))
            self.reveal()
        elif name == "snapshot":
            self.snapshots.append((document.snapshot(), [row.raw for row in model.rows]))
        else:
            before = model.rows
            self.edit(name, first, second)
            if name == "delete" and model.rows is not before and model.rows == model.saved:
                model.saved_again.append(model.rows)
        self.check()

    def chosen(self, positions: list[int]) -> RowSet:
        return RowSet.of(at % len(self.model.rows) for at in positions if self.model.rows)

    def edit_many(self, name: str, chosen: RowSet, second: Any) -> None:
        document, rows = self.document, list(self.model.rows)
        if name == "delete_rows":
            document.delete_rows(chosen)
            rows = [row for at, row in enumerate(rows) if at not in chosen]
        elif name == "duplicate_rows":
            document.duplicate_rows(chosen)
            for at in reversed([*chosen]):
                rows.insert(at + 1, Row(rows[at].raw, document.newline))
        elif name == "move_rows":
            to = second % (len(rows) - len(chosen) + 1)
            document.move_rows(chosen, to)
            moved = [rows[at] for at in chosen]
            rest = [row for at, row in enumerate(rows) if at not in chosen]
            rows = rest[:to] + moved + rest[to:]
        else:
            new = [rows[at].raw if line is None else line for at, line in zip(chosen, second, strict=False)]
            document.replace_lines(chosen, new)
            for at, line in zip(chosen, new, strict=True):
                line = line.removeprefix(BOM).rstrip(b"\r")
                if line != rows[at].raw:
                    rows[at] = Row(line, rows[at].ending, rows[at].example)
        if rows != self.model.rows:
            self.model.change(rows)

    def edit(self, name: str, first: Any, second: Any) -> None:
        document, rows = self.document, list(self.model.rows)
        count = len(rows)
        if isinstance(first, list):
            self.edit_many(name, self.chosen(first), second)
            return
        at = first % (count + 1)
        if name in ("insert", "insert_raw"):
            getattr(document, name)(at, second)
            rows.insert(at, Row(document.raw(at), document.newline))
            if name == "insert_raw":
                assert document.raw(at) == second.removeprefix(BOM).rstrip(b"\r")
            else:
                assert parse_line(document.raw(at)).value == second
            self.model.change(rows)
            return
        if name == "insert_lines":
            assert document.insert_lines(at, second) == len(second)
            rows[at:at] = [Row(line.removeprefix(BOM).rstrip(b"\r"), document.newline) for line in second]
            if second:
                self.model.change(rows)
            return
        if not count:
            return
        at = first % count
        old = rows[at]
        if name == "replace_raw":
            new = second.removeprefix(BOM).rstrip(b"\r")
            document.replace_raw(at, second)
            assert document.raw(at) == new
        elif name == "replace":
            document.replace(at, second)
            assert parse_line(document.raw(at)).value == second
            if parse_line(old.raw).error is None:
                assert style_of(document.raw(at), style_of(old.raw)) == style_of(old.raw, style_of(document.raw(at)))
        elif name == "delete":
            second = min(second, count - at)
            document.delete(at, second)
            del rows[at : at + second]
        elif name == "duplicate":
            document.duplicate(at)
            rows.insert(at + 1, Row(old.raw, document.newline))
        elif name == "move":
            document.move(at, second % count)
            rows.insert(second % count, rows.pop(at))
            if at == second % count:
                return
        if name.startswith("replace"):
            if document.raw(at) == old.raw:
                return
            rows[at] = Row(document.raw(at), old.ending, old.example)
        self.model.change(rows)

    def check(self) -> None:
        document, model = self.document, self.model
        raws = [document.raw(row) for row in range(len(document))]
        assert raws == [row.raw for row in model.rows]
        assert document.is_dirty == model.is_dirty
        assert (document.can_undo, document.can_redo) == (bool(model.undo_states), bool(model.redo_states))
        self.told = [raw if known is None else known for known, raw in zip(self.told, raws, strict=True)]
        assert self.told == raws
        for snapshot, expected in self.snapshots:
            assert list(snapshot.raws()) == expected
        assert +self.keys == keys_of(document)
        assert list(self.shadow.table) == list(document.snapshot().pieces)
        self.check_examples()

    def check_examples(self) -> None:
        """Each row is the example that it has always been, and what is told of the saved file is right."""
        document, model = self.document, self.model
        saved = {row.example: row.raw for row in model.saved}
        walked = [
            (root.source, root.start + at)
            for piece in document.snapshot().pieces
            for _, root in document.roots(piece)
            for at in range(root.rows)
        ]
        for number, row in enumerate(model.rows):
            root = document.root(number)
            assert walked[number] == root
            assert self.roots.setdefault(root, row.example) is row.example
            assert document.saved_line(number) == saved.get(row.example)
        assert len({*walked}) == len(walked)
        found, most_moved = model.differences()
        changes = document.changes()
        assert [*map(document.saved_raw, range(len(model.saved)))] == [row.raw for row in model.saved]
        assert {tuple(change) for change in changes if change.kind != "moved"} == found
        moved = {change.saved_row for change in changes if change.kind == "moved"}
        changed = {change.saved_row for change in changes if change.kind == "changed"}
        places = {row.example: at for at, row in enumerate(model.saved)}
        stayed = [places[row.example] for row in model.rows if row.example in places]
        stayed = [at for at in stayed if at not in moved | changed]
        assert stayed == sorted(stayed)
        assert len(moved) <= most_moved <= len(moved) + len(changed)


@contextmanager
def small_parts() -> Iterator[None]:
    """Blocks so small that a few lines already cross every border."""
    with ExitStack() as stack:
        for module, name, value in (
            (index, "BLOCK", 32),
            (document_module, "BLOCK", 32),
            (index, "_STEP", 2),
            (pieces, "_BLOCK_PIECES", 4),
            (sources, "_CHUNK", 48),
            (sources, "_NEAR", 24),
            (saving, "_COPIED", 16),
            (saving, "_STEP", 2),
            (bulk_editing, "_FEW_LINES", 1),
        ):
            stack.enter_context(patch.object(module, name, value))
        yield


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.lists(actions, max_size=14))
def test_a_document_is_a_list_of_lines(data: bytes, todo: list[tuple[str, Any, Any]]) -> None:
    with small_parts(), tempfile.TemporaryDirectory() as directory:
        pair = Pair(Path(directory) / "chat.jsonl", data)
        pair.check()
        for action in todo:
            note(repr(action))
            pair.act(*action)
        pair.act("save", None, None)
        reopened = Document.open(pair.path)
        reopened.build_index()
        assert [reopened.raw(row) for row in range(len(reopened))] == [row.raw for row in pair.model.rows]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.lists(single, max_size=10))
def test_edit_undo_all_and_save_give_the_same_bytes(data: bytes, edits: list[tuple[str, Any, Any]]) -> None:
    with small_parts(), tempfile.TemporaryDirectory() as directory:
        pair = Pair(Path(directory) / "chat.jsonl", data)
        for edit in edits:
            pair.act(*edit)
        while pair.document.undo() is not None:
            pass
        assert not pair.document.is_dirty
        pair.document.save()
        assert pair.path.read_bytes() == data


def test_a_save_keeps_every_byte_of_the_hostile_file(tmp_path: Path) -> None:
    path = tmp_path / "hostile.jsonl"
    path.write_bytes(hostile.FILE)
    document = Document.open(path)
    document.build_index()
    expected = hostile.FILE[3:].split(b"\n")[:-1]
    assert len(document) == len(expected) == len(hostile.LINES)
    document.replace_raw(3, b"{}")
    document.save()
    expected[3] = b"{}"
    assert path.read_bytes() == BOM + b"".join(line + b"\n" for line in expected)
    document.undo()
    document.save()
    assert path.read_bytes() == hostile.FILE
