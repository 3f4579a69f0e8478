"""Changes of marks, in the form in which they are written down: what each does, and what says a mark again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from fttui.dataset.edits import Bulk, Edit, Splice
from fttui.dataset.marks.example_ids import id_text
from fttui.dataset.marks.row_roots import all_roots, roots_of
from fttui.dataset.marks.store import MarkStore
from fttui.dataset.marks.table import Mark
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.run_lookup import RunLookup

if TYPE_CHECKING:
    from fttui.dataset.document import Document

Transform: TypeAlias = Callable[[Mark], Mark]


class MarkChange(NamedTuple):
    """What is said about some rows, as they are numbered at that moment."""

    rows: RowSet
    change: Mapping[str, object]


def transform_of(change: Mapping[str, object]) -> Transform | None:
    """What a change does to a mark; None when it is none of ours."""
    match change:
        case {"tag": str(tag), "on": bool(on)}:
            own = frozenset((tag,))
            return lambda mark: Mark(mark.tags | own if on else mark.tags - own, mark.note, mark.reviewed)
        case {"note": str(note), "tags": [*tags], "reviewed": bool(on)}:
            all_tags = frozenset(tag for tag in tags if isinstance(tag, str))
            return lambda mark: Mark(all_tags, note, on)
        case {"note": str(note)}:
            return lambda mark: Mark(mark.tags, note, mark.reviewed)
        case {"reviewed": bool(on)}:
            return lambda mark: Mark(mark.tags, mark.note, on)
    return None


def whole_change(mark: Mark) -> dict[str, object]:
    """The change that makes any mark this one."""
    return {"tags": sorted(mark.tags), "note": mark.note, "reviewed": mark.reviewed}


def brought_back(
    document: Document, store: MarkStore, edits: Sequence[Edit], besides: int | None
) -> Iterator[MarkChange]:
    """What is said about the rows that edits, made just now, have put in.

    Lines that took the place of others, one for one, belong to the same examples as these: they are passed over.

    Args:
        document: Its rows as they are after the edits; nobody else may edit it meanwhile.
        store: What is said.
        edits: Those that were made.
        besides: A source whose lines are passed over, or None.
    """
    rows_of: dict[int, list[int]] = {}
    names: list[tuple[int, int]] = []
    for row, source, line in _marked_rows(document, store, edits, besides):
        mark, name = store.marks.get(source, line), store.ids.get(source, line)
        if mark:
            rows_of.setdefault(mark, []).append(row)
        if name:
            names.append((row, name))
    for mark, rows in rows_of.items():
        yield MarkChange(RowSet.of(rows), whole_change(store.pool.marks[mark]))
    for row, name in names:
        yield MarkChange(RowSet.of([row]), {"id": id_text(name)})


def _marked_rows(
    document: Document, store: MarkStore, edits: Sequence[Edit], besides: int | None
) -> Iterator[tuple[int, int, int]]:
    """Rows that came and of which something is said: with the example's source and line."""
    if not (store.marks or store.ids):
        return
    match edits:
        case [Splice(row, removed, pieces)]:
            if removed == sum(piece.rows for piece in pieces):
                return
            for piece in pieces:
                for root in roots_of(document, piece) if piece.source != besides else ():
                    for line in _marked_lines(store, root):
                        yield row + line - root.start, root.source, line
                    row += root.rows
        case _:
            came = (piece for piece in _pieces_put_in(edits) if piece.source != besides)
            roots = (root for piece in came for root in roots_of(document, piece))
            marked = [(root.source, line) for root in roots for line in _marked_lines(store, root)]
            if not marked:
                return
            places = RunLookup((root, row) for row, root in all_roots(document))
            for source, line in dict.fromkeys(marked):
                place, _ = next(places.runs(Piece(source, line, 1)))
                if place is not None:
                    yield place, source, line


def _pieces_put_in(edits: Iterable[Edit]) -> Iterator[Piece]:
    for edit in edits:
        match edit:
            case Splice(_, removed, pieces) if removed != sum(piece.rows for piece in pieces):
                yield from pieces
            case Bulk(_, removed, inserted, packed) if removed != inserted:
                yield from packed


def _marked_lines(store: MarkStore, root: Piece) -> Iterator[int]:
    if root.rows == 1:
        if store.marks.get(root.source, root.start) or store.ids.get(root.source, root.start):
            yield root.start
        return
    for run in store.runs(root):
        yield from map(run.first.__add__, run.positions)


# --- in the midst of a step -----------------------------------------------------------------------------------------

WITHIN: Final = "within"
"""In a change that is written down before a step: after how many of the step's edits it was made."""


class HeldChanges:
    """Changes that were made in the midst of a step: a journal has them before it, as they cannot be without it."""

    def __init__(self) -> None:
        self._held: list[tuple[int, MarkChange]] = []

    def hold(self, rows: RowSet, change: Mapping[str, object]) -> bool:
        """Keep a change for the next step, if it is one of its midst."""
        within = change.get(WITHIN)
        if type(within) is not int or within < 1:
            return False
        self._held.append((within, MarkChange(rows, change)))
        return True

    def parts(self, edits: Sequence[Edit]) -> Iterator[tuple[Sequence[Edit], Sequence[MarkChange]]]:
        """The edits of the step, in parts, each with the changes that came after it; they are held no longer."""
        held, self._held = self._held, []
        start = 0
        for within, change in held:
            yield edits[start:within], (change,)
            start = max(start, within)
        if start < len(edits):
            yield edits[start:], ()
