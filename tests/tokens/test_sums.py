"""Counts by line: of rows in any order, of lines that a save numbered anew, of copies."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import line_keys
from fttui.dataset.pieces import Piece
from fttui.tokens.rows import BROKEN, RowCounts
from fttui.tokens.sums import UNKNOWN, LineCounts

PIECES = st.lists(st.builds(Piece, st.integers(1, 3), st.integers(0, 12), st.integers(1, 5)), max_size=12)


@given(PIECES, PIECES, st.integers(0, 15), st.sampled_from([1, 4, 1000]))
def test_counts_by_row_are_those_of_each_line(rows: list[Piece], saved: list[Piece], known: int, many: int) -> None:
    counts = LineCounts(1)
    counts.add(1, range(known), RowCounts(array("I", range(known)), array("I", range(known))))
    counts.add(2, [6, 4, 5], RowCounts(array("I", [52, 50, BROKEN]), array("I", [6, 5, 0])))
    of_line = {(1, line): line for line in range(known)} | {(2, 4): 50, (2, 5): BROKEN, (2, 6): 52}

    def expected(pieces: list[Piece]) -> list[int]:
        lines = [(source, line) for source, start, count in pieces for line in range(start, start + count)]
        return [of_line.get(line, UNKNOWN) for line in lines]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_keys, "_MANY_PIECES", many)
        assert list(counts.by_row(rows).tokens) == expected(rows)
        counts.renumber(saved, 9)
        of_line |= {(9, line): count for line, count in enumerate(expected(saved))}
        total = sum(piece.rows for piece in saved)
        again = [Piece(9, 0, total), *rows, Piece(9, total // 2, total - total // 2)]
        assert list(counts.by_row([piece for piece in again if piece.rows]).tokens) == expected(again)
        counts.settle(9)
        assert list(counts.by_row([piece for piece in again if piece.rows]).tokens) == expected(again)


def test_copies_of_lines_have_their_counts() -> None:
    counts = LineCounts(1)
    counts.add(1, range(5), RowCounts(array("I", [10, 11, 12, BROKEN, UNKNOWN]), array("I", [1, 2, 3, 0, 0])))
    pieces = [Piece(1, 3, 2), Piece(0, 0, 1), Piece(1, 0, 2)]
    counts.copy(pieces, [Piece(0, 4, 2), Piece(0, 0, 1), Piece(0, 6, 2)])
    rows = counts.by_row([Piece(0, 3, 5)])
    assert list(rows.tokens) == [UNKNOWN, BROKEN, UNKNOWN, 10, 11]
    assert list(rows.trainable) == [0, 0, 0, 1, 2]
