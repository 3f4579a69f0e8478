"""Undo and redo without limit: stacks of steps, each the edits that lead to the state before (or after)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fttui.dataset.edits import Bulk, Edit, MoveRows, Splice
from fttui.dataset.pieces import Piece

Direction: TypeAlias = Literal["undo", "redo"]


@dataclass(frozen=True, slots=True)
class Step:
    """What one undo (or redo) does: edits in the order in which to apply them, and the state that they lead to."""

    edits: tuple[Edit, ...]
    state: int

    @property
    def is_bulk(self) -> bool:
        """Whether it may take long, as all rows are gone through."""
        return any(isinstance(edit, Bulk | MoveRows) for edit in self.edits)


class History:
    """Which steps lead back and forth from the present state. States are numbers; equal numbers mean equal rows."""

    def __init__(self) -> None:
        self.state = 0
        self._newest = 0
        self._steps: dict[Direction, list[Step]] = {"undo": [], "redo": []}

    def next(self, direction: Direction) -> Step | None:
        """The step that an undo (or redo) would make now."""
        steps = self._steps[direction]
        return steps[-1] if steps else None

    def record(self, inverses: Iterable[Edit]) -> None:
        """Edits were made that ``inverses`` take back: what was undone before can no longer be redone."""
        self._steps["undo"].append(Step(tuple(inverses), self.state))
        self._steps["redo"].clear()
        self._newest += 1
        self.state = self._newest

    def travelled(self, direction: Direction, inverses: Sequence[Edit]) -> None:
        """The next step was made; ``inverses`` take its edits back, one each."""
        step = self._steps[direction].pop()
        other = self._steps["redo" if direction == "undo" else "undo"]
        other.append(Step(tuple(reversed(inverses)), self.state))
        self.state = step.state

    def pieces(self) -> Iterator[Piece]:
        """All rows that only the history still knows."""
        for edit in self.edits():
            if isinstance(edit, Splice | Bulk):
                yield from edit.pieces

    def sources(self) -> set[int]:
        """The numbers of the sources of these rows."""
        found: set[int] = set()
        for edit in self.edits():
            if isinstance(edit, Bulk):
                found.update(edit.pieces.sources)
            elif isinstance(edit, Splice):
                found.update(piece.source for piece in edit.pieces)
        return found

    def edits(self) -> list[Edit]:
        """All edits of all steps."""
        return [edit for steps in self._steps.values() for step in steps for edit in step.edits]

    def exchange(self, change: Callable[[Edit], Edit]) -> None:
        """Exchange all edits for others of the same rows."""
        for steps in self._steps.values():
            steps[:] = [Step(tuple(map(change, step.edits)), step.state) for step in steps]
