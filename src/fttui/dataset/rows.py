"""The rows of a document: their order, and where the bytes of each come from. Thread-safe."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterable, Iterator
from typing import Final

from fttui.dataset.edits import Edit, apply_edit
from fttui.dataset.index import LineIndex
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.reader import FileReader
from fttui.dataset.saving import Rebase
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import AddedLines, FileSource, Source

ADDED: Final = 0
"""The number of the source that holds edited and new lines; files are numbered from 1, a new number with each save."""


class Rows:
    """A piece table over the file and the lines added since. Rows count from 0 and raise `IndexError` beyond the last.

    Attributes:
        lock: Held for each look at the order and each change of it, never while the disk is read.
        file: The file as it was opened or last saved.
        base: The number of its source.
    """

    def __init__(self, reader: FileReader, *, bom: bytes, newline: bytes) -> None:
        self.lock = threading.RLock()
        self.bom: Final = bom
        self.newline: Final = newline
        self.file = FileSource(reader, LineIndex(len(bom)))
        self.base = 1
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

    def source(self, number: int) -> Source | None:
        """The source of that number, as long as a row or the history needs it."""
        with self.lock:
            return self._sources.get(number)

    def snapshot(self) -> Snapshot:
        with self.lock:
            return Snapshot(tuple(self._table), dict(self._sources), self.bom, self.newline, self._ends_with_newline)

    # --- changing ---------------------------------------------------------------------------------------------------

    def add(self, line: bytes) -> Piece:
        """Keep a line (with its ending) in memory; the piece to put it somewhere."""
        with self.lock:
            return Piece(ADDED, self._added.add(line), 1)

    def apply(self, edit: Edit) -> Edit:
        """Make the edit; the one that takes it back."""
        with self.lock:
            return apply_edit(self._table, edit)

    # --- saving -----------------------------------------------------------------------------------------------------

    def size_in_files(self, pieces: Iterable[Piece]) -> int:
        """The bytes of these rows that are not in memory."""
        with self.lock:
            return sum(self._sources[p.source].size_of(p.start, p.rows) for p in pieces if p.source != ADDED)

    def copied_to_memory(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same rows without any that must be read from a file. Raises `OSError` when the disk does."""
        for piece in pieces:
            if piece.source == ADDED:
                yield piece
                continue
            lines = list(self._sources[piece.source].lines(piece.start, piece.rows))
            with self.lock:
                first = len(self._added)
                for line in lines:
                    self._added.add(line)
            yield Piece(ADDED, first, piece.rows)

    def take_as_base(self, saved: Snapshot, file: FileSource) -> Rebase:
        """Saved rows come from ``file`` from now on, edits made meanwhile lie over it; what maps old pieces to it."""
        with self.lock:
            self.base += 1
            self.file = file
            self._sources[self.base] = file
            rebase = Rebase(saved.pieces, self.base)
            self._table = PieceTable(rebase(self._table))
            return rebase

    def let_go(self, pieces: Iterable[Piece]) -> None:
        """Forget the sources that neither a row nor one of these pieces comes from."""
        with self.lock:
            used = {piece.source for piece in pieces} | {piece.source for piece in self._table} | {ADDED, self.base}
            self._sources = {number: source for number, source in self._sources.items() if number in used}
