"""Searching a document for a query, in a thread of its own."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.dataset.errors import reading_failed
from fttui.dataset.query.line import Line
from fttui.dataset.query.needles import Needle
from fttui.dataset.query.parse import Query
from fttui.dataset.query.patterns import TooSlowError
from fttui.dataset.query.terms import Term
from fttui.dataset.query.walk import Block, blocks_of, rows_with
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.snapshot import Snapshot

_FIRST_AFTER: Final = 0.02
_NEXT_AFTER: Final = 0.1
"""Seconds between two reports."""
_FEW: Final = 8
"""Where fewer than one in so many rows may match, only these are read; else whole stretches of the file."""
_WAIT: Final = 0.05
"""Seconds between two looks whether there are new rows, while the file is still being indexed."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found since it last reported.

    Attributes:
        rows: The rows, ascending, as they were numbered when the search began.
        searched: How many rows are done.
        total: How many there are, as far as is known.
        revision: The document's when the search began: after an edit, rows may have other numbers.
        slow: How many rows were left out so far because a regular expression took too long on them.
    """

    rows: array[int]
    searched: int
    total: int
    revision: int
    slow: int = 0


@dataclass
class _LeftOut:
    slow: int = 0


def search(
    document: Document, query: Query, *, cancelled: Callable[[], bool], start: int = 0, follow: bool = True
) -> Iterator[Hits]:
    """Find the rows that match, from ``start`` to the end and then from the first row to ``start``.

    It reads the document as it is when the search begins. Rows that the index finds meanwhile are searched as well
    (with ``follow``; the index must be running in another thread); an edit ends that.

    Args:
        document: The document.
        query: What to look for; one with a problem finds nothing.
        cancelled: Asked every few milliseconds; True ends the search.
        start: Where to begin.
        follow: Whether to wait for rows that are still being indexed.

    Raises:
        InputError: The disk failed, or a regular expression takes too long on a tag or note.
    """
    with document.standing_still():
        snapshot, revision = document.snapshot(), document.revision
    total, searched, left_out = len(snapshot), 0, _LeftOut()
    spans = [span for span in ((min(start, total), total), (0, min(start, total))) if span[0] < span[1]]
    while not cancelled():
        try:
            for span in spans:
                for rows, done in _search_span(snapshot, query, span, cancelled, left_out):
                    yield Hits(rows, searched + done, total, revision, left_out.slow)
                if cancelled():
                    return
                searched += span[1] - span[0]
        except OSError as error:
            raise reading_failed(document.path, error) from error
        except TooSlowError as error:
            raise InputError("The regular expression takes too long on a tag or a note.") from error
        while len(document) == total or document.revision != revision:
            if document.is_indexed or document.revision != revision or not follow or cancelled():
                if len(document) > total and document.revision == revision:
                    break
                if not spans:
                    yield Hits(array("Q"), 0, 0, revision)
                return
            time.sleep(_WAIT)
        snapshot = document.snapshot()
        spans, total = [(total, len(snapshot))], len(snapshot)


@dataclass(frozen=True)
class _Plan:
    """How a query is searched for.

    Attributes:
        allowed: The rows that may match; None for all.
        needle: The text to look for first, which each matching line has; None when there is none.
        needles: Further texts, with whether a line must have them, or must not.
        terms: What else must match, which takes reading the line.
    """

    allowed: RowSet | None
    needle: Needle | None
    needles: tuple[tuple[Needle, bool], ...]
    terms: tuple[Term, ...]

    @classmethod
    def of(cls, query: Query, snapshot: Snapshot, span: tuple[int, int]) -> _Plan:
        allowed: RowSet | None = None
        terms: list[Term] = []
        for term in query.terms:
            rows = term.rows(snapshot)
            if rows is None:
                terms.append(term)
            else:
                allowed = rows if allowed is None else allowed & rows
        if allowed is not None:
            allowed &= RowSet.span(*span)
        present = [term.needle for term in terms if term.needle and not term.needle.is_doubtful]
        first = max(present, key=lambda needle: len(needle.text), default=None)
        absent = [term.without for term in terms if term.without]
        needles = [
            *((needle, True) for needle in present if needle is not first),
            *((needle, False) for needle in absent),
        ]
        rest = [term for term in terms if not term.is_needle and not term.without]
        return cls(allowed, first, tuple(needles), tuple(rest))


def _search_span(
    snapshot: Snapshot, query: Query, span: tuple[int, int], cancelled: Callable[[], bool], left_out: _LeftOut
) -> Iterator[tuple[array[int], int]]:
    """The matching rows in a span of rows, and how many of the span are done."""
    if query.problem:
        yield array("Q"), span[1] - span[0]
        return
    plan = _Plan.of(query, snapshot, span)
    if not plan.terms and not plan.needles and plan.needle is None:
        rows = plan.allowed if plan.allowed is not None else RowSet.span(*span)
        yield array("Q", rows), span[1] - span[0]
        return
    is_few = plan.allowed is not None and len(plan.allowed) * _FEW < span[1] - span[0]
    ranges = plan.allowed.ranges() if is_few and plan.allowed is not None else iter([span])
    found = array("Q")
    due = time.monotonic() + _FIRST_AFTER
    for block in blocks_of(snapshot, ranges):
        if cancelled():
            return
        found.extend(_hits_in(block, plan, cancelled, left_out))
        now = time.monotonic()
        if now >= due:
            yield found, block.row + len(block) - span[0]
            found = array("Q")
            due = now + _NEXT_AFTER
        time.sleep(0)  # let the screen draw
    yield found, span[1] - span[0]


def _hits_in(block: Block, plan: _Plan, cancelled: Callable[[], bool], left_out: _LeftOut) -> Iterator[int]:
    needles = [(needle, needle.data_of(block.data), is_wanted) for needle, is_wanted in plan.needles]
    for index in rows_with(block, plan.needle):
        row = block.row + index
        if plan.allowed is not None and row not in plan.allowed:
            continue
        start, end = block.start_of(index), block.end_of(index)
        if any((needle.next(data, start, end) is not None) != is_wanted for needle, data, is_wanted in needles):
            continue
        if plan.terms:
            line = Line(block.raw(index))
            try:
                if not all(term.matches(row, line) for term in plan.terms):
                    continue
            except TooSlowError:
                left_out.slow += 1
                if cancelled():
                    return
                continue
        yield row
