"""How many BLAS threads a single row is worth just now.

BLAS's threads wait for each other by spinning. On an idle machine two of them are nearly twice as fast as one; beside
another busy program a token with two was seen to take twenty times as long as with one. So one thread is timed first,
and whenever a token with all threads takes longer than that, one thread does the next tokens.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final, TypeVar

from threadpoolctl import ThreadpoolController

T = TypeVar("T")

_TIMED: Final = 3
"""Tokens that one thread does at first, to know how long it takes."""
_LEAST_PATIENCE: Final = 64
_MOST_PATIENCE: Final = 4096
"""Tokens that one thread does until all are tried again: twice as many each time that this goes wrong soon."""


class Pace:
    """Runs steps of one row with as many BLAS threads as are good for it.

    Args:
        clock: Seconds; injected by tests, as the others are.
        set_threads: Sets the number of BLAS threads of this process.
        most: Threads at most; 0: as many as BLAS was allowed when this was made.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.perf_counter,
        set_threads: Callable[[int], None] | None = None,
        most: int = 0,
    ) -> None:
        self._libraries = ThreadpoolController().select(user_api="blas").lib_controllers
        self._most = most or max(1, min((library.num_threads for library in self._libraries), default=1))
        self._set_threads = set_threads or self._set_blas_threads
        self._clock = clock
        self._alone = math.inf  # seconds of one thread's fastest token, lately
        self._left_alone = _TIMED
        self._patience = _LEAST_PATIENCE
        self._good = 0  # tokens of all threads since one was slow

    def run(self, step: Callable[[], T]) -> T:
        """Run a step of one row."""
        if self._most == 1:
            return step()
        is_alone = self._left_alone > 0
        if is_alone:
            self._set_threads(1)
        began = self._clock()
        try:
            result = step()
        finally:
            if is_alone:
                self._set_threads(self._most)
        self._learn(self._clock() - began, is_alone)
        return result

    def _learn(self, seconds: float, is_alone: bool) -> None:
        if is_alone:
            self._alone = min(self._alone, seconds)
            self._left_alone -= 1
        elif seconds <= self._alone:
            self._good += 1
        else:
            is_new = self._good >= _LEAST_PATIENCE
            self._patience = _LEAST_PATIENCE if is_new else min(2 * self._patience, _MOST_PATIENCE)
            self._left_alone, self._good = self._patience, 0
            self._alone = math.inf  # timed anew: a long conversation takes longer a token

    def _set_blas_threads(self, count: int) -> None:
        for library in self._libraries:
            library.set_num_threads(count)
