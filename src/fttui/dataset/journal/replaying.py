"""Making the steps of a journal again in a document that has none of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fttui.dataset.edits import Edit, with_pieces
from fttui.dataset.journal.format import Frame, Kind, read_edits, read_marks
from fttui.dataset.journal.ghost import Ghost, ghost_at
from fttui.dataset.journal.left_lines import LeftLines
from fttui.dataset.journal.reading import LeftJournal
from fttui.dataset.marks.changes import WITHIN, HeldChanges
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet

if TYPE_CHECKING:
    from fttui.dataset.session import Session


class Replay:
    """Makes the steps again from one part of a journal on.

    Attributes:
        steps: How many there are to undo by now.
    """

    def __init__(self, session: Session, journal: LeftJournal, start: int) -> None:
        self.steps = 0
        self._session = session
        self._document = session.document
        self._journal = journal
        self._start = start
        self._lines = LeftLines(journal)
        self._held = HeldChanges()
        self._numbers = {journal.parts[start].base: self._document.base}
        """The number of a source here, by its number in the journal."""
        self._added: dict[tuple[int, int], Piece] = {}
        """Where a line is in memory here, by its source and number in the journal."""

    def run(self) -> None:
        """Make all steps, or as many as can be read.

        Raises:
            ValueError, IndexError: The journal is damaged.
            OSError: It cannot be read.
        """
        for rows, change in ghost_at(self._journal, self._start).marks_of_file():
            mark(self._session, rows, change)
        try:
            with self._session.marks.replaying():
                for frame in self._journal.frames(self._start):
                    self._make(frame)
        finally:
            self._document.let_go_of_spools(self._numbers.values())

    def _make(self, frame: Frame) -> None:
        match frame.kind:
            case Kind.LINES | Kind.SPOOL:
                self._lines.learn(frame)
            case Kind.STEP:
                edits = read_edits(self._journal.payload(frame))
                self._make_step([with_pieces(edit, self._here) for edit in edits])
                self.steps += 1
            case Kind.UNDO:
                self._document.undo()
                self._make_step(())
                self.steps -= 1
            case Kind.REDO:
                self._document.redo()
                self._make_step(())
                self.steps += 1
            case Kind.MARKS:
                rows, change = read_marks(self._journal.payload(frame))
                if not self._held.hold(rows, change):
                    mark(self._session, rows, change)

    def _make_step(self, edits: Sequence[Edit]) -> None:
        """Make the edits of a step, with what was said about examples in its midst."""
        with self._document.group():
            for part, changes in self._held.parts(edits):
                if part:
                    self._document.make(part)
                for rows, change in changes:
                    mark(self._session, rows, change)

    def _here(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same lines as this document numbers them; those that it has not yet are added to it."""
        for piece in pieces:
            source, start, rows = piece
            if source not in self._numbers and source in self._lines.spools:
                self._numbers[source] = self._document.keep_spool(self._lines.spools[source])
            if source in self._numbers:
                yield Piece(self._numbers[source], start, rows)
                continue
            known = [self._added.get((source, line)) for line in range(start, start + rows)]
            if None in known:
                first = self._document.keep_lines(list(self._lines.of(piece))).start
                known = [Piece(0, first + line, 1) for line in range(rows)]
                self._added |= {(source, start + line): place for line, place in enumerate(known) if place}
            yield from (place for place in known if place)


def mark(session: Session, rows: RowSet, change: Mapping[str, Any]) -> None:
    """Change marks as a journal says, and write that in the journal of this session."""
    with session.document.standing_still():
        rows &= RowSet.span(0, len(session.document))
        if not rows:
            return
        change = {key: value for key, value in change.items() if key != WITHIN}  # this journal has its own
        if session.journal is not None:
            session.journal.marks(rows, change)
        session.marks.apply(rows, change)


def marks_of(journal: LeftJournal, start: int) -> Ghost:
    """What was said about examples, numbered as they are in the file from which that part of a journal starts."""
    ghost = ghost_at(journal, start)
    ghost.run(journal, journal.frames(start))
    return ghost
