"""Telling from an error that the disk is full, however deep the reason lies."""

from __future__ import annotations

import errno
import sqlite3
from typing import Final

_FULL: Final = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}
"""No space left, the user's share of it used up, no longer files allowed."""
_FULL_DATABASE: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE")

SENTENCE: Final = "The disk is full."
HINT: Final = "Make room (`fttui local disk` shows what takes it, `fttui local prune` frees some), then try again."


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one that it came of, says that nothing more can be written."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _FULL:
            return True
        if isinstance(seen, sqlite3.Error) and getattr(seen, "sqlite_errorname", None) in _FULL_DATABASE:
            return True
        seen = seen.__cause__ or seen.__context__
    return False
