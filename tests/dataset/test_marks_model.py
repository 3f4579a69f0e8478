"""Any sequence of edits and marks, against a plain list."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataset.marking import LINES
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Mark, Marks
from fttui.dataset.rowset import RowSet

ROW = st.integers(0, 30)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tag"), st.sets(ROW, max_size=4), st.sampled_from(["a", "b"]), st.booleans()),
        st.tuples(st.just("review"), st.sets(ROW, max_size=4), st.booleans()),
        st.tuples(st.just("note"), ROW, st.sampled_from(["", "x", "y"])),
        st.tuples(st.just("replace"), ROW),
        st.tuples(st.just("insert"), ROW),
        st.tuples(st.just("delete"), ROW, st.integers(1, 3)),
        st.tuples(st.just("delete_rows"), st.sets(ROW, max_size=4)),
        st.tuples(st.just("move"), ROW, ROW),
        st.tuples(st.just("undo")),
        st.tuples(st.just("redo")),
        st.tuples(st.just("save")),
        st.tuples(st.just("reopen"), st.none() | st.integers(0, 1000)),
        st.tuples(st.just("id"), ROW),
    ),
    max_size=25,
)


class Model:
    """Rows as a list of example numbers, marks by example."""

    def __init__(self, examples: int) -> None:
        self.rows = list(range(examples))
        self.marks: dict[int, Mark] = {}
        self.ids: dict[int, str] = {}
        self.undone: list[list[int]] = []
        self.done: list[list[int]] = []
        self.next = examples

    def edit(self, rows: list[int]) -> None:
        if rows != self.rows:
            self.done.append(self.rows)
            self.undone.clear()
            self.rows = rows

    def travel(self, origin: list[list[int]], other: list[list[int]]) -> None:
        if origin:
            other.append(self.rows)
            self.rows = origin.pop()

    def of(self, row: int) -> Mark:
        return self.marks.get(self.rows[row], Mark())


def run(step: tuple[Any, ...], document: Document, marks: Marks, model: Model, serial: int) -> tuple[Document, Marks]:
    count = len(model.rows)
    name, *arguments = step
    if name in ("tag", "review", "delete_rows"):
        chosen = {row for row in arguments[0] if row < count}
        if name == "tag":
            marks.tag(RowSet.of(chosen), *arguments[1:])
        elif name == "review":
            marks.review(RowSet.of(chosen), arguments[1])
        else:
            document.delete_rows(RowSet.of(chosen))
            model.edit([example for row, example in enumerate(model.rows) if row not in chosen])
            return document, marks
        for row in chosen:
            old = model.of(row)
            if name == "review":
                new = Mark(old.tags, old.note, arguments[1])
            else:
                own = {arguments[1]}
                new = Mark(old.tags | own if arguments[2] else old.tags - own, old.note, old.reviewed)
            model.marks[model.rows[row]] = new
        return document, marks
    if name == "insert":
        at = min(arguments[0], count)
        document.insert_raw(at, b'{"new": %d}' % serial)
        model.edit([*model.rows[:at], model.next, *model.rows[at:]])
        model.next += 1
    elif name == "undo":
        document.undo()
        model.travel(model.done, model.undone)
    elif name == "redo":
        document.redo()
        model.travel(model.undone, model.done)
    elif name == "save":
        document.save()
    elif name == "reopen":
        document.save()
        assert marks.keep()
        marks.close()
        if arguments[0] is not None:
            shuffle(document.path, model, arguments[0])
        document = Document.open(document.path)
        marks = Marks(document)
        marks.load()
        model.done, model.undone = [], []
    elif arguments[0] < count:
        row = arguments[0]
        if name == "id":
            model.ids[model.rows[row]] = marks.id_of(row)
        elif name == "note":
            marks.note(row, arguments[1])
            old = model.of(row)
            model.marks[model.rows[row]] = Mark(old.tags, arguments[1], old.reviewed)
        elif name == "replace":
            document.replace_raw(row, b'{"edited": %d}' % serial)
            model.done.append(model.rows)
            model.undone.clear()
        elif name == "delete":
            many = min(arguments[1], count - row)
            document.delete(row, many)
            model.edit(model.rows[:row] + model.rows[row + many :])
        elif name == "move" and arguments[1] < count:
            left = model.rows[:row] + model.rows[row + 1 :]
            document.move(row, arguments[1])
            model.edit([*left[: arguments[1]], model.rows[row], *left[arguments[1] :]])
    return document, marks


def shuffle(path: Path, model: Model, seed: int) -> None:
    """Another program changes the order of the lines, and puts one of its own before them."""
    lines = path.read_bytes().splitlines()
    order = list(range(len(lines)))
    random.Random(seed).shuffle(order)
    path.write_bytes(b"".join(line + b"\n" for line in [b'{"other": %d}' % model.next, *(lines[row] for row in order)]))
    model.rows = [model.next, *(model.rows[row] for row in order)]
    model.next += 1


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_any_sequence_of_edits_and_marks(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "chat.jsonl"
        path.write_bytes(b"".join(LINES))
        document = Document.open(path)
        marks = Marks(document)
        model = Model(len(LINES))
        for serial, step in enumerate(steps):
            document, marks = run(step, document, marks, model, serial)
            expected = [model.of(row) for row in range(len(model.rows))]
            assert [marks.of(row) for row in range(len(document))] == expected
            assert marks.reviewed() == sum(mark.reviewed for mark in expected)
            assert marks.tags() == {
                tag: number for tag in ("a", "b") if (number := sum(tag in mark.tags for mark in expected))
            }
            assert len(set(model.ids.values())) == len(model.ids)
            for example, name in model.ids.items():
                row = model.rows.index(example) if example in model.rows else None
                assert marks.row_of(name) == row
                assert row is None or marks.id_of(row) == name
            assert marks.rows_with(tag="a") == RowSet.of(row for row, mark in enumerate(expected) if "a" in mark.tags)
