"""Queries as people type them: words, "phrases", /regular expressions/, tests of columns such as ``tokens:>500``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fttui.core.errors import InputError
from fttui.dataset.query.columns import Column, Test
from fttui.dataset.query.line import Line
from fttui.dataset.query.patterns import Pattern
from fttui.dataset.query.terms import ColumnTerm, NotTerm, RegexTerm, Term, TextTerm
from fttui.dataset.query.words import Word, words_of

_NUMBER: Final = r"-?\d[\d_,]*(?:\.\d+)?[km]?"
_COMPARISON: Final = re.compile(rf"(>=|<=|>|<|=)?({_NUMBER})", re.IGNORECASE)
_RANGE: Final = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?", re.IGNORECASE)
_SCALES: Final = {"k": 1_000, "m": 1_000_000}
_YES: Final = ("", "yes", "true", "1")
_NO: Final = ("no", "false", "0")
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}


@dataclass(frozen=True)
class Query:
    """What rows must match: all of the terms.

    Attributes:
        text: As it was typed.
        terms: The conditions; none: every row matches.
        problem: Why it cannot be searched for, as a sentence; empty when it can.
        note: What may not be meant as it was understood, as a sentence; mostly empty.
    """

    text: str
    terms: tuple[Term, ...] = ()
    problem: str = ""
    note: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing."""
        return not self.terms and not self.problem

    def matches(self, row: int, raw: bytes) -> bool:
        """Whether one row matches, with its line without the line ending. Raises `TooSlowError`."""
        line = Line(raw)
        return not self.problem and all(term.matches(row, line) for term in self.terms)


def parse_query(text: str, columns: Mapping[str, Column]) -> Query:
    """Read a query. Never raises: what is not finished or not right is in ``problem``.

    Args:
        text: Words, all of which must match. Small letters match both cases. ``"a phrase"``, ``/regular expression/``
            (``/…/i`` in either case), ``column:value``, ``column:>5`` (or ``>=``, ``<``, ``<=``, ``=``),
            ``column:2..5``, ``column:`` for any value; a minus before a term negates it.
        columns: The columns by name.
    """
    terms: list[Term] = []
    notes: list[str] = []
    try:
        for word in words_of(text):
            term = _term(word, columns, notes)
            if term is not None:
                terms.append(NotTerm(term) if word.is_negated else term)
    except InputError as error:
        return Query(text, (), error.message, " ".join(notes))
    return Query(text, tuple(terms), "", " ".join(dict.fromkeys(notes)))


def _term(word: Word, columns: Mapping[str, Column], notes: list[str]) -> Term | None:
    column = columns.get(word.name.lower()) if word.name else None
    if column is not None:
        return ColumnTerm(column, _test(word, column))
    if word.name is not None:
        if not word.text.startswith("//"):  # an address
            notes.append(_unknown(word.name, columns))
        return TextTerm(f"{word.name}:{word.text}")
    if word.flags is not None:
        return RegexTerm(_pattern(word))
    if not word.is_quoted and len(word.text) > 1 and word.text.startswith("/"):
        notes.append("Searched for as text; a regular expression stands between two slashes.")
    return TextTerm(word.text) if word.text else None


def _unknown(name: str, columns: Mapping[str, Column]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), columns, n=1)
    guess = f"did you mean {near[0]}:?" if near else "there are " + ", ".join(sorted(columns)) + "."
    return f'"{name}:" is no column and is searched for as text; {guess}'


def _test(word: Word, column: Column) -> Test:
    if column.kind == "flag":
        return _flag_test(word, column)
    if column.kind == "number":
        return _number_test(word, column)
    if word.flags is not None:
        return Test(pattern=_pattern(word))
    is_equal = word.text.startswith("=") and not word.is_quoted
    return Test(text=word.text[1:] if is_equal else word.text, is_exact=is_equal or column.kind == "set")


def _flag_test(word: Word, column: Column) -> Test:
    value = word.text.lower()
    if value not in (*_YES, *_NO):
        raise InputError(f"{column.name}: takes yes or no, or nothing (yes).")
    return Test(wanted=value in _YES)


def _number_test(word: Word, column: Column) -> Test:
    if not word.text:
        return Test()
    span = _RANGE.fullmatch(word.text)
    if span and (span[1] or span[2]):
        return Test(low=_number(span[1]) if span[1] else None, high=_number(span[2]) if span[2] else None)
    comparison = _COMPARISON.fullmatch(word.text)
    if comparison is None or word.flags is not None:
        raise InputError(f"{column.name}: takes a number, such as {column.name}:>5 or {column.name}:2..5.")
    operator, number = comparison[1] or "=", _number(comparison[2])
    low = number if operator in (">", ">=", "=") else None
    high = number if operator in ("<", "<=", "=") else None
    return Test(low=low, high=high, is_open=operator in ("<", ">"))


def _number(text: str) -> float:
    scale = _SCALES.get(text[-1].lower(), 1)
    digits = text.rstrip("kKmM").replace(",", "").replace("_", "")
    return float(digits) * scale


def _pattern(word: Word) -> Pattern:
    flags = re.RegexFlag(0)
    for letter in word.flags or "":
        flags |= _FLAGS[letter]
    return Pattern(word.text, flags)
