"""The file of a journal: whole frames are added at its end, or nothing."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from fttui.core.atomic import sync_directory
from fttui.core.paths import make
from fttui.dataset.journal.format import MAGIC

_REASONS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EACCES: "there is no permission to write in its folder",
    errno.EPERM: "there is no permission to write in its folder",
    errno.EROFS: "the disk is read-only",
    errno.EFBIG: "the disk does not take a file of that size",
}


class JournalFile:
    """A file that is made when the first bytes come, in a folder that only its user may read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._end = 0
        self._is_synced = True
        self._is_new = False

    def make_folder(self) -> None:
        """Raises `OSError`."""
        make(self.path.parent)

    def append(self, data: bytes) -> None:
        """Add bytes at the end. Raises `OSError`: nothing was added then."""
        with self._lock:
            if self._fd is None:
                self._open()
            self._write(data)
            self._is_synced = False

    def sync(self) -> None:
        """Have all bytes on the disk itself. Raises `OSError`."""
        with self._lock:
            if self._fd is None or self._is_synced:
                return
            fd = os.dup(self._fd)  # so that the next edit does not wait for the disk, nor closing pulls it away
            is_new, self._is_new = self._is_new, False
            self._is_synced = True
        try:
            getattr(os, "fdatasync", os.fsync)(fd)
            if is_new:
                sync_directory(self.path.parent)
        except OSError:
            self._is_synced = False
            raise
        finally:
            os.close(fd)

    def rename(self, path: Path) -> None:
        """Go on under another name. Raises `OSError`."""
        with self._lock:
            if self._fd is not None:
                self.path.replace(path)
                self._is_new, self._is_synced = True, False
            self.path = path

    def close(self) -> None:
        with self._lock:
            if self._fd is not None:
                os.close(self._fd)
            self._fd = None

    def remove(self) -> None:
        """Remove the file; bytes that come later make a new one."""
        with self._lock:
            if self._fd is None:
                return
            with suppress(OSError):
                os.ftruncate(self._fd, 0)  # also where the name cannot be taken away, nothing is in it
            os.close(self._fd)
            self._fd = None
            with suppress(OSError):
                self.path.unlink(missing_ok=True)

    def _open(self) -> None:
        self.make_folder()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._fd = os.open(self.path, flags, 0o600)
        self._end = 0
        self._is_new = True
        try:
            self._write(MAGIC)
        except OSError:
            os.close(self._fd)
            self._fd = None
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
            raise

    def _write(self, data: bytes) -> None:
        assert self._fd is not None
        rest = memoryview(data)
        try:
            os.lseek(self._fd, self._end, os.SEEK_SET)
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self._end)
            raise
        self._end += len(data)


def reason_of(error: OSError) -> str:
    """Why a journal could not be written, as the end of a sentence."""
    return _REASONS.get(error.errno or 0, error.strerror or "unknown error")


def sync_file(path: Path) -> None:
    """Have the bytes of a file, if it is there, on the disk itself. Raises `OSError`."""
    try:
        fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
