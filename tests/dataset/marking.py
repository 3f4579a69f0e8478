"""What the tests of marks share: a data file of eight examples, its marks as they are read, its sidecar as it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.dataset.marks.sidecar_places import path_beside
from fttui.dataset.rowset import RowSet

LINES = [b'{"n": %d}\n' % n for n in range(8)]
DAY = 86_400
GOOD = {"row": 1, "tags": ["hard"]}


def rows(*numbers: int) -> RowSet:
    return RowSet.of(numbers)


@dataclass
class Opened:
    """A document with all its marks read, and what was said meanwhile."""

    document: Document
    marks: Marks
    said: list[str] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path) -> Opened:
        said: list[str] = []
        document = Document.open(path)
        marks = Marks(document, said.append)
        marks.load()
        return cls(document, marks, said)

    def tagged(self, tag: str = "hard") -> list[int]:
        return list(self.marks.rows_with(tag=tag))


def tag(path: Path, *numbers: int, name: str = "hard") -> Opened:
    """Tag rows of a file, and keep that."""
    opened = Opened.at(path)
    opened.marks.tag(rows(*numbers), name, True)
    assert opened.marks.keep()
    return opened


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path_beside(path).read_text().splitlines()]


def write_lines(path: Path, *lines: bytes | str | dict[str, Any], header: Any = None) -> None:
    """Write a sidecar that fits the data file as it is."""
    known = path.stat()
    file = {"size": known.st_size, "mtime_ns": known.st_mtime_ns}
    all_lines = [{"fttui_marks": 1, "file": file} if header is None else header, *lines]
    parts = (line if isinstance(line, bytes | str) else json.dumps(line) for line in all_lines)
    path_beside(path).write_bytes(b"".join((p if isinstance(p, bytes) else p.encode()) + b"\n" for p in parts))
