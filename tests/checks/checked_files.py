"""Files to check, and what of a report is compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import hostile
from fttui.checks.model import Issue
from fttui.checks.report import Report, RuleCount


def example(number: int, role: str = "assistant") -> dict[str, Any]:
    question = f"What is {number} and {number}?"
    return {"messages": [{"role": "user", "content": question}, {"role": role, "content": f"It is {2 * number}."}]}


def line(number: int, role: str = "assistant") -> bytes:
    return json.dumps(example(number, role)).encode()


def lines(count: int = 60) -> list[bytes]:
    """Examples of which every tenth has a misspelt role, with hostile lines and a copy of the first at the end."""
    good = [line(number, "assitant" if number % 10 == 3 else "assistant") for number in range(count)]
    bad = [raw.rstrip(b"\n") for raw in hostile.LINES.values()]
    bad = [raw for raw in bad if len(raw) < 10_000 and b"\n" not in raw and b"\0" not in raw]
    return [*good, *bad, good[0]]


def write(path: Path, raws: list[bytes]) -> Path:
    path.write_bytes(b"".join(raw + b"\n" for raw in raws))
    return path


def found(report: Report) -> tuple[list[Issue], dict[str, RuleCount], dict[str, str], int, int, int]:
    return report.issues, report.counts, dict(report.grid), report.errors, report.warnings, report.infos
