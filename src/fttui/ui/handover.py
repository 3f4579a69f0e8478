"""What one screen gives another: the next step of the loop in one key. ``app.go(name, handover)`` delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ShowRow:
    """To Examples: show this row (from 0) of the open file."""

    row: int


@dataclass(frozen=True, slots=True)
class NewExample:
    """To Examples: insert this record behind the current row (an answer saved as an example)."""

    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TryModels:
    """To Playground: compare these models (a base and its checkpoint)."""

    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TryExample:
    """To Playground: ask what this row (from 0) asks; its last assistant message is the expected answer."""

    row: int
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrainFile:
    """To Jobs: open the form for a new job on the open file."""


Handover = ShowRow | NewExample | TryModels | TryExample | TrainFile
