"""A full disk: told from an error, however deep the reason lies, and a spare file to go against it."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Final

from fttui.core.server_state import local_dir

_FULL: Final = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}
"""No space left, the user's share of it used up, no longer files allowed."""
_FULL_DATABASE: Final = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_SHMOPEN")
_SPARE_BYTES: Final = 1_000_000

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
        if isinstance(seen, BaseExceptionGroup) and any(map(is_disk_full, seen.exceptions)):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def write_spare() -> None:
    """Set some room aside that `use_spare` gives back: even to remove things the database has to write.

    Nothing happens where there is little room left, or one is there already.
    """
    spare = _spare()
    try:
        if not spare.exists() and shutil.disk_usage(spare.parent).free > 100 * _SPARE_BYTES:
            spare.write_bytes(os.urandom(_SPARE_BYTES))  # random: zeros take no room on some file systems
    except OSError:  # then there is none, and no half of one either
        use_spare()


def use_spare() -> bool:
    """Give the room back that was set aside; False when none was."""
    try:
        _spare().unlink()
    except OSError:
        return False
    return True


def _spare() -> Path:
    return local_dir() / "local.db-spare"  # counted with the database
