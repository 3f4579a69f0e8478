"""What the rules about a whole file found: all of it counted, the first of each mark with its words."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from fttui.checks.engine import issues_of
from fttui.checks.marks import Mark, marks_of
from fttui.checks.model import Found, Issue, Target
from fttui.checks.whole.facts import FileFacts, file_found
from fttui.checks.whole.not_lines import hidden_beside

Placed: TypeAlias = tuple[str, int | None, Found]
"""A rule, a row from 0 (None: the whole file), and what was found."""


@dataclass(slots=True)
class FileMarks:
    """Which rules a file as a whole breaks, for any target.

    Attributes:
        issues: How often; the marks themselves are of one issue each.
        rows: The rows concerned, ascending, where it is about rows.
        kept: The first of each mark with their words, in the order of the rules.
        hidden: The rules of which nothing is told in this file, in its rows neither.
    """

    issues: Counter[Mark] = field(default_factory=Counter)
    rows: dict[Mark, array[int]] = field(default_factory=dict)
    kept: list[Placed] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()
    _row_counts: dict[tuple[Mark, ...], int] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: FileFacts, keep: int) -> FileMarks:
        """Ask all rules about the whole file; of each mark at most ``keep`` are kept with their words."""
        marks = cls()
        personal = facts.block.personal.rows()
        for rule, row, found in file_found(facts):
            (mark,) = marks_of([(rule, found)])
            marks.issues[mark] += 1
            if row is not None:
                marks.rows.setdefault(mark, array("I")).append(row)
            elif rule in personal:
                marks.rows[mark] = personal[rule]
            if marks.issues[mark] <= keep:
                marks.kept.append((rule, row, found))
        marks._hide(hidden_beside({mark.rule for mark in marks.issues}, facts.block.records))
        return marks

    def _hide(self, hidden: frozenset[str]) -> None:
        self.hidden = hidden
        if hidden:
            self.issues = Counter({mark: number for mark, number in self.issues.items() if mark.rule not in hidden})
            self.rows = {mark: rows for mark, rows in self.rows.items() if mark.rule not in hidden}
            self.kept = [placed for placed in self.kept if placed[0] not in hidden]

    def told(self, targets: Sequence[Target], keep: int) -> list[Issue]:
        """The issues that are kept, for these targets; at most ``keep`` of each rule, in the order of the rules."""
        taken: Counter[str] = Counter()
        told: list[Issue] = []
        for placed in self.kept:
            if taken[placed[0]] < keep:
                issues = as_issues(placed, targets)
                taken[placed[0]] += len(issues)
                told += issues
        return told

    def rows_of(self, rule: str, targets: Sequence[Target]) -> array[int]:
        """The rows (from 0, ascending) that a rule is about, for these targets."""
        found = [rows for mark, rows in self.rows.items() if mark.rule == rule and mark.severity_for(targets)]
        if len(found) == 1 and all(row < following for row, following in pairwise(found[0])):
            return found[0]  # mostly
        return array("I", sorted(set().union(*found)))

    def row_count(self, rule: str, targets: Sequence[Target]) -> int:
        """How many rows that are; kept, because it is asked for after every edit."""
        marks = tuple(mark for mark in self.rows if mark.rule == rule and mark.severity_for(targets))
        if marks not in self._row_counts:
            self._row_counts[marks] = len(self.rows_of(rule, targets))
        return self._row_counts[marks]


def as_issues(placed: Placed, targets: Sequence[Target]) -> list[Issue]:
    """What was found, for these targets: an issue, or none."""
    rule, row, found = placed
    return issues_of([(rule, found)], None if row is None else row + 1, targets)
