"""The lines that were parsed last: what is on screen is parsed once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from fttui.formats.lines import ParsedLine

_MOST_LINES: Final = 512
_MOST_BYTES: Final = 4 << 20
"""Of raw lines; their values take several times as much."""


class ParsedCache:
    """Parsed lines by source and number, the least recently used thrown out first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: OrderedDict[tuple[int, int], tuple[ParsedLine, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[int, int]) -> ParsedLine | None:
        with self._lock:
            found = self._lines.get(key)
            if found is None:
                return None
            self._lines.move_to_end(key)
            return found[0]

    def put(self, key: tuple[int, int], line: ParsedLine, size: int) -> None:
        """Keep a line that was parsed from ``size`` bytes; the newest is kept even if it alone is too big."""
        with self._lock:
            old = self._lines.pop(key, None)
            self._bytes += size - (old[1] if old else 0)
            self._lines[key] = (line, size)
            while len(self._lines) > 1 and (len(self._lines) > _MOST_LINES or self._bytes > _MOST_BYTES):
                _, (_, dropped) = self._lines.popitem(last=False)
                self._bytes -= dropped
