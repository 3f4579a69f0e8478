"""What the rules about the whole file found in a file that is open, as rows move since."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from fttui.checks.marks import Mark
from fttui.checks.model import SEVERITIES, Issue, Severity, Target
from fttui.checks.personal.personal import RULES as PERSONAL
from fttui.checks.table import rules
from fttui.checks.whole.facts import FileFacts
from fttui.checks.whole.file_marks import FileMarks
from fttui.core.errors import FttuiError
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.edits import Change

_LOG: Final = logging.getLogger(__name__)


class Judged(NamedTuple):
    """What the rules about the whole file found in rows as they stand, for any target.

    Attributes:
        facts: What they know.
        marks: What they found.
        rows: The rows concerned.
    """

    facts: FileFacts
    marks: FileMarks
    rows: dict[Mark, RowSet]


def judge(facts: FileFacts, keep: int) -> Judged:
    """Ask the rules about the whole file; ``keep`` is how many issues of each mark come with words.

    Raises:
        FttuiError: A rule failed, which is a fault of ours; the log says more.
    """
    try:
        marks = FileMarks.of(facts, keep)
    except Exception as error:
        _LOG.exception("the file as a whole could not be checked")
        raise FttuiError("The file as a whole could not be checked: a rule failed; see the log.") from error
    return Judged(facts, marks, {mark: _as_set(rows) for mark, rows in marks.rows.items()})


class LiveFile:
    """The findings of the last look at the whole file. Rows are followed; what edits mend or break, the next look says.

    Not thread-safe.
    """

    def __init__(self, targets: tuple[Target, ...], keep: int) -> None:
        """``targets`` are those that are asked about, ``keep`` is how many issues of a rule are told of the file."""
        self._targets = targets
        self._keep = keep
        self._facts: FileFacts | None = None
        self.marks = FileMarks()
        self.issues: list[Issue] = []
        """Those of the file as a whole."""
        self._rows: dict[Mark, RowSet] = {}
        self._bad: list[tuple[Severity, Mark]] = []
        """The marks that rows have, the worst first; personal data is told of the file alone."""
        self._in_rows: dict[int, list[Issue]] = {}
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

    def aim(self, targets: tuple[Target, ...]) -> None:
        """Other targets are asked about from now on."""
        self._targets = targets
        self._judge()

    def begin(self) -> None:
        """Somebody looks at the rows as they are now, and will `finish`."""
        self._since_began.clear()
        self._is_looked_at = True

    def follow(self, change: Change) -> None:
        """Rows were edited."""
        self.is_stale = True
        if self._is_looked_at:
            self._since_began.append(change)
        self._rows = {mark: rows.after(change) for mark, rows in self._rows.items()}

    def finish(self, judged: Judged) -> None:
        """This was found in the rows as they were at `begin`."""
        self._facts, self.marks, self._rows = judged
        self.is_known = True
        self._is_looked_at = False
        self.is_stale = bool(self._since_began)
        for change in self._since_began:
            self._rows = {mark: rows.after(change) for mark, rows in self._rows.items()}
        self._judge()

    def _judge(self) -> None:
        """Say of what was found how bad it is for those who are asked about."""
        found = ((mark.severity_for(self._targets), mark) for mark in self.marks.rows if mark.rule not in PERSONAL)
        bad = [(severity, mark) for severity, mark in found if severity]
        self._bad = sorted(bad, key=lambda one: SEVERITIES.index(one[0]))
        self.issues, self._in_rows = [], {}
        for issue in self.marks.told(self._targets, self._keep):
            if issue.line is None:
                self.issues.append(issue)
            else:
                self._in_rows.setdefault(issue.line - 1, []).append(issue)

    def rows_of(self, rule: str) -> RowSet:
        """The rows that a rule is about."""
        return _together(
            rows for mark, rows in self._rows.items() if mark.rule == rule and mark.severity_for(self._targets)
        )

    def severity_of(self, row: int) -> str:
        """As `fttui.checks.live.live.LiveChecks.severity_of`, of the rules about the whole file."""
        worst = next((severity for severity, mark in self._bad if row in self._rows[mark]), "")
        return "" if worst == "info" else worst

    def rows_with(self, severity: str) -> RowSet:
        """The rows of all rules of a severity."""
        return _together(self._rows[mark] for own, mark in self._bad if own == severity)

    def issues_of(self, row: int) -> list[Issue]:
        """What the rules about the whole file say about a row; in a few words when it was edited, or they are many."""
        kept = {issue.rule: issue for issue in self._in_rows.get(row, ())} if not self.is_stale else {}
        bad = {mark.rule: severity for severity, mark in reversed(self._bad) if row in self._rows[mark]}
        return [
            kept.get(rule) or Issue(row + 1, rule, severity, rules()[rule].title, (), False, self._targets)
            for rule, severity in bad.items()
        ]


def _as_set(rows: array[int]) -> RowSet:
    """Rows that are mostly ascending as a set, without a number of Python's for each of a million."""
    try:
        return RowSet.from_ranges(_runs(rows))
    except ValueError:
        return RowSet.of(rows)


def _runs(rows: array[int]) -> Iterator[tuple[int, int]]:
    """The runs of ascending rows, of which some may be there twice: first row, row after the last."""
    if not rows:
        return
    start, stop = rows[0], rows[0] + 1
    for row in rows:
        if row == stop:
            stop += 1
        elif row != stop - 1:
            yield start, stop
            start, stop = row, row + 1
    yield start, stop


def _together(sets: Iterator[RowSet]) -> RowSet:
    found = RowSet()
    for rows in sets:
        found |= rows
    return found
