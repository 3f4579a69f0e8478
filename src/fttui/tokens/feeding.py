"""Lines for the counting processes, a few at a time: a bulk edit may bring a gigabyte of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from fttui.core.errors import FttuiError
from fttui.dataset.sources import Source
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import RowCounts
from fttui.tokens.worker import Lines

_LINES: Final = 500
"""Lines of one request, at most."""
_BYTES: Final = 512 << 10
"""Bytes after which a request takes no further line."""
_IN_FLIGHT: Final = 4
"""Requests that wait or are worked on."""

OnCounts = Callable[[int, int, RowCounts | FttuiError], None]


class LineFeed:
    """Has runs of lines counted in order; each source's lines once."""

    def __init__(self, pool: CountingPool, on_counts: OnCounts) -> None:
        """``on_counts`` gets source, first line and counts (or the error), in a thread of the pool."""
        self._pool = pool
        self._on_counts = on_counts
        self._lock = threading.Lock()
        self._runs: deque[tuple[int, Source, int, int]] = deque()
        self._asked: dict[int, int] = {}
        self._in_flight = 0

    def ask(self, number: int, source: Source, stop: int) -> None:
        """Have the lines of the source ``number`` counted up to ``stop``; those asked for before are not again."""
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
            self._pool.submit(Lines(lines), partial(self._take, number, start))

    def _next(self) -> tuple[int, int, tuple[bytes, ...]] | None:
        with self._lock:
            if not self._runs or self._in_flight >= _IN_FLIGHT:
                return None
            number, source, start, stop = self._runs.popleft()
            try:
                lines = _some(source, start, min(stop, start + _LINES))
            except (OSError, FttuiError) as error:
                failure = error if isinstance(error, FttuiError) else FttuiError(f"Lines cannot be counted: {error}.")
                self._on_counts(number, start, failure)
                return None
            if start + len(lines) < stop:
                self._runs.appendleft((number, source, start + len(lines), stop))
            self._in_flight += 1
            return number, start, lines

    def _take(self, number: int, start: int, answer: RowCounts | FttuiError) -> None:
        with self._lock:
            self._in_flight -= 1
        self._on_counts(number, start, answer)
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
