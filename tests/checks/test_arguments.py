"""Arguments of calls: read, or the text that was meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.checks.tools.arguments import read_arguments
from hostile import STRINGS

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=4)


@given(OBJECTS)
def test_json_of_an_object_is_read(value: dict[str, Any]) -> None:
    read = read_arguments(json.dumps(value))
    assert read.fault is None
    assert read.value == value


@given(OBJECTS)
def test_an_object_becomes_its_json(value: dict[str, Any]) -> None:
    read = read_arguments(value)
    assert read.fault == "type"
    assert read.meant is not None and json.loads(read.meant) == value


@given(OBJECTS, st.integers(1, 4))
def test_layers_of_encoding_come_off(value: dict[str, Any], layers: int) -> None:
    plain = json.dumps(value)
    text = plain
    for _ in range(layers):
        text = json.dumps(text)
    read = read_arguments(text)
    assert (read.fault, read.meant) == ("encoded", plain)


@given(st.dictionaries(st.text(min_size=1, max_size=8), JSON, min_size=1, max_size=4))
def test_a_python_dict_becomes_its_json(value: dict[str, Any]) -> None:
    text = str(value)
    read = read_arguments(text)
    if read.fault is not None:  # {} and the like are JSON, too
        assert read.fault == "json"
        assert read.meant is not None and json.loads(read.meant) == value


@given(JSON | st.text(max_size=60).map(lambda text: "{" + text))
def test_what_was_meant_is_right_then(value: Any) -> None:
    read = read_arguments(value)
    assert (read.value is None) == (read.fault is not None)
    if read.meant is not None:
        assert read_arguments(read.meant).fault is None


@pytest.mark.parametrize(
    ("text", "fault", "reason"),
    [
        ("", "json", "are empty"),
        ("{'a': 1}", "json", "Python dict"),
        ("{'a': True, 'b': None}", "json", "Python dict"),
        ('{"a": "one\ntwo"}', "json", "line breaks"),
        ('{"a": NaN}', "json", "NaN"),
        ('{"a": 1', "json", "not JSON"),
        ("[1]", "object", "a list"),
        ("null", "object", "null"),
        ('"Oslo"', "object", "a string"),
        (7, "type", "a number"),
        ([], "type", "a list"),
    ],
)
def test_the_fault_is_named(text: Any, fault: str, reason: str) -> None:
    read = read_arguments(text)
    assert read.fault == fault
    assert reason in read.reason


@pytest.mark.parametrize("text", ["{" + "'a':[" * 5000, "(" * 3000, "{'a': " + "-" * 5000 + "1}", '"' * 999, "{1: 2}"])
def test_strange_texts_are_only_not_json(text: str) -> None:
    assert read_arguments(text).meant is None


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_hostile_texts_are_read(text: str) -> None:
    assert read_arguments(text).fault in ("json", "object", "encoded")
    assert read_arguments(json.dumps({"a": text})).value is not None
    assert read_arguments('{"a": "half \ud83d"}').value is not None


def test_numbers_keep_their_digits() -> None:
    digits = "9" * 800
    assert read_arguments(f'{{"a": {digits}}}').fault is None


def test_what_is_mended_keeps_all_else_as_it_is_spelt() -> None:
    text = '{"x": 1.10, "y": "a\nb", "x": 2}'
    assert read_arguments(text).meant == '{"x": 1.10, "y": "a\\nb", "x": 2}'
    assert read_arguments("{'x': 1, 'x': 2}").meant is None, "one of the two would be lost"
