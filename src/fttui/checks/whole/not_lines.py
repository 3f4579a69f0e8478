"""Files that are no JSON lines at all: one issue of the file says so, and nothing is told of lines that are none."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from fttui.checks.table import rules

_ANYWAY: Final = frozenset(("not-json-lines", "encoding", "file-empty", "file-too-large"))
_SAYS_NOTHING: Final[frozenset[str]] = frozenset()


def hidden_beside(told: Collection[str], records: int) -> frozenset[str]:
    """The rules of which nothing is told.

    Args:
        told: The rules that the file as a whole breaks.
        records: How many of its lines are records; where some are, only those in another encoding want mending.
    """
    if "not-json-lines" not in told and ("encoding" not in told or records):
        return _SAYS_NOTHING
    return frozenset(name for name in rules() if name not in _ANYWAY and not name.startswith("personal-"))
