"""Mending examples by the fixes of the checks: one place, one example, or all rows of some rules as one step."""

from __future__ import annotations

import tempfile
import time
from array import array
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from fttui.core.errors import InputError
from fttui.core.paths import cache_dir, make
from fttui.dataset.errors import reading_failed, spooling_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.rowset import RowSet
from fttui.dataset.style import clean_line
from fttui.formats.slots import slots_of
from fttui.formats.style import dump_line, style_of
from fttui.ui.row_edits import RowEdits, Spot

if TYPE_CHECKING:
    from fttui.checks.live.live import LiveChecks
    from fttui.checks.model import Issue, Target
    from fttui.checks.model import Path as RecordPath
    from fttui.dataset.document import Document

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
    if is_of_file(rule.id):
        raise InputError(
            f"{issue.rule} is fixed in the whole file at once.", hint="I lists the issues, and f fixes it."
        )
    if rule.scope == "line":
        return fix_example(document, row, checks, target, only=(issue.rule,))
    record = cast("dict[str, Any]", RowEdits(document).editable(row))
    try:
        record_fixes()[issue.rule](record, issue.path)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise InputError("The example has changed: this part of it is not there any more.") from error
    return _put(document, row, dump_line(record, style_of(document.raw(row))), message_at(record, issue.path))


def is_of_file(rule: str) -> bool:
    """Whether a rule is mended in the whole file, and not in one example."""
    from fttui.checks.table import file_fixes, rules

    return rules()[rule].scope == "file" or rule in file_fixes()


def fix_example(
    document: Document, row: int, checks: LiveChecks, target: Target, only: Collection[str] | None = None
) -> Spot | None:
    """Mend everything in an example that has a fix, or what ``only`` some rules say; None when nothing changed."""
    from fttui.checks.fixing import fix_line

    new, _ = fix_line(document.raw(row), checks.kind, (target,), only, row=row)
    return _put(document, row, new, None)


def message_at(record: Any, path: RecordPath) -> int | None:
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
    """The fixes of some rules, ready to be looked at and to be made in a document. Make it in a thread.

    Args:
        document: The document.
        checks: What was found in it.
        target: For whom it is to be right.
        rules: Whose fixes; those without one are left out.
    """

    def __init__(self, document: Document, checks: LiveChecks, target: Target, rules: Collection[str]) -> None:
        from fttui.checks.table import file_fixes

        document.build_index(cancel=lambda: False)  # returns at once when all rows are known
        self._document = document
        self._kind = checks.kind
        self._target = target
        with document.standing_still():
            self._snapshot, self._revision = document.snapshot(), document.revision
        facts = checks.facts
        plans = {
            rule: file_fixes()[rule](facts, (target,)) for rule in rules if rule in file_fixes() and facts is not None
        }
        self.changes_bom = any(plan.bom is not None for plan in plans.values())
        """Whether the first bytes of the file should change, which is no row."""
        self._rules = frozenset(rule for rule in rules if rule not in plans or plans[rule].bom is None)
        self._only = frozenset(rule for rule in rules if rule not in file_fixes())
        self._takes_passes = any(plan.edit is not None for plan in plans.values())
        everything = RowSet.span(0, len(self._snapshot))
        self._gone = RowSet.of(row for plan in plans.values() for row in plan.delete) & everything
        rows = self._gone
        for rule in self._only:
            rows |= checks.rows_with(rule)
        self._rows = everything if self._takes_passes else rows & everything

    def __len__(self) -> int:
        """How many examples are looked at."""
        return len(self._rows)

    def fixed(self, cancelled: Cancelled = lambda: False) -> Iterator[Fixed]:
        """The examples that would change, in their order.

        Raises:
            InputError: The disk failed.
        """
        try:
            yield from self._by_passes(cancelled) if self._takes_passes else self._one_by_one(cancelled)
        except OSError as error:
            raise reading_failed(self._document.path, error) from error

    def _one_by_one(self, cancelled: Cancelled) -> Iterator[Fixed]:
        for row, raw in zip(self._rows, self._snapshot.only(self._rows).raws(), strict=True):
            if cancelled():
                return
            if row in self._gone:
                yield Fixed(row, raw, None)
            elif self._only and (after := self._fixed(row, raw)) != raw:
                yield Fixed(row, raw, after)

    def _fixed(self, row: int, raw: bytes) -> bytes:
        from fttui.checks.fixing import fix_line

        return fix_line(raw, self._kind, (self._target,), self._only, row=row)[0]

    def _by_passes(self, cancelled: Cancelled) -> Iterator[Fixed]:
        """What a fix does to all rows depends on what the others did: the rows are mended as a file of their own."""
        from fttui.checks.file_fixing import Wanted, lines_of, mended
        from fttui.checks.run import CheckCancelled, Options

        with tempfile.TemporaryDirectory(dir=make(cache_dir()), ignore_cleanup_errors=True) as folder:
            file = Path(folder) / "rows.jsonl"
            with file.open("wb") as out:
                out.writelines(raw + b"\n" for raw in self._snapshot.raws())
            options = Options((self._target,), self._kind)
            try:
                with mended(file, options, Wanted(self._rules), cancel=cancelled) as new:
                    left = zip(new.kept, lines_of(open_whole(new.file), 0), strict=True)
                    kept = next(left, None)
                    for row, raw in enumerate(self._snapshot.raws()):
                        after = None
                        if kept is not None and kept[0] == row:
                            after, kept = kept[1].rstrip(b"\r\n"), next(left, None)
                        if after != raw:
                            yield Fixed(row, raw, after)
            except CheckCancelled:
                return

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
        changed, gone = array("Q"), array("Q")
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as lines:  # the rows stay editable until all lines are ready
            try:
                for fixed in self.fixed(cancelled):
                    if fixed.after is None:
                        gone.append(fixed.row)
                    else:
                        lines.write(clean_line(fixed.after) + b"\n")
                        changed.append(fixed.row)
                    on_progress(fixed.row)
                    time.sleep(0)  # let the screen draw
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
                if gone:
                    document.delete_rows(RowSet.of(gone))
        return Mended(len(changed), len(gone))
