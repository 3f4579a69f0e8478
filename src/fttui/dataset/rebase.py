"""Where rows stand after they were saved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fttui.dataset.edits import Edit, with_pieces
from fttui.dataset.pieces import Piece
from fttui.dataset.run_lookup import RunLookup


class Rebase:
    """Where the rows of a saved snapshot stand in the file that was written: row ``n`` is its line ``n``."""

    def __init__(self, saved: Iterable[Piece], source: int) -> None:
        """``source`` is the number of the new file."""
        self._source = source
        self._rows = RunLookup(_with_rows(saved))
        self._edits: dict[int, tuple[Edit, Edit]] = {}
        """What edits became, by the identity of each, which is held so that it stays its own."""

    def edit(self, edit: Edit) -> Edit:
        """The edit with its pieces taken from the new file. Remembered, as one of many rows takes long."""
        found = self._edits.get(id(edit))
        if found is None:
            found = self._edits[id(edit)] = edit, with_pieces(edit, self)
        return found[1]

    def __call__(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same rows, taken from the new file as far as they were saved to it."""
        for piece in pieces:
            source, start, _ = piece
            for row, count in self._rows.runs(piece):
                yield Piece(source, start, count) if row is None else Piece(self._source, row, count)
                start += count


def _with_rows(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, int]]:
    row = 0
    for piece in pieces:
        yield piece, row
        row += piece[2]
