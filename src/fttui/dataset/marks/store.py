"""All that is remembered about the examples of a document, by the examples' identities."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from fttui.dataset.marks.example_ids import IdSource
from fttui.dataset.marks.sidecar import Entries, Entry, EntryValues
from fttui.dataset.marks.table import LineTable, MarkPool
from fttui.dataset.pieces import Piece

_BATCH: Final = 4096


class MarkedRun(NamedTuple):
    """Lines of one source from ``first`` on, some of which have something.

    Attributes:
        positions: Which have, counted from ``first``.
        marks: The numbers of all lines' marks; so ``ids``, and ``hashes`` of the lines.
    """

    source: int
    first: int
    positions: Sequence[int]
    marks: array[int]
    ids: array[int]
    hashes: array[int]


@dataclass(slots=True)
class MarkStore:
    """Tables by identity: marks and ids by number, the hashes of lines as they were last seen in a file.

    Attributes:
        orphans: Examples that were not found in the file.
    """

    pool: MarkPool = field(default_factory=MarkPool)
    marks: LineTable = field(default_factory=lambda: LineTable("I"))
    ids: LineTable = field(default_factory=lambda: LineTable("Q"))
    hashes: LineTable = field(default_factory=lambda: LineTable("Q"))
    id_source: IdSource = field(default_factory=IdSource)
    orphans: Entries = field(default_factory=Entries)

    def put_all(self, placed: Iterable[tuple[tuple[int, int], EntryValues]]) -> None:
        """Remember entries, each as that of the example whose source and line it comes with."""
        placed = iter(placed)
        while batch := list(islice(placed, _BATCH)):
            roots, entries = zip(*batch, strict=True)
            _, hashes, marks, ids, _ = zip(*entries, strict=True)
            self.marks.put_many(roots, marks)
            self.hashes.put_many(roots, hashes)
            self.ids.put_many(roots, ids)
            for number in filter(None, ids):
                self.id_source.take(number)

    def put_part(self, roots: Piece, entries: Entries) -> None:
        """Remember entries, each as that of the next of these examples, of which nothing is known yet."""
        for table, numbers in ((self.marks, entries.marks), (self.hashes, entries.hashes), (self.ids, entries.ids)):
            if any(numbers):
                table.put_run(roots.source, roots.start, numbers)
        for number in filter(None, entries.ids):
            self.id_source.take(number)

    def add_orphan(self, values: EntryValues, since: float) -> None:
        """Remember an entry that has no example; ``since`` counts when it had one before."""
        entry = Entry._make(values)
        self.orphans.append(entry if entry.orphaned else entry._replace(orphaned=since))
        if entry.id:
            self.id_source.take(entry.id)

    def runs(self, piece: Piece) -> Iterator[MarkedRun]:
        """What the lines of a piece have, chunk by chunk, without chunks where none has anything."""
        marks, ids, hashes = (dict(table.runs(piece)) for table in (self.marks, self.ids, self.hashes))
        for first in sorted(marks.keys() | ids.keys()):
            size = len(marks[first] if first in marks else ids[first])
            own_marks, own_ids = marks.get(first) or array("I", bytes(4 * size)), ids.get(first)
            if own_ids is None:
                own_ids = array("Q", bytes(8 * size))
                positions: Sequence[int] = [at for at, mark in enumerate(own_marks) if mark]
            else:
                positions = [at for at in range(size) if own_marks[at] or own_ids[at]]
            if positions:
                own_hashes = hashes.get(first) or array("Q", bytes(8 * size))
                yield MarkedRun(piece.source, first, positions, own_marks, own_ids, own_hashes)

    def lacks_hashes(self) -> bool:
        """Whether something is said about a line whose hash is not known."""
        for table in (self.marks, self.ids):
            for source, first, numbers in table.all_runs():
                known = next(self.hashes.runs(Piece(source, first, len(numbers))), None)
                if known is None:
                    return True
                if 0 in known[1] and any(number and not line for number, line in zip(numbers, known[1], strict=True)):
                    return True
        return False

    def chunks(self) -> list[Piece]:
        """The stretches of lines that may have something."""
        found = {
            Piece(source, first, len(numbers))
            for table in (self.marks, self.ids)
            for source, first, numbers in table.all_runs()
        }
        return sorted(found)
