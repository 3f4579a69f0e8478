"""Prompts and completions: all that the last tool for them found, and its fixes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.files import edited, found_in, pair_facts, pairs
from checks.finding import fixed, found
from fttui.checks.table import file_fixes, rules

SEPARATOR = "\n\n###\n\n"
GOOD = pairs((f"Capital of Tasmania?{SEPARATOR}", " Hobart END"), (f"Longest river{SEPARATOR}", " Nile END"))
FILE_RULES = [rule.id for rule in rules().values() if rule.kinds == {"completion"} and rule.scope == "file"]
EDITING = [rule for rule in FILE_RULES if rules()[rule].fix]


def says(rule: str, records: list[dict[str, Any]]) -> list[str]:
    return [place.message for _, place in found_in(pair_facts(records), rule)]


def test_good_pairs_break_nothing() -> None:
    assert {rule for rule in FILE_RULES if says(rule, GOOD)} == set()


@pytest.mark.parametrize("rule", FILE_RULES)
def test_nothing_is_said_about_one_pair_alone_or_none(rule: str) -> None:
    assert says(rule, GOOD[:1]) == says(rule, []) == []


def test_keys_in_other_letters_are_renamed() -> None:
    record = {" Prompt": "a", "COMPLETION": " b"}
    mended = fixed("completion-missing", fixed("prompt-missing", record, "completion"), "completion")
    assert list(mended.items()) == [("prompt", "a"), ("completion", " b")]
    assert not found("completion-extra-key", record, "completion")


def test_a_missing_prompt_that_is_nowhere_cannot_be_mended() -> None:
    (place,) = found("prompt-missing", {"completion": " b"}, "completion")
    assert not place.is_fixable


def test_numbers_become_text_as_they_are_spelt() -> None:
    mended = fixed("completion-type", {"prompt": True, "completion": 1.5}, "completion")
    assert mended == {"prompt": "true", "completion": "1.5"}
    (place,) = found("completion-type", {"prompt": "", "completion": ["a"]}, "completion")
    assert "a list" in place.message and not place.is_fixable


def test_extra_keys_go_one_by_one() -> None:
    record = {"id": 1, "prompt": "a", "completion": " b", "note": "x"}
    assert [place.path for place in found("completion-extra-key", record, "completion")] == [("id",), ("note",)]
    assert fixed("completion-extra-key", record, "completion") == {"prompt": "a", "completion": " b"}


def test_a_chat_among_the_pairs_is_left_to_the_rule_about_kinds() -> None:
    record = {"messages": [{"role": "user", "content": "Hi"}]}
    for rule in ("prompt-missing", "completion-missing", "completion-extra-key"):
        assert found(rule, record, "completion") == []


def test_empty_completions_are_deleted() -> None:
    records = [*GOOD, *pairs(("x", " \n"), ("y", ""))]
    assert [row for row, _ in found_in(pair_facts(records), "completion-empty")] == [2, 3]
    assert edited("completion-empty", records) == GOOD


def test_prompts_that_are_all_the_same() -> None:
    assert says("prompts-same", pairs(("Write:", "a"), ("Write:", "b")))
    assert not says("prompts-same", pairs(("", "a"), (" ", "b")))
    assert not says("prompt-separator-missing", pairs(("Write:", "a"), ("Write:", "b")))


def test_the_separator_is_one_that_no_prompt_holds() -> None:
    records = pairs(("a -> b", " x END"), (f"c{SEPARATOR}d", " y END"))
    (message,) = says("prompt-separator-missing", records)
    assert repr("\n\n===\n\n") in message and repr(SEPARATOR) not in message
    assert [record["prompt"] for record in edited("prompt-separator-missing", records)] == [
        "a -> b\n\n===\n\n",
        f"c{SEPARATOR}d\n\n===\n\n",
    ]


def test_an_arrow_is_for_prompts_of_one_line() -> None:
    assert [record["prompt"] for record in edited("prompt-separator-missing", pairs(("a", " x"), ("b", " y")))] == [
        "a ->",
        "b ->",
    ]
    lines = edited("prompt-separator-missing", pairs(("a\nc", " x"), ("b", " y")))
    assert lines[1]["prompt"] == f"b{SEPARATOR}"


def test_marks_that_stand_inside_as_well() -> None:
    repeated = pairs((f"a{SEPARATOR}b{SEPARATOR}", " x. y."), (f"c{SEPARATOR}", " z."))
    assert repr(SEPARATOR) in says("prompt-separator-repeated", repeated)[0]
    assert "'.'" in says("completion-ending-repeated", repeated)[0]
    assert not says("prompt-separator-repeated", GOOD) and not says("completion-ending-repeated", GOOD)


def test_any_common_ending_is_a_separator() -> None:
    assert not says("prompt-separator-missing", pairs(("one?", " a"), ("two?", " b")))


def test_the_ending_is_one_that_no_completion_holds() -> None:
    records = pairs(("a?", " It is.\nSo"), ("b?", " no END or"))
    assert [record["completion"] for record in edited("completion-ending-missing", records)] == [
        " It is.\nSo***",
        " no END or***",
    ]


def test_common_beginnings_are_removed() -> None:
    start = "Answer this question: "
    records = pairs((f"{start}one?", " The answer is a END"), (f"{start}two?", " The answer is b END"))
    assert [record["prompt"] for record in edited("prompt-prefix", records)] == ["one?", "two?"]
    assert [record["completion"] for record in edited("completion-prefix", records)] == [" a END", " b END"]
    assert not says("prompt-prefix", edited("prompt-prefix", records))
    assert not says("completion-prefix", edited("completion-prefix", records))


def test_short_beginnings_stay() -> None:
    assert not says("prompt-prefix", pairs(("Question: 12", " a"), ("Question: 34", " b")))
    assert not says("completion-prefix", pairs(("a", " It a"), ("b", " It b")))


def test_a_beginning_that_is_a_whole_text_stays_within_it() -> None:
    records = pairs(("a", " positive"), ("b", " positively"))
    assert all(record["completion"].strip() for record in edited("completion-prefix", records))


def test_spaces_are_added_where_there_are_none() -> None:
    records = pairs(("a", "b"), ("c", " d"), ("e", "\nf"))
    assert says("completion-space-missing", records) == ["1 of 3 completions do not begin with a space"]
    assert [record["completion"] for record in edited("completion-space-missing", records)] == [" b", " d", "\nf"]


def test_capitals_are_written_small_but_not_the_names_of_classes() -> None:
    loud = pairs(("a?", " SHOUTING"), ("b?", " LOUDLY"))
    assert [record["completion"] for record in edited("completion-upper-case", loud)] == [" shouting", " loudly"]
    classes = pairs(*((f"case {number}?", " ACCEPTED" if number % 2 else " REFUSED") for number in range(20)))
    assert not says("completion-upper-case", classes)
    assert says("completion-classes", classes) == ["2 different completions in 20 examples, as in classification"]


def test_classes_are_fewer_than_a_third() -> None:
    def sorted_into(classes: int) -> list[dict[str, Any]]:
        return pairs(*((f"case {number}?", f" {number % classes} END") for number in range(30)))

    assert says("completion-classes", sorted_into(9))
    assert not says("completion-classes", sorted_into(10))
    assert not says("completion-ending-missing", pairs(*((f"{n}?", " yes" if n % 2 else " no") for n in range(30))))


def test_long_pairs_are_counted_once_for_the_file() -> None:
    records = [*GOOD, *pairs(("x" * 9_999, "yy"), ("x" * 9_998, "yy"), ("x", "y" * 20_000))]
    assert says("completion-long", records) == ["2 examples have more than 10,000 characters; the first is line 3"]


def test_these_habits_are_asked_for_where_base_models_are_trained() -> None:
    facts = pair_facts(pairs(("a", "b"), ("c", "d")))
    assert found_in(facts, "prompt-separator-missing", "openai")
    assert not found_in(facts, "prompt-separator-missing", "nebius")


TEXTS = st.text("aB .\n", max_size=30)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
def test_each_fix_ends_what_it_mends(texts: list[tuple[str, str]]) -> None:
    for rule in EDITING:
        records = pairs(*texts)
        for _ in range(5):
            if not says(rule, records):
                break
            records = edited(rule, records)
        assert not says(rule, records)


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6), st.data())
def test_fixes_one_after_the_other_end(texts: list[tuple[str, str]], data: st.DataObject) -> None:
    records = pairs(*texts)
    for _ in range(60):
        broken = [rule for rule in EDITING if says(rule, records)]
        if not broken:
            return
        records = edited(data.draw(st.sampled_from(broken)), records)
    raise AssertionError(f"they do not end: {records}")


def test_values_that_are_no_text_are_left_alone() -> None:
    records = [*GOOD, {"prompt": 1, "completion": " b"}, {"prompt": "a"}]
    for rule in EDITING:
        plan = file_fixes()[rule](pair_facts(records), ["openai"])
        for record in ({"prompt": 1, "completion": " b"}, {"prompt": "a"}):
            before = dict(record)
            if plan.edit is not None:
                plan.edit(record)
            assert record == before
