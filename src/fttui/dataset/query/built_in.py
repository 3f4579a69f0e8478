"""The columns that every document has."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from fttui.dataset.query.columns import Column, Test, column_map
from fttui.dataset.query.line import Line
from fttui.dataset.rowset import RowSet
from fttui.formats.lines import parse_line
from fttui.formats.slots import kind_of

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.snapshot import Snapshot

_ROLES: Final = {
    "user": ("user",),
    "assistant": ("assistant",),
    "system": ("system", "developer"),
    "tool": ("tool", "function"),
}


def built_in_columns(document: Document, marks: Marks | None = None) -> dict[str, Column]:
    """The columns by name; those of marks only where there are marks."""
    columns = [*_columns_of_lines(), *_columns_of_texts(), _changed(document)]
    return column_map([*columns, *(_columns_of_marks(marks) if marks is not None else ())])


def _columns_of_lines() -> list[Column]:
    return [
        Column("line", "the number of the row, from 1", "number", lambda row, line: row + 1, _numbers, _in_span),
        Column("bytes", "the size of the line", "number", lambda row, line: len(line.raw)),
        Column("turns", "how many messages there are", "number", _turns),
        Column("role", "a role that a message has", "set", lambda row, line: {role for role, _ in line.turns}),
        Column("kind", "chat, preference, completion or unknown", "set", _kind),
        Column("broken", "whether the line cannot be read", "flag", lambda row, line: is_broken(line)),
    ]


def _columns_of_texts() -> list[Column]:
    return [
        Column(name, f"what a message of the role {' or '.join(roles)} says", "text", _said_by(roles), is_in_line=True)
        for name, roles in _ROLES.items()
    ]


def _changed(document: Document) -> Column:
    def rows(snapshot: Snapshot, test: Test) -> RowSet:
        saved, row, ranges = document.base, 0, []
        for piece in snapshot.pieces:
            if (piece.source != saved) == test.wanted:
                ranges.append((row, row + piece.rows))
            row += piece.rows
        return _joined(ranges)

    return _flag("changed", "whether it is not as in the saved file", rows)


def _columns_of_marks(marks: Marks) -> list[Column]:
    def tagged(snapshot: Snapshot, test: Test) -> RowSet:
        rows = RowSet()
        for tag in marks.tags():
            if test.holds_text(tag):
                rows |= marks.rows_with(tag=tag)
        return rows

    def noted(snapshot: Snapshot, test: Test) -> RowSet:
        rows = marks.rows_with(noted=True)
        if not test.text and test.pattern is None:
            return rows
        return RowSet.of(row for row in rows if test.holds_text(marks.of(row).note))

    def reviewed(snapshot: Snapshot, test: Test) -> RowSet:
        rows = marks.rows_with(reviewed=True)
        return rows if test.wanted else RowSet.span(0, len(snapshot)) - rows

    def identified(snapshot: Snapshot, test: Test) -> RowSet:
        row = marks.row_of(test.text)  # asking rows for their ids would give each one
        return RowSet() if row is None else RowSet.of([row])

    return [
        Column("tag", "a tag it has", "set", lambda row, line: marks.of(row).tags, rows_with=tagged),
        Column("note", "what its note says", "text", lambda row, line: marks.of(row).note, rows_with=noted),
        _flag("reviewed", "whether it is marked as reviewed", reviewed),
        Column("id", "its id", "set", rows_with=identified),
    ]


def _flag(name: str, help_: str, rows_with: Callable[[Snapshot, Test], RowSet]) -> Column:
    """A flag that is known for all rows at once."""

    def all_rows(snapshot: Snapshot) -> Sequence[int]:
        values = bytearray(len(snapshot))
        for start, stop in rows_with(snapshot, Test()).ranges():
            values[start:stop] = b"\1" * (stop - start)
        return values

    return Column(name, help_, "flag", None, all_rows, rows_with)


def is_broken(line: Line) -> bool:
    """Whether a line is no example."""
    return line.record is None and parse_line(line.raw).error is not None


def _turns(row: int, line: Line) -> int | None:
    return None if line.record is None else line.turn_count


def _kind(row: int, line: Line) -> tuple[str, ...]:
    return () if line.record is None else (kind_of(line.record),)


def _said_by(roles: tuple[str, ...]) -> Callable[[int, Line], Any]:
    return lambda row, line: [text for role, text in line.turns if role in roles]


def _numbers(snapshot: Snapshot) -> Sequence[int]:
    return array("q", range(1, len(snapshot) + 1))


def _in_span(snapshot: Snapshot, test: Test) -> RowSet | None:
    count = len(snapshot)
    if test.is_open:
        return None
    low = 1 if test.low is None else max(int(-(-test.low // 1)), 1)
    high = count if test.high is None else min(int(test.high // 1), count)
    return RowSet.span(low - 1, high)


def _joined(ranges: list[tuple[int, int]]) -> RowSet:
    joined: list[tuple[int, int]] = []
    for start, stop in ranges:
        if joined and joined[-1][1] == start:
            start = joined.pop()[0]
        joined.append((start, stop))
    return RowSet.from_ranges(joined)
