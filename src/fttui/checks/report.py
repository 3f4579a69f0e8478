"""What the checks of a file come to: its issues, how many there are, and for which targets it is ready."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from fttui.checks.marks import Mark, Marks, RowMarks
from fttui.checks.model import SEVERITIES, Issue, Severity, Target
from fttui.checks.table import rules
from fttui.checks.targets import targets as all_targets
from fttui.checks.whole.facts import FileFacts
from fttui.checks.whole.file_marks import FileMarks, Placed, as_issues
from fttui.formats.kinds import Kind

Readiness: TypeAlias = Literal["ok", "fixable", "impossible"]
Counted: TypeAlias = tuple[Marks, int]
"""Marks that belong together, and how many rows have them."""


class RuleCount(NamedTuple):
    """How often a rule is broken, in how many rows (a file as a whole has none), and how often it can be mended."""

    issues: int
    rows: int
    fixable: int


@dataclass(slots=True)
class Report:
    """What was found in a file.

    Attributes:
        path: The file; None for lines without one.
        kind: What its records are meant to be.
        lines: All lines.
        examples: Those that are records.
        issues: Those of the whole file first, then by line; of each rule at most as many as were to be kept.
        counts: The rules that are broken, for the targets asked about.
        left_out: Issues that were counted and not kept.
        grid: For all targets: whether the file has no error, only ones with a fix, or others.
        errors: Issues of that severity; so for warnings and infos.
        facts: What the rules about the whole file know.
        marks: Which rules each row breaks.
        file_marks: Which rules the file as a whole breaks.
        targets: Those asked about.
    """

    path: Path | None
    kind: Kind
    lines: int
    examples: int
    issues: list[Issue]
    counts: dict[str, RuleCount]
    left_out: int
    grid: dict[Target, Readiness]
    errors: int
    warnings: int
    infos: int
    facts: FileFacts
    marks: RowMarks
    file_marks: FileMarks
    targets: tuple[Target, ...]

    def rows_of(self, rule: str) -> array[int]:
        """The rows (from 0, ascending) that break a rule, for the targets asked about."""
        numbers = self.marks.table.numbers_with(rule, self.targets)
        if numbers:
            return array("I", (row for row, number in enumerate(self.marks.rows) if number in numbers))
        return self.file_marks.rows_of(rule, self.targets)


def report_of(
    marks: RowMarks,
    kept: Iterable[Placed],
    facts: FileFacts,
    *,
    path: Path | None,
    targets: tuple[Target, ...],
    keep: int,
    examples: int,
) -> Report:
    """Look at the file as a whole, and put together what was found.

    Args:
        marks: Of all rows.
        kept: What was kept of what was found in rows.
        facts: Of the whole file.
        path: The file.
        targets: Those asked about.
        keep: Issues of each rule that are kept.
        examples: Rows that are records.
    """
    file_marks = FileMarks.of(facts, keep)
    if file_marks.hidden:
        marks.table.hide(file_marks.hidden)
        kept = [placed for placed in kept if placed[0] not in file_marks.hidden]
    in_rows = list(marks.counted())
    summary = Summary.of(in_rows, file_marks, targets)
    issues = [*file_marks.told(targets, keep), *(issue for placed in kept for issue in as_issues(placed, targets))]
    issues.sort(key=lambda issue: issue.line or 0)
    return Report(
        path=path,
        kind=facts.kind,
        lines=len(marks.rows),
        examples=examples,
        issues=issues,
        counts=summary.counts,
        left_out=sum(summary.severities.values()) - len(issues),
        grid=grid_of(in_rows, file_marks, facts.kind),
        errors=summary.severities["error"],
        warnings=summary.severities["warning"],
        infos=summary.severities["info"],
        facts=facts,
        marks=marks,
        file_marks=file_marks,
        targets=targets,
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of issues.

    Attributes:
        counts: By rule, in the order of the table of rules.
        severities: By severity, each issue with that of the worst off target.
    """

    counts: dict[str, RuleCount]
    severities: Mapping[Severity, int]

    @classmethod
    def of(cls, in_rows: Iterable[Counted], in_file: FileMarks, targets: Sequence[Target]) -> Summary:
        """Add up what holds for the ``targets``."""
        issues: Counter[str] = Counter()
        rows: Counter[str] = Counter()
        fixable: Counter[str] = Counter()
        severities: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        for marks, count in in_rows:
            bad = [(mark, severity) for mark in marks if (severity := mark.severity_for(targets))]
            rows.update(dict.fromkeys({mark.rule for mark, _ in bad}, count))
            for mark, severity in bad:
                issues[mark.rule] += mark.issues * count
                fixable[mark.rule] += mark.issues * count * mark.is_fixable
                severities[severity] += mark.issues * count
        for mark, number in in_file.issues.items():
            severity = mark.severity_for(targets)
            if severity is not None:
                issues[mark.rule] += number
                fixable[mark.rule] += number * mark.is_fixable
                severities[severity] += number
        rows.update({rule: in_file.row_count(rule, targets) for rule in {mark.rule for mark in in_file.issues}})
        counts = {rule: RuleCount(issues[rule], rows[rule], fixable[rule]) for rule in rules() if issues[rule]}
        return cls(counts, severities)


def grid_of(in_rows: Iterable[Counted], in_file: FileMarks, kind: Kind) -> dict[Target, Readiness]:
    """For all targets, whether what was found keeps the file from being trained on."""
    marks = {mark for combination, _ in in_rows for mark in combination}.union(in_file.issues)
    return {name: _readiness(marks, name, kind in limits.kinds) for name, limits in all_targets().items()}


def _readiness(marks: Iterable[Mark], target: Target, is_taken: bool) -> Readiness:
    errors = [mark for mark in marks if mark.severity_for((target,)) == "error"]
    if not is_taken or not all(mark.is_fixable for mark in errors):
        return "impossible"
    return "fixable" if errors else "ok"
