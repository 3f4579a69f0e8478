"""A number for each line of a document, whatever edits and saves do to the lines' keys."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.dataset import line_keys
from fttui.dataset.line_values import UNKNOWN, LineValues
from fttui.dataset.pieces import Piece

BASE = 1
PIECES = st.lists(
    st.builds(Piece, st.sampled_from([0, BASE, 2]), st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=12
)
STRETCHES = st.lists(
    st.tuples(st.sampled_from([0, BASE, 2]), st.integers(0, 20), st.lists(st.integers(0, 9), min_size=1, max_size=9)),
    max_size=8,
)


def filled(stretches: list[tuple[int, int, list[int]]]) -> tuple[LineValues, dict[tuple[int, int], int]]:
    values, plain = LineValues(BASE), {}
    for source, first, numbers in stretches:
        values.add(source, first, array("I", numbers))
        plain.update({(source, first + at): number for at, number in enumerate(numbers)})
    return values, plain


def keys(pieces: list[Piece]) -> list[tuple[int, int]]:
    return [(source, start + at) for source, start, rows in pieces for at in range(rows)]


@settings(deadline=None)  # numpy is loaded once
@given(STRETCHES, PIECES, st.booleans())
def test_rows_have_the_numbers_of_their_lines(
    stretches: list[tuple[int, int, list[int]]], pieces: list[Piece], are_many: bool
) -> None:
    values, plain = filled(stretches)
    with pytest.MonkeyPatch.context() as patch:
        if are_many:
            patch.setattr(line_keys, "_MANY_PIECES", 1)
        assert values.by_row(pieces).tolist() == [plain.get(key, UNKNOWN) for key in keys(pieces)]
    assert [values.value(key) for key in keys(pieces)] == [plain.get(key, UNKNOWN) for key in keys(pieces)]
    assert keys(list(values.unknown(pieces))) == [key for key in keys(pieces) if key not in plain]


@given(STRETCHES, PIECES, st.data())
def test_saved_lines_keep_their_numbers_and_those_that_come_late_find_their_place(
    stretches: list[tuple[int, int, list[int]]], pieces: list[Piece], data: st.DataObject
) -> None:
    values, plain = filled(stretches)
    before = values.by_row(pieces).tolist()
    values.renumber(pieces, 7)
    saved = Piece(7, 0, len(before))
    assert values.by_row([saved]).tolist() == before
    cut = data.draw(st.integers(0, len(before) - 1))
    values.renumber([Piece(7, cut, len(before) - cut), Piece(7, 0, cut)], 8)  # another save, after a move
    assert values.by_row([Piece(8, 0, len(before))]).tolist() == before[cut:] + before[:cut]
    for source, start, rows in list(values.unknown([saved])):
        values.add(source, start, array("I", [5] * rows))
    assert values.by_row([saved]).tolist() == [plain.get(key, 5) for key in keys(pieces)]


@given(STRETCHES, PIECES)
def test_copies_have_the_numbers_of_their_originals(
    stretches: list[tuple[int, int, list[int]]], pieces: list[Piece]
) -> None:
    values, _ = filled(stretches)
    before = values.by_row(pieces).tolist()
    at, copies = 100, []
    for _, _, rows in pieces:
        copies.append(Piece(0, at, rows))
        at += rows
    values.copy(pieces, copies)
    assert values.by_row(copies).tolist() == before
