"""The numbers of a file that is open for editing, right after every edit, while most of it may still be uncounted."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fttui.core.errors import FttuiError
from fttui.dataset.pieces import Piece
from fttui.dataset.sources import FileSource
from fttui.formats.style import dump_line
from fttui.tokens.changes import FEW_PIECES, differences, is_bulk
from fttui.tokens.chat import ExampleTokens
from fttui.tokens.counter import PROCESSES
from fttui.tokens.drafting import Draft
from fttui.tokens.feeding import LineFeed
from fttui.tokens.file_blocks import FileBlocks
from fttui.tokens.keeping import KeepingAfterSaves
from fttui.tokens.models import TokenRule
from fttui.tokens.pool import CountingPool
from fttui.tokens.repeating import Repeated
from fttui.tokens.rows import BROKEN, RowCounts
from fttui.tokens.seen import Seen
from fttui.tokens.sums import UNKNOWN, LineCounts, Sums, sums_of
from fttui.tokens.whole_file import WholeFile

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.edits import Change
    from fttui.dataset.reader import FileReader
    from fttui.dataset.snapshot import Snapshot

_KEPT_S: Final = 60.0
"""How long a process is kept for the next edit; a later edit's count comes after the 0.4 s that a new one takes."""
_NEWS_S: Final = 0.1
"""While the file is counted, news come at most this often."""
_NEARLY: Final = 0.999


class LiveTotals:
    """Totals of a `Document`, kept by line identity: moving rows changes nothing, deleted rows keep their counts for
    undo, a save renumbers them, and an edit costs the counting of one example, in a process of its own.

    The file's lines are counted block by block in two background processes; the totals grow meanwhile, and
    `is_complete` is False. Numbers may be read from any thread. ``on_change`` is called from the thread that edits and
    from threads of ours; it must not wait for the screen (posting a message is right).

    A line that was removed before it was counted, or came and is not counted yet, waits in ``_pending`` with its sign.
    A bulk edit is not followed line by line: from then on the numbers are those that a thread of ours adds up from the
    rows as they stand, now and then, until all are counted.
    """

    def __init__(self, document: Document, rule: TokenRule, on_change: Callable[[], None] | None = None) -> None:
        """Begin to count; from any thread. Call `close` at the end."""
        self.rule: Final = rule
        self.error: FttuiError | None = None
        """Why some lines could not be counted, or None."""
        self._document = document
        self._on_change = on_change
        self._news = threading.Condition()
        self._sums = Sums()
        self._counted = 0
        self._adding = Repeated(self._news, self._add_up, self._tell)
        """While it runs, nothing else changes ``_sums``."""
        self._share = _NEARLY
        """How many of the rows were known when they were added up last."""
        self._unsettled: list[int] = []
        """Sources of saves whose lines came from many places."""
        self._pending: list[tuple[Piece, int]] = []
        self._told_at = 0.0
        self._is_closed = False
        self._stop_listening: tuple[Callable[[], None], ...] = ()
        self._keeping = KeepingAfterSaves(rule)
        self._blocks = FileBlocks()
        with document.standing_still():
            base = document.base
            file = document.source(base)
            assert isinstance(file, FileSource)
            indexed = len(file.index)
            pieces = document.snapshot().pieces
            self._base: Final = base
            self._lines = LineCounts(base)
            self._pool = CountingPool(
                rule.encoding, file.reader.for_processes(), processes=PROCESSES, in_background=True, last_idle_s=_KEPT_S
            )
            self._feed = LineFeed(self._pool, document.source, self._lines, base, self._take_lines)
            self._draft = Draft(self._news, self._pool, rule.limit, self._tell)
            self._stop_listening = (
                document.subscribe(self._edited),
                document.subscribe_rebase(self._saved),
                document.subscribe_copied(self._copied),
            )
        self._whole: WholeFile | None = None
        file.reader.when_full(partial(self._begin_file, file.reader))
        if len(pieces) > FEW_PIECES:
            self._add_up_soon()
        else:
            for piece, sign in differences(pieces, base, indexed):
                self._add(piece, sign)

    def _begin_file(self, reader: FileReader) -> None:
        """Have the file counted, now that all of it is there."""
        threading.Thread(target=self._count_file, args=(reader,), name="count-file", daemon=True).start()

    def _count_file(self, reader: FileReader) -> None:
        whole = WholeFile(self._pool, reader, self.rule.encoding, self._take_block, lambda: self._is_closed)
        self._whole = whole
        total = whole.begin()
        with self._news:
            self._blocks.expect(total)
            is_done = self._blocks.are_all_taken
        if is_done:
            self._file_is_counted()

    def _file_is_counted(self) -> None:
        """All lines that the file had when it was opened are counted."""
        self._pool.let_go_of_file()
        self._tell()
        if self._whole is not None:
            self._whole.keep(self._lines.file)

    # --- the numbers ----------------------------------------------------------------------------------------------

    @property
    def sums(self) -> Sums:
        """All numbers of one moment, with the draft in place of its row."""
        with self._news:
            draft = self._draft.counted
            own = None if draft is None else self._lines.sums(draft[0], self.rule.limit)
            return self._sums if draft is None or own is None else self._sums.plus(own, -1).plus(draft[1])

    @property
    def examples(self) -> int:
        return self.sums.examples

    @property
    def broken(self) -> int:
        return self.sums.broken

    @property
    def tokens(self) -> int:
        return self.sums.tokens

    @property
    def trainable(self) -> int:
        return self.sums.trainable

    @property
    def billable(self) -> int:
        """Tokens of all examples, each at most the model's limit."""
        return self.sums.billable

    @property
    def over_limit(self) -> int:
        return self.sums.over_limit

    @property
    def counted(self) -> int:
        """How many counts came in so far; it grows with each, so that a view sees that there is something new."""
        return self._counted

    @property
    def progress(self) -> float:
        """How much of the file is counted, 0 to 1; below 1 also while a bulk edit is."""
        if self._adding.is_running:
            return min(self._share, _NEARLY)
        return self._blocks.share

    @property
    def is_complete(self) -> bool:
        """Whether the numbers are those of all rows as they are now."""
        with self._news:
            return self._is_complete()

    def count_of(self, row: int) -> ExampleTokens | None:
        """The tokens of a row; None when it is broken or not counted yet."""
        try:
            source, line = self._document.key(row)
        except IndexError:
            return None
        with self._news:
            for root in self._lines.roots(Piece(source, line, 1)):
                counts = self._lines.counts(root)
                if counts is not None and counts.tokens[0] != BROKEN:
                    return ExampleTokens(counts.tokens[0], counts.trainable[0])
        return None

    def tokens_of(self, row: int) -> int | None:
        """All tokens of a row; None when it is broken or not counted yet."""
        count = self.count_of(row)
        return None if count is None else count.total

    def counts(self) -> array[int]:
        """Tokens of each example in the order of the rows, broken and uncounted ones left out: for the distribution."""
        found = self.by_row(self._document.snapshot())
        return array("I", (count for count in found if count < UNKNOWN)) if found and max(found) >= UNKNOWN else found

    def by_row(self, snapshot: Snapshot, *, trained: bool = False) -> array[int]:
        """Tokens of each row, `BROKEN` for one that is no example and `UNKNOWN` for one that is not counted yet.

        With ``trained`` only those that are trained on: 0 where there are none, or they are not known.
        """
        counts = self._lines.by_row(snapshot.pieces)
        return counts.trainable if trained else counts.tokens

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the numbers are complete, or something failed; whether they are complete."""
        with self._news:
            self._news.wait_for(lambda: self._is_complete() or self.error is not None, timeout_s)
            return self._is_complete()

    def see(self, line: bytes, rule: TokenRule, on_done: Callable[[Seen | FttuiError], None]) -> None:
        """Have a line shown as the model of ``rule`` sees it; ``on_done`` is called in a thread of ours."""
        self._pool.see(line, rule, on_done)

    # --- what happens to the document -----------------------------------------------------------------------------

    def draft(self, row: int, record: Mapping[str, Any] | None) -> None:
        """Count ``record`` in the place of ``row`` while it is being typed; None when the typing has ended."""
        if record is None:
            self._draft.end()
            self._tell()
            return
        source, number = self._document.key(row)
        self._draft.put(Piece(source, number, 1), dump_line(record))

    def close(self) -> None:
        """Stop counting; no process is left."""
        self._is_closed = True
        listening, self._stop_listening = self._stop_listening, ()
        for stop in listening:
            stop()
        self._adding.close()
        self._keeping.close()
        self._pool.close()

    def _edited(self, change: Change) -> None:
        if self._adding.is_running or is_bulk(change) or len(self._pending) > FEW_PIECES:
            self._add_up_soon()
            return
        for pieces, sign in ((change.gone, -1), (change.came, 1)):
            for piece in pieces:
                self._add(piece, sign)
        self._tell()

    def _copied(self, originals: Sequence[Piece], copies: Sequence[Piece]) -> None:
        """Lines have other numbers from now on; they need not be counted again."""
        with self._news:
            self._lines.copy(originals, copies)

    def _saved(self, pieces: Sequence[Piece], source: int) -> None:
        with self._news:
            self._lines.renumber(pieces, source)
        if self._blocks.are_all_taken:
            self._keeping.saved(self._document.path)
        if len(pieces) > FEW_PIECES:
            self._unsettled.append(source)
            self._add_up_soon()

    def _add(self, piece: Piece, sign: int) -> None:
        """Take lines in (+1) or out (−1), and have those counted that are not yet."""
        missing: list[Piece] = []
        with self._news:
            for root in self._lines.roots(piece):
                counts = self._lines.counts(root)
                if counts is None:
                    missing.append(root)
                    self._pending.append((root, sign))
                else:
                    self._sums = self._sums.plus(sums_of(counts.tokens, counts.trainable, self.rule.limit), sign)
        self._feed.ask(missing)

    # --- adding up all rows ---------------------------------------------------------------------------------------

    def _add_up_soon(self) -> None:
        with self._news:
            self._pending.clear()
        self._adding.soon()
        self._tell()

    def _add_up(self) -> Callable[[], bool]:
        """Add up the rows as they stand, and have those counted that are not known yet."""
        with self._document.standing_still(), self._news:
            pieces, beyond = self._document.snapshot().pieces, self._beyond_index()
            unsettled, self._unsettled = self._unsettled, []
            self._adding.is_stale = False
        for source in unsettled:
            self._lines.settle(source)
        rows = self._lines.by_row((*pieces, beyond) if beyond else pieces)
        unknown = rows.tokens.count(UNKNOWN)
        if unknown:
            self._feed.ask(root for piece in pieces if piece.source != self._base for root in self._lines.roots(piece))
            rows = RowCounts(array("I", (count for count in rows.tokens if count != UNKNOWN)), rows.trainable)
        sums = sums_of(rows.tokens, rows.trainable, self.rule.limit)

        def take_in() -> bool:
            self._sums = sums
            self._share = len(rows.tokens) / max(len(rows.tokens) + unknown, 1)
            return not unknown and self._blocks.are_all_taken

        return take_in

    def _beyond_index(self) -> Piece | None:
        """Lines of the file that are counted and that the document has not found yet."""
        file = self._document.source(self._base)
        if self._document.is_indexed or not isinstance(file, FileSource):
            return None
        return Piece(self._base, len(file.index), max(len(self._lines.file.tokens) - len(file.index), 0))

    # --- what the processes answer; called from the pool's threads ------------------------------------------------

    def _take_block(self, number: int, answer: RowCounts | FttuiError) -> None:
        if isinstance(answer, FttuiError):
            self._fail(answer)
            return
        with self._news:
            for rows in self._blocks.in_order(number, answer):
                self._counted += len(rows.tokens)
                self._lines.file.extend(rows)
                if self._whole is not None:
                    self._whole.take(rows)
                if not self._adding.is_running:
                    self._sums = self._sums.plus(sums_of(rows.tokens, rows.trainable, self.rule.limit))
            self._settle()
            is_last = self._blocks.are_all_taken
        if is_last:
            self._file_is_counted()
        else:
            self._tell(now=False)

    def _take_lines(self, source: int, numbers: Sequence[int], answer: RowCounts | FttuiError) -> None:
        if isinstance(answer, FttuiError):
            self._fail(answer)
            return
        with self._news:
            self._lines.add(source, numbers, answer)
            self._counted += len(numbers)
            self._settle()
            is_last = not self._pending
        self._tell(now=is_last)

    def _settle(self) -> None:
        """Take in what waited for counts that are here now."""
        if self._adding.is_running:
            self._adding.told()
            return
        waiting, self._pending = self._pending, []
        for root, sign in waiting:
            counts = self._lines.counts(root)
            if counts is None:
                self._pending.append((root, sign))
            else:
                self._sums = self._sums.plus(sums_of(counts.tokens, counts.trainable, self.rule.limit), sign)

    def _is_complete(self) -> bool:
        is_settled = not self._pending and not self._adding.is_running
        return self.error is None and self._blocks.are_all_taken and is_settled

    def _fail(self, error: FttuiError) -> None:
        self.error = error
        self._tell()

    def _tell(self, *, now: bool = True) -> None:
        with self._news:
            self._news.notify_all()
            moment = time.monotonic()
            if not now and moment - self._told_at < _NEWS_S:
                return
            self._told_at = moment
        if self._on_change is not None:
            self._on_change()
