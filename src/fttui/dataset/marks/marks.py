"""Tags, notes, reviewed marks and ids of the examples of a document: kept beside the file, never in it."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.dataset.copies import CopyWatch
from fttui.dataset.edits import Change, Edit
from fttui.dataset.marks.changes import MarkChange, Transform, brought_back, transform_of
from fttui.dataset.marks.counts import MarkCounts
from fttui.dataset.marks.example_ids import id_number, id_text
from fttui.dataset.marks.keeping import MarkKeeper
from fttui.dataset.marks.lookup import flags_with, ranges_with, row_with
from fttui.dataset.marks.row_roots import roots_of_rows
from fttui.dataset.marks.sidecar import LONGEST_NOTE, LONGEST_TAG, clean_tag
from fttui.dataset.marks.store import MarkStore
from fttui.dataset.marks.table import Mark
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.saving import SaveResult

if TYPE_CHECKING:
    from fttui.dataset.document import Document

_log: Final = partial(logging.getLogger(__name__).warning, "%s")

_BATCH: Final = 4096
"""Runs of lines that are marked without letting another thread in."""


class Marks:
    """What is remembered about the examples of one document.

    Marks hang on an example's identity (`Document.root`), so they stay with it through edits, moves, undo and saves.
    Marking is no edit of the file: it is written to the journal at once, and by `keep` to a file beside the data, as it
    is by each save. A copy of an example gets its tags, not its id, note or reviewed mark.

    Every method may be called from any thread; `load` and `keep` take long when there are many marks. Listeners are
    called in the thread that marks.

    Attributes:
        revision: Grows with each change of marks.
        trouble: The last sentence about marks that could not be read or written, or empty.
    """

    def __init__(self, document: Document, on_trouble: Callable[[str], None] = _log) -> None:
        """Read what is remembered, if that takes no time; else it comes with `load`.

        Args:
            document: Just opened, nothing edited yet.
            on_trouble: Told a sentence, in any thread, when marks cannot be read or written.
        """
        self.revision = 0
        self.trouble = ""
        self._document: Final = document
        self._on_trouble = on_trouble
        self._lock = threading.RLock()  # taken after the document's, never before it
        self._keep_lock = threading.Lock()
        self._keeper = MarkKeeper(document, self._say)
        store = self._keeper.read_at_once()
        self.is_loaded = store is not None
        """Whether all that is remembered is here."""
        self._store = store or MarkStore()
        self._early: list[tuple[list[Piece], Transform]] = []
        """What was marked before all was read: done again after it."""
        self._counts = MarkCounts(document)
        self._unfinished = 0
        """Changes that are recorded and not made for all their rows yet."""
        is_kept = store is None or self._keeper.is_as_kept
        self._kept: tuple[int, int, Path] | None = self._state() if is_kept else None
        """What was written last: the revision, for which lines, of which file."""
        self._copies = CopyWatch(document)
        self._listeners: list[Callable[[], None]] = []
        self._stops = [
            document.subscribe(self._edited),
            document.subscribe_rebase(self._rebased),
            document.subscribe_saved(self._saved),
        ]

    def close(self) -> None:
        """Follow the document no longer."""
        while self._stops:
            self._stops.pop()()

    # --- reading ----------------------------------------------------------------------------------------------------

    def of(self, row: int) -> Mark:
        """What is said about a row. Raises `IndexError` for a row that is not there."""
        store = self._store
        return store.pool.marks[store.marks.get(*self._document.root(row))]

    def tags(self) -> dict[str, int]:
        """How many examples have each tag, the most frequent first."""
        found: Counter[str] = Counter()
        for mark, rows in self._counted():
            for tag in mark.tags:
                found[tag] += rows
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def reviewed(self) -> int:
        """How many examples are reviewed."""
        return sum(rows for mark, rows in self._counted() if mark.reviewed)

    @property
    def missing(self) -> int:
        """How many examples are remembered that were not found in the file; they are kept for 90 days."""
        return len(self._store.orphans)

    def rows_with(self, *, tag: str | None = None, reviewed: bool | None = None, noted: bool | None = None) -> RowSet:
        """The rows that meet all conditions that are not None."""

        def fits(mark: Mark) -> bool:
            return (
                (tag is None or tag in mark.tags)
                and (reviewed is None or mark.reviewed is reviewed)
                and (noted is None or bool(mark.note) is noted)
            )

        with self._document.standing_still(), self._lock:
            everything = self._store.pool.marks
            fitting = {number for number, mark in enumerate(everything) if fits(mark)}
            if 0 not in fitting:
                return self._rows_of(fitting)
            return RowSet.span(0, len(self._document)) - self._rows_of(set(range(len(everything))) - fitting)

    def reviewed_flags(self) -> bytearray:
        """A byte for each row: 1 when it is reviewed, else 0."""
        with self._document.standing_still(), self._lock:
            store = self._store
            return flags_with(self._document, store.marks, bytes(mark.reviewed for mark in store.pool.marks))

    def _rows_of(self, numbers: set[int]) -> RowSet:
        """The rows whose mark has one of these numbers, 0 not among them."""
        return RowSet.from_ranges(ranges_with(self._document, self._store.marks, numbers))

    def _counted(self) -> list[tuple[Mark, int]]:
        """Each mark that says something, with the number of rows that have it."""
        with self._document.standing_still(), self._lock:
            counts = self._counts.of(self._store.marks)
            return [(self._store.pool.marks[number], rows) for number, rows in counts.items() if number and rows]

    # --- marking ----------------------------------------------------------------------------------------------------

    def tag(self, rows: RowSet, tag: str, on: bool) -> None:
        """Give the rows a tag, or take it away.

        Raises:
            InputError: It is empty or too long, or nothing may be changed here.
        """
        cleaned = clean_tag(tag)
        if not cleaned:
            raise InputError(f"A tag has 1 to {LONGEST_TAG} characters.")
        self._mark(rows, {"tag": cleaned, "on": on})

    def note(self, row: int, text: str) -> None:
        """Write a note on a row; an empty one is none.

        Raises:
            InputError: It is longer than a million characters, or nothing may be changed here.
        """
        if len(text) > LONGEST_NOTE:
            raise InputError(f"A note has at most {LONGEST_NOTE:,} characters; this one has {len(text):,}.")
        self._mark(RowSet.of([row]), {"note": text})

    def review(self, rows: RowSet, on: bool) -> None:
        """Say that the rows are reviewed, or that they are not.

        Raises:
            InputError: Nothing may be changed here.
        """
        self._mark(rows, {"reviewed": on})

    def apply(self, rows: RowSet, change: Mapping[str, object]) -> None:
        """Make a change that the journal wrote down; one that it cannot have written is passed over."""
        identity = id_number(change.get("id"))
        if identity is not None and rows:
            self._give_id(rows.at(0), identity)
        transform = transform_of(change)
        if transform is not None:
            self._change(rows, transform, None)

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of marks; call the result to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _mark(self, rows: RowSet, change: Mapping[str, object]) -> None:
        if self._document.is_read_only:
            raise InputError(self._document.read_only_reason)
        if self._keeper.refusal:
            raise InputError(self._keeper.refusal, hint="Update fttui to change them.")
        transform = transform_of(change)
        assert transform is not None
        self._change(rows, transform, change)

    def _change(self, rows: RowSet, transform: Transform, recorded: Mapping[str, object] | None) -> None:
        with self._document.standing_still():  # the journal and we must mean the same rows
            revision = self._document.revision
            roots = (root for _, root in roots_of_rows(self._document, rows))
            with self._lock:
                self._unfinished += 1
            if recorded is not None:
                self._record(rows, recorded)
        try:
            while batch := list(islice(roots, _BATCH)):  # the screen goes on asking for marks meanwhile
                with self._lock:
                    self._put(batch, transform)
                    if not self.is_loaded:
                        self._early.append((batch, transform))
        finally:
            with self._lock:
                if self._document.revision != revision:  # rows came or went before they were marked
                    self._counts.forget()
                self.revision += 1
                self._unfinished -= 1
        self._tell()

    def _record(self, rows: RowSet, change: Mapping[str, object]) -> None:
        if self._document.recorder is not None:
            self._document.recorder.marks(rows, change)

    def _put(self, roots: Iterable[Piece], transform: Transform) -> None:
        pool = self._store.pool
        self._counts.changed(self._store.marks.change(roots, lambda old: pool.number(transform(pool.marks[old]))))

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # --- ids --------------------------------------------------------------------------------------------------------

    def id_of(self, row: int) -> str:
        """The example's name, unique in the file: given when it is first asked for, and kept for ever.

        It may have one already, so the first call may take as long as `load`.

        Raises:
            IndexError: There is no such row.
            InputError: The data cannot be read.
        """
        if not self.is_loaded:
            self.load()
        with self._document.standing_still():
            root = self._document.root(row)
            with self._lock:
                number = self._store.ids.get(*root)
                if not number:
                    number = self._store.id_source.draw()
                    self._store.ids.put(*root, number)
                    self.revision += 1
                    self._record(RowSet.of([row]), {"id": id_text(number)})
        return id_text(number)

    def row_of(self, example_id: str) -> int | None:
        """The row of an example by its name, or None when it is not here (any more)."""
        number = id_number(example_id)
        if number is None:
            return None
        with self._document.standing_still(), self._lock:
            return row_with(self._document, self._store.ids, number)

    def _give_id(self, row: int, number: int) -> None:
        with self._document.standing_still(), self._lock:
            root = self._document.root(row)
            if self._store.id_source.may_be_taken(number) and self.row_of(id_text(number)) is not None:
                return
            self._store.ids.put(*root, number)
            self._store.id_source.take(number)
            self.revision += 1

    # --- the file beside the data -----------------------------------------------------------------------------------

    def load(self, cancel: Callable[[], bool] = lambda: False) -> None:
        """Read all that is remembered, if it is not here yet; waits for the index. Belongs in a thread.

        Raises:
            InputError: The data cannot be read.
        """
        with self._keep_lock:
            if not self.is_loaded:
                of_file = self._document.base, self._document.path
                self._take(self._keeper.read(cancel), of_file if self._keeper.is_as_kept else None)

    def reload(self, cancel: Callable[[], bool] = lambda: False) -> None:
        """The document was reloaded: find the examples in the file as it is now. Call `keep` before that.

        Raises:
            InputError: The data cannot be read.
        """
        with self._keep_lock:
            if not self.is_loaded or (self._kept is not None and self._kept[0] == self.revision):
                self._take(self._keeper.read(cancel))
            else:  # not all is kept
                self._take(self._keeper.find_again(self._store, cancel))

    def _take(self, store: MarkStore | None, of_file: tuple[int, Path] | None = None) -> None:
        """All that is remembered was read, unless it is None; what was marked meanwhile is done again.

        Args:
            store: What was read.
            of_file: The lines and the file for which just that is kept on disk; None when something else is.
        """
        if store is None:
            return
        with self._lock:
            early = [] if self.is_loaded else list(self._store.ids.all_runs())
            is_kept = of_file is not None and not early and not self._early
            self._store = store
            self._counts.forget()
            for roots, transform in self._early:
                self._put(roots, transform)
            self._early.clear()
            for source, first, numbers in early:
                for line, number in enumerate(numbers, first):
                    if number and not store.ids.get(source, line):
                        store.ids.put(source, line, number)
                        store.id_source.take(number)
            self.is_loaded = True
            self.revision += 1
            self._kept = (self.revision, *of_file) if of_file is not None and is_kept else None
        self._tell()

    def keep(self) -> bool:
        """Write what is remembered to the file beside the data now, if it changed since; whether all is there.

        All is what was recorded before: also changes that another thread was still making then must have been made.
        """
        with self._keep_lock:
            with self._lock:
                is_all = not self._unfinished
            if self._state() == self._kept:
                return is_all
            if self._document.is_read_only:
                return False
            if not self.is_loaded:
                self._take(self._keeper.read())
            state = self._state()
            if not self.is_loaded or not self._keeper.write(self._store):
                return False
            self._kept = state
            return is_all

    def _state(self) -> tuple[int, int, Path]:
        return self.revision, self._document.base, self._document.path

    def _say(self, sentence: str) -> None:
        self.trouble = sentence
        self._on_trouble(sentence)

    # --- following the document -------------------------------------------------------------------------------------

    def _edited(self, change: Change) -> None:
        with self._document.standing_still(), self._lock:
            copied = self._copies.after(change, self._tagged) if self._store.marks else self._copies.none(change)
            self._counts.edited(self._store.marks, change)
            rows_with: dict[str, list[int]] = {}
            for row in copied:
                copy = Mark(tags=self.of(row - 1).tags)
                self._put([Piece(*self._document.root(row), 1)], lambda _, copy=copy: copy)  # type: ignore[misc]
                for tag in copy.tags:
                    rows_with.setdefault(tag, []).append(row)
            if copied:
                self.revision += 1
            for tag, rows in rows_with.items():
                self._record(RowSet.of(rows), {"tag": tag, "on": True})

    @contextmanager
    def replaying(self) -> Iterator[None]:
        """Copies get no tags in this block: a journal is replayed, which says itself what was said about them."""
        self._copies.is_on = False
        try:
            yield
        finally:
            self._copies.is_on = True

    def brought_back(self, edits: Sequence[Edit], besides: int | None = None) -> list[MarkChange]:
        """What is said about the rows that edits, made just now, have put in; see `mark_changes.brought_back`."""
        with self._lock:
            return list(brought_back(self._document, self._store, edits, besides))

    def _tagged(self) -> RowSet:
        return self._rows_of({number for number, mark in enumerate(self._store.pool.marks) if mark.tags})

    def _rebased(self, pieces: Sequence[Piece], base: int) -> None:
        self._keeper.rebased(self._store, pieces, base, self._document.base)

    def _saved(self, result: SaveResult) -> None:
        with self._keep_lock:  # what is being read is about the lines before
            self._keeper.saved(self._store)
        self.keep()
