"""Facts of blocks that are put together are those of all lines at once."""

from __future__ import annotations

import pickle
from array import array
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fttui.checks.whole.digests import NONE, digests
from fttui.checks.whole.facts import BlockFacts, FileFacts, file_found
from fttui.checks.whole.pairs import TextFacts
from fttui.checks.whole.repeats import contradictions, duplicates
from fttui.formats.kinds import Kind
from fttui.formats.lines import parse_line

LINES: tuple[bytes, ...] = (
    b'{"prompt": "One plus one?\\n\\n###\\n\\n", "completion": " two END"}',
    b'{"prompt": "One plus two?\\n\\n###\\n\\n", "completion": " three END"}',
    b'{"prompt": "ONE", "completion": ""}',
    b'{"completion": "x", "prompt": 3}',
    b"",
    b"   ",
    b"not json",
    b"\xff\xfe{}",
    b'{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.org/a.png"}}]}]}',
    b'{"messages": [{"role": "user", "content": "jane.doe@acme.co.jp"}], "reference": 1}',
    b'{"messages": [{"role": "user", "content": "090-1234-5678"}], "other": 1}',
)


def block_of(lines: list[bytes], kind: Kind) -> BlockFacts:
    facts = BlockFacts()
    for row, line in enumerate(lines):
        facts.add(row, line, parse_line(line).value, kind)
    facts.personal.rows()
    return facts


def as_seen(facts: BlockFacts) -> Any:
    """All of it but how the file begins, which only the first lines tell."""
    return pickle.loads(pickle.dumps(facts))


@given(
    st.lists(st.lists(st.sampled_from(LINES), max_size=4), max_size=5), st.sampled_from(("completion", "reinforcement"))
)
def test_blocks_add_up(blocks: list[list[bytes]], kind: Kind) -> None:
    whole = block_of([line for block in blocks for line in block], kind)
    added = BlockFacts()
    for block in blocks:
        added.extend(as_seen(block_of(block, kind)))
    assert as_seen(added) == as_seen(whole)


@given(st.lists(st.text("ab \n", max_size=6), max_size=8), st.integers(0, 8))
def test_texts_add_up(texts: list[str], at: int) -> None:
    def facts_of(some: list[str]) -> TextFacts:
        facts = TextFacts(("a", "ab"))
        for text in some:
            facts.add(text, hash(text))
        return facts

    added = facts_of(texts[:at])
    added.extend(facts_of(texts[at:]))
    assert added == facts_of(texts)
    if texts:
        assert all(text.startswith(added.prefix) and text.endswith(added.suffix) for text in texts)
        assert added.is_same == (len(set(texts)) == 1)
        longer = len(added.prefix) + 1
        assert len({text[:longer] for text in texts}) > 1 or min(map(len, texts)) < longer


def test_capitals_are_those_of_the_latin_alphabet() -> None:
    facts = TextFacts(())
    facts.add("Ab cD Ä 日本 1", 1)
    assert (facts.upper, facts.lower) == (2, 2)


@given(st.lists(st.integers(0, 5), max_size=30))
def test_duplicates_are_all_but_the_first(hashes: list[int]) -> None:
    expected = [(row, hashes.index(value)) for row, value in enumerate(hashes) if value and hashes.index(value) < row]
    assert list(duplicates(array("Q", hashes))) == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=30))
def test_contradictions_are_other_answers(pairs: list[tuple[int, int]]) -> None:
    questions = array("Q", (question for question, _ in pairs))
    wholes = array("Q", (0 if not question else 10 * question + answer for question, answer in pairs))
    expected = [
        (row, questions.index(question))
        for row, (question, _) in enumerate(pairs)
        if question and questions.index(question) < row and wholes.index(wholes[row]) == row
    ]
    assert list(contradictions(questions, wholes)) == expected


def chat(*texts: str, **more: Any) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {"messages": [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)], **more}


def test_order_of_keys_and_ids_do_not_count() -> None:
    turned = {"id": 7, "messages": [{"content": "Hi", "role": "user"}, {"content": "Hello", "role": "assistant"}]}
    assert digests(chat("Hi", "Hello"), "chat") != digests(chat("Hi", "Hello "), "chat")
    assert digests(turned, "chat").whole == digests(chat("Hi", "Hello", id=8), "chat").whole


def test_tools_and_weights_count() -> None:
    plain, with_tools = chat("Hi", "Hello"), chat("Hi", "Hello", tools=[{"type": "function"}])
    masked = chat("Hi", "Hello")
    masked["messages"][1]["weight"] = 0
    assert len({digests(record, "chat").whole for record in (plain, with_tools, masked)}) == 3


def test_questions_leave_the_answer_out() -> None:
    one, other = digests(chat("Hi", "Hello"), "chat"), digests(chat("Hi", "Welcome"), "chat")
    assert one.question == other.question != NONE
    assert one.whole != other.whole
    assert digests(chat("Hi"), "chat").question == NONE


def test_old_and_new_names_of_the_sides_are_the_same() -> None:
    new = {"input": {}, "preferred_output": [1], "non_preferred_output": [2]}
    old = {"non_preferred_completion": [2], "preferred_completion": [1], "input": {}}
    assert digests(new, "preference") == digests(old, "preference")


def test_values_that_the_fast_writer_refuses_have_digests() -> None:
    for text in (
        '{"messages": [1e400, "\\ud800"]}',
        '{"messages": [' + "9" * 700 + "]}",
        '{"messages": ' + "[" * 300 + "]" * 300 + "}",
    ):
        one, other = parse_line(text.encode()).value, parse_line(text.encode()).value
        assert one is not None and other is not None
        assert digests(one, "chat") == digests(other, "chat") != digests({}, "chat")


def test_rules_of_other_kinds_are_not_asked() -> None:
    facts = FileFacts(block_of([LINES[0], LINES[1]], "completion"), 100, False, "completion")
    assert "completion-space-missing" not in {rule for rule, _, _ in file_found(facts)}
    bare = FileFacts(block_of([b'{"prompt": "a", "completion": "b"}'] * 2, "completion"), 100, False, "completion")
    assert "completion-space-missing" in {rule for rule, _, _ in file_found(bare)}
    as_chat = FileFacts(bare.block, 100, False, "chat")
    assert "completion-space-missing" not in {rule for rule, _, _ in file_found(as_chat)}
