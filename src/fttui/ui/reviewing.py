"""Reviewing one example after the other: which comes next, and how far one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from fttui.dataset.marks.row_roots import all_roots, row_of_root
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.run_lookup import RunLookup

if TYPE_CHECKING:
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.view import View
    from fttui.ui.browse import Browse

Root: TypeAlias = tuple[int, int]

# the bits of a row's byte: a row that is shown and nothing else is to be reviewed
_SHOWN: Final = 1
_REVIEWED: Final = 2
_SKIPPED: Final = 4
_TO_REVIEW: Final = _SHOWN
_DONE: Final = _SHOWN | _REVIEWED


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


class _Seen(NamedTuple):
    """What the bytes of the rows were worked out for."""

    edits: int
    marks: int
    rows: int
    view: View
    shown: int


class Review:
    """A walk over the rows that are shown, from one that nobody has reviewed to the next.

    It keeps a byte for each row, so that the next one is found at once among a million. A decision changes one byte;
    whatever else happens to rows, marks or the view has all of them worked out anew, which takes some milliseconds.
    """

    def __init__(self, browse: Browse, marks: Marks) -> None:
        self._browse = browse
        self._document = browse.document
        self._marks = marks
        self._rows = bytearray()
        self._seen: _Seen | None = None
        self._accepted: dict[Root, int | None] = {}
        """What was found good, and the state of the document then; None: it was reviewed before."""
        self._dropped: set[Root] = set()
        self._accepted_now = 0
        self._dropped_now = 0
        self.skipped: set[Root] = set()
        """Identities of the examples that were passed over."""

    def next_row(self, position: int, *, include: bool = False) -> int | None:
        """The nearest row to review after ``position`` of the view, or at it when ``include``; None: all are done."""
        self._follow()
        view = self._browse.view
        start = position if include else position + 1
        at = view.find(self._rows, _TO_REVIEW, start)
        if at is None:
            at = view.find(self._rows, _TO_REVIEW, 0)
        return None if at is None else view.row_at(at)

    def accept(self, row: int) -> None:
        """Say that a row is good.

        Raises:
            InputError: Nothing may be changed here.
        """
        self._follow()
        root, was_reviewed = self._document.root(row), self._marks.of(row).reviewed
        self._marks.review(RowSet.of((row,)), True)
        if not (was_reviewed and root in self._accepted):
            self._accepted_now += 1
        self._accepted.pop(root, None)  # the last one comes last
        self._accepted[root] = None if was_reviewed else self._document.state
        if self._is_all_that_happened(marks=1):
            self._rows[row] |= _REVIEWED

    @property
    def can_take_back(self) -> bool:
        """Whether something was accepted since the last edit."""
        return bool(self._accepted) and next(reversed(self._accepted.values())) == self._document.state

    def take_back(self) -> int | None:
        """Take the acceptance back that was the last decision; the row, or None when the last was an edit."""
        while self.can_take_back:
            root, _ = self._accepted.popitem()
            row = row_of_root(self._document, root)
            if row is not None and self._marks.of(row).reviewed:
                self._marks.review(RowSet.of((row,)), False)
                return row
        return None

    def drop(self, row: int) -> None:
        """Delete a row.

        Raises:
            InputError: Nothing may be changed here.
        """
        self._follow()
        root = self._document.root(row)
        self._document.delete(row)
        self._dropped.add(root)
        self._dropped_now += 1
        self._browse.follow()
        if self._is_all_that_happened(edits=1):
            del self._rows[row]

    def skip(self, row: int) -> None:
        """Leave a row for another time."""
        self._follow()
        self.skipped.add(self._document.root(row))
        if row < len(self._rows):
            self._rows[row] |= _SKIPPED

    @property
    def progress(self) -> Progress:
        """How far the rows in sight are reviewed."""
        self._follow()
        done = self._rows.count(_DONE) + self._rows.count(_DONE | _SKIPPED)
        return Progress(done, len(self._browse.view), self._accepted_now, self._dropped_now)

    def _now(self) -> _Seen:
        view, document = self._browse.view, self._document
        return _Seen(document.revision, self._marks.revision, len(document), view, len(view))

    def _is_all_that_happened(self, *, edits: int = 0, marks: int = 0) -> bool:
        """Whether nothing came between what was seen last and now but these; then it is seen."""
        now, seen = self._now(), self._seen
        if seen is None or (now.edits, now.marks, now.view) != (seen.edits + edits, seen.marks + marks, seen.view):
            return False
        if (now.rows, now.shown) != (seen.rows - edits, seen.shown - edits):
            return False
        self._seen = now
        return True

    def _follow(self) -> None:
        """Bring the bytes of the rows up to date."""
        with self._document.standing_still():
            self._browse.follow()
            now = self._now()
            if now == self._seen:
                return
            reviewed = self._marks.reviewed_flags()
            count = len(reviewed)
            shown = self._browse.view.flags(count)
            # a byte of each beside the other, all rows at once: as numbers of a million bytes
            both = int.from_bytes(shown, "little") | int.from_bytes(reviewed, "little") << 1
            self._rows = bytearray(both.to_bytes(count, "little"))
            if self.skipped or self._accepted or self._dropped:
                self._place_decisions(RunLookup((root, row) for row, root in all_roots(self._document)))
            self._seen = now

    def _place_decisions(self, lookup: RunLookup) -> None:
        """Find what was decided among the rows: an undo may have brought back what was dropped."""

        def row_of(root: Root) -> int | None:
            return next(lookup.runs(Piece(*root, 1)))[0]

        for row in map(row_of, self.skipped):
            if row is not None:
                self._rows[row] |= _SKIPPED
        accepted = [row for row in map(row_of, self._accepted) if row is not None]
        self._accepted_now = sum(self._rows[row] & _REVIEWED != 0 for row in accepted)
        self._dropped_now = sum(row_of(root) is None for root in self._dropped)
