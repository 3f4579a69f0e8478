"""What is found in a file of each shape is what was found before; see ``goldens``, one file a shape.

``WRITE_GOLDENS=1 pytest tests/checks/test_goldens.py`` writes them anew; look at the difference before it is committed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from checks.shapes import COUNT, files
from fttui.checks.fixing import fix_line
from fttui.checks.model import show_path
from fttui.checks.report import Report
from fttui.checks.run import Options, check_lines
from fttui.checks.targets import targets
from fttui.formats.lines import BOM

GOLDENS = Path(__file__).with_name("goldens")
FILES = files()
TAKEN_BY_OPENAI = {
    "openai_chat", "openai_weight", "openai_tools", "openai_functions", "openai_preference", "openai_reinforcement",
    "prompt_completion", "claude", "byte_order_mark",
}  # fmt: skip


def checked(raw: bytes, *names: str) -> Report:
    return check_lines(raw.split(b"\n")[: -1 if raw.endswith(b"\n") else None], Options(names or tuple(targets())))


def golden_of(report: Report) -> dict[str, Any]:
    """A report in few words: the first issue of each rule stands for the others."""
    first: dict[str, str] = {}
    for issue in report.issues:
        place = f"line {issue.line} {show_path(issue.path)}".rstrip() if issue.line else "file"
        first.setdefault(issue.rule, f"{issue.severity}, {place}: {issue.message}")
    return {
        "kind": report.kind,
        "examples": report.examples,
        "issues": {rule: [count.issues, first[rule]] for rule, count in report.counts.items()},
        "grid": dict(report.grid),
    }


@pytest.mark.parametrize("name", FILES)
def test_what_is_found_is_what_was_found(name: str) -> None:
    found = golden_of(checked(FILES[name]))
    path = GOLDENS / f"{name}.json"
    if os.environ.get("WRITE_GOLDENS"):
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert found == json.loads(path.read_text("utf-8"))


def test_there_is_no_golden_without_a_file() -> None:
    assert {path.stem for path in GOLDENS.glob("*.json")} == set(FILES)


@pytest.mark.parametrize("name", sorted(TAKEN_BY_OPENAI))
def test_a_wellformed_file_has_no_error_for_openai(name: str) -> None:
    report = checked(FILES[name], "openai")
    assert report.examples == COUNT
    assert report.errors == 0, report.issues


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_fixable_is_ready_when_it_is_fixed(name: str) -> None:
    report = checked(FILES[name])
    for target, state in report.grid.items():
        if state == "fixable":
            lines = FILES[name].removeprefix(BOM).splitlines()
            mended = [fix_line(raw, report.kind, [target])[0] for raw in lines]
            assert checked(b"".join(line.rstrip(b"\n") + b"\n" for line in mended), target).grid[target] == "ok"
