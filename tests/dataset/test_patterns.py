"""Regular expressions that people type: the same as Python's own, but none takes for ever or ends the program."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.dataset.query import built_in_columns, parse_query, search
from fttui.dataset.query.patterns import Allowance, Pattern, TooSlowError, size_of
from fttui.dataset.replace import Replacement, preview, replace_all
from fttui.dataset.rowset import RowSet

ENDLESS = "(x|xx)+[yz]"
UNLUCKY = "x" * 200

PARTS = st.sampled_from(
    [
        "a",
        "b",
        "é",
        ".",
        r"\d",
        r"\s",
        r"\b",
        "[ab]",
        "[^a]",
        "(a)",
        "(?:a|b)",
        "^",
        "$",
        "(?i:B)",
        "{i}",
        "a{2}",
        "{,}",
    ]
)
QUANTIFIERS = st.sampled_from(["", "", "", "?", "*", "+", "*?", "{0,2}", "{1}", "{e}"])
PATTERNS = st.lists(st.tuples(PARTS, QUANTIFIERS).map("".join), min_size=1, max_size=5).map("".join)


def never() -> bool:
    return False


def opened(tmp_path: Path, *texts: str) -> Document:
    path = tmp_path / "a.jsonl"
    lines = [json.dumps({"messages": [{"role": "user", "content": text}]}) for text in texts]
    path.write_text("".join(line + "\n" for line in lines), "utf-8")
    document = Document.open(path)
    document.build_index()
    return document


@given(PATTERNS, st.text("abBé 1{ie}\n", max_size=12))
def test_matches_and_replaces_as_python_does(source: str, text: str) -> None:
    try:
        plain = re.compile(source)
    except re.error:
        with pytest.raises(InputError, match="not right"):
            Pattern(source)
        return
    pattern = Pattern(source)
    assert pattern.is_in(text) == bool(plain.search(text))
    assert pattern.replaced(r"<\g<0>>", text, Allowance(len(text))) == plain.subn(r"<\g<0>>", text)


def test_gives_up_on_a_text_that_would_take_for_ever() -> None:
    with pytest.raises(TooSlowError):
        Pattern(ENDLESS).is_in(UNLUCKY)
    with pytest.raises(TooSlowError):
        Pattern(ENDLESS).replaced("", UNLUCKY, Allowance(0))


def test_all_texts_of_a_row_share_its_time() -> None:
    allowance = Allowance(0)
    pattern = Pattern(ENDLESS)
    with pytest.raises(TooSlowError):
        pattern.is_in(UNLUCKY, allowance)
    with pytest.raises(TooSlowError):
        pattern.is_in("y", allowance) or allowance.left  # no time left, even where a match is quick


def test_other_threads_go_on_meanwhile() -> None:
    steps: list[int] = []
    is_done = threading.Event()

    def draw() -> None:
        while not is_done.wait(0.001):
            steps.append(1)

    thread = threading.Thread(target=draw)
    thread.start()
    with pytest.raises(TooSlowError):
        Pattern(ENDLESS).is_in(UNLUCKY)
    is_done.set()
    thread.join()
    assert len(steps) > 5


@pytest.mark.parametrize(
    "source", ["((a{999}){999}){999}", "((ab|c){500}){500}", "a{99999999999999999999}", "(" * 5000 + ")" * 5000]
)
def test_refuses_what_would_need_all_memory(source: str) -> None:
    with pytest.raises(InputError, match=r"too big|repetition number is too large"):
        Pattern(source)


@pytest.mark.parametrize(
    ("source", "size"),
    [("abc", 3), ("a{9}b", 10), ("(ab){3}", 9), ("[a{9}]{2}", 2), (r"\{9}", 3), ("(a{2}|b){3,9}", 15)],
)
def test_size_with_repetitions_written_out(source: str, size: int) -> None:
    assert size_of(source) == size


@pytest.mark.parametrize("query", [f"/{ENDLESS}/", f"-/{ENDLESS}/", f"user:/{ENDLESS}/"])
def test_a_search_leaves_out_such_rows_and_says_how_many(tmp_path: Path, query: str) -> None:
    document = opened(tmp_path, "xxy", UNLUCKY, "z", UNLUCKY, "xxxy")
    hits = [*search(document, parse_query(query, built_in_columns(document)), cancelled=never)]
    found = [row for some in hits for row in some.rows]
    assert found == ([2] if query.startswith("-") else [0, 4])
    assert hits[-1].slow == 2


def test_a_search_of_notes_says_so(tmp_path: Path) -> None:
    document = opened(tmp_path, "a", "b")
    marks = Marks(document)
    marks.note(1, UNLUCKY)
    query = parse_query(f"note:/{ENDLESS}/", built_in_columns(document, marks))
    with pytest.raises(InputError, match="a tag or a note"):
        list(search(document, query, cancelled=never))
    marks.close()


def test_replacing_leaves_out_such_rows_and_says_how_many(tmp_path: Path) -> None:
    document = opened(tmp_path, "xxy!", UNLUCKY, "xxxy?", UNLUCKY)
    replacement = Replacement(ENDLESS, "-", is_regex=True)
    told: list[int] = []
    seen = [*preview(document, replacement, None, cancelled=never, on_slow=told.append)]
    assert [(one.row, one.after, one.slow) for one in seen] == [(0, "-!", 0), (2, "-?", 1)]
    assert told == [1, 2]
    result = replace_all(document, replacement, None, cancelled=never)
    assert (result.rows, result.hits, result.slow) == (RowSet.of([0, 2]), 2, 2)
    assert json.loads(document.raw(1))["messages"][0]["content"] == UNLUCKY
