"""Where an issue is in the text of its line: what a caret points at, and what a code host marks."""

from __future__ import annotations

from typing import Final

from fttui.checks.model import Issue
from fttui.formats.places import Place, key_place_of, place_of

_ABOUT_KEYS: Final = frozenset(("key", "keys", "column", "columns"))
"""Words in the id of a rule that is about how a key is called, not about its value."""


def spot_of(text: str, issue: Issue) -> Place | None:
    """Start and end (characters from 0) of what the issue is about; None for an issue of the whole line or file.

    A path that leads to something that is missing leads to the bracket of what should have it.
    """
    if issue.column is not None:
        at = min(max(issue.column - 1, 0), len(text))
        return at, min(at + 1, len(text))
    if not issue.path:
        return None
    if not _ABOUT_KEYS.isdisjoint(issue.rule.split("-")) and (key := key_place_of(text, issue.path)) is not None:
        return key
    place = place_of(text, issue.path)
    if place is not None:
        return place
    for length in range(len(issue.path) - 1, -1, -1):
        place = place_of(text, issue.path[:length])
        if place is not None:
            return place[0], place[0] + 1
    return None
