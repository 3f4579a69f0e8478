"""The piece table against a list, and how few pieces it needs."""

from __future__ import annotations

import random
from unittest.mock import patch

import pytest

from fttui.dataset import pieces
from fttui.dataset.pieces import Piece, PieceTable


def rows(table: PieceTable) -> list[tuple[int, int]]:
    return [(source, start + at) for source, start, count in table for at in range(count)]


@pytest.mark.parametrize("seed", range(20))
def test_splices_match_a_list(seed: int) -> None:
    choose = random.Random(seed)
    with patch.object(pieces, "_BLOCK_PIECES", choose.choice([2, 4, 16])):
        table = PieceTable([Piece(1, 0, 50)])
        model = [(1, at) for at in range(50)]
        for step in range(200):
            row = choose.randint(0, len(model))
            removed = min(choose.choice([0, 0, 1, 1, 2, 20]), len(model) - row)
            new = tuple(Piece(2, step * 10, choose.randint(0, 3)) for _ in range(choose.randint(0, 2)))
            taken = table.splice(row, removed, new)
            assert [(s, start + at) for s, start, n in taken for at in range(n)] == model[row : row + removed]
            model[row : row + removed] = [(s, start + at) for s, start, n in new for at in range(n)]
            assert len(table) == len(model)
        assert rows(table) == model
        assert [table.locate(row) for row in range(len(model))] == model
        for row in (-1, len(model)):
            with pytest.raises(IndexError):
                table.locate(row)


def test_rows_that_are_not_there_are_refused() -> None:
    table = PieceTable([Piece(1, 0, 5)])
    for row, removed in ((-1, 1), (5, 1), (3, 3), (0, -1), (6, 0)):
        with pytest.raises(IndexError):
            table.splice(row, removed, ())
    assert list(table) == [Piece(1, 0, 5)]


def test_taking_edits_back_leaves_one_piece() -> None:
    choose = random.Random(1)
    table = PieceTable([Piece(1, 0, 1_000_000)])
    done = []
    for _ in range(3000):
        row = choose.randrange(len(table))
        done.append((row, table.splice(row, 1, ())))
    assert len(list(table)) > 2900
    for row, taken in reversed(done):
        table.splice(row, 0, taken)
    assert list(table) == [Piece(1, 0, 1_000_000)]


def test_a_growing_file_stays_one_piece() -> None:
    table = PieceTable()
    for at in range(0, 1000, 10):
        table.append(Piece(1, at, 10))
    assert list(table) == [Piece(1, 0, 1000)]
