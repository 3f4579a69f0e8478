"""Any sequence of edits, undo, redo and save, against a plain list of lines as the model."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

import hostile
from fttui.dataset import document as document_module
from fttui.dataset import index, pieces, sources
from fttui.dataset.document import Document
from fttui.dataset.edits import Change
from fttui.formats.lines import parse_line
from fttui.formats.style import style_of

BOM = b"\xef\xbb\xbf"


class Row:
    """A line and its ending; the same object in every state that has the row."""

    def __init__(self, raw: bytes, ending: bytes) -> None:
        self.raw = raw
        self.ending = ending


class Model:
    """A file as a plain list of lines, its history as a list of such lists."""

    def __init__(self, data: bytes) -> None:
        self.bom = BOM if data.startswith(BOM) else b""
        found = re.findall(rb"([^\n]*?)(\r*\n|\r*\Z)", data[len(self.bom) :])
        self.rows = [Row(raw, ending) for raw, ending in found if raw or ending]
        self.ends_with_newline = not self.rows or self.rows[-1].ending.endswith(b"\n")
        self.undo_states: list[list[Row]] = []
        self.redo_states: list[list[Row]] = []
        self.saved = self.rows

    def change(self, rows: list[Row]) -> None:
        self.undo_states.append(self.rows)
        self.redo_states.clear()
        self.rows = rows

    def travel(self, origin: list[list[Row]], other: list[list[Row]]) -> bool:
        if origin:
            other.append(self.rows)
            self.rows = origin.pop()
            return True
        return False

    def endings(self, newline: bytes) -> list[bytes]:
        """Each row's ending as it is saved."""
        endings = [row.ending if row.ending.endswith(b"\n") else row.ending + newline for row in self.rows]
        for number, row in enumerate(self.rows):
            if row.ending.endswith(b"\r"):
                endings[number] = row.ending + b"\n"
        if self.rows and not self.ends_with_newline:
            last = self.rows[-1]
            if not last.ending.endswith(b"\n") and (last.raw or last.ending):
                endings[-1] = last.ending
            elif last.raw:
                endings[-1] = b""
        return endings

    def save(self, newline: bytes) -> bytes:
        endings = self.endings(newline)
        for row, ending in zip(self.rows, endings, strict=True):
            row.ending = ending
        self.saved = self.rows
        return self.bom + b"".join(row.raw + row.ending for row in self.rows)


SHORT = [line.rstrip(b"\n") for line in hostile.LINES.values() if len(line) < 300 and b"\0" not in line]
STYLED = [
    b'{"messages":[{"role":"user","content":"caf\xc3\xa9"}],"n":12345678901234567890123}',
    b'{"messages" : [{"role" : "user" , "content" : "caf\\u00e9"}] , "x" : 1.50}',
    b"{}",
]
# text of any kind but line ends and NUL (a file with NUL bytes in its beginning is refused)
texts = st.text(st.characters(exclude_characters="\n\r\0"), max_size=12).map(
    lambda s: s.encode("utf-8", "surrogatepass")
)
lines = st.sampled_from([*SHORT, *STYLED]) | texts.map(
    lambda t: b" " + t if t[:1] in (b"B", b"P", b"(", b"\x1f") else t
)
endings = st.sampled_from([b"\n", b"\n", b"\r\n", b"\r\r\n"])
records = st.fixed_dictionaries(
    {"messages": st.lists(st.fixed_dictionaries({"role": st.text(max_size=4)}), max_size=2)}
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Files with and without byte order mark, CRLF, mixed endings, blank and broken lines, final line feed."""
    body = b"".join(line + ending for line, ending in draw(st.lists(st.tuples(lines, endings), max_size=8)))
    return draw(st.sampled_from([b"", BOM])) + body + draw(st.just(b"") | lines | st.just(b"\r"))


positions = st.integers(min_value=0, max_value=1000)
single = st.one_of(
    st.tuples(st.just("replace_raw"), positions, lines),
    st.tuples(st.just("replace"), positions, records),
    st.tuples(st.just("insert_raw"), positions, lines),
    st.tuples(st.just("insert"), positions, records),
    st.tuples(st.just("delete"), positions, st.integers(1, 3)),
    st.tuples(st.just("duplicate"), positions, st.none()),
    st.tuples(st.just("move"), positions, positions),
)
actions = st.one_of(
    single,
    single,
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("undo"), st.none(), st.none()),
    st.tuples(st.just("redo"), st.none(), st.none()),
    st.tuples(st.just("group"), st.lists(single, max_size=4), st.none()),
    st.tuples(st.just("save"), st.none(), st.none()),
    st.tuples(st.just("grow"), st.none(), st.none()),
    st.tuples(st.just("snapshot"), st.none(), st.none()),
)


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
        self.document.subscribe(self.follow)
        self.snapshots: list[tuple[Any, list[bytes]]] = []
        self.reveal()

    def follow(self, change: Change) -> None:
        assert change.removed == len(self.told[change.row : change.row + change.removed])
        self.told[change.row : change.row + change.removed] = [None] * change.inserted

    def reveal(self) -> None:
        """Rows that the index has found by now come after all others, in every state."""
        count = len(self.document) - len(self.model.rows)
        found, self.hidden = self.hidden[:count], self.hidden[count:]
        for state in (self.model.rows, *self.model.undo_states, *self.model.redo_states):
            state.extend(found)
        self.told.extend(row.raw for row in found)

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
        elif name == "grow":
            asked = iter([False])
            document.build_index(cancel=lambda: next(asked, True))
            self.reveal()
        elif name == "snapshot":
            self.snapshots.append((document.snapshot(), [row.raw for row in model.rows]))
        else:
            self.edit(name, first, second)
        self.check()

    def edit(self, name: str, first: int, second: Any) -> None:
        document, rows = self.document, list(self.model.rows)
        count = len(rows)
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
            rows[at] = Row(document.raw(at), old.ending)
        self.model.change(rows)

    def check(self) -> None:
        document, model = self.document, self.model
        raws = [document.raw(row) for row in range(len(document))]
        assert raws == [row.raw for row in model.rows]
        assert document.is_dirty == (model.rows is not model.saved)
        assert (document.can_undo, document.can_redo) == (bool(model.undo_states), bool(model.redo_states))
        self.told = [raw if known is None else known for known, raw in zip(self.told, raws, strict=True)]
        assert self.told == raws
        for snapshot, expected in self.snapshots:
            assert list(snapshot.raws()) == expected


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
