"""Keeps the counts of a file that was saved, so that it need not be counted again when it is opened next."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError
from fttui.dataset.reader import stamp_of
from fttui.tokens.counter import count_file
from fttui.tokens.kept import LEAST
from fttui.tokens.models import TokenRule

_LOG: Final = logging.getLogger(__name__)
_REST_S: Final = 5.0
"""So long no other save must have come: reading a gigabyte again takes most of a second of one core."""


class KeepingAfterSaves:
    """Counts a file in the background a while after each save: what the save did not change is known already."""

    def __init__(self, rule: TokenRule, rest_s: float = _REST_S) -> None:
        self._rule = rule
        self._rest_s = rest_s
        self._news = threading.Condition()
        self._path: Path | None = None
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def saved(self, path: Path) -> None:
        """The file was saved, under this name. A small one is not worth keeping."""
        stamp = stamp_of(path)
        if stamp is None or stamp.size <= LEAST:
            return
        with self._news:
            if self._closed.is_set():
                return
            self._path = path
            self._news.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="keep-counts", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop; what was not kept yet is found out at the next opening."""
        with self._news:
            self._closed.set()
            self._news.notify_all()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _run(self) -> None:
        while (path := self._next()) is not None:
            try:
                count_file(path, self._rule, cancel=self._closed.is_set, in_background=True)
            except FttuiError as error:  # it was closed, or the file is gone
                _LOG.info("the counts of a saved file are not kept: %s", error)

    def _next(self) -> Path | None:
        """The file that was saved and then left alone for a while; None when there will be none."""
        with self._news:
            self._news.wait_for(lambda: self._closed.is_set() or self._path is not None)
            while not self._closed.is_set():
                path, self._path = self._path, None
                if not self._news.wait_for(lambda: self._closed.is_set() or self._path is not None, self._rest_s):
                    return path
        return None
