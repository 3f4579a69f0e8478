"""The look at a new file: it finds the first line that is no JSON object, by the rules of the reader of examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import hostile
from fttui.formats.lines import parse_line
from fttui.local.examples import check_file
from fttui.local.file_check import TOO_LONG, problem_of

OBJECTS = st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5), max_size=3)
LINES = st.one_of(
    OBJECTS.map(lambda value: json.dumps(value).encode()),
    st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b" ")),
    st.sampled_from([line.rstrip(b"\n") for line in hostile.LINES.values() if len(line) < 50_000]),
)


@given(lines=st.lists(LINES, max_size=6), ends=st.booleans(), mark=st.booleans())
@example(lines=[b'{"a": ' + b"[" * 399 + b"]" * 399 + b"}"], ends=True, mark=True)
@example(lines=[b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}"], ends=True, mark=False)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_agrees_with_the_reader_of_examples(tmp_path: Path, lines: list[bytes], ends: bool, mark: bool) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" * mark + b"\n".join(lines) + b"\n" * ends)
    full = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    wrong = [(number, error) for number, line in full if (error := parse_line(line.rstrip(b"\r")).error)]
    problem = problem_of(path)
    if wrong:
        number, error = wrong[0]
        assert problem == f"Line {number}: {error.reason}."
    elif full:
        assert problem is None
    else:
        assert problem == "The file holds no lines with JSON objects."


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf", b"{}\n"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_line_that_would_fill_the_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: bytes, end: bytes
) -> None:
    for module in ("file_check", "examples"):
        monkeypatch.setattr(f"fttui.local.{module}.LINE_LIMIT", 1000)
    path = tmp_path / "train.jsonl"
    place = 1 + begin.count(b"\n")
    for length in (999, 1000, 1001, 1010, 1013, 1014, 1015, 1016, 1017, 1018, 1019, 1020, 5000):
        path.write_bytes(begin + b'{"a": "' + b"x" * (length - 9) + b'"}' + end)
        assert problem_of(path) == (f"Line {place}: {TOO_LONG}." if length > 1000 else None)
        mistakes = [mistake for mistake in check_file(path, "supervised").mistakes if TOO_LONG in mistake]
        assert mistakes == ([f"Line {place}: {TOO_LONG}."] if length > 1000 else [])
