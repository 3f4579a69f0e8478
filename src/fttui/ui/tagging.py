"""Tags as one types them: a line of words, for one example or for many."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.rowset import RowSet

_NAME = re.compile(r"[^\s,#]+")
LONGEST = 40
_LOOKED_AT = 10_000
"""Examples whose tags are compared to offer those that all have."""


class TagChange(NamedTuple):
    """Tags to put on and to take off."""

    on: frozenset[str]
    off: frozenset[str]


def tags_in(text: str) -> frozenset[str]:
    """The tags that a line names: words, with or without a hash, separated by blanks or commas."""
    return frozenset(_NAME.findall(text))


def common_tags(marks: Marks, rows: RowSet) -> frozenset[str]:
    """The tags that all of ``rows`` have; of very many rows those that all of the first have."""
    common: frozenset[str] | None = None
    for number, row in enumerate(rows):
        tags = marks.of(row).tags
        common = tags if common is None else common & tags
        if not common or number >= _LOOKED_AT:
            break
    return common or frozenset()


def change_to(text: str, before: frozenset[str]) -> TagChange:
    """What to do so that examples which all had ``before`` have the tags of ``text``; their other tags stay."""
    wanted = tags_in(text)
    return TagChange(wanted - before, before - wanted)


def problem_of(text: str) -> str:
    """Why a line of tags cannot be taken; empty when it can."""
    long = next((tag for tag in tags_in(text) if len(tag) > LONGEST), None)
    return f"A tag has at most {LONGEST} characters." if long else ""


def apply(marks: Marks, rows: RowSet, change: TagChange) -> None:
    """Tag the rows."""
    for tag in sorted(change.on):
        marks.tag(rows, tag, True)
    for tag in sorted(change.off):
        marks.tag(rows, tag, False)


def said(change: TagChange, count: int) -> str:
    """What was done, for a toast."""
    parts = [f"#{tag}" for tag in sorted(change.on)] + [f"without #{tag}" for tag in sorted(change.off)]
    return f"{', '.join(parts)}: {count:,} example{'s' * (count != 1)}." if parts else "The tags are as they were."
