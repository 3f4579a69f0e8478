"""Undo and redo without limit: stacks of steps, each the edits that lead to the state before (or after)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fttui.dataset.edits import Edit, Splice, with_pieces
from fttui.dataset.pieces import Piece


@dataclass(frozen=True, slots=True)
class Step:
    """What one undo (or redo) does: edits in the order in which to apply them, and the state that they lead to."""

    edits: tuple[Edit, ...]
    state: int


class History:
    """Which steps lead back and forth from the present state. States are numbers; equal numbers mean equal rows."""

    def __init__(self) -> None:
        self.state = 0
        self._newest = 0
        self._undo: list[Step] = []
        self._redo: list[Step] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def record(self, inverses: Iterable[Edit]) -> None:
        """An edit was made that ``inverses`` take back: what was undone before can no longer be redone."""
        self._undo.append(Step(tuple(inverses), self.state))
        self._redo.clear()
        self._newest += 1
        self.state = self._newest

    def undo(self, apply: Callable[[Step], tuple[Edit, ...]]) -> Step | None:
        """Go one step back: ``apply`` makes the step's edits and gives those that take them back."""
        return self._travel(self._undo, self._redo, apply)

    def redo(self, apply: Callable[[Step], tuple[Edit, ...]]) -> Step | None:
        """Go one step forward again."""
        return self._travel(self._redo, self._undo, apply)

    def _travel(self, origin: list[Step], other: list[Step], apply: Callable[[Step], tuple[Edit, ...]]) -> Step | None:
        if not origin:
            return None
        step = origin.pop()
        other.append(Step(apply(step), self.state))
        self.state = step.state
        return step

    def pieces(self) -> Iterator[Piece]:
        """All rows that only the history still knows."""
        for step in (*self._undo, *self._redo):
            for edit in step.edits:
                if isinstance(edit, Splice):
                    yield from edit.pieces

    def exchange_pieces(self, change: Callable[[Iterable[Piece]], Iterable[Piece]]) -> None:
        """Exchange the pieces of all steps for others of the same rows."""
        for steps in (self._undo, self._redo):
            steps[:] = [Step(tuple(with_pieces(edit, change) for edit in step.edits), step.state) for step in steps]
