"""When the state of a training is to be saved: often enough to lose little, seldom enough to cost little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_SHARE: Final = 10
"""An early save at a checkpoint waits until ten times as long has been trained as the last save took."""


class Savings:
    """Remembers when the state was saved and what that took.

    Args:
        interval: Seconds between two saves; 0: after each step.
        clock: Seconds, from any start.
    """

    def __init__(self, interval: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._clock = clock
        self._saved_at = clock()
        self._took = 0.0

    def is_due(self, *, at_checkpoint: bool) -> bool:
        """Whether to save after a step; a checkpoint's moment is a good one even before the interval is over."""
        passed = self._clock() - self._saved_at
        return passed >= self._interval or (at_checkpoint and passed >= _SHARE * self._took)

    @contextmanager
    def saving(self) -> Iterator[None]:
        """Around a save: measures it."""
        started = self._clock()
        yield
        self._saved_at = self._clock()
        self._took = self._saved_at - started
