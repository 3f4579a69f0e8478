"""The geometry of histograms, exactly."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fttui.ui.plot.bars import Bin, bins_of, frequencies, histogram, limit_sentence
from fttui.ui.plot.rows import text_of


def test_bins_have_one_round_width_and_hold_everything() -> None:
    assert bins_of(frequencies([1, 1, 2, 11, 29]), 3) == [Bin(0, 10, 3), Bin(10, 20, 1), Bin(20, 30, 1)]
    assert bins_of({}, 10) == []
    assert bins_of({7: 3}, 10) == [Bin(7, 8, 3)]


@given(values=st.lists(st.integers(0, 1_000_000), min_size=1, max_size=200), count=st.integers(1, 80))
def test_no_value_is_lost(values: list[int], count: int) -> None:
    bins = bins_of(frequencies(values), count)
    assert 1 <= len(bins) <= count
    assert sum(one.count for one in bins) == len(values)
    assert bins[0].low <= min(values)
    assert max(values) < bins[-1].high


def test_a_whole_histogram_marks_the_limit() -> None:
    values = [5] * 2 + [15] * 8 + [25] * 4 + [35] * 1
    assert text_of(histogram(frequencies(values), 24, 8, limit=30)) == [
        " 8 ┤    ██",
        "   │    ██",
        "   │    ██  ▄▄",
        "   │▂▂  ██  ██",
        "   │██  ██  ██  ▅▅",
        "   └──────┬───▲───",
        "          20",
        "    1 above the limit of 30 (▲): what is beyond it is cut off.",
    ]


def test_the_limit_is_said_in_words() -> None:
    assert limit_sentence({5: 1}, None) == "No limit known for this model."
    assert limit_sentence({5: 1}, 5) == "All within the limit of 5."
    assert limit_sentence({5: 1, 6: 3}, 5) == "3 above the limit of 5 (▲): what is beyond it is cut off."


@given(
    values=st.lists(st.integers(0, 200_000), max_size=100),
    width=st.integers(0, 100),
    height=st.integers(0, 30),
    limit=st.none() | st.integers(1, 200_000),
)
def test_any_values_in_any_size(values: list[int], width: int, height: int, limit: int | None) -> None:
    rows = histogram(frequencies(values), width, height, limit=limit)
    assert len(rows) in (0, height)
