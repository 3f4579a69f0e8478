"""Writing a file so that it is either the old one or the new one, never half of each."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path


def write_atomic(path: Path, chunks: Iterable[bytes], *, mode: int | None = None) -> int:
    """Replace ``path`` by the concatenation of ``chunks``; return the bytes written.

    The bytes go to a new file beside the target (a symlink is followed, so the link stays), are synced, and renamed
    over it. An existing file keeps its mode, and its owner where the system lets us; ``mode`` sets both for a new one.

    Raises:
        OSError: Nothing was changed: the temporary file is removed and the target is as it was.
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
            for chunk in chunks:
                out.write(chunk)
                written += len(chunk)
            out.flush()
            if wanted is not None and hasattr(os, "fchmod"):
                os.fchmod(out.fileno(), wanted)
            if old is not None and hasattr(os, "fchown") and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                with contextlib.suppress(PermissionError):  # only root may give a file away; the content matters more
                    os.fchown(out.fileno(), old.st_uid, old.st_gid)
            os.fsync(out.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(target.parent)
    return written


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
