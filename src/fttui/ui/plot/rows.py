"""A drawn chart: rows of runs, each run a text and the part of the chart that it belongs to (its colour)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

AXIS: Final = "axis"
LABEL: Final = "label"
BLANK: Final = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one colour; every character is one cell wide."""

    text: str
    part: str = BLANK


Row = tuple[Run, ...]


def text_of(rows: list[Row]) -> list[str]:
    """The rows as plain text, without blanks at their ends."""
    return ["".join(run.text for run in row).rstrip() for row in rows]


def runs_of(characters: list[str], parts: list[str]) -> Row:
    """Cells put together to as few runs as their parts allow."""
    runs: list[Run] = []
    start = 0
    for index in range(1, len(characters) + 1):
        if index == len(characters) or parts[index] != parts[start]:
            runs.append(Run("".join(characters[start:index]), parts[start]))
            start = index
    return tuple(runs)
