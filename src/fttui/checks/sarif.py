"""Issues as SARIF 2.1.0, which code hosts show beside the lines.

The format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (section numbers below are of that page).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from fttui.checks.model import Issue, Rule, Severity, Target, show_path
from fttui.checks.spots import spot_of
from fttui.checks.table import rules
from fttui.core.text import safe

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}
_FINGERPRINT: Final = "fttuiIssue/v1"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What SARIF says of a file.

    Attributes:
        path: As it was named.
        issues: Those to report.
        left_out: How many more there are.
        lines: The text of each line (from 1) that an issue is in, without its ending.
        size: Bytes of the file.
    """

    path: Path
    issues: Sequence[Issue]
    left_out: int
    lines: Mapping[int, str]
    size: int


def sarif_of(files: Sequence[CheckedFile], targets: Sequence[Target], version: str) -> dict[str, Any]:
    """The files' issues as one SARIF log; ``version`` is fttui's own."""
    used = [rules()[name] for name in rules() if any(issue.rule == name for file in files for issue in file.issues)]
    index = {rule.id: number for number, rule in enumerate(used)}
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "fttui", "semanticVersion": version, "rules": [_rule(rule) for rule in used]}},
        "artifacts": [
            {"location": _location(file.path, number), "length": file.size, "roles": ["analysisTarget"]}
            for number, file in enumerate(files)
        ],
        "results": [result for number, file in enumerate(files) for result in _results(file, number, index)],
        "columnKind": "unicodeCodePoints",  # 3.14.17
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(files)}],
        "properties": {"targets": list(targets)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    """A rule as a reportingDescriptor (3.49)."""
    help_text = rule.why + (f" The fix {rule.fix_text}." if rule.fix_text else "")
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": help_text},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["fine-tuning", rule.scope]},
    }


def _results(file: CheckedFile, number: int, index: Mapping[str, int]) -> Iterable[dict[str, Any]]:
    seen: dict[str, int] = {}
    for issue in file.issues:
        mark = _mark_of(file, issue)
        seen[mark] = seen.get(mark, 0) + 1
        yield {
            "ruleId": issue.rule,
            "ruleIndex": index[issue.rule],
            "level": _LEVELS[issue.severity],
            "message": {"text": _sentence(issue.message)},
            "locations": [_place(file, number, issue)],
            "partialFingerprints": {_FINGERPRINT: f"{mark}:{seen[mark]}"},
            "properties": {"targets": list(issue.targets), "fixable": issue.is_fixable},
        }


def _mark_of(file: CheckedFile, issue: Issue) -> str:
    """What stays the same when lines are put before the issue's (3.27.17): its rule, its path and its line's text."""
    text = file.lines.get(issue.line, "") if issue.line is not None else file.path.name
    parts = (issue.rule, show_path(issue.path), text)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _place(file: CheckedFile, number: int, issue: Issue) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _location(file.path, number), "region": _region(file, issue)}
    if not issue.path:
        return {"physicalLocation": physical}
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": safe(show_path(issue.path))}]}


def _region(file: CheckedFile, issue: Issue) -> dict[str, Any]:
    """Line and columns, both from 1; the end is the column after the last one (3.30). A whole file is its line 1."""
    if issue.line is None:
        return {"startLine": 1}
    spot = spot_of(file.lines.get(issue.line, ""), issue)
    if spot is None:
        return {"startLine": issue.line}
    return {"startLine": issue.line, "startColumn": spot[0] + 1, "endColumn": max(spot[1], spot[0] + 1) + 1}


def _location(path: Path, number: int) -> dict[str, Any]:
    return {"uri": _uri(path), "index": number}


def _uri(path: Path) -> str:
    """A relative path as a relative reference, from which code hosts find the file; an absolute one as ``file:``."""
    parts = path.as_posix()
    text = quote(os.fsencode(parts), safe="/")
    if path.is_absolute():
        return f"file://{'' if text.startswith('/') else '/'}{text}"
    return text


def _notifications(files: Sequence[CheckedFile]) -> list[dict[str, Any]]:
    return [
        {"level": "note", "message": {"text": f"{file.left_out:,} more issues of {safe(file.path.name)} are left out."}}
        for file in files
        if file.left_out
    ]


def _sentence(clause: str) -> str:
    text = safe(clause)
    return f"{text[:1].upper()}{text[1:]}."
