"""Reading a file by position, from any thread; never memory-mapped (a truncation elsewhere would kill us)."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fttui.core.errors import InputError
from fttui.dataset.errors import name_of, reading_failed

LOOKED_AT: Final = 8192
"""Bytes that tell what a file is."""
_MAGIC: Final = (
    (b"\x1f\x8b", "gzip-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ\x00", "xz-compressed"),
    (b"PK\x03\x04", "a zip archive (or a spreadsheet)"),
    (b"PAR1", "a Parquet table"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def stamp_of(path: Path) -> Stamp | None:
    """The present state of the file at ``path``, or None when there is none (or none that we may see)."""
    try:
        return Stamp.of(path.stat())
    except (OSError, ValueError):
        return None


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same place, links followed."""
    return os.path.realpath(one) == os.path.realpath(other)


class FileReader:
    """An open file that many threads read by position. It closes when nobody holds it any more.

    Whoever reads holds the object, so a descriptor is never closed, and its number never given to another file, under
    a reader's hands.

    Attributes:
        path: What it was opened by.
        stamp: The state of the file at ``path`` when it was opened.
        mode: The permissions of a file that is made of it; None for those of any new file.
        problem: A sentence when the file was not read to its end; "" otherwise.
    """

    problem: str = ""

    def __init__(self, path: Path) -> None:
        """Raises `OSError` when the file cannot be opened."""
        self.path = path
        self._lock = threading.Lock()
        self._open()
        status = self._status()
        self.stamp: Final = Stamp.of(status)
        self.mode: int | None = stat.S_IMODE(status.st_mode)

    def _status(self) -> os.stat_result:
        return os.fstat(self._fd)

    # --- a file may still be filling: see `fttui.dataset.filling` -----------------------------------------------------

    @property
    def title(self) -> str:
        """What to call it on the screen."""
        return self.path.name

    @property
    def why_new_name(self) -> str:
        """Why what is edited cannot be saved under the same name, as a sentence; "" when it can."""
        return ""

    @property
    def is_full(self) -> bool:
        """Whether all bytes are there."""
        return True

    @property
    def size(self) -> int:
        """Bytes to read; an estimate until `is_full`."""
        return self.stamp.size

    def first_look(self) -> Callable[[], bool]:
        """Says when the first paint should not wait for rows any longer."""
        return lambda: False

    def fill(self, position: int, cancel: Callable[[], bool]) -> None:
        """Wait until there is something after ``position``, or nothing more will come, or ``cancel`` says so."""

    def when_full(self, call: Callable[[], None]) -> None:
        """Call ``call`` when all bytes are there: at once, or from the thread that reads the last ones."""
        call()

    def for_processes(self) -> FileReader:
        """The file to name to another process, where that cannot be given a descriptor."""
        return self

    # --- reading ------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        self._fd = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        self._close = weakref.finalize(self, os.close, self._fd)
        if hasattr(os, "posix_fadvise"):  # read further ahead: the index of a file that is not in memory takes half
            with contextlib.suppress(OSError):
                os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)

    def read(self, offset: int, size: int) -> bytes:
        """``size`` bytes from ``offset``, fewer only where the file ends."""
        data = self._read_once(offset, size)
        if len(data) == size or not data:
            return data
        parts = [data]
        missing = size - len(data)
        while missing and (data := self._read_once(offset + size - missing, missing)):
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def _read_once(self, offset: int, size: int) -> bytes:
        if hasattr(os, "pread") and self._close.alive:
            return os.pread(self._fd, size, offset)
        with self._lock:  # Windows has no pread
            if not self._close.alive:
                self._open_again()
            os.lseek(self._fd, offset, os.SEEK_SET)
            return os.read(self._fd, size)

    def fileno(self) -> int:
        """The descriptor, to be handed to a process that reads it by position; hold this object until that has it."""
        return self._fd

    def close_now(self) -> None:
        """Close at once: Windows renames over no open file. A later read opens it again if it is still the same."""
        with self._lock:
            self._close()

    def _open_again(self) -> None:
        self._open()
        if Stamp.of(os.fstat(self._fd)) != self.stamp:
            self._close()
            raise OSError(errno.ESTALE, "the file was replaced")


def open_text_file(path: Path) -> FileReader:
    """Open a file that may be JSONL.

    Raises:
        InputError: No such file, a directory or a device, no permission, or bytes that are no text.
    """
    reader, head = open_with_head(path)
    refuse_binary(head, name_of(path))
    return reader


def open_with_head(path: Path) -> tuple[FileReader, bytes]:
    """Open a file of whatever kind; it and its first bytes.

    Raises:
        InputError: No such file, a directory or a device, or no permission.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{name_of(path)} is a directory, not a JSONL file.")
        if not stat.S_ISREG(mode):
            raise InputError(f"{name_of(path)} is a device or a pipe, not a JSONL file.")
        reader = FileReader(path)
        return reader, reader.read(0, LOOKED_AT)
    except OSError as error:
        raise reading_failed(path, error) from error
    except ValueError as error:  # a NUL character in the path
        raise InputError(f"{name_of(path)} is not a file name.") from error


def refuse_binary(head: bytes, name: str) -> None:
    """Raise `InputError` when a file that begins with ``head`` is no text; ``name`` is what to call it."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"{name} is {kind}, not JSONL.", hint="Unpack or convert it to UTF-8 text first.")
    if b"\0" in head:
        raise InputError(f"{name} is a binary file (it has NUL bytes), not JSONL.")
