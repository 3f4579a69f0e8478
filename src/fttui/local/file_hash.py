"""The hash of a big file, computed once."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hex; computed again only when the file has changed.

    Raises:
        OSError: It cannot be read.
    """
    info = path.stat()
    return _sha256(path, info.st_size, info.st_mtime_ns)


@lru_cache(maxsize=8)
def _sha256(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
