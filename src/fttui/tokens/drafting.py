"""The example that is being typed, counted while it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from fttui.core.errors import FttuiError
from fttui.dataset.pieces import Piece
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import RowCounts
from fttui.tokens.sums import Sums, sums_of
from fttui.tokens.worker import Lines


class Draft:
    """Has the newest text counted, one at a time: what was typed meanwhile is skipped."""

    def __init__(
        self, news: threading.Condition, pool: CountingPool, limit: int | None, on_counts: Callable[[], None]
    ) -> None:
        """``on_counts`` is called in a thread of the pool, without ``news``; ``limit`` is that of `sums_of`."""
        self._news = news
        self._pool = pool
        self._limit = limit
        self._on_counts = on_counts
        self._key: Piece | None = None
        self._sums: Sums | None = None
        self._line: bytes | None = None
        """What is not yet on its way to be counted."""
        self._in_flight = False

    @property
    def counted(self) -> tuple[Piece, Sums] | None:
        """The line whose place it takes, and its numbers; None while there are none. ``news`` is held."""
        return None if self._key is None or self._sums is None else (self._key, self._sums)

    def put(self, key: Piece, line: bytes) -> None:
        """Count ``line`` in the place of the line ``key``; until that is done, the numbers are those before."""
        with self._news:
            if self._key != key:
                self._key, self._sums = key, None
            self._line = line
        self._count()

    def end(self) -> None:
        """The typing has ended."""
        with self._news:
            self._key = self._sums = self._line = None

    def _count(self) -> None:
        with self._news:
            if self._in_flight or self._key is None or self._line is None:
                return
            self._in_flight = True
            key, line = self._key, self._line
            self._line = None
        self._pool.submit(Lines((line,)), partial(self._take, key), urgent=True)

    def _take(self, key: Piece, answer: RowCounts | FttuiError) -> None:
        with self._news:
            self._in_flight = False
            if isinstance(answer, RowCounts) and self._key == key:
                self._sums = sums_of(answer.tokens, answer.trainable, self._limit)
        self._count()
        self._on_counts()
