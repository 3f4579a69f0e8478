"""What a filter or an order can ask about: the file's own columns, and tokens and issues, known only above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fttui.checks.live.live import LiveChecks
    from fttui.dataset.document import Document
    from fttui.dataset.marks.marks import Marks
    from fttui.dataset.query import Column, Line
    from fttui.dataset.snapshot import Snapshot
    from fttui.tokens.live import LiveTotals

SORTABLE: Final = {
    "tokens": "tokens",
    "trained": "tokens trained on",
    "turns": "number of messages",
    "bytes": "size of the line",
    "issue": "issues",
    "changed": "changed",
    "reviewed": "reviewed",
    "tag": "tags",
    "note": "notes",
    "preview": "the first user message",
}
"""Columns that rows can be sorted by, and how to name each in a sentence."""
_ISSUES: Final = ("error",)
_SEVERITIES: Final = ("error", "warning", "info")


def columns_of(
    document: Document, marks: Marks, totals: LiveTotals | None, checks: LiveChecks | None = None
) -> dict[str, Column]:
    """All columns by name; those of tokens only when counting has begun, and of checks when checking has."""
    from fttui.dataset.query import Column, built_in_columns  # by the first search, not by the first paint

    columns = built_in_columns(document, marks)
    columns["issue"] = _broken() if checks is None else _issue(checks)
    columns["preview"] = Column("preview", "the first user message", "text", lambda row, line: _preview(line))
    if totals is not None:
        columns |= _of_tokens(document, totals)
    return columns


def _broken() -> Column:
    """Before anything is checked, a line that cannot be read is the only issue that a row can have."""
    from fttui.dataset.query import Column

    def of_row(row: int, line: Line) -> tuple[str, ...] | None:
        return _ISSUES if line.record is None else None

    return Column("issue", "error or warning: what is wrong with it", "set", of_row)


def _issue(checks: LiveChecks) -> Column:
    """What the checks found: rows by severity, and by (part of) the name of a rule."""
    from fttui.dataset.query import Column
    from fttui.dataset.query.columns import Test
    from fttui.dataset.rowset import RowSet

    def of_row(row: int, line: Line) -> tuple[str, ...] | None:
        severity = checks.severity_of(row)
        return (severity,) if severity else None

    def rows_with(snapshot: Snapshot, test: Test) -> RowSet:
        found = [rule for rule, count in checks.counts().items() if count.rows]
        names = (
            [test.text] if test.text in (*_SEVERITIES, *found) else [rule for rule in found if test.holds_text(rule)]
        )
        rows = RowSet.of(())
        for name in names:
            rows |= checks.rows_with(name)
        return rows & RowSet.span(0, len(snapshot))

    what = "error, warning or the name of a rule: what is wrong with it"
    return Column("issue", what, "set", of_row, rows_with=rows_with)


def _preview(line: Line) -> str | None:
    from fttui.formats.chat import preview_of

    return None if line.record is None else preview_of(line.record)


def _of_tokens(document: Document, totals: LiveTotals) -> dict[str, Column]:
    from fttui.dataset.query import Column
    from fttui.tokens.sums import UNKNOWN

    def column(name: str, what: str, *, trained: bool) -> Column:
        def all_rows(snapshot: Snapshot) -> Sequence[int]:
            return totals.by_row(snapshot, trained=trained)

        return Column(name, what, "number", None, all_rows, missing=UNKNOWN)

    return {
        "tokens": column("tokens", "all tokens of the example", trained=False),
        "trained": column("trained", "tokens that are trained on", trained=True),
    }
