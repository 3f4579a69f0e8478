"""Blocks side by side give each line exactly once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from fttui.formats.lines import parse_line
from fttui.tokens.chat import ExampleTokens, count_example
from fttui.tokens.rows import BROKEN, count_lines, lines_starting_in


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, offset: int, size: int) -> bytes:
        return self.data[offset : offset + size]


@pytest.mark.parametrize(
    "data",
    [b"", b"a", b"a\n", b"\n", b"\n\n\n", b"one\ntwo\nthree", b"one\r\n\r\nthree\n\n", b"x" * 40 + b"\ny\n" + b"z" * 9],
)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 41, 100])
def test_each_line_once(data: bytes, size: int) -> None:
    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()
    blocks = [lines_starting_in(Bytes(data), at, min(at + size, len(data))) for at in range(0, max(len(data), 1), size)]
    assert [line for block in blocks for line in block] == expected


def test_a_line_longer_than_what_is_read_at_a_time() -> None:
    data = b"a" * 200_000 + b"\nb\n"
    assert lines_starting_in(Bytes(data), 0, 10) == [b"a" * 200_000]
    assert lines_starting_in(Bytes(data), 10, len(data)) == [b"b"]


def test_a_file_of_nothing_but_a_byte_order_mark_has_no_line() -> None:
    assert lines_starting_in(Bytes(b"\xef\xbb\xbf"), 0, 3) == []


numbers = st.integers() | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3)
)
messages = st.dictionaries(
    st.sampled_from(["role", "content", "name", "weight", "tool_calls", "x"]), values, max_size=4
)
records = st.fixed_dictionaries(
    {"messages": st.lists(messages | values, max_size=3)},
    optional={"tools": values, "x": values, "input": values, "completion": values},
)


@given(record=records)
@settings(deadline=None)  # the vocabulary is loaded on the first
def test_lines_are_counted_as_what_the_exact_reader_reads(record: dict[str, Any]) -> None:
    line = json.dumps(record).encode()
    assert_as_read(line)
    assert_as_read(line.replace(b"]}", b']},"messages":[{"role":"user","content":"twice"}]', 1))


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in hostile.LINES.items()])
def test_hostile_lines_are_counted_as_the_exact_reader_reads_them(line: bytes) -> None:
    assert_as_read(line.rstrip(b"\n"))


def test_numbers_among_a_tools_choices_keep_their_digits() -> None:
    choices = '{"properties":{"a":{"enum":[123456789012345678901234567]}}}'
    assert_as_read(f'{{"messages":[],"tools":[{{"name":"f","parameters":{choices}}}]}}'.encode())


def assert_as_read(line: bytes) -> None:
    value = parse_line(line).value
    expected = count_example(value, "o200k_base") if isinstance(value, dict) else ExampleTokens(BROKEN, 0)
    counts = count_lines([line], "o200k_base")
    assert (counts.tokens[0], counts.trainable[0]) == (expected.total, expected.trainable)
    if isinstance(value, dict):
        assert sum(tokens for _, tokens, _ in counts.parts.values()) == expected.total
        assert sum(trained for _, _, trained in counts.parts.values()) == expected.trainable
