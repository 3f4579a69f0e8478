"""One thread that brings what journals wrote to the disk itself, well within a second."""

from __future__ import annotations

import threading
import time
from typing import Final, Protocol

_GATHERED: Final = 0.3
"""Seconds in which more edits come along, so that typing does not keep the disk busy."""

_AGAIN: Final = 2.0
"""Seconds until what did not work is tried again."""


class Syncable(Protocol):
    """What can be brought to the disk."""

    def sync(self) -> bool:
        """Do it; whether nothing is left to do. Does not raise."""


class _Syncer:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: set[Syncable] = set()
        self._thread: threading.Thread | None = None

    def ask(self, item: Syncable) -> None:
        with self._changed:
            self._due.add(item)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="journal-sync", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        left: set[Syncable] = set()
        while True:
            with self._changed:
                if not self._changed.wait_for(lambda: bool(self._due), timeout=_AGAIN if left else None):
                    self._due |= left
            time.sleep(_GATHERED)
            with self._changed:
                due, self._due = self._due, set()
            left = (left - due) | {item for item in due if not item.sync()}


_syncer: Final = _Syncer()


def sync_soon(item: Syncable) -> None:
    """Have ``item.sync()`` called in the background within half a second, and again as long as it says False."""
    _syncer.ask(item)
