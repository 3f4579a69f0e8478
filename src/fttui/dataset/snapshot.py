"""The rows of a document as they were at one moment, for other threads and for the save."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from fttui.dataset.pieces import Piece, only
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import Source, terminated, walk


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows in order and the sources of their bytes. Stays readable when the document is edited, saved or closed."""

    pieces: Sequence[Piece]
    sources: Mapping[int, Source]
    bom: bytes
    newline: bytes
    ends_with_newline: bool
    revision: int = 0
    """The document's, when these were its rows."""
    base: int = 1
    """The number of the source that was the file on disk."""

    def __len__(self) -> int:
        return sum(piece.rows for piece in self.pieces)

    def only(self, rows: RowSet) -> Snapshot:
        """Some of the rows, as if there were no others. Raises `IndexError` for rows that are not there."""
        return replace(self, pieces=only(self.pieces, rows.ranges()))

    def raws(self) -> Iterator[bytes]:
        """Each row's line without its line ending."""
        for line in self.lines_as_held():
            yield line.rstrip(b"\r\n")

    def lines_as_held(self) -> Iterator[bytes]:
        """Each row's line with its own ending, which a last line may not have."""
        return walk(self.pieces, self.sources)

    def lines(self) -> Iterator[bytes]:
        """Each row's line as it is saved, with its line ending. The byte order mark comes before the first."""
        body, last = self.split_last()
        for line in walk(body, self.sources):
            yield terminated(line, self.newline)
        if last is not None:
            yield last

    def chunks(self) -> Iterator[bytes]:
        """The rows as they are saved, in pieces of about a megabyte, without the byte order mark."""
        body, last = self.split_last()
        for piece in body:
            yield from self.sources[piece.source].chunks(piece.start, piece.rows, self.newline)
        if last is not None:
            yield last

    def split_last(self) -> tuple[Iterable[Piece], bytes | None]:
        """All rows but the last, and the last one's line as it is saved: how it ends depends on how the file ended."""
        if not self.pieces:
            return (), None
        source, start, count = self.pieces[-1]
        body = chain(islice(self.pieces, len(self.pieces) - 1), [Piece(source, start, count - 1)] if count > 1 else [])
        return body, self._as_last(self.sources[source].line(start + count - 1))

    def _as_last(self, line: bytes) -> bytes:
        """The last row, ending as the file ended when it was opened: with a line feed or without."""
        if self.ends_with_newline:
            return terminated(line, self.newline)
        if not line.endswith(b"\n"):
            return line or self.newline  # a blank line is only there if it ends
        return line.rstrip(b"\r\n") or line
