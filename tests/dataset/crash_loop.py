"""Kills a process that edits and saves a file, again and again, and looks whether an acknowledged edit is lost.

The child makes random edits (from a seed) and says so after each on standard output; the parent kills it at a random
moment, makes the same edits on a plain list of lines, restores what the journal has, and compares.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

ROWS = 300


class Action(NamedTuple):
    """One thing that the child does."""

    name: str
    rows: tuple[int, ...] = ()
    to: int = 0
    text: bytes = b""


@dataclass
class Model:
    """The file as a plain list of lines (without endings) with their tags, and its history as a list of such lists."""

    rows: list[tuple[bytes, int]]
    tags: dict[int, frozenset[str]] = field(default_factory=dict)
    """The tags of examples, by identity."""
    undo: list[list[tuple[bytes, int]]] = field(default_factory=list)
    redo: list[list[tuple[bytes, int]]] = field(default_factory=list)
    saved: list[bytes] = field(default_factory=list)
    newest: int = 0

    @classmethod
    def of(cls, lines: list[bytes]) -> Model:
        rows = [(line, number) for number, line in enumerate(lines)]
        return cls(rows, saved=lines, newest=len(lines))

    def change(self, rows: list[tuple[bytes, int]]) -> None:
        self.undo.append(self.rows)
        self.redo.clear()
        self.rows = rows

    def new(self, line: bytes) -> tuple[bytes, int]:
        self.newest += 1
        return line, self.newest

    def copy(self, row: tuple[bytes, int]) -> tuple[bytes, int]:
        line, identity = row
        copy = self.new(line)
        self.tags[copy[1]] = self.tags.get(identity, frozenset())
        return copy

    def act(self, action: Action) -> None:
        name, chosen, to, text = action
        rows = list(self.rows)
        if name == "undo":
            self.redo.append(self.rows)
            self.rows = self.undo.pop()
        elif name == "redo":
            self.undo.append(self.rows)
            self.rows = self.redo.pop()
        elif name == "save":
            self.saved = [line for line, _ in rows]
        elif name == "tag":
            for row in chosen:
                identity = rows[row][1]
                self.tags[identity] = self.tags.get(identity, frozenset()) | {text.decode()}
        elif name == "replace":
            rows[to] = (text, rows[to][1])
            self.change(rows)
        elif name == "insert":
            rows.insert(to, self.new(text))
            self.change(rows)
        elif name == "delete_rows":
            self.change([row for number, row in enumerate(rows) if number not in set(chosen)])
        elif name == "replace_lines":
            for row in chosen:
                rows[row] = (text + b" %d" % row, rows[row][1])
            self.change(rows)
        elif name == "insert_lines":
            rows[to:to] = [self.new(text + b" %d" % number) for number in range(100)]
            self.change(rows)
        elif name == "duplicate_rows":
            copies = {row: self.copy(rows[row]) for row in chosen}
            self.change([line for row, old in enumerate(rows) for line in (old, copies.get(row)) if line is not None])
        elif name == "tag_and_delete":
            for row in chosen:
                identity = rows[row][1]
                self.tags[identity] = self.tags.get(identity, frozenset()) | {text.decode()}
            self.change([row for number, row in enumerate(rows) if number != to])
        elif name == "move_rows":
            taken = [rows[row] for row in chosen]
            rest = [row for number, row in enumerate(rows) if number not in set(chosen)]
            self.change([*rest[:to], *taken, *rest[to:]])

    def state(self) -> list[tuple[bytes, frozenset[str]]]:
        return [(line, self.tags.get(identity, frozenset())) for line, identity in self.rows]


def first_lines(count: int = ROWS) -> list[bytes]:
    """The file at the beginning."""
    return [b'{"messages": [{"role": "user", "content": "%d"}]}' % number for number in range(count)]


def actions(seed: int, model: Model) -> Iterator[Action]:
    """Random edits without end; the model makes each before the next is chosen."""
    chance = random.Random(seed)
    for number in range(10**9):
        count = len(model.rows)
        kind = chance.random()
        text = b'{"step": %d}' % number
        some = tuple(sorted(chance.sample(range(count), min(count, chance.choice([1, 5, 80])))))
        if kind < 0.05:
            action = Action("save")
        elif kind < 0.20 and model.undo:
            action = Action("undo")
        elif kind < 0.28 and model.redo:
            action = Action("redo")
        elif kind < 0.40 and count:
            action = Action("tag", some, text=b"tag %d" % chance.randrange(3))
        elif kind < 0.60 and count:
            action = Action("replace", to=chance.randrange(count), text=text)
        elif kind < 0.70:
            action = Action("insert", to=chance.randint(0, count), text=text)
        elif kind < 0.77 and count > 100:
            action = Action("delete_rows", some)
        elif kind < 0.85 and count:
            action = Action("replace_lines", some, text=text)
        elif kind < 0.89 and count < 2000:
            action = Action("insert_lines", to=chance.randint(0, count), text=text)
        elif kind < 0.93 and 0 < count < 2000:
            action = Action("duplicate_rows", some)
        elif kind < 0.96 and count > 100:
            action = Action("tag_and_delete", some, chance.choice(some), b"tag %d" % chance.randrange(3))
        elif count:
            to = chance.randint(0, count - len(some))
            if not is_in_order(some, to):
                action = Action("move_rows", some, to)
            else:
                continue
        else:
            continue
        model.act(action)
        yield action


def is_in_order(rows: tuple[int, ...], to: int) -> bool:
    """Whether the rows stand together there already, so that moving them is no edit."""
    return rows == tuple(range(to, to + len(rows)))


def child(path: Path, seed: int) -> None:
    """Edit until killed; a byte on standard output after each edit."""
    from fttui.dataset.rowset import RowSet
    from fttui.dataset.session import open_session

    session = open_session(path)
    document = session.document
    document.build_index()
    assert session.recovery is None
    os.write(1, b"r")
    for name, chosen, to, text in actions(seed, Model.of([document.raw(row) for row in range(len(document))])):
        rows = RowSet.of(chosen)
        match name:
            case "undo":
                document.undo()
            case "redo":
                document.redo()
            case "save":
                document.save()
            case "tag":
                session.marks.tag(rows, text.decode(), True)
            case "replace":
                document.replace_raw(to, text)
            case "insert":
                document.insert_raw(to, text)
            case "delete_rows":
                document.delete_rows(rows)
            case "replace_lines":
                document.replace_lines(rows, [text + b" %d" % row for row in chosen])
            case "insert_lines":
                document.insert_lines(to, [text + b" %d" % number for number in range(100)])
            case "duplicate_rows":
                document.duplicate_rows(rows)
            case "tag_and_delete":
                with document.group():
                    last = len(document) - 1
                    document.move(to, last)
                    now = RowSet.of(last if row == to else row - (row > to) for row in chosen)
                    session.marks.tag(now, text.decode(), True)
                    document.delete(last)
            case "move_rows":
                document.move_rows(rows, to)
        os.write(1, b".")


class Outcome(NamedTuple):
    """What one kill did."""

    acknowledged: int
    unacknowledged: int
    saved: bool
    steps: int
    restore_s: float


class Lost(AssertionError):
    """An acknowledged edit is gone, or a file was harmed."""


def one_kill(path: Path, seed: int, alive_s: float) -> Outcome:
    """Begin with a fresh file, kill the child after so long, restore and compare. Raises `Lost`."""
    from fttui.dataset.session import open_session

    lines = first_lines()
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    process = subprocess.Popen(
        [sys.executable, __file__, str(path), str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        ready = process.stdout.read(1)
        time.sleep(alive_s)
        process.send_signal(signal.SIGKILL)
        done = len(process.stdout.read())
        complaints = process.stderr.read().decode()
    if ready != b"r" or complaints:
        raise Lost(f"seed {seed}: the child failed: {complaints}")

    before = Model.of(lines)
    made: list[Action] = []
    for action in actions(seed, before):
        made.append(action)
        if len(made) > done:
            break
    expected = replayed(lines, made[:done])
    one_more = replayed(lines, made)
    on_disk = [line.removesuffix(b"\n") for line in path.read_bytes().splitlines(keepends=True)]
    if on_disk not in (expected.saved, one_more.saved):
        raise Lost(f"seed {seed}: the file is neither the last saved one nor the next, after {done} edits")

    session = open_session(path)
    session.document.build_index()
    began = time.perf_counter()
    steps = 0
    if session.recovery is not None:
        steps = session.recovery.steps
        if not session.recovery.fits:
            raise Lost(f"seed {seed}: the journal does not fit the file, after {done} edits")
        session.recovery.restore()
    restore_s = time.perf_counter() - began
    session.marks.load()
    document = session.document
    found: list[Any] = [(document.raw(row), session.marks.of(row).tags) for row in range(len(document))]
    if found not in (expected.state(), one_more.state()):
        raise Lost(f"seed {seed}: not the rows of {done} acknowledged edits, nor one more ({made[-1].name})")
    while document.undo() is not None:
        pass
    if [document.raw(row) for row in range(len(document))] != on_disk:
        raise Lost(f"seed {seed}: undoing all does not lead to the file, after {done} edits")
    session.close(discard=True)
    path.with_name(path.name + ".fttui").unlink(missing_ok=True)
    is_saved = any(action.name == "save" for action in made[:done])
    return Outcome(done, int(found != expected.state()), is_saved, steps, restore_s)


def replayed(lines: list[bytes], made: list[Action]) -> Model:
    """The model after these edits."""
    model = Model.of(lines)
    for action in made:
        model.act(action)
    return model


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]))
