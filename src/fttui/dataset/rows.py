"""The rows of a document: their order, and where the bytes of each come from. Thread-safe."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from fttui.dataset.applying import apply_edit
from fttui.dataset.edits import Bulk, Change, Edit, Splice, changes_of
from fttui.dataset.index import LineIndex
from fttui.dataset.origins import Origins, RootRuns
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.reader import FileReader
from fttui.dataset.rebase import Rebase
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import ADDED, AddedLines, FileSource, ReadAhead, Source, SpoolSource


class Applied(NamedTuple):
    """What making edits did: the edits that take each back, and the changes to tell."""

    inverses: tuple[Edit, ...]
    changes: list[Change]


class Prepared(NamedTuple):
    """Edits worked out on rows as they were, to be put in their place while these are the rows."""

    revision: int
    base: int
    rows: int
    table: PieceTable
    applied: Applied


class Rows:
    """A piece table over the file and the lines added since. Rows count from 0 and raise `IndexError` beyond the last.

    Attributes:
        lock: Held for each look at the order and each change of it, never while the disk is read or a bulk edit is
            worked out.
        file: The file as it was opened or last saved.
        base: The number of its source.
        revision: Grows with each change of the order, not with rows that the index finds.
        origins: Which example each line belongs to.
    """

    def __init__(self, reader: FileReader, *, bom: bytes, newline: bytes, number: int = 1) -> None:
        """``number`` is that of the file as a source."""
        self.lock = threading.RLock()
        self.bom = bom
        self.newline = newline
        self.file = FileSource(reader, LineIndex(len(bom)))
        self.base = number
        self.revision = 0
        self.origins = Origins()
        self._numbers = number
        self._pinned: set[int] = set()
        self._added = AddedLines()
        self._sources: dict[int, Source] = {ADDED: self._added, self.base: self.file}
        self._table = PieceTable()
        self._ends_with_newline = True

    def __len__(self) -> int:
        return len(self._table)

    # --- while the file is indexed: rows come after all others ------------------------------------------------------

    def grow(self, ends: array[int], position: int) -> None:
        """Lines were found in the file: their ends, and the position up to which it was searched."""
        with self.lock:
            known = len(self.file.index)
            self.file.index.add(ends, position)
            self._table.append(Piece(self.base, known, len(ends)))

    def finish(self) -> None:
        """The file ends here, with a line feed or without."""
        with self.lock:
            known = len(self.file.index)
            self.file.index.finish()
            self._ends_with_newline = self.file.index.ends_with_newline
            self._table.append(Piece(self.base, known, len(self.file.index) - known))

    @property
    def are_as_saved(self) -> bool:
        """Whether the rows are the lines of the file, each where it stands there."""
        with self.lock:
            if len(self._table) != len(self.file.index):
                return False
            at = 0
            for source, start, rows in self._table:
                if (source, start) != (self.base, at):
                    return False
                at += rows
            return True

    # --- reading ----------------------------------------------------------------------------------------------------

    def locate(self, row: int) -> tuple[int, int]:
        """The source of a row and the line in it: a key that stays with the row when it moves."""
        with self.lock:
            return self._table.locate(row)

    def line(self, row: int) -> bytes:
        """The row's line with its line ending. Raises `OSError` when the disk does."""
        with self.lock:
            number, line = self._table.locate(row)
            source = self._sources[number]
        return source.line(line)

    def root(self, row: int) -> tuple[int, int]:
        """The example that a row is."""
        with self.lock:
            return self.origins.root(*self._table.locate(row))

    def source(self, number: int) -> Source | None:
        """The source of that number, as long as a row or the history needs it."""
        with self.lock:
            return self._sources.get(number)

    def snapshot(self) -> Snapshot:
        with self.lock:
            return Snapshot(
                self._table.pieces(),
                dict(self._sources),
                self.bom,
                self.newline,
                self._ends_with_newline,
                self.revision,
                self.base,
            )

    # --- changing ---------------------------------------------------------------------------------------------------

    def add(self, lines: Iterable[bytes]) -> Piece:
        """Keep lines (with their endings) in memory; the piece to put them somewhere."""
        with self.lock:
            first = len(self._added)
            for line in lines:
                self._added.add(line)
            return Piece(ADDED, first, len(self._added) - first)

    def add_spool(self, source: SpoolSource) -> int:
        """Have the lines of a spool file at hand, until `unpin` at least; the number of the source."""
        with self.lock:
            number = self.new_number()
            self._sources[number] = source
            self._pinned.add(number)
            self.origins.add_spool(number)
            return number

    def unpin(self, numbers: Iterable[int]) -> None:
        """The lines of these spool files are in a row or in the history by now, or are not needed."""
        with self.lock:
            self._pinned.difference_update(numbers)

    def new_number(self) -> int:
        """A number that no source has had."""
        with self.lock:
            self._numbers += 1
            return self._numbers

    def apply(self, edits: Sequence[Edit]) -> Applied:
        """Make small edits, all or none."""
        with self.lock:
            inverses: list[Edit] = []
            try:
                for edit in edits:
                    inverses.append(apply_edit(self._table, edit))
            except IndexError:
                for inverse in reversed(inverses):
                    apply_edit(self._table, inverse)
                raise
            self._adopt(edits, inverses)
            self.revision += 1
        return Applied(tuple(inverses), _changes(edits, inverses))

    def prepare(self, snapshot: Snapshot, edits: Sequence[Edit], *, are_new: bool = True) -> Prepared:
        """Work out edits of any size without the lock; `swap` makes them. Those of undo and redo are not new."""
        table = PieceTable(snapshot.pieces)
        rows = len(table)
        inverses = tuple(apply_edit(table, edit) for edit in edits)
        applied = Applied(inverses, _changes(edits, inverses))
        if are_new:
            self._adopt(edits, inverses)  # before the swap: no row has the lines that come yet
        return Prepared(snapshot.revision, snapshot.base, rows, table, applied)

    def swap(self, prepared: Prepared) -> bool:
        """Make the edits that were worked out; False when rows changed meanwhile, and nothing was done."""
        with self.lock:
            if (self.revision, self.base) != (prepared.revision, prepared.base):
                return False
            for piece in self._table.splice(prepared.rows, len(self._table) - prepared.rows, ()):
                prepared.table.append(piece)  # what the index found meanwhile
            old, self._table = self._table, prepared.table
            self.revision += 1
        del old  # a million pieces are freed without the lock
        return True

    def _adopt(self, edits: Sequence[Edit], inverses: Sequence[Edit]) -> None:
        """Lines that take the place of others one for one belong to the same examples."""
        for edit, inverse in zip(edits, inverses, strict=True):
            match edit, inverse:
                case Splice(), Splice() if edit.removed == inverse.removed:
                    adoptions = self.origins.adoptions(edit.pieces, inverse.pieces)
                case Bulk(), Bulk() if edit.removed == edit.inserted:
                    adoptions = self.origins.adoptions(edit.pieces, inverse.pieces)
                case _:
                    continue
            with self.lock:
                self.origins.adopt(adoptions)

    # --- saving -----------------------------------------------------------------------------------------------------

    def size_in_files(self, pieces: Iterable[Piece]) -> int:
        """The bytes of those of these rows that come from a file that was edited, not from memory or a spool file."""
        with self.lock:
            sources = dict(self._sources)
        return sum(
            source.size_of(piece.start, piece.rows)
            for piece in pieces
            if isinstance(source := sources[piece.source], FileSource)
        )

    def copied_to_memory(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same rows without any that must be read from an edited file. Raises `OSError` when the disk does."""
        ahead: dict[int, ReadAhead] = {}
        for piece in pieces:
            source = self._sources[piece.source]
            if not isinstance(source, FileSource):
                yield piece
                continue
            if piece.source not in ahead:
                ahead[piece.source] = ReadAhead(source)
            lines = list(ahead[piece.source].lines(piece.start, piece.rows))
            with self.lock:
                copy = self.add(lines)
                self.origins.adopt(self.origins.adoptions([copy], [piece]))
            yield copy

    def take_as_base(self, saved: Snapshot, file: FileSource, number: int, roots: RootRuns, rebase: Rebase) -> None:
        """Saved rows come from ``file`` from now on, edits made meanwhile lie over it.

        Args:
            saved: The rows that were saved.
            file: Where to.
            number: That of the file as a source.
            roots: The examples of its lines (`Origins.runs_of`).
            rebase: What maps pieces to it.
        """
        with self.lock:
            self.base = number
            self.file = file
            self._sources[number] = file
            self.origins.add_file(number, roots)
            is_edited = self.revision != saved.revision
            old = self._table
            self._table = PieceTable(rebase(old) if is_edited else [Piece(number, 0, len(file.index))])
        del old  # a million pieces are freed without the lock

    def let_go(self, needed: Collection[int]) -> None:
        """Forget the sources that no row comes from, but those of these numbers."""
        with self.lock:
            used = {ADDED, self.base, *needed, *self._pinned, *(piece.source for piece in self._table)}
            self._sources = {number: source for number, source in self._sources.items() if number in used}
            self.origins.forget_all_but(used)

    def restart(self, file: FileSource, number: int, *, bom: bytes, newline: bytes) -> Applied:
        """Have the lines of another file as rows, all of which are known, and forget those before."""
        with self.lock:
            gone, removed = self._table.pieces(), len(self._table)
            self.bom, self.newline = bom, newline
            self.base, self.file = number, file
            self._sources = {ADDED: self._added, number: file}
            self._table = PieceTable([Piece(number, 0, len(file.index))])
            self._ends_with_newline = file.index.ends_with_newline
            self.revision += 1
            came = self._table.pieces()
        return Applied((), [Change(0, removed, 0, gone), Change(0, 0, len(file.index), (), came)])


def _changes(edits: Sequence[Edit], inverses: Sequence[Edit]) -> list[Change]:
    return [change for edit, inverse in zip(edits, inverses, strict=True) for change in changes_of(edit, inverse)]
