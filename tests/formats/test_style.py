"""A line written again looks like the file's lines and loses nothing."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.dataset.document import Document
from fttui.formats.lines import parse_line
from fttui.formats.numbers import ExactNumber
from fttui.formats.style import PYTHON_STYLE, JsonStyle, dump_line, style_of

STYLES = [
    JsonStyle(item, key, ascii_only)
    for item in (", ", ",", " , ", ",  ")
    for key in (": ", ":", " : ")
    for ascii_only in (False, True)
]
TRICKY = {
    "a\\": 'x", "y": z',
    "é": [1, {"": "日本 😀"}],
    "big": 10**40,
    "none": None,
    "q": '\\"',
    "lone": "half \ud83d",
}


@pytest.mark.parametrize("style", STYLES)
def test_the_style_of_a_line_is_found_and_used(style: JsonStyle) -> None:
    line = dump_line(TRICKY, style)
    expected = json.dumps(
        TRICKY, ensure_ascii=style.ensure_ascii, separators=(style.item_separator, style.key_separator)
    )
    assert line == expected.replace("\ud83d", "\\ud83d").encode()
    assert style_of(line) == style
    assert parse_line(line).value == TRICKY
    assert list(parse_line(line).value or {}) == list(TRICKY)


def test_what_a_line_does_not_show_comes_from_the_default() -> None:
    default = JsonStyle(",", ":", True)
    assert style_of(b"{}", default) == default
    assert style_of(b'{"a": 1}', default) == JsonStyle(",", ": ", True)
    assert style_of('{"a": "é"}'.encode(), default) == JsonStyle(",", ": ", False)
    assert style_of(rb'{"a": "\u00e9"}') == JsonStyle(", ", ": ", True)
    assert style_of(rb'{"a": "\\u00e9 \u0001 \u003c \ud83d"}') == PYTHON_STYLE
    assert style_of(rb'{"a": "\ud83d\ude00"}').ensure_ascii


JSON_VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON_VALUES, max_size=4), st.sampled_from(STYLES))
def test_a_record_comes_back(record: dict[str, Any], style: JsonStyle) -> None:
    line = dump_line(record, style)
    assert b"\n" not in line
    parsed = parse_line(line)
    assert parsed.error is None
    assert json.dumps(parsed.value) == json.dumps(record)
    assert dump_line(parsed.value or {}, style_of(line, style)) == line


@pytest.mark.parametrize("name", hostile.LINES)
def test_hostile_lines_come_back(name: str) -> None:
    raw = hostile.LINES[name].rstrip(b"\n")
    parsed = parse_line(raw)
    if parsed.error is None and "duplicate" not in name:
        assert dump_line(parsed.value or {}, style_of(raw)) == raw


def test_an_exact_number_keeps_its_spelling() -> None:
    line = b'{"n":[1e400,-0.1234567890123456789],"s":"1e400"}'
    value = parse_line(line).value
    assert value is not None
    assert dump_line(value, style_of(line)) == line
    number = value["n"][1]
    assert number == -0.12345678901234568
    for same in (copy.deepcopy(number), pickle.loads(pickle.dumps(number))):
        assert isinstance(same, ExactNumber)
        assert repr(same) == "-0.1234567890123456789"


@pytest.mark.parametrize("style", STYLES)
def test_an_edited_row_and_a_new_one_look_like_the_file(tmp_path: Path, style: JsonStyle) -> None:
    path = tmp_path / "chat.jsonl"
    first = {"z": 10**30, "messages": [{"role": "user", "content": "plain"}], "unknown": {"b": 1, "a": [1.5]}}
    second = {"messages": [{"role": "user", "content": "日本"}], "k": "é"}
    broken = b"{broken"
    path.write_bytes(b"\n".join([dump_line(first, style), dump_line(second, style), broken]))
    document = Document.open(path)
    new_first = {**first, "messages": [{"role": "user", "content": "新しい"}]}
    document.replace(0, new_first)
    document.replace(2, second)
    document.insert(3, first)
    expected = [dump_line(record, style) for record in (new_first, second, second, first)]
    assert [document.raw(row) for row in range(4)] == expected


def test_a_line_keeps_its_own_style_in_a_file_of_another(tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    path.write_bytes(b'{"a": "\xc3\xa9", "b": 1}\n{"a":"\\u00e9","b":1}\n')
    document = Document.open(path)
    document.replace(1, {"a": "ü", "b": 2})
    assert document.raw(1) == b'{"a":"\\u00fc","b":2}'
