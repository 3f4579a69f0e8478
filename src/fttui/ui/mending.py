"""Mending examples by the fixes of the checks: one place, one example, or all rows of some rules as one step."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from fttui.core.errors import InputError
from fttui.dataset.errors import reading_failed, spooling_failed
from fttui.dataset.rowset import RowSet
from fttui.dataset.style import clean_line
from fttui.formats.lines import parse_exact
from fttui.formats.slots import slots_of
from fttui.formats.style import dump_line, style_of
from fttui.ui.row_edits import RowEdits, Spot

if TYPE_CHECKING:
    from fttui.checks.live import LiveChecks
    from fttui.checks.model import Issue, Path, Target
    from fttui.dataset.document import Document
    from fttui.dataset.snapshot import Snapshot

Cancelled = Callable[[], bool]
_IN_MEMORY: Final = 16 << 20
"""Bytes of mended lines that wait in memory until all are mended; more wait in a file."""


class Fixed(NamedTuple):
    """An example that would be another: its line now, and then; None when it would go."""

    row: int
    before: bytes
    after: bytes | None


class Mended(NamedTuple):
    """How many examples were changed and deleted; none when it was stopped."""

    changed: int
    deleted: int
    is_cancelled: bool = False


# --- one example --------------------------------------------------------------------------------------------------


def fix_issue(document: Document, row: int, issue: Issue, checks: LiveChecks, target: Target) -> Spot | None:
    """Mend what one issue says; where to look then, or None when nothing changed.

    Raises:
        InputError: It is about the whole file, there is no fix for it, or the example was edited since.
    """
    from fttui.checks.table import record_fixes, rules

    rule = rules()[issue.rule]
    if not issue.is_fixable:
        raise InputError(f"There is no automatic fix for {issue.rule} here.", hint="e edits the example.")
    if rule.scope == "file":
        raise InputError(f"{issue.rule} is about the whole file.", hint="The list of issues fixes it.")
    if rule.scope == "line":
        return fix_example(document, row, checks, target, only=(issue.rule,))
    record = cast("dict[str, Any]", RowEdits(document).editable(row))
    try:
        record_fixes()[issue.rule](record, issue.path)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise InputError("The example has changed: this part of it is not there any more.") from error
    return _put(document, row, dump_line(record, style_of(document.raw(row))), message_at(record, issue.path))


def fix_example(
    document: Document, row: int, checks: LiveChecks, target: Target, only: Collection[str] | None = None
) -> Spot | None:
    """Mend everything in an example that has a fix, or what ``only`` some rules say; None when nothing changed."""
    from fttui.checks.fixing import fix_line

    new, _ = fix_line(document.raw(row), checks.kind, (target,), only)
    return _put(document, row, new, None)


def message_at(record: Any, path: Path) -> int | None:
    """The number of the message that a path leads into."""
    places = (number for number, slot in enumerate(slots_of(record)) if path[: len(slot.path)] == slot.path)
    return next(places, None)


def _put(document: Document, row: int, line: bytes, message: int | None) -> Spot | None:
    if clean_line(line) == document.raw(row):
        return None
    document.replace_raw(row, line)
    return Spot(row, message)


# --- all examples -------------------------------------------------------------------------------------------------


class Mending:
    """The fixes of some rules, ready to be looked at and to be made in a document.

    Args:
        document: The document.
        checks: What was found in it.
        target: For whom it is to be right.
        rules: Whose fixes; those without one are left out.
    """

    def __init__(self, document: Document, checks: LiveChecks, target: Target, rules: Collection[str]) -> None:
        from fttui.checks.table import file_fixes

        self._document = document
        self._kind = checks.kind
        self._target = target
        with document.standing_still():
            self._snapshot, self._revision = document.snapshot(), document.revision
        facts = checks.facts
        plans = [file_fixes()[rule](facts, (target,)) for rule in rules if rule in file_fixes() and facts is not None]
        self._only = frozenset(rule for rule in rules if rule not in file_fixes())
        self._edits = [plan.edit for plan in plans if plan.edit is not None]
        everything = RowSet.span(0, len(self._snapshot))
        self.changes_bom = any(plan.bom is not None for plan in plans)
        """Whether the first bytes of the file should change, which is no row."""
        self._gone = RowSet.of(row for plan in plans for row in plan.delete) & everything
        rows = self._gone
        for rule in self._only:
            rows |= checks.rows_with(rule)
        self._rows = everything if self._edits else rows & everything

    def __len__(self) -> int:
        """How many examples are looked at."""
        return len(self._rows)

    def fixed(self, cancelled: Cancelled = lambda: False) -> Iterator[Fixed]:
        """The examples that would change, in their order.

        Raises:
            InputError: The disk failed.
        """
        try:
            for row, raw in zip(self._rows, _raws(self._snapshot, self._rows), strict=True):
                if cancelled():
                    return
                after = None if row in self._gone else self._mended(raw)
                if after != raw:
                    yield Fixed(row, raw, after)
        except OSError as error:
            raise reading_failed(self._document.path, error) from error

    def apply(
        self, cancelled: Cancelled = lambda: False, on_progress: Callable[[int], None] = lambda row: None
    ) -> Mended:
        """Make all changes, as one step of undo; stopping it changes nothing. In a thread.

        Args:
            cancelled: Asked for each example.
            on_progress: Told the row that was mended last.

        Raises:
            InputError: The disk failed or is full, or the document was edited meanwhile; nothing was changed.
        """
        changed = array("Q")
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as lines:  # the rows stay editable until all lines are ready
            try:
                for fixed in self.fixed(cancelled):
                    if fixed.after is not None:
                        lines.write(clean_line(fixed.after) + b"\n")
                        changed.append(fixed.row)
                    on_progress(fixed.row)
                lines.seek(0)
            except OSError as error:
                raise spooling_failed(error) from error
            if cancelled():
                return Mended(0, 0, is_cancelled=True)
            document = self._document
            with document.group():
                if document.revision != self._revision:
                    raise InputError("The file was edited meanwhile; nothing was fixed.", hint="Do it again.")
                if changed:
                    mended = (line.rstrip(b"\n") for line in lines)
                    document.replace_lines(RowSet.of(changed), mended, revision=self._revision)
                if self._gone:
                    document.delete_rows(self._gone)
        return Mended(len(changed), len(self._gone))

    def _mended(self, raw: bytes) -> bytes:
        from fttui.checks.fixing import fix_line

        line = fix_line(raw, self._kind, (self._target,), self._only)[0] if self._only else raw
        if not self._edits:
            return line
        parsed = parse_exact(line)
        if not isinstance(parsed.value, dict) or parsed.repeated:
            return line
        before = dump_line(parsed.value, style_of(line))
        for edit in self._edits:
            edit(parsed.value)
        after = dump_line(parsed.value, style_of(line))
        return line if after == before else after


def _raws(snapshot: Snapshot, rows: RowSet) -> Iterator[bytes]:
    return snapshot.only(rows).raws()
