"""Find and replace over many examples, against `re.sub` on the texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from fttui.core.errors import InputError
from fttui.dataset.document import Document
from fttui.dataset.replace import Replacement, preview, replace_all
from fttui.dataset.rowset import RowSet


def opened(path: Path, lines: Iterable[bytes]) -> Document:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    document = Document.open(path)
    document.build_index()
    return document


def chat(*texts: str, **other: Any) -> bytes:
    roles = ("user", "assistant")
    messages = [{"role": roles[at % 2], "content": text} for at, text in enumerate(texts)]
    return json.dumps({"messages": messages, **other}).encode()


def texts_in(document: Document, row: int) -> list[str]:
    return [message["content"] for message in json.loads(document.raw(row))["messages"]]


def never() -> bool:
    return False


def replaced(document: Document, replacement: Replacement, rows: RowSet | None = None) -> tuple[list[int], int]:
    result = replace_all(document, replacement, rows, cancelled=never)
    assert not result.is_cancelled
    return list(result.rows), result.hits


TEXTS = st.text('aAbé"\\\n<日 ', max_size=6)
PATTERNS = [
    *((text, False) for text in ("a", "aB", "é", '"', "\\", "\n")),
    *((text, True) for text in ("a+", "(a)(b)?", "b|<", "^a", "x*")),
]


@settings(max_examples=100)
@given(
    rows=st.lists(st.tuples(st.lists(TEXTS, max_size=3), st.booleans()), min_size=1, max_size=4),
    pattern=st.sampled_from(PATTERNS),
    to=st.text('ab"\\\n日', max_size=3),
    match_case=st.booleans(),
    roles=st.sampled_from([None, frozenset({"user"}), frozenset({"tool"})]),
)
def test_changes_texts_as_python_does(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[list[str], bool]],
    pattern: tuple[str, bool],
    to: str,
    match_case: bool,
    roles: frozenset[str] | None,
) -> None:
    lines = [
        json.dumps(json.loads(chat(*texts, other=[1.5, "a"])), ensure_ascii=is_ascii).encode()
        for texts, is_ascii in rows
    ]
    document = opened(tmp_path_factory.mktemp("replace") / "a.jsonl", lines)
    text, is_regex = pattern
    to = to.replace("\\", "\\\\") if is_regex else to
    replacement = Replacement(text, to, is_regex, match_case, roles)
    compiled = re.compile(text if is_regex else re.escape(text), 0 if match_case else re.IGNORECASE)
    expected: list[list[str]] = []
    hits = 0
    for texts, _ in rows:
        new = []
        for at, old in enumerate(texts):
            is_wanted = roles is None or ("user", "assistant")[at % 2] in roles
            after, count = compiled.subn(to if is_regex else lambda match: to, old) if is_wanted else (old, 0)
            new.append(after)
            hits += count if after != old else 0
        expected.append(new)
    changed = [row for row, (texts, _) in enumerate(rows) if expected[row] != texts]

    shown = [*preview(document, replacement, None, cancelled=never)]
    assert replaced(document, replacement) == (changed, hits)
    assert [texts_in(document, row) for row in range(len(rows))] == expected
    assert [(p.row, p.message, p.after) for p in shown] == [
        (row, at, after)
        for row, (texts, _) in enumerate(rows)
        for at, after in enumerate(expected[row])
        if after != texts[at]
    ]
    assert (shown[-1].rows, shown[-1].hits) == (len(changed), hits) if shown else not changed
    for row, line in enumerate(lines):
        if row not in changed:
            assert document.raw(row) == line
    document.undo()
    assert [document.raw(row) for row in range(len(rows))] == lines
    assert not document.is_dirty


def test_groups_of_a_regular_expression(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("Mr Smith and Mr Jones", "none")])
    swap = Replacement(r"Mr (?P<name>\w+)", r"\g<name>, \1!\n", is_regex=True)
    assert replaced(document, swap) == ([0], 2)
    assert texts_in(document, 0)[0] == "Smith, Smith!\n and Jones, Jones!\n"


def test_a_text_to_put_there_is_taken_as_it_is(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("a.b axb")])
    assert replaced(document, Replacement("a.b", r"\1\g<0>")) == ([0], 1)
    assert texts_in(document, 0) == [r"\1\g<0> axb"]


def test_only_chosen_rows_and_one_step(tmp_path: Path) -> None:
    lines = [chat(f"old {row}") for row in range(300)]
    document = opened(tmp_path / "a.jsonl", lines)
    assert replaced(document, Replacement("old", "new"), RowSet.span(100, 250))[0] == list(range(100, 250))
    assert [texts_in(document, row)[0][:3] for row in (99, 100, 249, 250)] == ["old", "new", "new", "old"]
    assert replaced(document, Replacement("nothing like it", "x")) == ([], 0)
    document.undo()
    assert not document.can_undo and [document.raw(row) for row in range(300)] == lines


def test_keeps_all_else_as_it_is_spelt(tmp_path: Path) -> None:
    line = b'{"n":1.50,"e":[1e3,-0],"messages":[{"role":"user","content":"caf\\u00e9 old","w":2}],"z":"old"}'
    document = opened(tmp_path / "a.jsonl", [line])
    assert replaced(document, Replacement("OLD", "é", match_case=False)) == ([0], 1)
    assert document.raw(0) == line.replace(b" old", b" \\u00e9")


def test_parts_that_are_no_text_stay(tmp_path: Path) -> None:
    parts = [{"type": "text", "text": "old"}, {"type": "image_url", "image_url": {"url": "old"}}]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": None}]
    document = opened(tmp_path / "a.jsonl", [json.dumps({"messages": messages}).encode()])
    assert replaced(document, Replacement("old", "new")) == ([0], 1)
    assert json.loads(document.raw(0))["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "new"}, parts[1]]}, messages[1],
    ]  # fmt: skip


def test_keeps_keys_that_stand_twice_or_leaves_the_line_alone(tmp_path: Path) -> None:
    twice = b'{"a": 1, "a": 2, "messages": [{"role": "user", "content": "old"}]}'
    unclear = b'{"a": "old", "a": 2, "messages": [{"role": "user", "content": "old"}]}'
    document = opened(tmp_path / "a.jsonl", [twice, unclear, chat("old")])
    result = replace_all(document, Replacement("old", "new"), None, cancelled=never)
    assert (list(result.rows), result.hits, result.skipped) == ([0, 2], 2, 1)
    assert document.raw(0) == twice.replace(b"old", b"new") and document.raw(1) == unclear


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r'{"messages":[{"content":"old"}],"n":[1.50,1e3,-0]}', r'{"messages":[{"content":"néw"}],"n":[1.50,1e3,-0]}'),
        (r'{"messages":[{"content":"old"}],"n":"old","e":1e3}', r'{"messages":[{"content":"néw"}],"n":"old","e":1e3}'),
        (r'{"messages":[{"content":"o\u006cd"}]}', r'{"messages":[{"content":"néw"}]}'),
        (r'{"messages":[{"content":"\u00e9 old"}], "n":1}', r'{"messages":[{"content":"\u00e9 n\u00e9w"}], "n":1}'),
        (r'{"messages":[{"content":"é old"}],"n":"\u00e9"}', r'{"messages":[{"content":"é néw"}],"n":"\u00e9"}'),
        (r'{"prompt":  "old",  "completion":""}', r'{"prompt":  "néw",  "completion":  ""}'),
    ],
)
def test_writes_as_little_anew_as_it_can(tmp_path: Path, line: str, expected: str) -> None:
    document = opened(tmp_path / "a.jsonl", [line.encode()])
    assert replaced(document, Replacement("o?ld", "néw", is_regex=True)) == ([0], 1)
    assert document.raw(0).decode() == expected


def test_no_line_is_too_odd(tmp_path: Path) -> None:
    lines = [line.rstrip(b"\n") for line in hostile.LINES.values()]
    document = opened(tmp_path / "a.jsonl", lines)
    rows, _ = replaced(document, Replacement("[a-z]$", "", is_regex=True))
    assert rows and all(document.raw(row) == line for row, line in enumerate(lines) if row not in rows)


def test_cancelled_it_changes_nothing(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("old " * 300) for _ in range(3000)])
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 2

    result = replace_all(document, Replacement("old", "new"), None, cancelled=cancelled)
    assert result.is_cancelled and not document.is_dirty and not document.can_undo
    assert len([*preview(document, Replacement("old", "new"), None, cancelled=cancelled)]) == 0


def test_refuses_when_rows_are_edited_meanwhile(tmp_path: Path) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("old " * 300) for _ in range(3000)])
    progress: list[tuple[int, int]] = []

    def on_progress(done: int, total: int) -> None:
        if not progress:
            document.replace_raw(5, chat("old, and edited meanwhile"))
        progress.append((done, total))

    with pytest.raises(InputError, match="meanwhile"):
        replace_all(document, Replacement("old", "new"), None, cancelled=never, on_progress=on_progress)
    assert texts_in(document, 5) == ["old, and edited meanwhile"] and texts_in(document, 6)[0].startswith("old")
    assert progress[-1] == (3000, 3000)


@pytest.mark.parametrize(
    ("pattern", "to", "problem"),
    [
        ("", "x", "nothing to find"),
        ("(a", "x", "regular expression is not right"),
        ("a", "\\2", "put in its place is not right"),
        ("a", "\\g<no>", "names a group"),
    ],
)
def test_says_what_is_wrong(tmp_path: Path, pattern: str, to: str, problem: str) -> None:
    document = opened(tmp_path / "a.jsonl", [chat("a")])
    with pytest.raises(InputError, match=problem):
        list(preview(document, Replacement(pattern, to, is_regex=True), None, cancelled=never))
