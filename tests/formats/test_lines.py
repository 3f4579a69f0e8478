"""A line's value, exactly, or why it has none and where."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import hostile
from fttui.formats.lines import MAX_DEPTH, LineError, is_read_whole, parse_line
from fttui.formats.numbers import ExactNumber


@pytest.mark.parametrize(
    ("line", "reason", "column"),
    [
        ('{"messages": ["never closed]}', "not JSON: the string opened at column 15 never closes", 15),
        ('{"a": "日本", "b": "x}', "not JSON: the string opened at column 18 never closes", 18),
        ('{"a":[1,2', "not JSON: the line ends before the list opened at column 6 closes", 10),
        ('{"a":[1,2]', "not JSON: the line ends before the object opened at column 1 closes", 11),
        ('{"a":', "not JSON: the line ends before the object opened at column 1 closes", 6),
        ('{"a":[1,2}', "not JSON: a comma or ] should stand at column 10", 10),
        ('{"a":1 "b":2}', "not JSON: a comma or } should stand at column 8", 8),
        ('{"a" 1}', "not JSON: a colon should stand at column 6, after the key", 6),
        ('{"a":1, }', "not JSON: nothing follows the comma at column 7", 7),
        ('{"a":[1,]}', "not JSON: nothing follows the comma at column 8", 8),
        ("{'a':1}", "not JSON: the key at column 2 stands in single quotes; JSON wants double quotes", 2),
        ("{\"a\":'x'}", "not JSON: the string at column 6 stands in single quotes; JSON wants double quotes", 6),
        ("{a:1}", "not JSON: a key in double quotes should stand at column 2", 2),
        ('{"a":True}', "not JSON: True at column 6 is Python; JSON writes true", 6),
        ('{"a":tru}', "not JSON: a value should stand at column 6", 6),
        ("{} {}", "not JSON: something follows the end of the value at column 4: one line holds one object", 4),
        ('{"a":"\t"}', "not JSON: a tab at column 7 must be written as \\t", 7),
        ('{"a":"\x01"}', "not JSON: the control character U+0001 at column 7 must be written as \\u0001", 7),
        ('{"a":"\\u12"}', "not JSON: \\u at column 7 needs four hexadecimal digits", 7),
        ("plain text", "not JSON: a value should stand at column 1", 1),
        ("", "blank line", None),
        (" \t\r\n", "blank line", None),
        ("[1, 2]", "a line must be a JSON object in braces; this is a list", 1),
        ('"x"', "a line must be a JSON object in braces; this is a string", 1),
        ("null", "a line must be a JSON object in braces; this is null", 1),
        ("true", "a line must be a JSON object in braces; this is true or false", 1),
        ("1.5", "a line must be a JSON object in braces; this is a number", 1),
        ("NaN", "a line must be a JSON object in braces; this is a number", 1),
    ],
)  # fmt: skip
def test_a_broken_line_says_why_and_where(line: str, reason: str, column: int | None) -> None:
    parsed = parse_line(line.encode())
    assert parsed.value is None
    assert parsed.error == LineError(reason, column)


def test_an_escape_that_json_does_not_have() -> None:
    error = parse_line(rb'{"a":"\x"}').error
    assert error is not None
    assert error.column == 7
    assert "no escape of JSON" in error.reason


def test_bytes_that_are_no_text() -> None:
    error = parse_line('{"a":"日'.encode() + b'\xff"}').error
    assert error == LineError("not UTF-8: byte 0xff at column 8 belongs to no character", 8)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', '["é",'.encode()])
def test_nesting_has_a_limit(opening: bytes) -> None:
    closing = b"}" if opening.startswith(b"{") else b"]"
    inner = MAX_DEPTH - 1
    fine = b'{"x":' + opening * inner + b"1" + closing * inner + b"}"
    assert parse_line(fine).error is None
    deep = b'{"x":' + opening * (inner + 1) + b"1" + closing * (inner + 1) + b"}"
    error = parse_line(deep).error
    assert error is not None
    assert error.reason.startswith(f"nested deeper than {MAX_DEPTH} levels at column ")
    assert error.column == len(deep[: 5 + len(opening) * inner].decode()) + 1
    assert parse_line(opening * 100_000).error is not None


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert parse_line(json.dumps({"a": "[{" * 1000}).encode()).error is None


def test_numbers_are_exact() -> None:
    digits = "9" * 5000
    line = '{"a":12345678901234567890123,"b":1e400,"c":0.1234567890123456789,"e":1.5,"f":-1e-400,"d":' + digits + "}"
    value = parse_line(line.encode()).value
    assert value is not None
    assert value["a"] == 12345678901234567890123
    assert [repr(value[key]) for key in "bcdef"] == ["1e400", "0.1234567890123456789", digits, "1.5", "-1e-400"]
    assert isinstance(value["d"], ExactNumber)
    assert type(value["e"]) is float


def test_what_only_python_reads_is_read_with_a_warning() -> None:
    parsed = parse_line(b'{"a": NaN, "b": [Infinity, -Infinity]}')
    assert parsed.error is None
    assert len(parsed.warnings) == 3
    assert parsed.warnings[0].startswith("NaN is not JSON")


@pytest.mark.parametrize(
    "line", [b'{"a":1,"a":2}', b'{"a" : 1, "a" : 2}', b'{"a"  :1,"a"\t:2}', b'{"b":[{"a":1,"a":2}]}']
)
def test_a_repeated_key_is_warned_about(line: bytes) -> None:
    parsed = parse_line(line)
    assert parsed.error is None
    assert parsed.warnings == ('the key "a" is there more than once; the last one counts',)


def test_a_key_in_a_text_is_no_repeated_key() -> None:
    assert parse_line(json.dumps({"a": '{"a":1,"a":2}'}).encode()).warnings == ()


NESTED = st.recursive(
    st.text('a":\\ {', max_size=5) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(st.text('a":\\', max_size=2), inner), max_size=3),
    max_leaves=8,
)
"""Values in which objects are lists of pairs: of keys that may stand twice."""


def spelt(value: object, colon: str, inside: str) -> str:
    if isinstance(value, list) and value and all(isinstance(item, tuple) for item in value):
        pairs = (f"{spelt(key, colon, inside)}{colon}{spelt(item, colon, inside)}" for key, item in value)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(spelt(item, colon, inside) for item in value) + "]"
    return json.dumps(value).replace(":", inside)


@given(
    st.lists(st.tuples(st.text('a":\\', max_size=2), NESTED), min_size=1, max_size=3),
    st.sampled_from((":", ": ", " : ", "  :")),
    st.sampled_from((":", "\\u003a", "\\u003A")),
)
@settings(max_examples=500)
def test_a_repeated_key_is_never_overlooked_whatever_stands_in_texts(
    record: list[object], colon: str, inside: str
) -> None:
    repeated: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in items]
        repeated.extend(key for key in keys if keys.count(key) > 1)
        return dict(items)

    raw = spelt(record, colon, inside).encode()
    value = json.loads(raw, object_pairs_hook=pairs)
    parsed = parse_line(raw)
    assert parsed.value == value
    assert set(parsed.repeated) == set(repeated)
    assert not is_read_whole(raw, orjson.loads(raw)) or not repeated


def test_json_inside_a_text_takes_no_second_look() -> None:
    raw = json.dumps({"arguments": json.dumps({"city": "Oslo", "days": 2})}).encode()
    assert is_read_whole(raw, json.loads(raw))


@pytest.mark.parametrize(
    "number", ["0.1234567890123456", "123456789012345678901", "1e-320", "1.5E+300", "1234567890.1234567890"]
)
def test_a_number_that_a_double_cannot_hold_takes_a_second_look(number: str) -> None:
    raw = b'{"a": ' + number.encode() + b"}"
    assert not is_read_whole(raw, orjson.loads(raw))
    assert is_read_whole(b'{"a": "' + number.encode() + b'"}', {"a": number})


def test_half_of_a_surrogate_pair_is_kept_and_warned_about() -> None:
    parsed = parse_line(rb'{"a": "x\ud83d"}')
    assert parsed.value == {"a": "x\ud83d"}
    assert len(parsed.warnings) == 1
    assert parse_line(rb'{"a": "\ud83d\ude00"}').warnings == ()


def test_a_byte_order_mark_is_read_over() -> None:
    assert parse_line(b'\xef\xbb\xbf{"a": 1}\r\n').value == {"a": 1}


@pytest.mark.parametrize("name", hostile.LINES)
def test_hostile_lines_are_read_as_python_reads_them(name: str) -> None:
    raw = hostile.LINES[name]
    parsed = parse_line(raw)
    assert (parsed.value is None) == (parsed.error is not None)
    try:
        expected = json.loads(raw, parse_int=lambda digits: int(digits) if len(digits) < 600 else float(digits))
    except (ValueError, RecursionError):
        assert parsed.error is not None
        return
    if isinstance(expected, dict):
        assert json.dumps(parsed.value) == json.dumps(expected)
    else:
        assert parsed.error is not None


@given(
    st.binary(max_size=60)
    | st.text(st.sampled_from("{}[]\",:\\ue1 -.NaInfity'\n\t\x00é\ud800"), max_size=40).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
)
@example(b'{"\xf0')
@example(b'{"a":"\\u')
@example(b"\xef\xbb\xbf")
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    parsed = parse_line(raw)
    assert (parsed.value is None) == (parsed.error is not None)
    if parsed.error is not None:
        assert parsed.error.reason
        assert parsed.error.column is None or parsed.error.column >= 1
    else:
        assert isinstance(parsed.value, dict)
