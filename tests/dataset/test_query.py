"""Queries: what is typed, what it means, and that the search in bytes finds what a plain filter finds."""

from __future__ import annotations

import json
import operator
import random
import re
import threading
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.marks.marks import Marks
from fttui.dataset.query import Column, Line, Query, Test, built_in_columns, parse_query, search
from fttui.dataset.query import columns as columns_module
from fttui.dataset.query.needles import Needle
from fttui.dataset.query.patterns import Pattern
from fttui.dataset.query.terms import literal_in
from fttui.dataset.rowset import RowSet

ALPHABET = 'abnue09 é É ß 日 😀 " \\ \n \t / < , : . \x01'
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=8)


def never() -> bool:
    return False


def opened(path: Path, lines: Iterable[bytes]) -> Document:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    document = Document.open(path)
    document.build_index()
    return document


def chat(user: str = "hi", assistant: str = "yes", **other: Any) -> bytes:
    messages = [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return json.dumps({"messages": messages, **other}).encode()


def found(document: Document, query: Query, **options: Any) -> list[int]:
    return sorted(row for hits in search(document, query, cancelled=never, **options) for row in hits.rows)


def rows_for(document: Document, text: str, *more: Column, marks: Marks | None = None) -> list[int]:
    columns = built_in_columns(document, marks) | {column.name: column for column in more}
    query = parse_query(text, columns)
    assert not query.problem
    rows = found(document, query)
    if marks is None:
        by_row = [row for row in range(len(document)) if query.matches(row, document.raw(row))]
        assert rows == by_row or more or "changed" in text  # one row at a time comes to the same
    return rows


# --- plain text -----------------------------------------------------------------------------------------------------


def spelt(record: dict[str, Any], style: int) -> bytes:
    """The record as different writers of JSON spell it."""
    text = json.dumps(record, ensure_ascii=style % 2 == 0)
    if style >= 2:
        text = text.replace("/", "\\/").replace("<", "\\u003C").replace("\\t", "\\u0009")
    return text.encode()


@settings(max_examples=150)
@given(
    records=st.lists(st.tuples(TEXTS, TEXTS, st.integers(0, 3)), min_size=1, max_size=4),
    needle=st.text(st.sampled_from(ALPHABET), min_size=1, max_size=3),
)
def test_finds_what_a_plain_filter_finds(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str, int]], needle: str
) -> None:
    lines = [
        spelt({"messages": [{"role": "user", "content": one}], "tags": [two, True]}, style)
        for one, two, style in records
    ]
    document = opened(tmp_path_factory.mktemp("search") / "a.jsonl", lines)
    quoted = '"' + needle.replace("\\", "\\\\").replace('"', '\\"') + '"'
    is_caseless = needle == needle.lower()
    expected = [
        row
        for row, (one, two, _) in enumerate(records)
        if any(needle in (text.lower() if is_caseless else text) for text in (one, two))
        or (is_caseless and needle in "true")
    ]
    assert rows_for(document, quoted) == expected


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Refund", [0]),
        ("refund", [0, 1]),
        ("refund now", [0]),  # both words, in any order
        ("now refund", [0]),
        ('"refund now"', []),
        ("-refund", [2, 3, 4]),
        ("refund -now", [1]),
        ("user", [3]),  # neither the role nor a key
        ("content", [4]),
        ("messages", []),
        ("café", [2]),
        ("CAFÉ", []),
        ("42", [4]),
        ('"a \\"quoted\\" word"', [3]),
        ("/re.und/", [1]),
        ("/re.und/i", [0, 1]),
        ("/^yes$/ refund", [0, 1]),
        ("-/re.und/i", [2, 3, 4]),
        ("/(two|three) lines/", [4]),
        ("", [0, 1, 2, 3, 4]),
    ],
)
def test_words_phrases_and_expressions(tmp_path: Path, text: str, rows: list[int]) -> None:
    lines = [
        chat("now a Refund"),
        chat("my refund please"),
        chat("un Café noir"),
        chat('the user said a "quoted" word', "no"),
        chat("two lines\nof content", score=42),
    ]
    assert rows_for(opened(tmp_path / "a.jsonl", lines), text) == rows


def test_finds_text_in_lines_that_are_not_json(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [b"not json at all", chat("json"), b"\xff broken json"])
    assert rows_for(document, "json") == [0, 1, 2]
    assert rows_for(document, "/not \\w+/") == [0]
    assert rows_for(document, "broken:") == [0, 2]
    assert rows_for(document, "json broken:no") == [1]


def test_any_query_is_searched_for_in_any_line(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [line.rstrip(b"\n") for line in hostile.LINES.values()])
    for text in ["x", "é", "-x", "/./", "user:x", "turns:>1", "kind:chat", "role:user -broken:", '": "', "\ud83d"]:
        rows_for(document, text)


@pytest.mark.parametrize("text", [*hostile.STRINGS.values(), '"', '-"', "a:", "-", "--", "/", "//", "\\", '"\\', "-:"])
def test_no_query_raises(text: str) -> None:
    query = parse_query(text[:2000], {})
    assert isinstance(query.problem, str) and query.matches(0, b"{}") in (True, False)


# --- columns --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("turns:2", [0, 1]),
        ("turns:>=2", [0, 1, 2]),
        ("turns:>2", [2]),
        ("turns:<2", [3]),
        ("turns:2..3", [0, 1, 2]),
        ("turns:3..", [2]),
        ("turns:..1", [3]),
        ("-turns:2", [2, 3, 4]),
        ("role:system", [2]),
        ("role:sys", []),
        ("role:/^sys/", [2]),
        ("user:refund", [0, 2]),
        ("assistant:refund", [1]),
        ("assistant:", [0, 1, 2]),
        ("-user:", [4]),
        ('user:"my refund"', [0]),
        ("user:/^my/", [0]),
        ("user:=hello", [1]),
        ("kind:chat", [0, 1, 2]),
        ("kind:completion", [3]),
        ("broken:yes", [4]),
        ("broken:no turns:2", [0, 1]),
        ("line:2..3", [1, 2]),
        ("line:>4", [4]),
        ("bytes:<10", [4]),
        ("refund turns:>2", [2]),
        ("-changed:", [0, 1, 2, 3, 4]),
    ],
)
def test_tests_of_columns(tmp_path: Path, text: str, rows: list[int]) -> None:
    system = {"role": "system", "content": "short"}
    three = [system, {"role": "user", "content": "no refund?"}, {"role": "assistant", "content": "no"}]
    completion = {"prompt": "x", "completion": []}
    lines = [
        chat("my refund"),
        chat("hello", "a refund"),
        json.dumps({"messages": three}).encode(),
        json.dumps(completion).encode(),
        b"broken",
    ]
    assert rows_for(opened(tmp_path / "a.jsonl", lines), text) == rows


def test_changed_rows(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat(str(row)) for row in range(4)])
    document.replace_raw(1, chat("other"))
    document.insert_raw(2, chat("new"))
    assert rows_for(document, "changed:") == [1, 2]
    assert rows_for(document, "changed:no") == [0, 3, 4]


def test_marks(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat(str(row)) for row in range(4)])
    marks = Marks(document)
    marks.tag(RowSet.of([0, 2]), "hard", True)
    marks.tag(RowSet.of([3]), "harder", True)
    marks.note(1, "look again")
    marks.review(RowSet.of([2, 3]), True)
    expected = {
        "tag:hard": [0, 2], "tag:": [0, 2, 3], "-tag:": [1], "tag:/^hard/": [0, 2, 3], "note:again": [1],
        "note:": [1], "reviewed:": [2, 3], "reviewed:no": [0, 1], "tag:hard reviewed:": [2],
        f"id:{marks.id_of(2)}": [2], "id:none": [],
    }  # fmt: skip
    assert {text: rows_for(document, text, marks=marks) for text in expected} == expected


@pytest.mark.parametrize("many", [0, 10_000])
def test_numbers_known_for_all_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    monkeypatch.setattr(columns_module, "_MANY", many)
    document = opened(tmp_path / "a.jsonl", [chat(str(row)) for row in range(6)])
    tokens = Column(
        "tokens", "", "number", all_rows=lambda snapshot: array("I", [5, 50, 500, 0xFFFFFFFF, 7, 8]), missing=0xFFFFFFF0
    )
    expected = {
        "tokens:>7": [1, 2, 5], "tokens:<=7": [0, 4], "tokens:": [0, 1, 2, 4, 5], "-tokens:": [3],
        "tokens:>0.4k": [2], "tokens:..1,000": [0, 1, 2, 4, 5], "tokens:>5 -tokens:>=50": [4, 5], "tokens:>=7 4": [4],
    }  # fmt: skip
    assert {text: rows_for(document, text, tokens) for text in expected} == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("turns:x", "takes a number"),
        ("turns:>", "takes a number"),
        ("turns:..", "takes a number"),
        ("broken:maybe", "yes or no"),
        ("/a(b/", "not right at character 2: missing )"),
        ("user:/[/", "not right"),
        ("/a{99999999999999999999}/", "too big"),
    ],
)
def test_says_what_is_not_right_yet(tmp_path: Path, text: str, problem: str) -> None:
    document = opened(tmp_path / "a.jsonl", [chat()])
    query = parse_query(text, built_in_columns(document))
    assert problem in query.problem
    assert found(document, query) == [] and not query.matches(0, chat())


def test_notes_what_may_not_be_meant() -> None:
    columns = {"turns": Column("turns", "", "number", lambda row, line: 1)}
    assert "did you mean turns:?" in parse_query("turn:3", columns).note
    assert "there are turns." in parse_query("colour:red", columns).note
    assert "two slashes" in parse_query("/usr/bin", columns).note
    assert parse_query("https://example.org TURNS:1", columns).note == ""
    assert parse_query('"turn:3"', columns).note == ""


# --- how it is searched ---------------------------------------------------------------------------------------------


def test_begins_at_a_row_and_goes_round(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("x"), chat("y"), chat("x")])
    reports = [*search(document, parse_query("x", {}), cancelled=never, start=1)]
    assert [list(hits.rows) for hits in reports] == [[2], [0]]
    assert [(hits.searched, hits.total) for hits in reports] == [(2, 3), (3, 3)]


def test_searches_edited_and_moved_rows_among_others(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat(f"row {row}") for row in range(400)])
    document.replace_raw(7, b"")  # without a text, and the last line of the file may have no end
    for row in range(100, 180, 2):
        document.replace_raw(row, chat("edited"))
    document.move(350, 20)
    document.insert_raw(0, chat("row 999"))
    document.insert_raw(len(document), chat("row, the last"))
    for text in ("row", "edited", "99", "-row", "line:90..120 row", "user:/^row 3/"):
        rows_for(document, text)
    assert rows_for(document, '"row 350"') == [21]
    assert rows_for(document, "edited") == list(range(102, 182, 2))
    assert rows_for(document, "line:1.. row,") == [401]


def test_reads_only_lines_that_may_match(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat(str(row)) for row in range(40)])
    seen: list[int] = []

    def value(row: int, line: Line) -> int:
        seen.append(row)
        return row

    slow = Column("slow", "", "number", value)
    fast = Column("fast", "", "number", rows_with=lambda snapshot, test: RowSet.of([3, 30]))
    query = parse_query("slow:>10 fast:", {"slow": slow, "fast": fast})
    assert found(document, query) == [30] and seen == [3, 30]


def test_ends_when_it_is_cancelled(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("x" * 1000) for _ in range(5000)])
    blocks: list[int] = []

    def cancelled() -> bool:
        blocks.append(1)
        return len(blocks) > 3

    assert sum(len(hits.rows) for hits in search(document, parse_query("x", {}), cancelled=cancelled)) < 5000


def test_goes_on_with_rows_that_are_indexed_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((chat("x" * 1000) + b"\n") * 5000)
    document = Document.open(path)
    assert not document.is_indexed
    reports = search(document, parse_query("x", {}), cancelled=never)
    first = next(reports)
    assert first.total < 5000
    thread = threading.Thread(target=document.build_index)
    thread.start()
    rest = [*reports]
    thread.join()
    assert [*first.rows, *(row for hits in rest for row in hits.rows)] == list(range(5000))
    assert (rest[-1].searched, rest[-1].total) == (5000, 5000)


def test_searches_the_rows_as_they_were_when_it_began(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("x"), chat("y"), chat("x")])
    reports = search(document, parse_query("x", {}), cancelled=never, start=2)
    first = next(reports)
    document.delete(0)
    rest = [*reports]
    assert [list(hits.rows) for hits in [first, *rest]] == [[2], [0]]
    assert {hits.revision for hits in rest} == {first.revision} != {document.revision}


def test_says_when_the_file_was_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    document = opened(path, [chat("x"), chat("x")])
    path.write_bytes(b"{}\n")
    with pytest.raises(InputError):
        found(document, parse_query("x", {}))


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("refund .*please", "refund "), ("colou?r", "colo"), ("colours?", "colour"), ("abc|def", ""), ("(abc)?", ""),
        (r"\bword\b", "word"), (r"a\.b word\d*", "b word"), (r"\u00e9abc", ""), ("x{0}abc", "abc"), ("^yes$", "yes"),
        ("a{100}", ""), ("abcd{2,100}xyz", "abc"), ("{name}", ""),
    ],
)  # fmt: skip
def test_the_text_that_each_match_has(pattern: str, literal: str) -> None:
    assert literal_in(Pattern(pattern)) == literal
    assert literal_in(Pattern(pattern, re.IGNORECASE)) == ""


@given(st.floats(0, 9), st.floats(0, 9))
def test_bounds(bound: float, value: float) -> None:
    for name, compare in {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}.items():
        low, high = (bound, None) if ">" in name else (None, bound)
        assert Test(low=low, high=high, is_open="=" not in name).holds_number(value) == compare(value, bound)


@given(
    st.lists(st.text("返金をa\\\n", max_size=6), max_size=5),
    st.text("返金を", min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_a_text_without_latin_letters_is_found_however_its_characters_are_written(
    texts: list[str], wanted: str, choose: random.Random
) -> None:
    def written(text: str) -> str:
        return "".join(json.dumps(letter, ensure_ascii=choose.random() < 0.5)[1:-1] for letter in text)

    lines = [f'{{"messages": [{{"role": "user", "content": "{written(text)}"}}]}}'.encode() for text in texts]
    data = b"\n".join(lines)
    needle = Needle(wanted)
    rows: set[int] = set()
    at = 0
    while (hit := needle.next(data, at)) is not None:
        rows.add(data.count(b"\n", 0, hit[0]))
        at = hit[1]
    assert rows == {number for number, text in enumerate(texts) if wanted in text}
