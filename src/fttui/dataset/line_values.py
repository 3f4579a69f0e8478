"""A number for each line of a document, found by the line's key: 4 bytes a line."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Final

from fttui.dataset.line_keys import LineKeys, are_many, gathered
from fttui.dataset.pieces import Piece

UNKNOWN: Final = 2**32 - 1
"""Stands for the number of a line that has none yet."""


class LineValues(LineKeys):
    """Numbers below `UNKNOWN` for the lines of all sources of a document.

    A save gives the lines of the file new keys; `renumber` remembers where each came from, so numbers stay where they
    are. Changes are not thread-safe; `by_row` may run beside them, and then has some of them.
    """

    def __init__(self, base: int) -> None:
        """``base`` is the number of the file as a source, whose lines get numbers from the first one on."""
        super().__init__()
        self.file = array("I")
        self._sources = {base: self.file}

    def add(self, source: int, first: int, values: array[int]) -> None:
        """Give numbers to the lines of a source from ``first`` on."""
        own = self._sources.setdefault(source, array("I"))
        _extend(own, first + len(values) - len(own))
        own[first : first + len(values)] = values

    def copy(self, originals: Sequence[Piece], copies: Sequence[Piece]) -> None:
        """Lines have copies (piece by piece, of the same length), which have the same numbers; unknown ones stay so."""
        for original, other in zip(originals, copies, strict=True):
            if original != other:
                self.add(other.source, other.start, self.by_row([original]))

    def value(self, key: tuple[int, int]) -> int:
        """The number of a line, or `UNKNOWN`."""
        for source, number, _ in self.roots(Piece(*key, 1)):
            own = self._sources.get(source)
            if own is not None and number < len(own):
                return own[number]
        return UNKNOWN

    def unknown(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """Those of these lines that have no number, in runs, under the keys by which they are to get one."""
        for root in chain.from_iterable(map(self.roots, pieces)):
            at = root.start
            for is_known, run in groupby(self.by_row([root]), lambda value: value != UNKNOWN):
                rows = sum(1 for _ in run)
                if not is_known:
                    yield Piece(root.source, at, rows)
                at += rows

    def by_row(self, pieces: Sequence[Piece]) -> array[int]:
        """The numbers of these lines one after the other.

        A million rows take 5 ms in one piece, and 0.3 s in as many pieces.
        """
        if are_many(pieces):
            return gathered(pieces, lambda source: (self._all_of(source),), (UNKNOWN,))[0]
        lines = {source: self._all_of(source) for source in set(map(itemgetter(0), pieces))}
        rows = array("I")
        for source, start, count in pieces:
            values = lines[source][start : start + count]
            rows.extend(values)
            _extend(rows, count - len(values))
        return rows

    def _all_of(self, source: int) -> array[int]:
        """The numbers of all lines of a source, as far as there are any."""
        own = self._sources.get(source)
        if own is None:
            origins = self.origins(source)
            own = array("I") if origins is None else self.by_row(origins)
        return own


def _extend(values: array[int], rows: int) -> None:
    """Add lines that have no number yet."""
    if rows > 0:
        values.extend(array("I", (UNKNOWN,)) * rows)
