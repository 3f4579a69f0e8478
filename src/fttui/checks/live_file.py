"""What the rules about the whole file found in a file that is open, as rows move since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fttui.checks.facts import FileFacts
from fttui.checks.file_marks import FileMarks
from fttui.checks.model import SEVERITIES, Issue, Severity, Target
from fttui.checks.table import rules
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.edits import Change


class Judged(NamedTuple):
    """What the rules about the whole file found in rows as they stand.

    Attributes:
        facts: What they know.
        marks: What they found.
        severities: How bad it is for the rows, by rule; without the rules that are told of the file alone.
        rows: The rows concerned, by rule.
    """

    facts: FileFacts
    marks: FileMarks
    severities: dict[str, Severity]
    rows: dict[str, RowSet]


def judge(facts: FileFacts, targets: tuple[Target, ...], keep: int) -> Judged:
    """Ask the rules about the whole file, for these targets; ``keep`` is how many issues of each come with words."""
    marks = FileMarks.of(facts, targets, keep)
    bad = [(mark.rule, severity) for mark in marks.rows if (severity := mark.severity_for(targets))]
    bad.sort(key=lambda one: SEVERITIES.index(one[1]), reverse=True)  # so that the worst counts
    gathered = facts.block.personal.rows()
    rows = {rule: RowSet.of(marks.rows_of(rule, targets)) for rule, _ in bad}
    return Judged(facts, marks, {rule: severity for rule, severity in bad if rule not in gathered}, rows)


class LiveFile:
    """The findings of the last look at the whole file. Rows are followed; what edits mend or break, the next look says.

    Not thread-safe.
    """

    def __init__(self, targets: tuple[Target, ...]) -> None:
        self._targets = targets
        self._facts: FileFacts | None = None
        self.marks = FileMarks()
        self._rows: dict[str, RowSet] = {}
        self._severities: dict[str, Severity] = {}
        self._since_began: list[Change] = []
        self._is_looked_at = True
        self.is_known = False
        """Whether the file was looked at."""
        self.is_stale = False
        """Whether rows were edited since the file was looked at."""

    @property
    def facts(self) -> FileFacts | None:
        """The facts, as long as they are those of the rows as they are."""
        return None if self.is_stale else self._facts

    def begin(self) -> None:
        """Somebody looks at the rows as they are now, and will `finish`."""
        self._since_began.clear()
        self._is_looked_at = True

    def follow(self, change: Change) -> None:
        """Rows were edited."""
        self.is_stale = True
        if self._is_looked_at:
            self._since_began.append(change)
        self._rows = {rule: rows.after(change) for rule, rows in self._rows.items()}

    def finish(self, judged: Judged) -> None:
        """This was found in the rows as they were at `begin`."""
        self._facts, self.marks, self._severities, self._rows = judged
        self.is_known = True
        self._is_looked_at = False
        self.is_stale = bool(self._since_began)
        for change in self._since_began:
            self._rows = {rule: rows.after(change) for rule, rows in self._rows.items()}

    def rows_of(self, rule: str) -> RowSet:
        """The rows that a rule is about."""
        return self._rows.get(rule, RowSet())

    def severity_of(self, row: int) -> str:
        """As `fttui.checks.live.LiveChecks.severity_of`, of the rules about the whole file."""
        found = {severity for rule, severity in self._severities.items() if row in self._rows[rule]}
        return "error" if "error" in found else "warning" if "warning" in found else ""

    def rows_with(self, severity: str) -> RowSet:
        """The rows of all rules of a severity."""
        found = RowSet()
        for rule, own in self._severities.items():
            if own == severity:
                found |= self._rows[rule]
        return found

    def issues_of(self, row: int) -> list[Issue]:
        """What the rules about the whole file say about a row; in a few words when it was edited, or they are many."""
        kept = {issue.rule: issue for issue in self.marks.kept if issue.line == row + 1} if not self.is_stale else {}
        return [
            kept.get(rule) or Issue(row + 1, rule, severity, rules()[rule].title, (), False, self._targets)
            for rule, severity in self._severities.items()
            if row in self._rows[rule]
        ]
