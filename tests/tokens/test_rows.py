"""Blocks side by side give each line exactly once."""

from __future__ import annotations

import pytest

from fttui.tokens.rows import lines_starting_in


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
