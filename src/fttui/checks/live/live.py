"""The checks of a file that is open for editing, right after every edit, while most of it may still be unchecked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from fttui.checks.engine import check_record, issues_of, unread
from fttui.checks.live.feed import CheckFeed
from fttui.checks.live.file import Judged, LiveFile, judge
from fttui.checks.live.kept_facts import KeptFacts
from fttui.checks.live.rows import LiveRows
from fttui.checks.live.whole import facts_of
from fttui.checks.model import SEVERITIES, Issue, Target
from fttui.checks.personal.places import personal_issues
from fttui.checks.pool import CheckingPool
from fttui.checks.report import Counted, Readiness, RuleCount, Summary, grid_of
from fttui.checks.rows import LOOKED_AT, BlockChecks, Look, check_one, kind_of_lines
from fttui.checks.run import PROCESSES, Options, blocks_of
from fttui.checks.whole.facts import FileFacts
from fttui.checks.whole.file_marks import FileMarks
from fttui.core.errors import FttuiError
from fttui.dataset.in_order import InOrder
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import FileSource
from fttui.formats.kinds import Kind
from fttui.tokens.repeating import Repeated

if TYPE_CHECKING:
    from fttui.dataset.document import Document
    from fttui.dataset.edits import Change
    from fttui.dataset.reader import FileReader
    from fttui.dataset.snapshot import Snapshot

_KEPT_S: Final = 60.0
"""How long a process is kept for the next edit."""
_SMALL: Final = 10_000
"""A file of so many rows is looked at as a whole again after each edit; a larger one when somebody asks for it."""
_NEWS_S: Final = 0.2
"""While the file is checked, news come at most this often."""
_NEARLY: Final = 0.999


class LiveChecks:
    """What is wrong in a `Document`, kept by line: moving rows changes nothing, deleted rows keep their marks for undo,
    a save renumbers them, and an edit costs the check of one example, in a process of its own.

    The file's lines are checked block by block in two background processes; counts grow meanwhile, and `is_complete` is
    False. What concerns the file as a whole (duplicates, too few examples, secrets) is known when all of it was seen.
    Everything may be read from any thread. Listeners are called from the thread that edits and from threads of ours;
    they must not wait for the screen (posting a message is right).
    """

    def __init__(self, document: Document, options: Options) -> None:
        """Begin to check; from any thread, though a moment of reading is due. Call `close` at the end."""
        self.options: Final = options
        self.kind: Final[Kind] = options.kind or _kind_of(document)
        self.error: FttuiError | None = None
        """Why some lines could not be checked, or None."""
        self._document = document
        self.targets = options.targets
        self._news = threading.Condition()
        self._listeners: list[Callable[[], None]] = []
        self._summary = Summary.of((), FileMarks(), self.targets)
        self._in_rows: Sequence[Counted] = ()
        self._told_at = 0.0
        self._adding = Repeated(self._news, self._add_up, self._tell_now_and_then)
        self._looking = Repeated(self._news, self._look_at_whole, self._tell)
        self._blocks = InOrder[BlockChecks]()
        self._facts = KeptFacts()
        self._file = LiveFile(self.targets, options.keep)
        self._closed = threading.Event()
        look = Look(self.kind, self.targets, model=options.model)
        with document.standing_still():
            self._base = base = document.base
            file = document.source(base)
            assert isinstance(file, FileSource)
            snapshot = document.snapshot()
            self._is_as_on_disk = [piece[:2] for piece in snapshot.pieces] in ([], [(base, 0)])
            self._rows = LiveRows(base, self.targets)
            self._pool = CheckingPool(
                file.reader.for_processes(),
                lambda: look,
                processes=PROCESSES,
                in_background=True,
                last_idle_s=_KEPT_S,
            )
            self._feed = CheckFeed(self._pool, document.source, self._take_lines)
            self._stop_listening: tuple[Callable[[], None], ...] = (
                document.subscribe(self._edited),
                document.subscribe_rebase(self._saved),
                document.subscribe_copied(self._copied),
            )
        file.reader.when_full(partial(self._check_file, file.reader))

    def _check_file(self, reader: FileReader) -> None:
        """Have the file checked, now that it is known how long it is."""
        blocks = list(blocks_of(reader.size))
        with self._news:
            self._blocks.expect(len(blocks))
        for number, block in enumerate(blocks):
            self._pool.submit(block, partial(self._take_block, number))
        if not blocks:
            self._look_soon()

    # --- what is wrong ----------------------------------------------------------------------------------------------

    @property
    def errors(self) -> int:
        """Issues of that severity in all rows and of the file as a whole; so `warnings`."""
        return self._summary.severities["error"]

    @property
    def warnings(self) -> int:
        return self._summary.severities["warning"]

    def counts(self) -> dict[str, RuleCount]:
        """The rules that are broken, in the order of the table of rules."""
        return self._summary.counts

    @property
    def grid(self) -> Mapping[Target, Readiness]:
        """For all targets, whether what is known keeps the file from being trained on; as in `Report`."""
        with self._news:
            return grid_of(self._in_rows, self._file.marks, self.kind)

    def severity_of(self, row: int) -> str:
        """Tell "error" or "warning", the worst of a row; "" when it has none, or is not checked yet."""
        try:
            key = self._document.key(row)
        except IndexError:
            return ""
        with self._news:
            own = self._rows.severity_of(key)
            return own if own == "error" else self._file.severity_of(row) or own

    def issues_of(self, row: int) -> list[Issue]:
        """The issues of a row, the worst first; it is checked anew.

        Raises:
            IndexError: There is no such row.
            InputError: The disk failed.
        """
        raw = self._document.raw(row)
        is_last = row == len(self._document) - 1
        # counting the tokens of a long text is for the processes, which have a vocabulary
        _, found = check_one(raw, self.kind, self.options.model, is_first=not row, is_last=is_last, counts_tokens=False)
        issues = issues_of(found, row + 1, self.targets)
        if len(raw) > unread(self.kind, self.options.model):
            key, told = self._document.key(row), {issue.rule for issue in issues}
            with self._news:
                issues += self._rows.issues_of(key, row, told)
        with self._news:
            issues += self._file.issues_of(row)
        issues += personal_issues(raw, row + 1, self.targets)
        return sorted(issues, key=lambda issue: SEVERITIES.index(issue.severity))

    def issues_of_draft(self, record: Mapping[str, Any]) -> list[Issue]:
        """The issues of an example as it is being typed; those that take the whole file to see are left out."""
        # as if it had a byte: counting the tokens of a long one is for the processes
        found = check_record(dict(record), self.kind, 1, self.options.model)
        return issues_of(found, None, self.targets)

    def file_issues(self) -> list[Issue]:
        """The issues of the file as a whole, as of the last look at it."""
        with self._news:
            return list(self._file.issues)

    def rows_with(self, name: str) -> RowSet:
        """The rows that break a rule (its id), or that have an issue of a severity; all that are checked by now."""
        snapshot = self._document.snapshot()
        with self._news:
            numbers = self._rows.numbers_with(name)
            in_file = self._file.rows_with(name) if name in SEVERITIES else self._file.rows_of(name)
        return self._rows.rows_with(numbers, snapshot.pieces) | in_file

    @property
    def facts(self) -> FileFacts | None:
        """What the rules about the whole file know; None while it is not known of the rows as they are now."""
        with self._news:
            return self._file.facts

    @property
    def is_stale(self) -> bool:
        """Whether rows were edited since the file was looked at as a whole; `check_again` does it anew."""
        return self._file.is_stale

    # --- how far it is ----------------------------------------------------------------------------------------------

    @property
    def progress(self) -> float:
        """How much of the file is checked, 0 to 1; below 1 until `is_complete`."""
        return 1.0 if self.is_complete else min(self._blocks.share, _NEARLY)

    @property
    def is_complete(self) -> bool:
        """Whether all rows are checked as they are now, and the file as a whole was."""
        with self._news:
            return self._is_complete()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` when there is something new; the function that ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until everything is known, or something failed; whether it is known."""
        with self._news:
            self._news.wait_for(lambda: self._is_complete() or self.error is not None, timeout_s)
            return self._is_complete()

    def aim(self, targets: tuple[Target, ...]) -> None:
        """Tell from now on what is wrong for other targets; nothing is checked for that, and it takes no time."""
        with self._news:
            self.targets = targets
            self._rows.aim(targets)
            self._file.aim(targets)
            self._summary = Summary.of(self._in_rows, self._file.marks, targets)
        self._tell()

    def check_again(self) -> None:
        """Look at the file as a whole again, as its rows are now; rows that were checked are not checked again."""
        self._look_soon()

    def close(self) -> None:
        """Stop checking; no process is left, and what is known stays readable."""
        listening, self._stop_listening = self._stop_listening, ()
        for stop in listening:
            stop()
        self._closed.set()
        self._adding.close()
        self._looking.close()
        self._pool.close()

    # --- what happens to the document -------------------------------------------------------------------------------

    def _edited(self, change: Change) -> None:
        with self._news:
            self._file.follow(change)
            self._adding.soon()
            if len(self._document) <= _SMALL:
                self._look_soon()

    def _copied(self, originals: Sequence[Piece], copies: Sequence[Piece]) -> None:
        """Lines have other numbers from now on; they need not be checked again."""
        with self._news:
            self._rows.values.copy(originals, copies)

    def _saved(self, pieces: Sequence[Piece], source: int) -> None:
        with self._news:
            self._rows.values.renumber(pieces, source)
        if self._blocks.are_all_taken and self._document.source(self._base) is None:
            self._pool.let_go_of_file()  # no row is one of its lines any more

    # --- adding up all rows -----------------------------------------------------------------------------------------

    def _add_up(self) -> Callable[[], bool]:
        """Add up the rows as they stand, and have those checked that are not yet."""
        with self._document.standing_still(), self._news:
            pieces = [*self._document.snapshot().pieces, *self._beyond_index()]
            self._adding.is_stale = False
        in_rows, unknown = self._rows.counted(pieces)
        if unknown:
            with self._news:
                wanted = [root for root in self._rows.values.unknown(pieces) if root.source != self._base]
            self._feed.ask(wanted)

        def take_in() -> bool:
            self._in_rows = in_rows
            self._summary = Summary.of(in_rows, self._file.marks, self.targets)
            return not unknown and self._blocks.are_all_taken

        return take_in

    def _beyond_index(self) -> Iterator[Piece]:
        """Lines of the file that are checked and that the document has not found yet."""
        file = self._document.source(self._base)
        if not self._document.is_indexed and isinstance(file, FileSource):
            found = len(file.index)
            yield Piece(self._base, found, max(len(self._rows.values.file) - found, 0))

    # --- looking at the file as a whole -----------------------------------------------------------------------------

    def _look_soon(self) -> None:
        """Look at the file as a whole, unless its blocks are still on their way and will do."""
        if self._blocks.are_all_taken:
            self._looking.soon()

    def _look_at_whole(self) -> Callable[[], bool]:
        with self._document.standing_still(), self._news:
            snapshot = self._document.snapshot()
            self._file.begin()
            self._looking.is_stale = False
        found = self._facts_of(snapshot)

        def take_in() -> bool:
            if found is not None:
                self._file.finish(found)
                self._rows.hide(found.marks.hidden)
                self._adding.soon()  # before this is done, so that nobody takes the old numbers for the last ones
            return True

        return take_in

    def _facts_of(self, snapshot: Snapshot) -> Judged | None:
        """What there is to know about rows as a whole; None when it is not wanted any more, or something failed."""
        try:
            facts = facts_of(snapshot, self._base, self._pool, self._closed.is_set)
            return None if facts is None else self._judged(*facts)
        except OSError as error:
            self._fail(FttuiError(f"The file cannot be checked: {error.strerror or error}."))
        except FttuiError as error:
            self._fail(error)
        return None

    def _judged(self, facts: KeptFacts, size: int) -> Judged:
        """Ask the rules about the whole file. Raises `FttuiError` when one of them fails, or the disk."""
        try:
            whole = facts.of(size, has_bom=self._document.has_bom, kind=self.kind)
        except OSError as error:
            raise FttuiError(f"What is known of the file cannot be read: {error.strerror or error}.") from error
        return judge(whole, self.options.keep)

    # --- what the processes answer; called from the pool's threads --------------------------------------------------

    def _take_block(self, number: int, answer: BlockChecks | FttuiError) -> None:
        if isinstance(answer, FttuiError):
            self._fail(answer)
            return
        with self._news:
            for block in self._blocks.in_order(number, answer):
                self._rows.values.file.extend(self._rows.numbers_of(block.marks))
                if self._is_as_on_disk:
                    self._facts.extend(block.facts)
            is_last = self._blocks.are_all_taken
        if is_last:
            try:
                self._end_of_file()
            except FttuiError as error:
                self._fail(error)
        self._adding.soon()

    def _end_of_file(self) -> None:
        """All of the file was seen; if its rows were edited before, its facts are not those of the rows."""
        facts, self._facts = self._facts, KeptFacts()
        if self._is_as_on_disk:
            found = self._judged(facts, self._document.size)
            with self._news:
                self._adding.soon()
                self._file.finish(found)
                self._rows.hide(found.marks.hidden)
                if self._file.is_stale and len(self._document) <= _SMALL:
                    self._looking.soon()
        else:
            self._looking.soon()

    def _take_lines(self, source: int, first: int, answer: BlockChecks | FttuiError) -> None:
        if isinstance(answer, FttuiError):
            self._fail(answer)
            return
        with self._news:
            self._rows.values.add(source, first, self._rows.numbers_of(answer.marks))
        self._adding.soon()

    def _is_complete(self) -> bool:
        is_running = self._adding.is_running or self._looking.is_running
        return self.error is None and self._blocks.are_all_taken and self._file.is_known and not is_running

    def _fail(self, error: FttuiError) -> None:
        self.error = error
        self._tell()

    def _tell_now_and_then(self) -> None:
        """While the file is checked, listeners hear of it a few times a second; of the end at once."""
        with self._news:
            self._news.notify_all()
            if not self._is_complete() and time.monotonic() - self._told_at < _NEWS_S:
                return
        self._tell()

    def _tell(self) -> None:
        with self._news:
            self._told_at = time.monotonic()
            self._news.notify_all()
        for listener in tuple(self._listeners):
            listener()


def _kind_of(document: Document) -> Kind:
    return kind_of_lines(islice(document.snapshot().raws(), 2 * LOOKED_AT))
