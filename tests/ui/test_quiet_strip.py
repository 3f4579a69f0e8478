"""Lines on their way to the screen: cut as Textual cuts them, and gone without the garbage collector."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.strip import Strip

from fttui.ui.widgets.quiet_strip import QuietStrip

TEXTS = st.lists(st.text("ab 日é", min_size=1, max_size=6), min_size=1, max_size=5)


@given(TEXTS, st.sets(st.integers(1, 60), min_size=1, max_size=4))
def test_a_line_is_cut_as_textual_cuts_it(texts: list[str], cuts: set[int]) -> None:
    plain = Strip([Segment(text) for text in texts])
    assert [*QuietStrip.of(plain).divide(sorted(cuts))] == [*plain.divide(sorted(cuts))]


def test_a_line_that_needs_no_cutting_leaves_nothing_to_collect() -> None:
    gc.collect()
    gc.disable()
    try:
        for number in range(20):
            line = QuietStrip.of(Strip([Segment(f"{number:08}")], 8))
            assert line.divide([8, 90])[0] is line
        del line
        assert not any(isinstance(found, QuietStrip) and found.text.startswith("0000") for found in gc.get_objects())
    finally:
        gc.enable()


def test_a_quiet_line_is_not_copied_again() -> None:
    line = QuietStrip.of(Strip([Segment("text")], 4))
    assert QuietStrip.of(line) is line
