"""The terms of a query: each says which rows it matches, as cheaply as it can."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from fttui.dataset.query.columns import Column, Test
from fttui.dataset.query.line import Line
from fttui.dataset.query.needles import Needle
from fttui.dataset.query.patterns import Allowance, Pattern
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.snapshot import Snapshot


class Term(Protocol):
    """One condition of a query. A kind of term that says no more than `matches` has every line read for it."""

    @property
    def needle(self) -> Needle | None:
        """A text that each matching line has; None when there is none to look for first."""
        return None

    @property
    def is_needle(self) -> bool:
        """Whether having the needle is all there is to it."""
        return False

    @property
    def without(self) -> Needle | None:
        """A text that no matching line has, where that is all there is to it."""
        return None

    def rows(self, snapshot: Snapshot) -> RowSet | None:
        """All rows that match, or None when lines must be read for it."""
        return None

    def matches(self, row: int, line: Line) -> bool:
        """Whether one row matches. Raises `TooSlowError`."""


@dataclass(frozen=True)
class TextTerm(Term):
    """A text that the line has."""

    text: str

    @cached_property
    def needle(self) -> Needle:
        return Needle(self.text)

    @property
    def is_needle(self) -> bool:
        return not self.needle.is_doubtful

    def matches(self, row: int, line: Line) -> bool:
        return self.needle.is_in(line)


@dataclass(frozen=True)
class RegexTerm(Term):
    """A regular expression that one of the line's texts matches."""

    pattern: Pattern

    @cached_property
    def needle(self) -> Needle | None:
        literal = literal_in(self.pattern)
        return Needle(literal) if literal else None

    def matches(self, row: int, line: Line) -> bool:
        allowance = Allowance(len(line.raw))
        return any(self.pattern.is_in(text, allowance) for text in line.texts)


@dataclass(frozen=True)
class ColumnTerm(Term):
    """A test of a column's value."""

    column: Column
    test: Test

    @cached_property
    def needle(self) -> Needle | None:
        text = self.test.text
        return Needle(text) if self.column.is_in_line and text and "\n" not in text else None

    def rows(self, snapshot: Snapshot) -> RowSet | None:
        return self.column.rows_that(self.test, snapshot)

    def matches(self, row: int, line: Line) -> bool:
        return self.column.of_row is not None and self.column.holds(self.test, self.column.of_row(row, line))


@dataclass(frozen=True)
class NotTerm(Term):
    """The rows that another term does not match."""

    term: Term

    @property
    def without(self) -> Needle | None:
        return self.term.needle if self.term.is_needle else None

    def rows(self, snapshot: Snapshot) -> RowSet | None:
        rows = self.term.rows(snapshot)
        return None if rows is None else RowSet.span(0, len(snapshot)) - rows

    def matches(self, row: int, line: Line) -> bool:
        return not self.term.matches(row, line)


_LITERAL_RUN: Final = re.compile(r"[A-Za-z0-9 ]{3,}(?![*?{])")
_REPEATED: Final = re.compile(r"[^{]?\{[^{}]*\}")
"""A repetition and what it repeats: its number is no text."""
_ONE_CHARACTER: Final = re.compile(r"\\[bBsSdDwWAZ.\\/+*?^$(){}\[\]|-]")


def literal_in(pattern: Pattern) -> str:
    """A text that whatever matches the pattern must have in it; empty when none is easily seen."""
    plain = _REPEATED.sub("\0", _ONE_CHARACTER.sub("\0", pattern.source))
    if pattern.flags & (re.IGNORECASE | re.VERBOSE) or re.search(r"[|(\[\\{}]", plain):
        return ""
    return max(_LITERAL_RUN.findall(plain), key=len, default="")
