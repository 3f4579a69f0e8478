"""Edits of many rows of a document at once: one step of undo, worked out without holding anybody up."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain
from typing import Final

from fttui.core.errors import InputError
from fttui.dataset.applying import apply_edit
from fttui.dataset.bulk import deletion, gathering, insertion_below_each, pieces_in_order, replacement
from fttui.dataset.editing import EditableFile
from fttui.dataset.edits import Bulk, Change, Edit, MoveRows, Splice
from fttui.dataset.errors import spooling_failed
from fttui.dataset.pieces import Piece, PieceTable
from fttui.dataset.rowset import RowSet
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import SpoolSource
from fttui.dataset.spool import SpoolFile, write_spool
from fttui.dataset.style import clean_line

_FEW_LINES: Final = 64
_FEW_BYTES: Final = 1 << 20
"""Lines of one edit that are kept in memory; more go to a file."""
_TRIES: Final = 3
"""How often an edit is worked out again because others were made meanwhile, before these have to wait."""


class BulkEditableFile(EditableFile):
    """Edits of a selection. They may run in a thread of their own while the screen reads and edits rows."""

    def delete_rows(self, rows: RowSet) -> None:
        """Delete these rows."""
        self._bulk(rows, deletion)

    def duplicate_rows(self, rows: RowSet) -> None:
        """Put a copy of each of these rows right below it.

        Raises:
            InputError: The disk is full, or the rows were edited meanwhile; nothing was changed.
        """
        self._check_writable()
        with self._following() as (snapshot, now):
            raws = snapshot.only(rows).raws()
            with self._reading_errors(), self._stored(raw + self.newline for raw in raws) as pieces:
                self._bulk_of_lines(snapshot, rows, now, lambda rows: insertion_below_each(rows, pieces), as_group=True)

    def move_rows(self, rows: RowSet, to: int) -> None:
        """Take these rows out and have them stand together, in their order, from row ``to`` on."""
        self._bulk(rows, lambda rows: gathering(rows, to))

    def insert_lines(self, row: int, lines: Iterable[bytes]) -> int:
        """Insert lines (without endings) before ``row`` or at the end; how many.

        Raises:
            InputError: The disk is full; nothing was changed.
        """
        self._check_writable()
        with self._stored(clean_line(line) + self.newline for line in lines) as pieces:
            if pieces:
                with self._editing():
                    self._edit(Splice(row, 0, tuple(pieces)))
            return sum(piece.rows for piece in pieces)

    def replace_lines(self, rows: RowSet, lines: Iterable[bytes], *, revision: int | None = None) -> None:
        """Put lines (without endings) in the place of these rows, one each; each row keeps its ending.

        Rows whose line is the same stay as they are.

        Args:
            rows: Which.
            lines: A line for each; taken one by one.
            revision: The document's when ``rows`` were looked at, or None for now.

        Raises:
            InputError: The disk is full, or one of the rows was edited meanwhile; nothing was changed.
            ValueError: There are more or fewer lines than rows.
        """
        self._check_writable()
        with self._following() as (snapshot, now):
            if revision is not None and revision != snapshot.revision:
                raise _edited_meanwhile()
            changed = array("Q")
            with self._reading_errors(), self._stored(self._differing(snapshot, rows, lines, changed)) as pieces:
                self._bulk_of_lines(snapshot, _rows_of(changed), now, lambda rows: replacement(rows, pieces))

    def _differing(
        self, snapshot: Snapshot, rows: RowSet, lines: Iterable[bytes], changed: array[int]
    ) -> Iterator[bytes]:
        """The lines that differ from the rows', each with its row's ending; their rows are added to ``changed``."""
        held = snapshot.only(rows).lines_as_held()
        for row, line, raw in zip(rows, held, lines, strict=True):
            old = line.rstrip(b"\r\n")
            new = clean_line(raw)
            if new != old:
                changed.append(row)
                yield new + line[len(old) :]

    # --- making recorded edits again --------------------------------------------------------------------------------

    def keep_lines(self, lines: Sequence[bytes]) -> Piece:
        """Keep lines (with endings) in memory for edits that are made with `make`; where they are."""
        return self._add(lines)

    def keep_spool(self, source: SpoolSource) -> int:
        """Have the lines of a spool file at hand for edits that are made with `make`, until `let_go_of_spools`."""
        return self._rows.add_spool(source)

    def let_go_of_spools(self, numbers: Iterable[int]) -> None:
        """All edits are made that need these spool files; they stay as long as a row or the history needs them."""
        self._rows.unpin(numbers)

    def make(self, edits: Sequence[Edit]) -> None:
        """Make edits, of any size, as one step.

        Raises:
            IndexError: There are no such rows; nothing was changed.
        """
        with self._editing(), self.group():
            if len(edits) > 1:
                trial = PieceTable(self.snapshot().pieces)
                for edit in edits:
                    apply_edit(trial, edit)
            for edit in edits:  # told one by one, as they were when they were first made
                if isinstance(edit, Bulk | MoveRows):
                    prepared = self._rows.prepare(self.snapshot(), [edit])
                    self._rows.swap(prepared)
                    self._made([edit], prepared.applied)
                else:
                    self._edit(edit)

    # --- how --------------------------------------------------------------------------------------------------------

    def _check_writable(self) -> None:
        with self._editing():
            pass

    def _bulk(self, rows: RowSet, plan: Callable[[RowSet], Edit | None]) -> None:
        self._check_writable()
        with self._following() as (_, now):
            self._work_out(lambda: now(rows), lambda snapshot, rows: plan(rows))

    def _bulk_of_lines(
        self,
        before: Snapshot,
        rows: RowSet,
        now: Callable[[RowSet], RowSet],
        plan: Callable[[RowSet], Edit],
        *,
        as_group: bool = False,
    ) -> None:
        """Make an edit with lines made from rows as they were ``before``; when they are others now, it is refused."""

        def checked(snapshot: Snapshot, current: RowSet) -> Edit:
            is_same = (snapshot.revision, snapshot.base) == (before.revision, before.base)
            if not is_same and snapshot.only(current).pieces != before.only(rows).pieces:
                raise _edited_meanwhile()
            return plan(current)

        self._work_out(lambda: now(rows), checked, as_group=as_group)

    def _work_out(
        self, now: Callable[[], RowSet], plan: Callable[[Snapshot, RowSet], Edit | None], *, as_group: bool = False
    ) -> None:
        """Make the edit that ``plan`` gives for the rows, again and again until nobody edits meanwhile.

        With ``as_group`` it is told before it is recorded: what listeners say about its rows belongs to the step.
        """
        for tries in range(_TRIES + 1):
            with self._edit_lock if tries == _TRIES else nullcontext():
                with self._edit_lock:
                    snapshot, rows = self.snapshot(), now()
                edit = plan(snapshot, rows) if rows else None
                if edit is None:
                    return
                prepared = self._rows.prepare(snapshot, [edit])
                with self._editing(), self.group() if as_group else nullcontext():
                    if self._rows.swap(prepared):
                        self._made([edit], prepared.applied)
                        return
        raise AssertionError("rows were edited while the lock was held")

    @contextmanager
    def _following(self) -> Iterator[tuple[Snapshot, Callable[[RowSet], RowSet]]]:
        """The rows as they are now, and what tells where such rows are later."""
        changes: list[Change] = []

        def now(rows: RowSet) -> RowSet:
            for change in changes:
                rows = rows.after(change)
            return rows

        with self._edit_lock:
            snapshot, stop = self.snapshot(), self.subscribe(changes.append)
        try:
            yield snapshot, now
        finally:
            stop()

    @contextmanager
    def _stored(self, lines: Iterable[bytes]) -> Iterator[Sequence[Piece]]:
        """Keep lines (with endings) for an edit that is made in the block: few in memory, many in a file."""
        iterator = iter(lines)
        few: list[bytes] = []
        size = 0
        for line in iterator:
            few.append(line)
            size += len(line)
            if len(few) > _FEW_LINES or size > _FEW_BYTES:
                break
        else:
            yield [self._add(few)] if few else []
            return
        pieces = self._spooled(chain(few, iterator))
        try:
            yield pieces
        finally:
            self._rows.unpin(piece.source for piece in pieces)

    def _spooled(self, lines: Iterable[bytes]) -> Sequence[Piece]:
        apart: list[tuple[int, bytes]] = []

        def terminated() -> Iterator[bytes]:
            """Without the lines that have no line feed, such as the last of a file may be: they stay in memory."""
            for place, line in enumerate(lines):
                if line.endswith(b"\n"):
                    yield line
                else:
                    apart.append((place, line))

        try:
            file = SpoolFile.temporary() if self.recorder is None else self.recorder.spool()
            source = write_spool(file, terminated())
        except OSError as error:
            raise spooling_failed(error) from error
        spool = Piece(self._rows.add_spool(source), 0, len(source.index))
        return pieces_in_order(spool, [(place, self._add([line])) for place, line in apart])


def _edited_meanwhile() -> InputError:
    return InputError(
        "Some of these examples were edited or saved meanwhile; nothing was changed.", hint="Do it again."
    )


def _rows_of(ascending: Iterable[int]) -> RowSet:
    """The set of these rows, without sorting them."""

    def ranges() -> Iterator[tuple[int, int]]:
        start = stop = -1
        for row in ascending:
            if row == stop:
                stop += 1
                continue
            if stop > start:
                yield start, stop
            start, stop = row, row + 1
        if stop > start:
            yield start, stop

    return RowSet.from_ranges(ranges())
