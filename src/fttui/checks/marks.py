"""Which rules each row breaks, without where and why: a number a row, so that a million rows take 4 MB."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from fttui.checks.model import SEVERITIES, Found, Severity, Target
from fttui.checks.table import rules

CLEAN: Final = 0
"""The number of a row that breaks no rule."""


class Mark(NamedTuple):
    """How often something breaks a rule, and for whom.

    Attributes:
        rule: The id.
        targets: As in `Found`.
        is_fixable: Whether there is a fix for it.
        issues: How often.
    """

    rule: str
    targets: tuple[Target, ...] | None
    is_fixable: bool
    issues: int

    def severity_for(self, targets: Iterable[Target]) -> Severity | None:
        """How bad it is for the worst off of these targets; None when it holds for none of them."""
        rule = rules()[self.rule]
        bad = {rule.severity_for(target) for target in targets if self.targets is None or target in self.targets}
        return next((severity for severity in SEVERITIES if severity in bad), None)


Marks: TypeAlias = tuple[Mark, ...]
"""Those of one row."""


def marks_of(found: Iterable[tuple[str, Found]]) -> Marks:
    """What was found in one row, counted."""
    counts: dict[tuple[str, tuple[Target, ...] | None, bool], int] = {}
    for rule, place in found:
        key = (rule, place.targets, place.is_fixable and rules()[rule].fix is not None)
        counts[key] = counts.get(key, 0) + 1
    return tuple(Mark(*key, issues) for key, issues in counts.items())


class MarkTable:
    """The combinations of marks that rows have, by number; 0 (`CLEAN`) is that of no mark.

    Attributes:
        all: Each combination at the place of its number, without the marks that are hidden; it only grows.
    """

    def __init__(self) -> None:
        self.all: list[Marks] = [()]
        self._numbers: dict[Marks, int] = {(): CLEAN}
        self._hidden: frozenset[str] = frozenset()

    def numbers_with(self, rule: str, targets: Sequence[Target]) -> frozenset[int]:
        """The combinations that have a mark of a rule that holds for some of the targets."""
        return frozenset(
            number
            for number, marks in enumerate(self.all)
            if any(mark.rule == rule and mark.severity_for(targets) for mark in marks)
        )

    def number(self, marks: Marks) -> int:
        """The number of a combination, a new one where it has none yet."""
        number = self._numbers.get(marks)
        if number is None:
            number = self._numbers[marks] = len(self.all)
            self.all.append(self._shown(marks))
        return number

    def hide(self, hidden: frozenset[str]) -> None:
        """Leave the marks of these rules out of ``all``, and of no others, from now on."""
        self._hidden = hidden
        self.all = [self._shown(marks) for marks in self._numbers]  # in the order of their numbers

    def _shown(self, marks: Marks) -> Marks:
        return tuple(mark for mark in marks if mark.rule not in self._hidden) if self._hidden else marks


class RowMarks:
    """The marks of consecutive rows.

    Attributes:
        table: The combinations that there are.
        rows: The number of each row's combination.
    """

    __slots__ = ("rows", "table")

    def __init__(self) -> None:
        self.table = MarkTable()
        self.rows = array("I")

    def add(self, marks: Marks) -> None:
        """Add a row."""
        self.rows.append(self.table.number(marks) if marks else CLEAN)

    def extend(self, other: RowMarks) -> None:
        """Add the rows after these."""
        self.rows.extend(renumbered(other, self.table))

    def counted(self) -> Iterator[tuple[Marks, int]]:
        """Each combination of marks, and how many rows have it; clean rows are left out."""
        counts = Counter(self.rows)
        del counts[CLEAN]
        for number in sorted(counts):
            yield self.table.all[number], counts[number]


def renumbered(marks: RowMarks, table: MarkTable) -> array[int]:
    """The numbers that the combinations of these rows have in another table."""
    if len(marks.table.all) == 1:
        return marks.rows
    numbers = [table.number(combination) for combination in marks.table.all]
    return array("I", map(numbers.__getitem__, marks.rows))
