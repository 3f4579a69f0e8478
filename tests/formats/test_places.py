"""The place of a value in a text is where that value is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.formats.lines import decode_line
from fttui.formats.places import key_place_of, place_of
from fttui.formats.slots import Path

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def paths(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every path in a value, with what stands there."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


@given(VALUES, st.sampled_from([(", ", ": "), (",", ":"), (" ,  ", "\t: ")]), st.booleans())
def test_what_stands_at_a_place_is_the_value(value: Any, separators: tuple[str, str], ensure_ascii: bool) -> None:
    text = json.dumps(value, separators=separators, ensure_ascii=ensure_ascii)
    for path, item in paths(value):
        place = place_of(text, path)
        assert place is not None
        start, end = place
        assert json.dumps(json.loads(text[start:end])) == json.dumps(item)
        assert text[start:end] == text[start:end].strip()
        key = key_place_of(text, path)
        if path and isinstance(path[-1], str):
            assert key is not None
            assert json.loads(text[key[0] : key[1]]) == path[-1]
            assert key[1] < start
        else:
            assert key is None


def test_the_last_of_two_equal_keys_counts() -> None:
    text = '{"a": 1, "\\u0061": [2, {"b": 3}]}'
    assert place_of(text, ("a",)) == (text.index("["), len(text) - 1)
    assert place_of(text, ("a", 1, "b")) == (text.index("3"), text.index("3") + 1)


@pytest.mark.parametrize("path", [("b",), ("a", 2), ("a", "x"), (0,), ("a", 0, "deep"), ("a", -1)])
def test_a_path_that_leads_nowhere(path: Path) -> None:
    assert place_of('{"a": [1, 2]}', path) is None
    assert key_place_of('{"a": [1, 2]}', path) is None


@pytest.mark.parametrize(
    "text", ["", "{", '{"a"', '{"a": ', '{"a": "x', '{"a": [1', "{a: 1}", '{"a" 1}', '{"a": [1 2]}']
)
def test_a_text_that_is_no_json(text: str) -> None:
    assert place_of(text, ("a", 1)) is None


def test_a_byte_order_mark_counts_as_a_character() -> None:
    assert place_of('\ufeff{"a": 1}', ("a",)) == (7, 8)


@pytest.mark.parametrize("name", hostile.LINES)
def test_hostile_lines(name: str) -> None:
    text = decode_line(hostile.LINES[name])
    for path in ((), ("messages",), ("messages", 0, "content"), ("messages", 2, "role"), ("n",)):
        place = place_of(text, path)
        assert place is None or 0 <= place[0] < place[1] <= len(text)
