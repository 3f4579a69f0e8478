"""Lines for the checking processes, a few at a time: a bulk edit may bring a gigabyte of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from fttui.checks.pool import CheckingPool
from fttui.checks.rows import BlockChecks
from fttui.checks.worker import Lines
from fttui.core.errors import FttuiError
from fttui.dataset.pieces import Piece
from fttui.dataset.rowset import RowSet
from fttui.dataset.sources import Source

_LINES: Final = 500
"""Lines of one request, at most."""
_BYTES: Final = 512 << 10
"""Bytes after which a request takes no further line."""
_IN_FLIGHT: Final = 4
"""Requests that wait or are worked on."""

OnChecks = Callable[[int, int, "BlockChecks | FttuiError"], None]


class CheckFeed:
    """Has lines checked that are in no file that the processes could read themselves; each line once."""

    def __init__(self, pool: CheckingPool, source_of: Callable[[int], Source | None], on_checks: OnChecks) -> None:
        """``on_checks`` gets a source, its first line, and what was found from there on, in a thread of the pool."""
        self._pool = pool
        self._source_of = source_of
        self._on_checks = on_checks
        self._lock = threading.Lock()
        self._asked: dict[int, RowSet] = {}
        self._runs: deque[Piece] = deque()
        self._in_flight = 0

    def ask(self, pieces: Iterable[Piece]) -> None:
        """Have these lines checked, but those that were asked for before."""
        with self._lock:
            for source, start, rows in pieces:
                before = self._asked.get(source, RowSet())
                new = RowSet.span(start, start + rows) - before
                self._asked[source] = before | new
                self._runs.extend(Piece(source, first, stop - first) for first, stop in new.ranges())
        self._feed()

    def _feed(self) -> None:
        while (run := self._next()) is not None:
            source = self._source_of(run.source)
            if source is None:
                self._done()  # neither a row nor the history needs it any more
            else:
                self._send(run, source)

    def _next(self) -> Piece | None:
        with self._lock:
            if not self._runs or self._in_flight >= _IN_FLIGHT:
                return None
            self._in_flight += 1
            return self._runs.popleft()

    def _send(self, run: Piece, source: Source) -> None:
        try:
            lines = tuple(some(source.lines(run.start, min(run.rows, _LINES))))
        except (OSError, FttuiError) as error:
            failure = error if isinstance(error, FttuiError) else FttuiError(f"Lines cannot be checked: {error}.")
            self._done()
            self._on_checks(run.source, run.start, failure)
            return
        if len(lines) < run.rows:
            with self._lock:
                self._runs.appendleft(Piece(run.source, run.start + len(lines), run.rows - len(lines)))
        self._pool.submit(Lines(lines), partial(self._take, run), urgent=True)

    def _take(self, run: Piece, answer: BlockChecks | FttuiError) -> None:
        self._done()
        self._on_checks(run.source, run.start, answer)
        self._feed()

    def _done(self) -> None:
        with self._lock:
            self._in_flight -= 1


def some(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The first lines, without their endings, until they are enough for one request."""
    size = 0
    for line in lines:
        yield line.rstrip(b"\r\n")
        size += len(line)
        if size >= _BYTES:
            return
