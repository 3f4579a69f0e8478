"""The marks of the lines of a document that is open, by the line's key."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Container, Sequence
from typing import Final

from fttui.checks.marks import CLEAN, Marks, MarkTable, RowMarks, renumbered
from fttui.checks.model import SEVERITIES, Issue, Target
from fttui.checks.table import rules
from fttui.dataset.line_values import UNKNOWN, LineValues
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet

_MANY: Final = 10_000
"""Rows from which on numpy's import is worth its time."""


class LiveRows:
    """Which rules each line breaks, as a number of a combination of marks. As thread-safe as `LineValues`."""

    def __init__(self, base: int, targets: Sequence[Target]) -> None:
        """``base`` is the number of the file as a source."""
        self.values = LineValues(base)
        self._targets = targets
        self._table = MarkTable()
        self._severities = [""]
        """By number."""

    def numbers_of(self, marks: RowMarks) -> array[int]:
        """The numbers that rows checked elsewhere have here."""
        numbers = renumbered(marks, self._table)
        self._judge()
        return numbers

    def hide(self, hidden: frozenset[str]) -> None:
        """Tell nothing of these rules from now on, and of all others."""
        self._table.hide(hidden)
        self._judge_anew()

    def aim(self, targets: Sequence[Target]) -> None:
        """Other targets are asked about from now on."""
        self._targets = targets
        self._judge_anew()

    def _judge_anew(self) -> None:
        self._severities = []
        self._judge()

    def _judge(self) -> None:
        """Say how bad the combinations are that came since."""
        for combination in self._table.all[len(self._severities) :]:
            found = {mark.severity_for(self._targets) for mark in combination}
            self._severities.append(next((name for name in ("error", "warning") if name in found), ""))

    def severity_of(self, key: tuple[int, int]) -> str:
        """The worst of a line: "error", "warning", or "" where there is nothing, or nothing is known."""
        number = self.values.value(key)
        return self._severities[number] if number != UNKNOWN else ""

    def marks_of(self, key: tuple[int, int]) -> Marks:
        """What a line breaks; nothing where nothing is known."""
        number = self.values.value(key)
        return self._table.all[number] if number != UNKNOWN else ()

    def issues_of(self, key: tuple[int, int], row: int, told: Container[str]) -> list[Issue]:
        """What the processes found in a line that is the ``row`` now, beyond the rules ``told``, in a few words."""
        return [
            Issue(row + 1, mark.rule, severity, rules()[mark.rule].title, (), False, tuple(self._targets))
            for mark in self.marks_of(key)
            if mark.rule not in told and (severity := mark.severity_for(self._targets))
        ]

    def counted(self, pieces: Sequence[Piece]) -> tuple[list[tuple[Marks, int]], int]:
        """The combinations of marks that these lines have, each with how many lines; and how many are not known."""
        counts = _counted(self.values.by_row(pieces))
        unknown = counts.pop(UNKNOWN, 0)
        counts.pop(CLEAN, None)
        return [(self._table.all[number], count) for number, count in sorted(counts.items())], unknown

    def numbers_with(self, name: str) -> frozenset[int]:
        """The combinations with a mark of a rule (its id), or with one of a severity."""
        if name not in SEVERITIES:
            return self._table.numbers_with(name, self._targets)
        return frozenset(
            number
            for number, marks in enumerate(self._table.all)
            if any(mark.severity_for(self._targets) == name for mark in marks)
        )

    def rows_with(self, numbers: frozenset[int], pieces: Sequence[Piece]) -> RowSet:
        """Which of these lines have one of these combinations, counted from 0."""
        return _rows_of(self.values.by_row(pieces), numbers) if numbers else RowSet()


def _counted(rows: array[int]) -> Counter[int]:
    """How many rows have each number."""
    if len(rows) < _MANY:
        return Counter(rows)
    import numpy as np

    numbers = np.frombuffer(rows, np.uint32)
    known = numbers[numbers != UNKNOWN]
    counts = Counter(dict(enumerate(np.bincount(known).tolist())))
    counts[UNKNOWN] = len(numbers) - len(known)
    return +counts


def _rows_of(rows: array[int], wanted: frozenset[int]) -> RowSet:
    """The rows that have one of these numbers."""
    if len(rows) < _MANY:
        return RowSet.of(row for row, number in enumerate(rows) if number in wanted)
    import numpy as np

    has = np.isin(np.frombuffer(rows, np.uint32), np.fromiter(wanted, np.uint32))
    bounds = np.flatnonzero(np.diff(np.concatenate(([False], has, [False])).astype(np.int8)))
    return RowSet.from_ranges((start, stop) for start, stop in bounds.reshape(-1, 2).tolist())
