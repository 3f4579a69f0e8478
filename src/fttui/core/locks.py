"""Kernel locks between processes: held by an open file, so that the death of its holder, however it comes, frees them.

`filelock` does the same everywhere, but its import costs more than a tenth of the time to the first paint; so the
system is called directly where it has `flock`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fttui.core.paths import make

if TYPE_CHECKING:
    from filelock import BaseFileLock

_NO_LOCKS: Final = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_MOST_NOTE: Final = 4096


class KernelLock:
    """A lock that this process holds until `release`, or until it ends."""

    def __init__(self, path: Path, held: int | BaseFileLock | None) -> None:
        """Use `take`."""
        self.path = path
        self._held = held

    @classmethod
    def take(cls, path: Path, note: str = "") -> KernelLock | None:
        """Take the lock at ``path`` and leave ``note`` in the file for others to read; None when another has it.

        On a file system that knows no locks the lock is always given.

        Raises:
            OSError: The file cannot be made.
        """
        make(path.parent)
        if sys.platform == "win32":
            return cls._take_elsewhere(path)
        while True:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                if not _flock(fd):
                    os.close(fd)
                    return None
                if _is_at(fd, path):  # else its last holder removed it between our open and our lock
                    with contextlib.suppress(OSError):  # a full disk: the lock is held all the same
                        os.ftruncate(fd, 0)
                        os.pwrite(fd, note.encode(errors="replace"), 0)
                    return cls(path, fd)
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)

    @classmethod
    def _take_elsewhere(cls, path: Path) -> KernelLock | None:
        from filelock import FileLock, Timeout

        lock = FileLock(path, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return None
        return cls(path, lock)

    @staticmethod
    def note_at(path: Path) -> str:
        """What the holder of the lock left in it; empty when that cannot be read."""
        try:
            with path.open("rb") as file:
                return file.read(_MOST_NOTE).decode(errors="replace")
        except OSError:
            return ""

    def release(self) -> None:
        """Let go of the lock; its file goes. Does nothing the second time."""
        held, self._held = self._held, None
        if isinstance(held, int):
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            os.close(held)
        elif held is not None:
            held.release()


def _flock(fd: int) -> bool:
    import fcntl

    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            return True
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _is_at(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except FileNotFoundError:
        return False
