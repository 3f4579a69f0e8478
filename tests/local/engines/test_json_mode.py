"""The automaton of JSON mode against Python's own reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.local.engines.numpy_engine.json_mode import MOST_DEPTH, MOST_NUMBER, START, JsonProgress

ALPHABET = b'{}[]":,\\ \n0123456789-+.eEtrufalsn/bd' + "é€🦊".encode() + b"\x00\xff\xc0\xed\xa0"

numbers = st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12, allow_nan=False).filter(lambda x: abs(x) > 1e-9)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(texts, values, max_size=5)


def _is_whole(text: bytes) -> bool:
    progress = START.after(text)
    return progress is not None and progress.is_done


@given(objects, st.sampled_from([None, 2, 4]), st.booleans())
def test_every_object_is_taken(value: dict[str, Any], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if ascii_only and max(text) < "\U00010000":  # others would be escaped as a pair of surrogates
        text = json.dumps(value, indent=indent)
    assert _is_whole(text.encode())


@given(objects, st.data())
def test_every_beginning_can_be_closed(value: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(value, ensure_ascii=False).encode()
    begun = text[: data.draw(st.integers(0, len(text)))]
    progress = START.after(begun)
    assert progress is not None
    whole = begun + progress.shortest_end()
    assert _is_whole(whole)
    assert isinstance(json.loads(whole), dict)


@given(st.lists(st.sampled_from(sorted(set(ALPHABET))), max_size=60))
def test_whatever_is_taken_can_be_read(bytes_: list[int]) -> None:
    """A walk that skips what cannot come, and closes what it opened."""
    progress: JsonProgress = START
    taken = bytearray()
    for byte in bytes_:
        then = progress.after_byte(byte)
        if then is not None:
            assert len(then.shortest_end()) <= len(progress.shortest_end()) + 5
            progress = then
            taken.append(byte)
    taken += progress.shortest_end()
    assert isinstance(json.loads(bytes(taken).decode()), dict)
    assert _is_whole(bytes(taken))


@pytest.mark.parametrize("number", ["9" * 28, "-" + "9" * 27, "0." + "1" * 26])
@given(tail=st.lists(st.sampled_from(b"0123456789.eE+-"), max_size=12))
def test_a_number_has_no_dead_end(number: str, tail: list[int]) -> None:
    """Wherever it is cut, also at its longest, it can be closed, and is a number."""
    taken = b'{"a":' + number.encode()
    progress = START.after(taken)
    assert progress is not None
    for byte in tail:
        then = progress.after_byte(byte)
        if then is not None:
            progress, taken = then, taken + bytes([byte])
        closed = progress.after(progress.shortest_end())
        assert closed is not None and closed.is_done
    assert isinstance(json.loads(taken + progress.shortest_end()), dict)
    assert len(taken) < len(b'{"a":') + MOST_NUMBER + 4


@given(objects, st.integers(0, 200), st.integers(0, 255))
def test_what_is_refused_cannot_be_read(value: dict[str, Any], position: int, byte: int) -> None:
    """A byte changed in an object: refused, or still an object."""
    text = bytearray(json.dumps(value, ensure_ascii=False).encode())
    text[position % len(text)] = byte
    if _is_whole(bytes(text)):
        assert isinstance(json.loads(bytes(text).decode()), dict)


@given(objects, st.data())
def test_the_shortest_end_shrinks_byte_by_byte(value: dict[str, Any], data: st.DataObject) -> None:
    """Which is what lets an answer be closed in time: each byte of the end leaves one less to come."""
    text = json.dumps(value, ensure_ascii=False).encode()
    progress = START.after(text[: data.draw(st.integers(0, len(text)))])
    assert progress is not None
    while end := progress.shortest_end():
        then = progress.after_byte(end[0])
        assert then is not None
        assert len(then.shortest_end()) <= len(end) - 1
        progress = then
    assert progress.is_done


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "1", "  {}", "{,}", '{"a"}', '{"a":}', '{"a":1,}', '{a:1}', "{'a':1}", '{"a":01}', '{"a":.5}',
        '{"a":1.}', '{"a":+1}', '{"a":1e}', '{"a":NaN}', '{"a":Infinity}', '{"a":tru}', '{"a":"\n"}', '{"a":"\\x"}',
        '{"a":"\\u12"}', '{"a":[1,]}', '{"a":[}', '{"a":1]', "{}{}", "{}x",
        "\n{}", '{"a" :1}', '{"a":\n1}', '{"a":1\n,"b":2}', '{  "a":1}', '{\n\n"a":1}', '{\r\n}',
        '{"a":1 2}', '{"a" "b"}', "\ufeff{}",
    ],
)  # fmt: skip
def test_no_objects(text: str) -> None:
    assert not _is_whole(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "{}", "{ }", ' {"a":1}', '{ "a": [ 1, 2 ] }', '{\n\t"a": 1\n}',
        "{}\n", '{"a":-0.5e-7}', '{"a":[[],{},"",null,true,false]}', '{"a":"\\u00e9\\"\\\\"}',
        '{\n    "a": [\n        1\n    ]\n}',
    ],
)  # fmt: skip
def test_objects(text: str) -> None:
    assert _is_whole(text.encode())
    assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":"\\ud83e', b'{"a":"\xed\xa0\x80', b'{"a":"\xc0\xaf', b'{"a":"\xff', b'{"a":"\xe2\x82"',
        b'{"a":1e999', b"{" + b" " * 100, b'{"a":' + b"1" * 100, b'{"a":' + b"[" * (MOST_DEPTH + 1),
    ],
)  # fmt: skip
def test_what_would_go_wrong_later_is_refused_at_once(text: bytes) -> None:
    assert START.after(text) is None
