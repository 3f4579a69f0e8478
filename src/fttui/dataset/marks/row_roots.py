"""From rows to the identities of their examples, for whatever is kept by example and not by row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from fttui.dataset.pieces import Piece

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.rowset import RowSet

_SINGLY: Final = 64
"""Rows that are looked up one by one; for more, all pieces are walked."""


def roots_of(document: Document, piece: Piece) -> Iterator[Piece]:
    """The roots of the lines of a piece."""
    return (root for _, root in document.roots(piece))


def roots_of_rows(document: Document, rows: RowSet) -> Iterable[tuple[int, Piece]]:
    """The roots of these rows as they are numbered now: a row, and the roots from there on.

    The document is asked now; which of its runs are meant is worked out later, so that a caller who holds the
    document's lock can let go of it before.

    Raises:
        IndexError: There is no such row.
    """
    if rows and rows.at(len(rows) - 1) >= len(document):
        raise IndexError(f"row {rows.at(len(rows) - 1)} of {len(document)}")
    if len(rows) <= _SINGLY:
        return [(row, Piece(*document.root(row), 1)) for row in rows]
    return _within(rows, list(all_roots(document)))


def _within(rows: RowSet, roots: Iterable[tuple[int, Piece]]) -> Iterator[tuple[int, Piece]]:
    ranges = rows.ranges()
    start, stop = next(ranges)
    for row, (source, line, count) in roots:
        end = row + count
        while start < end:
            first, last = max(start, row), min(stop, end)
            if first < last:
                yield first, Piece(source, line + first - row, last - first)
            if stop > end:
                break
            following = next(ranges, None)
            if following is None:
                return
            start, stop = following


def all_roots(document: Document) -> Iterator[tuple[int, Piece]]:
    """The roots of all rows, in order: a row, and the roots from there on. Hold `Document.standing_still` for it."""
    row = 0
    for piece in document.snapshot().pieces:
        for root in roots_of(document, piece):
            yield row, root
            row += root.rows


def row_of_root(document: Document, root: tuple[int, int]) -> int | None:
    """The row of an example by its identity; None when it is not there."""
    source, line = root
    with document.standing_still():
        for row, (number, start, rows) in all_roots(document):
            if number == source and start <= line < start + rows:
                return row + line - start
    return None


class RootMap:
    """The roots of the lines of one source, by line."""

    def __init__(self, roots: Iterable[Piece]) -> None:
        """``roots`` are those of its lines in order, from the first on."""
        self.roots: Final = tuple(roots)
        self._starts: Final[list[int]] = []
        line = 0
        for root in self.roots:
            self._starts.append(line)
            line += root.rows

    def root(self, line: int) -> tuple[int, int] | None:
        """The root of a line; None beyond the last."""
        piece = self.from_line(line)
        return piece and (piece.source, piece.start)

    def from_line(self, line: int) -> Piece | None:
        """The roots from a line on, as far as they follow each other; None beyond the last."""
        number = bisect_right(self._starts, line) - 1
        if number < 0:
            return None
        source, start, rows = self.roots[number]
        within = line - self._starts[number]
        return Piece(source, start + within, rows - within) if within < rows else None

    def runs(self) -> Iterator[tuple[int, Piece]]:
        """A line, and the roots from there on."""
        return zip(self._starts, self.roots, strict=True)
