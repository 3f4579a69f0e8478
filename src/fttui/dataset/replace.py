"""Finding and replacing in the texts of messages, over many examples: looked at first, then made as one edit."""

from __future__ import annotations

import re
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import InputError
from fttui.dataset.errors import reading_failed
from fttui.dataset.query.line import Line
from fttui.dataset.query.needles import Needle
from fttui.dataset.query.patterns import Allowance, Pattern, TooSlowError
from fttui.dataset.query.terms import literal_in
from fttui.dataset.query.walk import Block, blocks_of, rows_with
from fttui.dataset.rowset import RowSet
from fttui.dataset.style import FileStyle
from fttui.dataset.text_splice import with_texts_spliced
from fttui.formats.chat import with_message_text
from fttui.formats.lines import parse_exact
from fttui.formats.slots import slots_of
from fttui.formats.style import JsonStyle, dump_line, style_of

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.snapshot import Snapshot

_SAMPLE: Final = 64
Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Replacement:
    r"""What to find, and what to put in its place.

    Attributes:
        pattern: A text, or a regular expression.
        to: The text to put there; with a regular expression also ``\1``, ``\g<name>`` and ``\n``.
        is_regex: Whether ``pattern`` is a regular expression.
        match_case: Whether capital and small letters differ.
        roles: The roles whose messages are looked at; None for all.
    """

    pattern: str
    to: str
    is_regex: bool = False
    match_case: bool = True
    roles: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A message that would change.

    Attributes:
        row: The row, as it was numbered when the search began.
        message: The number of the message in it, from 0.
        role: Its role.
        before: Its text.
        after: Its text then.
        rows: How many examples were found so far, with this one.
        hits: How many places were found so far, with those in this message.
        slow: How many examples were left out so far because the regular expression took too long on them.
    """

    row: int
    message: int
    role: str
    before: str
    after: str
    rows: int
    hits: int
    slow: int = 0


@dataclass(frozen=True, slots=True)
class ReplaceResult:
    """What was replaced.

    Attributes:
        rows: The rows that changed.
        hits: The places.
        skipped: Rows left alone because a key stands twice in an object, one of which would be lost.
        is_cancelled: Whether it was stopped; nothing was changed then.
        slow: Rows left alone because the regular expression took too long on them.
    """

    rows: RowSet
    hits: int
    skipped: int = 0
    is_cancelled: bool = False
    slow: int = 0


def preview(
    document: Document,
    replacement: Replacement,
    rows: RowSet | None,
    *,
    cancelled: Cancelled,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    on_slow: Callable[[int], None] = lambda rows: None,
) -> Iterator[Preview]:
    """The messages that would change, in order.

    Args:
        document: The document, read as it is when this begins.
        replacement: What to replace.
        rows: Where; None for all rows.
        cancelled: Asked every few milliseconds; True ends it.
        on_progress: Told the rows done and all rows to do, in the calling thread.
        on_slow: Told how many rows were left out so far, each time that one is.

    Raises:
        InputError: The pattern or what to put in its place is not right, or the disk failed.
    """
    changer = _Changer(replacement, document)
    snapshot = document.snapshot()
    wanted = _within(snapshot, rows)
    found_rows = hits = slow = 0
    for block in _blocks(document, snapshot, wanted):
        if cancelled():
            return
        for index in rows_with(block, changer.needle):
            try:
                changes = changer.changes_in(Line(block.raw(index)))
            except TooSlowError:
                slow += 1
                on_slow(slow)
                if cancelled():
                    return
                continue
            found_rows += bool(changes)
            for change in changes:
                hits += change.hits
                row = block.row + index
                yield Preview(row, change.message, change.role, change.before, change.after, found_rows, hits, slow)
        on_progress(wanted.position(block.row + len(block)), len(wanted))
        time.sleep(0)  # let the screen draw


def replace_all(
    document: Document,
    replacement: Replacement,
    rows: RowSet | None,
    *,
    cancelled: Cancelled,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ReplaceResult:
    """Replace everywhere, as one step of undo; all other rows stay byte for byte.

    Args:
        document: The document; it is indexed to its end first.
        replacement: What to replace.
        rows: Where; None for all rows.
        cancelled: Asked every few milliseconds; True ends the work, with nothing changed.
        on_progress: Told the rows done and all rows to do, in the calling thread.

    Raises:
        InputError: The pattern is not right, the disk failed or is full, or the rows were edited meanwhile; nothing
            was changed.
    """
    changer = _Changer(replacement, document)
    if rows is None:
        document.build_index(cancel=cancelled)
    with document.standing_still():
        snapshot, revision = document.snapshot(), document.revision
    wanted = _within(snapshot, rows)
    changed = array("Q")
    counts = _Counts()

    def lines() -> Iterator[bytes]:
        for block in _blocks(document, snapshot, wanted):
            if cancelled():
                raise _Stopped
            hits = set(rows_with(block, changer.needle))
            for index in range(len(block)):
                raw = block.raw(index)
                new = changer.changed(raw, counts, cancelled) if index in hits else None
                if new is not None:
                    changed.append(block.row + index)
                yield raw if new is None else new
            on_progress(wanted.position(block.row + len(block)), len(wanted))
            time.sleep(0)  # let the screen draw

    try:
        document.replace_lines(wanted, lines(), revision=revision)
    except _Stopped:
        return ReplaceResult(RowSet(), 0, is_cancelled=True)
    return ReplaceResult(RowSet.of(changed), counts.hits, counts.skipped, slow=counts.slow)


class _Stopped(Exception):
    """The work was cancelled."""


@dataclass
class _Counts:
    hits: int = 0
    skipped: int = 0
    slow: int = 0


@dataclass(frozen=True, slots=True)
class _Change:
    message: int
    role: str
    before: str
    after: str
    hits: int


class _Changer:
    """A replacement, ready to be made in one line after the other."""

    def __init__(self, replacement: Replacement, document: Document) -> None:
        if not replacement.pattern:
            raise InputError("There is nothing to find.", hint="Type a text or a regular expression.")
        self._roles = replacement.roles
        flags = re.NOFLAG if replacement.match_case else re.IGNORECASE
        to = replacement.to
        self._replaced: Callable[[str, Allowance], tuple[str, int]]
        if replacement.is_regex:
            pattern = Pattern(replacement.pattern, flags)
            pattern.check_replacement(to)
            literal = literal_in(pattern)
            self._replaced = lambda text, allowance: pattern.replaced(to, text, allowance)
        else:
            plain = re.compile(re.escape(replacement.pattern), flags)
            literal = replacement.pattern
            self._replaced = lambda text, allowance: plain.subn(lambda match: to, text)
        self.needle = Needle(literal, caseless=not replacement.match_case) if literal else None
        self._style = FileStyle(lambda: (document.raw(row) for row in range(min(len(document), _SAMPLE))))

    def changes_in(self, line: Line) -> list[_Change]:
        """The messages that change. Raises `TooSlowError`."""
        changes = []
        allowance = Allowance(len(line.raw))
        for number, (role, before) in enumerate(line.turns):
            if self._roles is not None and role not in self._roles:
                continue
            after, hits = self._replaced(before, allowance)
            if after != before and (before or _is_empty_text(line.record, number)):
                changes.append(_Change(number, role, before, after, hits))
        return changes

    def changed(self, raw: bytes, counts: _Counts, cancelled: Cancelled) -> bytes | None:
        """The line with everything replaced, or None when it stays."""
        try:
            changes = self.changes_in(Line(raw))
        except TooSlowError as error:
            counts.slow += 1
            if cancelled():
                raise _Stopped from error
            return None
        if not changes:
            return None
        texts = {change.message: change.after for change in changes}
        new = with_texts_spliced(raw, texts, lambda: self._style_of(raw).ensure_ascii) or self._written_anew(raw, texts)
        if new is None:
            counts.skipped += 1
        else:
            counts.hits += sum(change.hits for change in changes)
        return new

    def _written_anew(self, raw: bytes, texts: Mapping[int, str]) -> bytes | None:
        """The line with other texts, spelt in its style; None where this would lose something."""
        parsed = parse_exact(raw)
        if parsed.repeated or parsed.value is None:
            return None
        record: Mapping[str, Any] = parsed.value
        for number, text in texts.items():
            record = with_message_text(record, number, text)
        return dump_line(record, self._style_of(raw))

    def _style_of(self, raw: bytes) -> JsonStyle:
        return style_of(raw, self._style.of_file())


def _is_empty_text(record: Mapping[str, Any] | None, number: int) -> bool:
    """Whether a message without text is an empty text, and not an image, a call or nothing."""
    value = slots_of(record or {})[number].value
    return isinstance(value.get("content") if isinstance(value, Mapping) else value, str)


def _within(snapshot: Snapshot, rows: RowSet | None) -> RowSet:
    everything = RowSet.span(0, len(snapshot))
    return everything if rows is None else rows & everything


def _blocks(document: Document, snapshot: Snapshot, rows: RowSet) -> Iterator[Block]:
    try:
        yield from blocks_of(snapshot, rows.ranges())
    except OSError as error:
        raise reading_failed(document.path, error) from error
