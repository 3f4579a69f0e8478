"""Strings made safe, and edited without being changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.document._document import Document

import hostile
from fttui.core.text import escape_for_editing, needs_escaped_editing, one_line, safe, unescape_edited

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=[]))


@pytest.mark.parametrize("text", hostile.STRINGS.values(), ids=hostile.STRINGS.keys())
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    shown = safe(text)
    assert not any(ord(c) < 0x20 and c not in "\t\n" for c in shown)
    assert not any(0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) <= 0xDFFF or c in "\u202e\u2066\u2028" for c in shown)
    assert len(shown) == len(text)


def test_clean_text_stays_as_it_is() -> None:
    for text in ("plain\ttext\nwith lines", hostile.STRINGS["wide"], hostile.STRINGS["zero width joiner"]):
        assert safe(text) is text


def test_an_escape_is_shown_as_its_picture() -> None:
    assert safe("a\x1b[31m\x00\x7f") == "a␛[31m␀␡"


@given(ANY_TEXT)
def test_one_line_has_no_line_breaks_and_ends(text: str) -> None:
    line = one_line(text, 40)
    assert "\n" not in line
    assert len(line) <= 40
    assert safe(line) == line


@given(ANY_TEXT)
def test_escaped_editing_gives_the_text_back(text: str) -> None:
    escaped = escape_for_editing(text)
    assert unescape_edited(escaped) == text
    assert not needs_escaped_editing(escaped)


@given(ANY_TEXT)
def test_text_that_needs_no_escaping_survives_the_text_widget(text: str) -> None:
    if not needs_escaped_editing(text):
        assert Document(text).text == text


def test_a_stray_backslash_in_escaped_text_is_kept() -> None:
    assert unescape_edited("C:\\new \\u00zz") == "C:\\new \\u00zz"
