"""What the checks of a file come to: its issues, how many there are, and for which targets it is ready."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from fttui.checks.engine import issues_of
from fttui.checks.marks import Mark, Marks, RowMarks, marks_of
from fttui.checks.model import SEVERITIES, Found, Issue, Severity, Target
from fttui.checks.pending import FileFacts
from fttui.checks.table import rules
from fttui.checks.targets import targets as all_targets
from fttui.formats.kinds import Kind

Readiness: TypeAlias = Literal["ok", "fixable", "impossible"]
Placed: TypeAlias = tuple[str, int | None, Found]
"""A rule, a row from 0 (None: the whole file), and what was found."""


class RuleCount(NamedTuple):
    """How often a rule is broken, and in how many rows; a file as a whole has no row."""

    issues: int
    rows: int


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
        placed: What the rules about the whole file found.
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
    placed: Sequence[Placed]
    targets: tuple[Target, ...]

    def rows_of(self, rule: str) -> array[int]:
        """The rows (from 0, ascending) that break a rule, for the targets asked about."""
        rows = array("I")
        numbers = {
            number
            for number, marks in enumerate(self.marks.table.all)
            if any(mark.rule == rule and mark.severity_for(self.targets) for mark in marks)
        }
        if numbers:
            rows.extend(row for row, number in enumerate(self.marks.rows) if number in numbers)
        found = {
            row
            for name, row, place in self.placed
            if name == rule and row is not None and marks_of([(name, place)])[0].severity_for(self.targets)
        }
        return array("I", sorted(found.union(rows))) if found else rows


def report_of(
    marks: RowMarks,
    kept: Sequence[Placed],
    facts: FileFacts,
    placed: Sequence[Placed],
    *,
    path: Path | None,
    targets: tuple[Target, ...],
    keep: int,
    examples: int,
) -> Report:
    """Put together what was found.

    Args:
        marks: Of all rows.
        kept: What was kept of what was found in rows.
        facts: Of the whole file.
        placed: What the rules about the whole file found.
        path: The file.
        targets: Those asked about.
        keep: Issues of each rule that are kept.
        examples: Rows that are records.
    """
    in_rows = list(marks.counted())
    summary = Summary.of(in_rows, placed, targets)
    issues = [*_about_many_rows(in_rows, targets), *_as_issues(placed, targets, keep), *_as_issues(kept, targets, keep)]
    issues.sort(key=lambda issue: issue.line or 0)
    return Report(
        path=path,
        kind=facts.kind,
        lines=len(marks.rows),
        examples=examples,
        issues=issues,
        counts=summary.counts,
        left_out=sum(summary.severities.values()) - len(issues),
        grid=grid_of(in_rows, placed, facts.kind),
        errors=summary.severities["error"],
        warnings=summary.severities["warning"],
        infos=summary.severities["info"],
        facts=facts,
        marks=marks,
        placed=placed,
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
    def of(cls, in_rows: Iterable[tuple[Marks, int]], placed: Iterable[Placed], targets: Sequence[Target]) -> Summary:
        """Add up what holds for the ``targets``: marks of rows, each with the number of rows that have them; and what
        the rules about the whole file found.
        """
        issues: Counter[str] = Counter()
        rows: Counter[str] = Counter()
        severities: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
        gathered: dict[str, Severity] = {}
        for marks, count in in_rows:
            bad = [(mark, severity) for mark in marks if (severity := mark.severity_for(targets))]
            rows.update(dict.fromkeys({mark.rule for mark, _ in bad}, count))
            for mark, severity in bad:
                if is_gathered(mark.rule):
                    gathered[mark.rule] = severity
                else:
                    issues[mark.rule] += mark.issues * count
                    severities[severity] += mark.issues * count
        for rule, severity in gathered.items():
            issues[rule] = 1
            severities[severity] += 1
        found_in: set[tuple[str, int]] = set()
        for rule, row, found in placed:
            severity = marks_of([(rule, found)])[0].severity_for(targets)
            if severity is not None:
                issues[rule] += 1
                severities[severity] += 1
                if row is not None:
                    found_in.add((rule, row))
        rows.update(rule for rule, _ in found_in)
        return cls({rule: RuleCount(issues[rule], rows[rule]) for rule in rules() if rule in issues}, severities)


def grid_of(in_rows: Iterable[tuple[Marks, int]], placed: Iterable[Placed], kind: Kind) -> dict[Target, Readiness]:
    """For all targets, whether what was found keeps the file from being trained on."""
    marks = {mark for combination, _ in in_rows for mark in combination}
    marks.update(marks_of([(rule, found)])[0] for rule, _, found in placed)
    return {name: _readiness(marks, name, kind in limits.kinds) for name, limits in all_targets().items()}


def is_gathered(rule: str) -> bool:
    """Whether the rows that break a rule are one issue of the file together: so many that each would be noise."""
    return rules()[rule].scope == "file"


def _readiness(marks: Iterable[Mark], target: Target, is_taken: bool) -> Readiness:
    errors = [mark for mark in marks if mark.severity_for((target,)) == "error"]
    if not is_taken or not all(mark.is_fixable for mark in errors):
        return "impossible"
    return "fixable" if errors else "ok"


def _about_many_rows(in_rows: Iterable[tuple[Marks, int]], targets: Sequence[Target]) -> Iterator[Issue]:
    """One issue for each rule whose rows are not told one by one."""
    rows: Counter[str] = Counter()
    for marks, count in in_rows:
        for mark in marks:
            if is_gathered(mark.rule):
                rows[mark.rule] += count
    for rule, count in rows.items():
        title = rules()[rule].title
        found = Found(f"{title[:1].lower()}{title[1:]} in {count:,} example{'s' * (count != 1)}", is_fixable=False)
        yield from issues_of([(rule, found)], None, targets)


def _as_issues(placed: Iterable[Placed], targets: Sequence[Target], keep: int) -> Iterator[Issue]:
    taken: Counter[str] = Counter()
    for rule, row, found in placed:
        if taken[rule] < keep and (issues := issues_of([(rule, found)], None if row is None else row + 1, targets)):
            taken[rule] += 1
            yield from issues
