"""What the server tells a training process while it trains: lines on its standard input."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import IO, Final

PAUSE: Final = b"pause\n"
"""Finish the step, save the state, and exit."""
SAVE: Final = b"save\n"
"""All that was said before has been stored: the state may be saved."""


class Orders:
    """Listens in a thread of its own. When the input ends, the server is gone, and so is this process.

    Args:
        source: Standard input, behind the assignment.
        on_end: What to do at its end; the process exits otherwise.
    """

    def __init__(self, source: IO[bytes], on_end: Callable[[], None] = lambda: os._exit(1)) -> None:
        self._source = source
        self._on_end = on_end
        self._pausing = threading.Event()
        self._may_save = threading.Semaphore(0)
        threading.Thread(target=self._listen, name="server-orders", daemon=True).start()

    def pausing(self) -> bool:
        """Whether the training is to stop after the step that it is at."""
        return self._pausing.is_set()

    def wait_until_stored(self) -> None:
        """Wait until the server has stored what it was told."""
        self._may_save.acquire()

    def _listen(self) -> None:
        for line in self._source:
            if line == PAUSE:
                self._pausing.set()
            elif line == SAVE:
                self._may_save.release()
        self._on_end()
