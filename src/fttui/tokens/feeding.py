"""Lines for the counting processes, a few at a time: a bulk edit may bring a gigabyte of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from fttui.core.errors import FttuiError
from fttui.dataset.pieces import Piece
from fttui.dataset.sources import ADDED, Source
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import RowCounts
from fttui.tokens.sums import LineCounts
from fttui.tokens.worker import Lines

_LINES: Final = 500
"""Lines of one request, at most."""
_BYTES: Final = 512 << 10
"""Bytes after which a request takes no further line."""
_IN_FLIGHT: Final = 4
"""Requests that wait or are worked on."""

OnCounts = Callable[[int, Sequence[int], RowCounts | FttuiError], None]


class LineFeed:
    """Has lines counted that are in no file that the processes could read themselves; each line once."""

    def __init__(
        self,
        pool: CountingPool,
        source_of: Callable[[int], Source | None],
        counts: LineCounts,
        base: int,
        on_counts: OnCounts,
    ) -> None:
        """For the lines of a document.

        Args:
            pool: What counts.
            source_of: Gives the source of a number.
            counts: What is counted already.
            base: The source that the processes read themselves.
            on_counts: Gets a source, numbers of lines, and their counts or the error, in a thread of the pool.
        """
        self._pool = pool
        self._source_of = source_of
        self._counts = counts
        self._base = base
        self._on_counts = on_counts
        self._lock = threading.Lock()
        self._runs: deque[tuple[int, Source, int, int]] = deque()
        self._asked: dict[int, int] = {}
        self._in_flight = 0
        self._typed: set[int] = set()

    def ask(self, roots: Iterable[Piece]) -> None:
        """Have lines counted, those in memory before all that waits; not those asked for before, nor the base's."""
        typed: list[int] = []
        stops: dict[int, int] = {}
        for root in roots:
            if root.source == ADDED:
                typed.extend(self._counts.uncounted(root))
            elif root.source != self._base:
                stops[root.source] = max(stops.get(root.source, 0), root.start + root.rows)
        for number, stop in stops.items():
            if (source := self._source_of(number)) is not None:
                self._ask_up_to(number, source, stop)
        if typed and (added := self._source_of(ADDED)) is not None:
            self._ask_typed(added, typed)

    def _ask_typed(self, source: Source, numbers: Sequence[int]) -> None:
        with self._lock:
            wanted = [line for line in numbers if line not in self._typed]
            self._typed.update(wanted)
        for at in range(0, len(wanted), _LINES):
            batch = wanted[at : at + _LINES]
            lines = Lines(tuple(source.line(line) for line in batch))
            self._pool.submit(lines, partial(self._on_counts, ADDED, batch), urgent=True)

    def _ask_up_to(self, number: int, source: Source, stop: int) -> None:
        with self._lock:
            start = self._asked.get(number, 0)
            if stop <= start:
                return
            self._asked[number] = stop
            self._runs.append((number, source, start, stop))
        self._feed()

    def _feed(self) -> None:
        while (request := self._next()) is not None:
            number, start, lines = request
            self._pool.submit(Lines(lines), partial(self._take, number, range(start, start + len(lines))))

    def _next(self) -> tuple[int, int, tuple[bytes, ...]] | None:
        with self._lock:
            if not self._runs or self._in_flight >= _IN_FLIGHT:
                return None
            number, source, start, stop = self._runs.popleft()
            try:
                lines = _some(source, start, min(stop, start + _LINES))
            except (OSError, FttuiError) as error:
                failure = error if isinstance(error, FttuiError) else FttuiError(f"Lines cannot be counted: {error}.")
                self._on_counts(number, range(start, stop), failure)
                return None
            if start + len(lines) < stop:
                self._runs.appendleft((number, source, start + len(lines), stop))
            self._in_flight += 1
            return number, start, lines

    def _take(self, number: int, numbers: range, answer: RowCounts | FttuiError) -> None:
        with self._lock:
            self._in_flight -= 1
        self._on_counts(number, numbers, answer)
        self._feed()


def _some(source: Source, start: int, stop: int) -> tuple[bytes, ...]:
    lines: list[bytes] = []
    size = 0
    for line in source.lines(start, stop - start):
        lines.append(line)
        size += len(line)
        if size >= _BYTES:
            break
    return tuple(lines)
