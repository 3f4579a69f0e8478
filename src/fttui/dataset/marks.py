"""Tags, notes, reviewed marks and ids of the examples of a document: kept beside the file, never in it."""

from __future__ import annotations

import threading
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from fttui.core.errors import InputError
from fttui.core.text import one_line
from fttui.dataset.edits import Change
from fttui.dataset.example_ids import IdSource, id_number, id_text
from fttui.dataset.mark_table import LineTable, Mark, MarkPool
from fttui.dataset.pieces import Piece
from fttui.dataset.row_roots import all_roots, root_of, roots_of, roots_of_rows
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.document import Document

LONGEST_TAG: Final = 100
LONGEST_NOTE: Final = 1_000_000
_COUNTED_AT_ONCE: Final = 4096
"""Rows of an edit whose marks are counted while it is made; after a bigger one all are counted when somebody asks."""

_Transform: TypeAlias = Callable[[Mark], Mark]


class Marks:
    """What is remembered about the examples of one document.

    Marks hang on an example's identity (`Document.root`), so they stay with it through edits, moves, undo and saves.
    Marking is no edit of the file: it is written to the journal at once, and by `keep` to a file beside the data.
    Every method may be called from any thread. Listeners are called in the thread that marks.

    Attributes:
        revision: Grows with each change of marks.
    """

    def __init__(self, document: Document) -> None:
        self.revision = 0
        self._document: Final = document
        self._lock = threading.RLock()  # taken after the document's, never before it
        self._pool = MarkPool()
        self._values = LineTable("I")
        self._ids = LineTable("Q")
        self._id_source = IdSource()
        self._counts: Counter[int] | None = Counter()
        """How many rows have each mark, by its number; None when they must be counted again."""
        self._newest_line = 0
        self._listeners: list[Callable[[], None]] = []
        self._stop_listening = document.subscribe(self._edited)

    # --- reading ----------------------------------------------------------------------------------------------------

    def of(self, row: int) -> Mark:
        """What is said about a row. Raises `IndexError` for a row that is not there."""
        return self._pool.marks[self._values.get(*root_of(self._document, row))]

    def tags(self) -> dict[str, int]:
        """How many examples have each tag, the most frequent first."""
        found: Counter[str] = Counter()
        for number, count in self._counted().items():
            for tag in self._pool.marks[number].tags:
                found[tag] += count
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def reviewed(self) -> int:
        """How many examples are reviewed."""
        return sum(count for number, count in self._counted().items() if self._pool.marks[number].reviewed)

    def rows_with(self, *, tag: str | None = None, reviewed: bool | None = None, noted: bool | None = None) -> RowSet:
        """The rows that meet all conditions that are not None."""

        def fits(mark: Mark) -> bool:
            return (
                (tag is None or tag in mark.tags)
                and (reviewed is None or mark.reviewed is reviewed)
                and (noted is None or bool(mark.note) is noted)
            )

        document = self._document
        with document.standing_still(), self._lock:
            total = len(document)
            fitting = {number for number, mark in enumerate(self._pool.marks) if fits(mark)}
            if 0 not in fitting:
                return RowSet.from_ranges(self._ranges_of(fitting))
            others = set(range(len(self._pool.marks))) - fitting
            return RowSet.span(0, total) - RowSet.from_ranges(self._ranges_of(others))

    def _ranges_of(self, numbers: set[int]) -> Iterable[tuple[int, int]]:
        """The ranges of rows whose mark has one of these numbers, 0 not among them."""
        if not numbers or not self._values:
            return
        start = stop = -1
        for row, root in all_roots(self._document):
            for line, values in self._values.runs(root):
                for found in _positions(values, numbers, row + line - root.start):
                    if found != stop:
                        if start >= 0:
                            yield start, stop
                        start = found
                    stop = found + 1
        if start >= 0:
            yield start, stop

    # --- marking ----------------------------------------------------------------------------------------------------

    def tag(self, rows: RowSet, tag: str, on: bool) -> None:
        """Give the rows a tag, or take it away.

        Raises:
            InputError: It is empty or too long.
        """
        self._mark(rows, {"tag": clean_tag(tag), "on": on})

    def note(self, row: int, text: str) -> None:
        """Write a note on a row; an empty one is none.

        Raises:
            InputError: It is longer than a million characters.
        """
        if len(text) > LONGEST_NOTE:
            raise InputError(f"A note has at most {LONGEST_NOTE:,} characters; this one has {len(text):,}.")
        self._mark(RowSet.of([row]), {"note": text})

    def review(self, rows: RowSet, on: bool) -> None:
        """Say that the rows are reviewed, or that they are not."""
        self._mark(rows, {"reviewed": on})

    def apply(self, rows: RowSet, change: Mapping[str, object]) -> None:
        """Make a change that the journal wrote down; one that it cannot have written is passed over."""
        identity = id_number(change.get("id"))
        if identity is not None and rows:
            self._give_id(rows.at(0), identity)
        transform = _transform_of(change)
        if transform is not None:
            self._change(rows, transform, None)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of marks; call the result to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _mark(self, rows: RowSet, change: Mapping[str, object]) -> None:
        transform = _transform_of(change)
        assert transform is not None
        self._change(rows, transform, change)

    def _change(self, rows: RowSet, transform: _Transform, recorded: Mapping[str, object] | None) -> None:
        with self._document.standing_still():
            roots = [root for _, root in roots_of_rows(self._document, rows)]
            with self._lock:
                is_changed = self._put(roots, transform)
            recorder = getattr(self._document, "recorder", None)
            if is_changed and recorded is not None and recorder is not None:
                recorder.marks(rows, recorded)
        if is_changed:
            self._tell()

    def _put(self, roots: Iterable[Piece], transform: _Transform) -> bool:
        marks, number = self._pool.marks, self._pool.number
        changed: Counter[tuple[int, int]] = Counter()
        for root in roots:
            changed.update(self._values.change(root, lambda old: number(transform(marks[old]))))
        if self._counts is not None:
            for (old, new), rows in changed.items():
                self._counts[old] -= rows
                self._counts[new] += rows
        return bool(changed)

    def keep(self) -> None:
        """Write what is remembered to the file beside the data."""

    def _tell(self) -> None:
        self.revision += 1
        for listener in tuple(self._listeners):
            listener()

    # --- ids --------------------------------------------------------------------------------------------------------

    def id_of(self, row: int) -> str:
        """The example's name, unique in the file: given when it is first asked for, and kept for ever.

        Raises:
            IndexError: There is no such row.
        """
        with self._document.standing_still():
            root = root_of(self._document, row)
            with self._lock:
                number = self._ids.get(*root)
                if not number:
                    number = self._id_source.draw()
                    self._ids.put(*root, number)
                    self.revision += 1
                    recorder = getattr(self._document, "recorder", None)
                    if recorder is not None:
                        recorder.marks(RowSet.of([row]), {"id": id_text(number)})
        return id_text(number)

    def row_of(self, example_id: str) -> int | None:
        """The row of an example by its name, or None when it is not here (any more)."""
        number = id_number(example_id)
        if number is None:
            return None
        with self._document.standing_still(), self._lock:
            if not self._ids:
                return None
            for row, root in all_roots(self._document):
                for line, numbers in self._ids.runs(root):
                    if number in numbers:
                        return row + line - root.start + numbers.index(number)
        return None

    def _give_id(self, row: int, number: int) -> None:
        with self._document.standing_still(), self._lock:
            self._ids.put(*root_of(self._document, row), number)
            self._id_source.take(number)

    # --- following the document -------------------------------------------------------------------------------------

    def _edited(self, change: Change) -> None:
        with self._lock:
            if not self._values:
                return
            edited = sum(piece.rows for piece in chain(change.gone, change.came))
            if edited > _COUNTED_AT_ONCE:
                self._counts = None
            elif self._counts is not None:
                for pieces, sign in ((change.gone, -1), (change.came, 1)):
                    for piece in pieces:
                        self._count(piece, self._counts, sign)

    def _count(self, piece: Piece, counts: Counter[int], sign: int) -> None:
        for root in roots_of(self._document, piece):
            for _, values in self._values.runs(root):
                for number, rows in Counter(values).items():
                    counts[number] += sign * rows

    def _counted(self) -> Counter[int]:
        """How many rows have each mark, by number; what 0 has is not counted."""
        with self._document.standing_still(), self._lock:
            if self._counts is None:
                counts: Counter[int] = Counter()
                for piece in self._document.snapshot().pieces:
                    self._count(piece, counts, 1)
                self._counts = counts
            return Counter({number: rows for number, rows in self._counts.items() if number and rows > 0})


def clean_tag(tag: str) -> str:
    """The tag as it is kept: one line without blanks at its ends.

    Raises:
        InputError: It is empty or too long.
    """
    if len(tag) > 4 * LONGEST_TAG or len(cleaned := one_line(tag)) > LONGEST_TAG:
        raise InputError(f"A tag has at most {LONGEST_TAG} characters.")
    if not cleaned:
        raise InputError("A tag needs at least one character.")
    return cleaned


def _transform_of(change: Mapping[str, object]) -> _Transform | None:
    """What a change does to a mark; None when it is none of ours."""
    match change:
        case {"tag": str(tag), "on": bool(on)}:
            own = frozenset((tag,))
            return lambda mark: Mark(mark.tags | own if on else mark.tags - own, mark.note, mark.reviewed)
        case {"note": str(note)}:
            return lambda mark: Mark(mark.tags, note, mark.reviewed)
        case {"reviewed": bool(on)}:
            return lambda mark: Mark(mark.tags, mark.note, on)
    return None


def _positions(values: array[int], numbers: set[int], first: int) -> Iterable[int]:
    """Where in ``values`` one of the numbers is, counted from ``first``."""
    if numbers.isdisjoint(values):
        return ()
    return (first + at for at, value in enumerate(values) if value in numbers)
