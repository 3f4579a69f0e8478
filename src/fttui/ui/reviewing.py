"""Reviewing one example after the other: which comes next, and how far one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fttui.dataset.marks.marks import Marks
    from fttui.ui.browse import Browse


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a review is: of ``total`` rows in sight ``reviewed`` are done; ``accepted`` and ``dropped`` just now."""

    reviewed: int
    total: int
    accepted: int
    dropped: int

    @property
    def text(self) -> str:
        """For the line over the example."""
        share = f"{100 * self.reviewed // self.total}%" if self.total else "–"
        parts = [f"reviewed {self.reviewed:,} of {self.total:,} ({share})"]
        if self.accepted:
            parts.append(f"{self.accepted:,} accepted now")
        if self.dropped:
            parts.append(f"{self.dropped:,} dropped")
        return " · ".join(parts)


class Review:
    """A walk over the rows that are shown, from one that nobody has reviewed to the next."""

    def __init__(self, browse: Browse, marks: Marks) -> None:
        self._browse = browse
        self._marks = marks
        self._accepted = 0
        self._dropped = 0
        self.skipped: set[tuple[int, int]] = set()
        """Identities of the examples that were passed over."""

    def next_row(self, position: int, *, include: bool = False) -> int | None:
        """The nearest row to review after ``position`` of the view, or at it when ``include``; None: all are done."""
        view = self._browse.view
        count = len(view)
        for walked in range(0 if include else 1, count + (not include)):
            row = view.row_at((position + walked) % count)
            if not self._marks.of(row).reviewed and self._browse.document.root(row) not in self.skipped:
                return row
        return None

    def accepted(self) -> None:
        """One more was found good."""
        self._accepted += 1

    def dropped(self) -> None:
        """One more was deleted."""
        self._dropped += 1

    def skip(self, row: int) -> None:
        """Leave a row for another time."""
        self.skipped.add(self._browse.document.root(row))

    @property
    def progress(self) -> Progress:
        """How far the rows in sight are reviewed."""
        reviewed = self._marks.rows_with(reviewed=True)
        shown = self._browse.shown
        return Progress(len(reviewed & shown), len(shown), self._accepted, self._dropped)
