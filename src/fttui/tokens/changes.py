"""What edits did to the lines that are counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from fttui.dataset.pieces import Piece

if TYPE_CHECKING:
    from fttui.dataset.edits import Change

FEW_PIECES: Final = 64
_FEW_ROWS: Final = 10_000
"""What an edit of up to so many changes is followed by itself, in a millisecond; more is added up anew."""


def is_bulk(change: Change) -> bool:
    """Whether an edit is too big to be followed piece by piece."""
    both = (change.gone, change.came)
    return max(map(len, both)) > FEW_PIECES or sum(piece.rows for pieces in both for piece in pieces) > _FEW_ROWS


def differences(pieces: Iterable[Piece], base: int, indexed: int) -> Iterator[tuple[Piece, int]]:
    """What edits before the count began took out of the file (−1) and put in (+1)."""
    left = sorted((piece.start, piece.start + piece.rows) for piece in pieces if piece.source == base)
    at = 0
    for start, stop in [*left, (indexed, indexed)]:
        if start > at:
            yield Piece(base, at, start - at), -1
        at = max(at, stop)
    yield from ((piece, 1) for piece in pieces if piece.source != base)
