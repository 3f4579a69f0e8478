"""A mended file: untouched lines byte for byte, all or nothing, and nothing left to mend."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hostile
from checks.records import spoilt
from fttui.checks.file_fixing import Wanted, fix_file, mended
from fttui.checks.model import Issue
from fttui.checks.report import Report
from fttui.checks.run import CheckCancelled, Options, check_file
from fttui.checks.table import file_fixes, record_fixes
from fttui.core.errors import InputError

pytestmark = pytest.mark.usefixtures("fttui_home")
OPENAI = Options(("openai",))
BOM = b"\xef\xbb\xbf"


def line(number: int, role: str = "assistant") -> bytes:
    return b'{"messages": [{"role": "user", "content": "Hi %d"}, {"role": "%s", "content": "Yes %d"}]}' % (
        number,
        role.encode(),
        number,
    )


def left(report: Report) -> list[Issue]:
    """Issues that a fix is there for."""
    known = record_fixes().keys() | file_fixes().keys()
    return [issue for issue in report.issues if issue.is_fixable and issue.rule in known]


def test_untouched_lines_stay_byte_for_byte(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    odd = b'{"messages" :[ {"role":"user","content":"\\u00e9"},{"role":"assistant","content":"x","weight":1 }]}\r\n'
    lines = [line(1) + b"\n", odd, b"broken\n", line(2, "gpt") + b"\r\n", b"  \n", line(3)]
    path.write_bytes(b"".join(lines))
    done = fix_file(path, out, OPENAI)
    expected = [*lines[:3], line(2) + b"\r\n", lines[5]]
    assert out.read_bytes() == b"".join(expected)
    assert path.read_bytes() == b"".join(lines)
    assert (done.path, done.fixed, done.deleted, done.written) == (out, {"role-unknown": 1, "blank-line": 1}, 1, 5)
    assert done.report.counts["not-json"].issues == 1
    assert not left(done.report)


def test_in_place_and_compressed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(line(1, "gpt") + b"\n"))
    fix_file(path, path, OPENAI)
    assert gzip.decompress(path.read_bytes()) == line(1) + b"\n"


def test_nothing_to_mend(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(line(1))
    assert fix_file(path, out, OPENAI, copies=False).path is None
    assert not out.exists()
    assert fix_file(path, out, OPENAI).fixed == {}
    assert out.read_bytes() == path.read_bytes()


def test_the_byte_order_mark_goes_and_comes(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(BOM + line(1) + b"\n" + line(2, "gpt"))
    fix_file(path, out, OPENAI)
    assert out.read_bytes() == line(1) + b"\n" + line(2)
    fix_file(out, path, Options(("azure",)))
    assert path.read_bytes() == BOM + line(1) + b"\n" + line(2)
    fix_file(path, out, Options(("azure",)), only=())
    assert out.read_bytes() == path.read_bytes()


def test_fixes_of_the_whole_file(tmp_path: Path) -> None:
    """Exact duplicates go; prompts get a separator and completions an ending, as the old tool offered them."""
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    words = ("apple", "bicycle", "cloud", "door", "elephant", "forest", "garden", "house", "island", "jungle", "kite")
    records: list[dict[str, Any]] = [{"prompt": f"{word} {word[::-1]}", "completion": word.title()} for word in words]
    path.write_text("".join(json.dumps(record) + "\n" for record in [*records, records[3]]))
    options = Options(("openai",), "completion")
    done = fix_file(path, out, options)
    assert done.deleted == 1
    assert done.written == len(records)
    new = [json.loads(text) for text in out.read_text().splitlines()]
    assert all(record["completion"].startswith(" ") for record in new)
    assert len({record["prompt"][-3:] for record in new}) == 1
    assert not left(done.report)
    assert left(check_file(path, options))


def test_where_each_line_came_from(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([line(1), b"", line(2, "gpt"), b"", line(1), line(4)]) + b"\n")
    with mended(path, OPENAI, Wanted()) as new:
        assert list(new.kept) == [0, 2, 5]
        assert new.file.read_bytes() == b"".join(line(number) + b"\n" for number in (1, 2, 4))
        file = new.file
    assert not file.exists()


def test_cancelling_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line(1, "gpt"))
    report = check_file(path, OPENAI)
    with pytest.raises(CheckCancelled):
        fix_file(path, path, OPENAI, report=report, cancel=lambda: True)
    assert path.read_bytes() == line(1, "gpt")


def test_a_file_that_changes_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line(1, "gpt"))
    report = check_file(path, OPENAI)

    def change(done: int, size: int) -> None:
        path.write_bytes(line(1, "gpt") + b"\n" + line(2))

    with pytest.raises(InputError, match="changed while"):
        fix_file(path, path, OPENAI, report=report, on_progress=change)
    assert path.read_bytes() == line(1, "gpt") + b"\n" + line(2)
    with pytest.raises(InputError, match="changed while"):
        fix_file(path, tmp_path / "b.jsonl", OPENAI, report=report)
    assert not (tmp_path / "b.jsonl").exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(line(1, "gpt"))
    with pytest.raises(InputError):
        fix_file(path, tmp_path / "nowhere" / "b.jsonl", OPENAI)
    with pytest.raises(InputError):
        fix_file(tmp_path / "missing.jsonl", tmp_path / "b.jsonl", OPENAI)


@pytest.mark.parametrize("target", ["openai", "azure", "local"])
def test_hostile_files(target: str, tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(hostile.FILE.replace(hostile.LINES["nul bytes"], b""))
    done = fix_file(path, out, Options((target,)))
    assert not left(done.report)
    assert hostile.LINES["not json"] in out.read_bytes()


@settings(max_examples=15, deadline=None)
@given(st.lists(spoilt(), min_size=1, max_size=6), st.sampled_from(["openai", "azure", "together", "bedrock"]))
def test_a_mended_file_has_nothing_left_to_mend(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[Any, dict[str, Any]]], target: str
) -> None:
    folder = tmp_path_factory.mktemp("fixing")
    path, out = folder / "a.jsonl", folder / "b.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for _, record in cases))
    done = fix_file(path, out, Options((target,)))
    assert left(done.report) == []
    assert fix_file(out, path, Options((target,), done.report.kind), copies=False).path is None
