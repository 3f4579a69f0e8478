"""Writing a file so that it is either the old one or the new one, never half of each."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

_COPIED: Final = 64 << 20
"""Bytes that the system is asked to copy at a time: a copy ends soon after it is interrupted."""
_READ: Final = 4 << 20
_NO_COPY: Final = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
"""Where the system does not copy between two files: not at all, not across file systems, not of this kind."""


class OpenFile(Protocol):
    """A file read by position (`fttui.dataset.reader.FileReader`)."""

    def fileno(self) -> int: ...

    def read(self, offset: int, size: int) -> bytes: ...


class ShortFileError(OSError):
    """A file that was to be copied ends before it should."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """``size`` bytes of an open file from ``offset`` on, which need not pass through this process."""

    file: OpenFile
    offset: int
    size: int


def write_atomic(
    path: Path,
    parts: Iterable[bytes | FilePart],
    *,
    mode: int | None = None,
    before_rename: Callable[[Path, os.stat_result], None] | None = None,
    after_rename: Callable[[], None] | None = None,
) -> int:
    """Replace ``path`` by the concatenation of ``parts``; return the bytes written.

    The bytes go to a new file beside the target (a symlink is followed, so the link stays), are synced, and renamed
    over it. An existing file keeps its mode, and its owner where the system lets us; ``mode`` sets both for a new one.

    Args:
        path: The file.
        parts: What it is to hold.
        mode: Permissions, or None for those of the existing file or of any new one.
        before_rename: Given the new file's path and state, when all is written and synced; an error stops the rename.
        after_rename: Called when the new file has its name, before that is synced.

    Raises:
        OSError: Nothing was changed: the temporary file is removed and the target is as it was.
        ShortFileError: A part was not there to its end; nothing was changed.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        old = target.stat()
    except FileNotFoundError:
        old = None
    wanted = mode if mode is not None else (stat.S_IMODE(old.st_mode) if old else None)
    written = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    fd = os.open(temporary, flags, 0o600 if wanted is not None else 0o666)
    try:
        with open(fd, "wb", buffering=1 << 20) as out:  # noqa: PTH123 - a descriptor, not a path
            for part in parts:
                if isinstance(part, FilePart):
                    _copy(part, out)
                    written += part.size
                else:
                    out.write(part)
                    written += len(part)
            out.flush()
            if wanted is not None and hasattr(os, "fchmod"):
                os.fchmod(out.fileno(), wanted)
            if old is not None and hasattr(os, "fchown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                with contextlib.suppress(PermissionError):  # only root may give a file away; the content matters more
                    os.fchown(out.fileno(), old.st_uid, old.st_gid)
            os.fsync(out.fileno())
            status = os.fstat(out.fileno())
        if before_rename is not None:
            before_rename(temporary, status)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if after_rename is not None:
        after_rename()
    sync_directory(target.parent)
    return written


def _copy(part: FilePart, out: BinaryIO) -> None:
    offset, stop = part.offset, part.offset + part.size
    if hasattr(os, "copy_file_range"):
        out.flush()
        try:
            while offset < stop:
                copied = os.copy_file_range(part.file.fileno(), out.fileno(), min(stop - offset, _COPIED), offset)
                if not copied:
                    break  # the file's end, or a file system that copies nothing: reading will tell
                offset += copied
        except OSError as error:
            if error.errno not in _NO_COPY:
                raise
    while offset < stop:
        data = part.file.read(offset, min(stop - offset, _READ))
        if not data:
            raise ShortFileError(errno.EIO, f"{stop - offset} bytes are missing")
        out.write(data)
        offset += len(data)


def sync_directory(directory: Path) -> None:
    """Make a rename in ``directory`` survive a power cut, where directories can be synced."""
    if os.name == "nt":
        return
    fd = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse; the rename itself has happened
            os.fsync(fd)
    finally:
        os.close(fd)
