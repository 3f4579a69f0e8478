"""Sorting rows by a column, against Python's own sort."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.dataset import sorting
from fttui.dataset.document import Document
from fttui.dataset.query import Column, Line, built_in_columns
from fttui.dataset.rowset import RowSet
from fttui.dataset.sorting import sort_rows
from fttui.dataset.view import View


def opened(path: Path, lines: Iterable[bytes]) -> Document:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    document = Document.open(path)
    document.build_index()
    return document


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    return opened(tmp_path_factory.mktemp("sort") / "a.jsonl", [b"{}"] * 12)


def never() -> bool:
    return False


NUMBERS = st.one_of(st.none(), st.integers(-3, 3), st.floats(-3, 3))
WORDS = st.one_of(st.none(), st.text("abB é日", max_size=3))


@pytest.mark.parametrize("many", [0, 10_000])
@pytest.mark.parametrize("descending", [False, True])
@given(
    data=st.one_of(st.lists(NUMBERS, min_size=12, max_size=12), st.lists(WORDS, min_size=12, max_size=12)),
    within=st.one_of(st.none(), st.sets(st.integers(0, 20))),
)
def test_sorts_as_python_does(
    many: int, descending: bool, document: Document, data: list[Any], within: set[int] | None
) -> None:
    is_text = any(isinstance(value, str) for value in data)
    column = Column("x", "", "text" if is_text else "number", of_row=lambda row, line: data[row])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "_MANY", many)
        chosen = None if within is None else RowSet.of(within)
        order = sort_rows(document, column, within=chosen, descending=descending, cancelled=never)
    rows = [row for row in range(12) if within is None or row in within]
    there = [row for row in rows if data[row] not in (None, "")]
    keys = {row: data[row].casefold() if is_text else data[row] for row in there}
    expected = sorted(there, key=keys.__getitem__, reverse=descending)
    assert list(order) == expected + [row for row in rows if row not in there]
    assert list(View.sorted(order)) == list(order)


def test_sorts_by_what_stands_in_the_lines(tmp_path: Path) -> None:
    texts = [["pear"], ["apple", "pie"], [], ["Banana"]]
    lines = [json.dumps({"messages": [{"role": "user", "content": text} for text in row]}).encode() for row in texts]
    document = opened(tmp_path / "a.jsonl", [*lines, b"broken"])
    document.replace_raw(3, lines[3] + b" ")
    columns = built_in_columns(document)

    def order(name: str, descending: bool = False) -> list[int]:
        return list(sort_rows(document, columns[name], within=None, descending=descending, cancelled=never))

    assert order("user") == [1, 3, 0, 2, 4]
    assert order("turns") == [2, 0, 3, 1, 4]
    assert order("turns", descending=True) == [1, 0, 3, 2, 4]
    assert order("changed", descending=True) == [3, 0, 1, 2, 4]
    assert order("line", descending=True) == [4, 3, 2, 1, 0]


@pytest.mark.parametrize("many", [0, 10_000])
def test_values_known_for_all_rows_are_not_asked_one_by_one(
    document: Document, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(sorting, "_MANY", many)

    def refuse(row: int, line: Line) -> int:
        raise AssertionError("a line was read")

    values = array("I", [3, 1, 2, *[9] * 9])
    column = Column("tokens", "", "number", refuse, lambda snapshot: values, missing=9)
    for descending, expected in ((True, [0, 2, 1, 3]), (False, [1, 2, 0, 3])):
        order = sort_rows(document, column, within=RowSet.span(0, 4), descending=descending, cancelled=never)
        assert list(order) == expected


def test_a_cancelled_sort_gives_nothing(document: Document) -> None:
    column = Column("x", "", "number", of_row=lambda row, line: row)
    assert not sort_rows(document, column, within=None, descending=False, cancelled=lambda: True)
