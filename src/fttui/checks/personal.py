"""Secrets and personal data in the bytes of lines."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


def personal_in(raw: bytes) -> tuple[str, ...]:
    """The rules that the bytes break: ids of the rules in `fttui.checks.rules.personal`."""
    return ()


@dataclass(slots=True)
class PersonalRows:
    """By rule, the rows that break it; lines are looked through many at a time."""

    found: dict[str, array[int]] = field(default_factory=dict)

    def add(self, row: int, raw: bytes) -> None:
        """Take note of the next line."""

    def extend(self, other: PersonalRows, start: int) -> None:
        """Add what was found in the lines that follow, of which the first is the row ``start``."""

    def rows(self) -> dict[str, array[int]]:
        """By rule, the rows in order."""
        return self.found
