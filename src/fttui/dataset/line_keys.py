"""Where a document's lines come from when saves gave them new keys, and what hangs on them in the order of rows."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from fttui.dataset.pieces import Piece

if TYPE_CHECKING:
    import numpy as np  # loaded where it is needed
    from numpy.typing import NDArray

_MANY_PIECES: Final = 10_000


def are_many(pieces: Sequence[Piece]) -> bool:
    """Whether it is worth loading numpy to go through these pieces."""
    return len(pieces) >= _MANY_PIECES


class LineKeys:
    """The keys that lines had when something was noted of them. A save gives the lines of the file new ones.

    Not thread-safe for changes; reading may run beside them.
    """

    def __init__(self) -> None:
        self._renumbered: dict[int, Sequence[Piece]] = {}
        self._ends: dict[int, array[int]] = {}
        """Where each of the pieces of a renumbered source ends, once somebody asked for a line of it."""

    def renumber(self, pieces: Sequence[Piece], source: int) -> None:
        """Line ``i`` of ``source`` is row ``i`` of ``pieces``."""
        if not are_many(pieces):  # or else a row after a hundred saves would be looked for a hundred times
            pieces = [root for piece in pieces for root in self.roots(piece)]
        self._renumbered[source] = pieces

    def forget(self, source: int) -> None:
        """The lines of a renumbered source stand for themselves from now on."""
        del self._renumbered[source]
        self._ends.pop(source, None)

    def origins(self, source: int) -> Sequence[Piece] | None:
        """The lines of a renumbered source under their keys before the save; None for another source."""
        return self._renumbered.get(source)

    def roots(self, piece: Piece) -> Iterator[Piece]:
        """The same lines under the keys that things were noted by."""
        origins = self._renumbered.get(piece.source)
        if origins is None:
            yield piece
            return
        ends = self._ends.get(piece.source)
        if ends is None:
            ends = self._ends[piece.source] = array("Q", accumulate(map(itemgetter(2), origins)))
        _, start, rows = piece
        at = bisect_right(ends, start)
        while rows > 0 and at < len(ends):
            origin = origins[at]
            within = start - (ends[at] - origin.rows)
            taken = min(origin.rows - within, rows)
            yield from self.roots(Piece(origin.source, origin.start + within, taken))
            start, rows, at = start + taken, rows - taken, at + 1


def gathered(
    pieces: Sequence[Piece], columns_of: Callable[[int], tuple[array[int], ...]], missing: Sequence[int]
) -> tuple[array[int], ...]:
    """The numbers of these lines one after the other, for so many pieces that loading numpy is worth it.

    Args:
        pieces: The lines.
        columns_of: Gives a source's numbers, one array or more; they may be shorter than the source.
        missing: For each of the arrays, what a line has that it does not reach.
    """
    import numpy as np

    table = np.fromiter(chain.from_iterable(pieces), np.int64, 3 * len(pieces)).reshape(-1, 3)
    sources, starts, counts = table[:, 0], table[:, 1], table[:, 2]
    parts: list[list[NDArray[Any]]] = [[] for _ in missing]
    base = np.zeros(len(pieces), np.int64)
    at = 0
    for source in np.unique(sources):
        of_source = sources == source
        length = int((starts + counts)[of_source].max())
        columns = columns_of(int(source))
        for column, part, other in zip(columns, parts, missing, strict=True):
            part.append(_filled(column, length, other))
        base[of_source] = at
        at += length
    firsts = np.cumsum(counts) - counts
    places = np.repeat(starts + base - firsts, counts)
    places += np.arange(len(places))
    return tuple(array("I", np.concatenate(part)[places].tobytes()) for part in parts)


def _filled(column: array[int], length: int, other: int) -> NDArray[np.uint32]:
    """The first ``length`` numbers; ``other`` where there are none. The array may grow meanwhile: it is read once."""
    import numpy as np

    filled = np.full(length, other, np.uint32)
    known = np.array(column[:length], np.uint32)
    filled[: len(known)] = known
    return filled
