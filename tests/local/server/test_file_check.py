"""The look at a new file: it finds the first line that is no JSON object, by the rules of the reader of examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import hostile
from fttui.formats.lines import parse_line
from fttui.local.file_check import problem_of

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


def test_a_line_that_would_fill_the_memory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fttui.local.file_check.LINE_LIMIT", 1 << 20)
    path = tmp_path / "train.jsonl"
    frame = b'{"a": ""}\n'
    path.write_bytes(b"{}\n" + frame[:7] + b"x" * ((1 << 20) - len(frame)) + frame[7:])
    assert problem_of(path) is None
    path.write_bytes(b"{}\n" + frame[:7] + b"x" * (1 << 20) + frame[7:] + b"oops\n")
    assert problem_of(path) == "Line 2 is longer than 1 MB."
