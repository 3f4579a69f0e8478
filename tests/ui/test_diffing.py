"""Differences between two versions of an example, as lines to read."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.ui.diffing import DiffLine, diff_lines, readable, text_diff


def line(*messages: tuple[str, str], **others: object) -> bytes:
    record = {"messages": [{"role": role, "content": text} for role, text in messages], **others}
    return json.dumps(record, ensure_ascii=False).encode()


def side(lines: list[DiffLine], kinds: set[str]) -> list[str]:
    return [item.text for item in lines if item.kind in kinds]


def test_a_changed_word_stands_out_on_both_sides() -> None:
    found = diff_lines(
        line(("user", "Two plus two?"), ("assistant", "It is 5.")),
        line(("user", "Two plus two?"), ("assistant", "It is 4.")),
    )
    gone = next(item for item in found if item.kind == "gone")
    came = next(item for item in found if item.kind == "came")
    assert [gone.text[a:b] for a, b in gone.spans] == ["5"]
    assert [came.text[a:b] for a, b in came.spans] == ["4"]
    assert side(found, {"same"}) == ["[user]", "  Two plus two?", "[assistant]"]


def test_a_new_example_came_as_a_whole_and_a_deleted_one_went() -> None:
    one = line(("user", "a"))
    assert {item.kind for item in diff_lines(None, one)} == {"came"}
    assert {item.kind for item in diff_lines(one, None)} == {"gone"}


def test_what_reads_alike_is_compared_as_it_stands_in_the_file() -> None:
    found = diff_lines(b'{"messages": []}', b'{"messages":[]}')
    assert side(found, {"gone"}) == ['{"messages": []}']
    assert side(found, {"came"}) == ['{"messages":[]}']


def test_preferred_and_non_preferred_answers_are_named() -> None:
    record = {
        "input": {"messages": [{"role": "user", "content": "Hi"}]},
        "preferred_output": [{"role": "assistant", "content": "Hello"}],
        "non_preferred_output": [{"role": "assistant", "content": "What"}],
    }
    text = readable(json.dumps(record).encode())
    assert "[assistant] preferred_output" in text
    assert "[assistant] non_preferred_output" in text


def test_equal_lines_far_from_a_change_are_only_counted() -> None:
    before = "\n".join(f"line {number}" for number in range(40))
    found = text_diff(before, before.replace("line 20", "line twenty"))
    assert side(found, {"gap"}) == ["… 17 equal lines", "… 16 equal lines"]


def test_a_million_lines_are_compared_without_their_square() -> None:
    before = "\n".join(map(str, range(20_000)))
    after = "\n".join(map(str, range(20_000, 40_000)))
    found = text_diff(before, after)
    assert len(side(found, {"gone"})) == len(side(found, {"came"})) == 20_000


texts = st.text(st.characters(exclude_categories=()), max_size=30)


@given(texts, texts)
def test_the_two_sides_of_a_difference_are_the_two_texts(before: str, after: str) -> None:
    found = text_diff(before, after)
    if not any(item.kind == "gap" for item in found):
        assert "\n".join(side(found, {"same", "gone"})) == before or before == after
        assert "\n".join(side(found, {"same", "came"})) == after or before == after


@given(st.sampled_from(sorted(hostile.LINES)), st.sampled_from(sorted(hostile.LINES)))
def test_hostile_lines_are_compared(one: str, other: str) -> None:
    for item in diff_lines(hostile.LINES[one], hostile.LINES[other]):
        for start, end in item.spans:
            assert 0 <= start < end <= len(item.text)
