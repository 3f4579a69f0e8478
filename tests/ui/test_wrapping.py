"""Text broken into lines by terminal cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import hostile
from fttui.core.text import safe
from fttui.ui.wrapping import clip, fit, wrap


def test_lines_break_at_blanks_and_long_words_are_cut() -> None:
    assert wrap("the quick brown fox", 10) == ["the quick", "brown fox"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("a\n\nb", 10) == ["a", "", "b"]
    assert wrap("日本語のテキスト", 6) == ["日本語", "のテキ", "スト"]
    assert wrap("", 10) == [""]


@given(text=st.text(max_size=300), width=st.integers(2, 60))
def test_no_line_is_too_wide_and_no_letter_is_lost(text: str, width: int) -> None:
    shown = safe(text)
    lines = wrap(shown, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(shown.split())


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS)
def test_hostile_texts_keep_to_their_width(text: str) -> None:
    shown = safe(text)
    assert all(cell_len(line) <= 40 for line in wrap(shown, 40))
    first_line = shown.split("\n")[0]
    assert cell_len(fit(first_line, 20)) == 20
    assert cell_len(fit(first_line, 20, right=True)) == 20


def test_clipped_texts_say_so() -> None:
    assert clip("abcdef", 4) == "abc…"
    assert clip("abcd", 4) == "abcd"
    assert clip("日本語", 4) == "日…"
    assert clip("abc", 0) == ""
    assert fit("7", 4, right=True) == "   7"
    assert fit("日本", 5) == "日本 "
