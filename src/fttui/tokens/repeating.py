"""Work that is done again, in a thread of its own, whenever there is something new."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

_RESTS: Final = 4
"""How many times as long as it worked it rests before it works again."""
_LONGEST_REST_S: Final = 2.0


class Repeated:
    """Runs ``work`` until it is done and nothing new came meanwhile; there is no thread where there is nothing to do.

    ``is_running`` and ``is_stale`` (something came since the work began to look) are read and set with ``news`` held.
    """

    def __init__(
        self, news: threading.Condition, work: Callable[[], Callable[[], bool]], on_result: Callable[[], None]
    ) -> None:
        """``work`` gives a function that takes in its result, and says whether all is done, with ``news`` held.

        ``on_result`` is called after that, without it.
        """
        self._news = news
        self._work = work
        self._on_result = on_result
        self._closed = False
        self.is_running = False
        self.is_stale = False

    def soon(self) -> None:
        """There is something new, and it is worth a thread."""
        with self._news:
            self.told()
            if self.is_running or self._closed:
                return
            self.is_running = True
        threading.Thread(target=self._run, name="add-up", daemon=True).start()

    def told(self) -> None:
        """There is something new for a thread that runs; ``news`` is held."""
        self.is_stale = True
        self._news.notify_all()

    def close(self) -> None:
        """Stop soon."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _run(self) -> None:
        while not self._closed:
            began = time.monotonic()
            take_in = self._work()
            with self._news:
                is_done = take_in() and not self.is_stale
                self.is_running = not is_done
            self._on_result()
            if is_done:
                return
            with self._news:
                rest = min(_RESTS * (time.monotonic() - began), _LONGEST_REST_S)
                self._news.wait_for(lambda: self._closed, rest)
                self._news.wait_for(lambda: self._closed or self.is_stale)
