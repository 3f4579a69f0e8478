"""How much longer a training takes, and when to say so."""

from __future__ import annotations

from typing import Final

_STEPS_TO_TRUST: Final = 3
"""After so many steps the steps themselves tell more than the measurement before them."""
_WORTH_TELLING_S: Final = 60.0


class TimeLeft:
    """Learns from steps how long the rest takes.

    Args:
        steps: That are to be done.
        expected: Seconds that they take, as measured beforehand; 0: not known.
    """

    def __init__(self, steps: int, expected: float) -> None:
        self._steps = steps
        self._expected = expected
        self._done = 0
        self._seconds = 0.0
        self._told = float("inf")

    def after_step(self, seconds: float) -> float:
        """Seconds that are left after another step, which took ``seconds``."""
        self._done += 1
        self._seconds += seconds
        rest = self._steps - self._done
        if self._done < _STEPS_TO_TRUST and self._expected > 0:
            return max(0.0, self._expected * rest / self._steps)
        return self._seconds / self._done * rest

    def is_worth_telling(self, left: float) -> bool:
        """Whether ``left`` is news: at first when it can be trusted, then when half of what was told is over."""
        if self._done < _STEPS_TO_TRUST or left < 1 or left > self._told / 2:
            return False
        if self._told != float("inf") and left < _WORTH_TELLING_S:
            return False
        self._told = left
        return True
