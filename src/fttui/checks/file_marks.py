"""What the rules about a whole file found: all of it counted, the first of each rule with its words."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fttui.checks.engine import issues_of
from fttui.checks.facts import FileFacts, file_found
from fttui.checks.marks import Mark, marks_of
from fttui.checks.model import Issue, Target
from fttui.checks.not_lines import hidden_beside


@dataclass(slots=True)
class FileMarks:
    """Which rules a file as a whole breaks.

    Attributes:
        issues: How often; the marks themselves are of one issue each.
        rows: The rows concerned, ascending, where it is about rows.
        kept: The first issues of each rule, in the order of the rules.
        hidden: The rules of which nothing is told in this file, in its rows neither.
    """

    issues: Counter[Mark] = field(default_factory=Counter)
    rows: dict[Mark, array[int]] = field(default_factory=dict)
    kept: list[Issue] = field(default_factory=list)
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, facts: FileFacts, targets: Sequence[Target], keep: int) -> FileMarks:
        """Ask all rules about the whole file; at most ``keep`` issues of each are kept, those for the ``targets``."""
        marks = cls()
        taken: Counter[str] = Counter()
        personal = facts.block.personal.rows()
        all_found = list(file_found(facts))
        marks.hidden = hidden_beside({rule for rule, _, _ in all_found}, facts.block.records)
        for rule, row, found in all_found:
            if rule in marks.hidden:
                continue
            (mark,) = marks_of([(rule, found)])
            marks.issues[mark] += 1
            if row is not None:
                marks.rows.setdefault(mark, array("I")).append(row)
            elif rule in personal:
                marks.rows[mark] = personal[rule]
            if taken[rule] < keep:
                issues = issues_of([(rule, found)], None if row is None else row + 1, targets)
                taken[rule] += len(issues)
                marks.kept += issues
        return marks

    def rows_of(self, rule: str, targets: Sequence[Target]) -> array[int]:
        """The rows (from 0, ascending) that a rule is about, for these targets."""
        found = [rows for mark, rows in self.rows.items() if mark.rule == rule and mark.severity_for(targets)]
        if len(found) == 1 and all(row < following for row, following in pairwise(found[0])):
            return found[0]  # mostly
        return array("I", sorted(set().union(*found)))
