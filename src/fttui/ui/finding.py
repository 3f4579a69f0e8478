"""Running a query over the open file while the screen goes on: what a thread does, without a widget."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fttui.core.errors import InputError
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.query import Column

_FIRST_NEWS_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0
_MANY: Final = 10_000
"""Rows from which on sets and orders of them are worked out with numpy, whose import takes 80 ms."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a query's rows so far.

    Attributes:
        text: The query.
        rows: The rows found.
        searched: Rows looked at, of ``total``.
        is_done: Whether all were looked at.
        problem: Why the query cannot be run; empty when it can.
        note: A word on how the query was understood, or "".
        revision: The revision of the document in which the rows have their numbers.
    """

    text: str
    rows: RowSet
    searched: int
    total: int
    is_done: bool
    problem: str = ""
    note: str = ""
    revision: int = -1


def get_ready(rows: int) -> None:
    """Import what showing some of so many rows takes, so that not the first letter pays for it. In a thread."""
    import fttui.dataset.query  # noqa: F401

    if rows >= _MANY:
        import numpy  # noqa: F401


def find(
    document: Document, columns: Mapping[str, Column], text: str, *, cancelled: Callable[[], bool]
) -> Iterator[Found]:
    """Run a query; news of what is found come soon at first, then ever more seldom, and at the end.

    Rows are numbered as they are at the end: an edit in the meantime begins the search anew.
    """
    from fttui.dataset.query import parse_query

    query = parse_query(text, columns)
    if query.problem:
        none = RowSet.of(())
        yield Found(text, none, 0, len(document), is_done=True, problem=query.problem, revision=document.revision)
        return
    while not cancelled():
        revision = document.revision
        try:
            for found in _pass(document, query, text, cancelled):
                if document.revision != revision:
                    break
                yield replace(found, revision=revision)
                if found.is_done:
                    return
        except InputError as error:
            none = RowSet.of(())
            yield Found(text, none, 0, len(document), is_done=True, problem=str(error), revision=revision)
            return
        if document.revision == revision:
            return


def left_out(slow: int) -> str:
    """What to say about rows on which a regular expression took too long; "" when there were none."""
    if not slow:
        return ""
    return f"{slow:,} example{'s' * (slow != 1)} left out: the regular expression takes too long there."


def _pass(document: Document, query: object, text: str, cancelled: Callable[[], bool]) -> Iterator[Found]:
    from fttui.dataset.query import search

    rows, fresh = RowSet.of(()), array("Q")  # ascending: what is found later stands behind
    pause, told_at = _FIRST_NEWS_S, time.monotonic()
    searched, total = 0, len(document)
    note = getattr(query, "note", "")
    for hits in search(document, query, cancelled=cancelled):  # type: ignore[arg-type]
        fresh.extend(hits.rows)
        searched, total = hits.searched, hits.total
        note = " ".join(filter(None, (getattr(query, "note", ""), left_out(hits.slow))))
        is_first = bool(fresh) and not rows
        if is_first or time.monotonic() - told_at >= pause:
            rows, fresh = rows | RowSet.of(fresh), array("Q")
            yield Found(text, rows, searched, total, is_done=False, note=note)
            pause, told_at = min(pause * 2, _LONGEST_PAUSE_S), time.monotonic()
    if not cancelled():
        yield Found(text, rows | RowSet.of(fresh), total, total, is_done=True, note=note)
