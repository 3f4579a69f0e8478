"""Ending an answer at a stop text, without ever showing a part of it."""

from __future__ import annotations

from collections.abc import Sequence


class StopTexts:
    """Passes text on, but holds back what may be the beginning of a stop text.

    Args:
        stops: Texts that end the answer and are no part of it.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.is_reached = False

    def add(self, text: str) -> str:
        """New text in; what can be shown of it and of what was held back."""
        pending = self._held + text
        found = [position for position in (pending.find(stop) for stop in self._stops) if position >= 0]
        if found:
            self.is_reached = True
            self._held = ""
            return pending[: min(found)]
        keep = max((_overlap(pending, stop) for stop in self._stops), default=0)
        self._held = pending[len(pending) - keep :]
        return pending[: len(pending) - keep]

    def finish(self) -> str:
        """What was held back, when the answer ended otherwise."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """The longest end of ``text`` that begins ``stop``."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
