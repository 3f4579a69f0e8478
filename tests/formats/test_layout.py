"""JSON laid out for editing comes back as it was spelt; a mistake is placed at its line and column."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from fttui.core.text import needs_escaped_editing
from fttui.formats.checking import Mistake, mistake_in_record, read_value
from fttui.formats.layout import lay_out, on_one_line, without_line_ends
from fttui.formats.lines import decode_line, encode_line, parse_exact, parse_line
from fttui.formats.numbers import Verbatim
from fttui.formats.style import JsonStyle, dump_line, style_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.text(max_size=5), VALUES, min_size=1, max_size=4)


@given(RECORDS, st.sampled_from([(", ", ": "), (",", ":")]), st.booleans())
def test_a_laid_out_line_comes_back_byte_for_byte(record: Any, marks: tuple[str, str], is_ascii: bool) -> None:
    line = dump_line(record, JsonStyle(*marks, is_ascii)).decode()
    laid_out = lay_out(line)
    assert json.loads(laid_out) == record
    assert not needs_escaped_editing(laid_out)
    style = style_of(line.encode(), JsonStyle(*marks))
    assert on_one_line(laid_out, line, style) == line


def test_it_is_laid_out_as_one_expects() -> None:
    assert lay_out('{"a":[],"b":{},"c":[1,{"d":"x, y: {"}]}') == (
        '{\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    {\n      "d": "x, y: {"\n    }\n  ]\n}'
    )


def test_spellings_and_repeated_keys_stay() -> None:
    line = r'{"a":1.50,"b":1e3,"c":-0,"a":"\/\u0041\n"}'
    laid_out = lay_out(line)
    assert on_one_line(laid_out, line) == line
    assert on_one_line(laid_out.replace("1e3", "1E5"), line) == line.replace("1e3", "1E5")


def test_a_pure_ascii_line_shows_letters_and_takes_new_ones_as_escapes() -> None:
    line = r'{"a": "\u00e9 \ud83d\ude00 \ud83d \\u00e9 \u202e"}'
    laid_out = lay_out(line)
    assert "é 😀" in laid_out
    assert on_one_line(laid_out, line) == line
    assert on_one_line(laid_out.replace("é", "日"), line) == line.replace(
        r"\u00e9 \ud83d\ude00", r"\u65e5 \ud83d\ude00"
    )


@pytest.mark.parametrize("name", list(hostile.LINES))
def test_hostile_lines_come_back(name: str) -> None:
    raw = hostile.LINES[name].rstrip(b"\n")
    if parse_line(raw).error is None and len(raw) < 300_000:
        text = decode_line(raw)
        assert encode_line(on_one_line(lay_out(text), text)) == raw


def test_a_text_that_is_no_json_becomes_one_line_with_nothing_lost() -> None:
    assert without_line_ends('{\n  "a": [\n') == '{ "a": [ '


def test_an_edited_line_keeps_the_spelling_of_numbers() -> None:
    line = (
        b'{"messages": [], "p": 1.50, "q": [1e3, -0, -0.0, 1E400, 0.10], "n": 7, "f": 2.5, "big": ' + b"9" * 700 + b"}"
    )
    record = parse_exact(line).value
    assert dump_line({**record, "n": 8}) == line.replace(b'"n": 7', b'"n": 8')
    assert record["p"] == 1.5
    assert record["q"][:3] == [1000, 0, 0]
    assert type(record["f"]) is float
    assert type(record["n"]) is int


@given(st.lists(st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)))
def test_any_number_comes_back_as_it_was_spelt(spellings: list[str]) -> None:
    line = ('{"n": [' + ", ".join(spellings) + "]}").encode()
    assert dump_line(parse_exact(line).value) == line


def test_repeated_keys_are_known_by_both_readers() -> None:
    line = b'{"a": 1, "b": {"c": 1, "c": 2}}'
    assert parse_exact(line).repeated == parse_line(line).repeated == ("c",)
    assert parse_exact(b'{"a": 1}').repeated == ()


def test_what_is_not_json_can_stand_in_a_line() -> None:
    assert dump_line({"a": Verbatim('[1, "x'), "b": 1.5}) == b'{"a": [1, "x, "b": 1.5}'


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('{\n  "a": 1,\n}', Mistake(2, 9, "not JSON: nothing follows the comma at line 2, column 9")),
        ('{\n  "a": tru\n}', Mistake(2, 8, "not JSON: a value should stand at line 2, column 8")),
        ('{\n  "a": "日本"\n  "b": 1\n}', Mistake(3, 3, "not JSON: a comma or } should stand at line 3, column 3")),
        ('{"a": tru}', Mistake(1, 7, "not JSON: a value should stand at column 7")),
        ("{} {}", Mistake(1, 4, "not JSON: something follows the end of the value at column 4")),
        ("", Mistake(1, 1, "there is nothing here; null is JSON for nothing")),
        (
            '{\n  "a": [1',
            Mistake(2, 10, "not JSON: the text ends before the list opened at line 2, column 8 closes"),
        ),
    ],
)
def test_a_mistake_is_placed(text: str, mistake: Mistake) -> None:
    assert read_value(text) == (None, mistake)
    assert mistake_in_record(text) == mistake or not text.strip()


def test_a_repeated_key_is_a_mistake_in_a_value_but_not_in_a_line() -> None:
    text = '{\n  "a": 1,\n  "a": 2\n}'
    assert read_value(text) == (None, Mistake(3, 3, 'the key "a" at line 3, column 3 is there more than once'))
    assert mistake_in_record(text) is None


def test_a_record_is_an_object_and_a_value_is_anything() -> None:
    assert read_value(" [1.50]\n")[1] is None
    mistake = mistake_in_record("[1]")
    assert mistake is not None
    assert "must be a JSON object" in mistake.reason
    assert mistake_in_record('{"a": "\udcff"}') is not None


def test_lines_of_real_files_come_back() -> None:
    folder = Path(__file__).parents[2] / "src" / "fttui" / "samples"
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_bytes().splitlines()[:20]]
    assert lines
    for raw in lines:
        text = decode_line(raw)
        assert encode_line(on_one_line(lay_out(text), text)) == raw
