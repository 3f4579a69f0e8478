"""What ``fttui check --format json`` and ``--format sarif`` print, and the table of rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fttui.checks.model import Issue, Rule, Target
    from fttui.checks.report import Report


def file_document(path: Path, report: Report, texts: dict[int, str], seconds: float) -> dict[str, Any]:
    """A file and its issues; ``texts`` are those of the lines that issues are in."""
    return {
        "file": str(path),
        "format": report.kind,
        "lines": report.lines,
        "examples": report.examples,
        "errors": report.errors,
        "warnings": report.warnings,
        "infos": report.infos,
        "issues": [issue_document(issue, texts.get(issue.line or 0, "")) for issue in report.issues],
        "left_out": report.left_out,
        "counts": {rule: {"issues": count.issues, "rows": count.rows} for rule, count in report.counts.items()},
        "grid": dict(report.grid),
        "seconds": round(seconds, 3),
    }


def issue_document(issue: Issue, text: str) -> dict[str, Any]:
    """An issue; ``line`` and ``column`` count from 1 and are null where there is none."""
    from fttui.checks.model import show_path
    from fttui.checks.spots import spot_of

    spot = spot_of(text, issue) if issue.line is not None else None
    return {
        "line": issue.line,
        "rule": issue.rule,
        "severity": issue.severity,
        "message": issue.message,
        "path": show_path(issue.path),
        "fixable": issue.is_fixable,
        "column": spot[0] + 1 if spot is not None else issue.column,
        "targets": list(issue.targets),
    }


def rule_document(rule: Rule) -> dict[str, Any]:
    """A rule as ``--rules`` prints it."""
    return {
        "id": rule.id,
        "scope": rule.scope,
        "severity": rule.severity,
        "severities": dict(rule.severities),
        "targets": sorted(rule.targets),
        "kinds": sorted(rule.kinds),
        "title": rule.title,
        "why": rule.why,
        "fix": rule.fix,
        "fix_text": rule.fix_text,
        "failing": list(rule.failing),
        "passing": list(rule.passing),
    }


def rules_rows(rules: Sequence[Rule]) -> list[tuple[str, str, str, str]]:
    """The rows of the table that ``--rules`` prints as text: rule, severity, fix and title."""
    return [(rule.id, severity_text(rule), rule.fix or "", rule.title) for rule in rules]


def severity_text(rule: Rule) -> str:
    """``warning; error: openai, azure``: the severity, and where it differs."""
    others: dict[str, list[Target]] = {}
    for target, severity in rule.severities.items():
        if severity != rule.severity:
            others.setdefault(severity, []).append(target)
    parts = [rule.severity, *(f"{severity}: {', '.join(names)}" for severity, names in others.items())]
    if rule.targets:
        parts.append(f"only {', '.join(sorted(rule.targets))}")
    return "; ".join(parts)
