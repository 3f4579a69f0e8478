"""Tags as one types them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fttui.ui.tagging import TagChange, change_to, problem_of, said, tags_in


def test_tags_are_words_with_or_without_a_hash() -> None:
    assert tags_in(" hard, #needs-source  日本語,,") == {"hard", "needs-source", "日本語"}


def test_only_tags_that_all_had_are_taken_off() -> None:
    assert change_to("hard new", frozenset({"hard", "old"})) == TagChange(frozenset({"new"}), frozenset({"old"}))


def test_a_very_long_tag_is_refused() -> None:
    assert problem_of("x" * 41)
    assert not problem_of("x" * 40)


def test_what_was_done_is_said() -> None:
    assert said(TagChange(frozenset({"hard"}), frozenset({"old"})), 3) == "#hard, without #old: 3 examples."
    assert said(TagChange(frozenset(), frozenset()), 1) == "The tags are as they were."


@given(st.frozensets(st.text("abcäöü", min_size=1, max_size=5), max_size=4))
def test_typing_what_is_there_changes_nothing(tags: frozenset[str]) -> None:
    assert change_to(" ".join(f"#{tag}" for tag in tags), tags) == TagChange(frozenset(), frozenset())
