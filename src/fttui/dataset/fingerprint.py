"""Which file a journal or a sidecar was written for: its stamp, and a look into it for when the stamp says too little.

A copy, a checkout or a sync gives a file another inode and another time without changing a byte.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fttui.dataset.reader import Stamp

_END: Final = 1 << 16
_SAMPLES: Final = 32
_SAMPLE: Final = 4096


@dataclass(frozen=True, slots=True)
class Identity:
    """A file's stamp and a hash of its head, its tail and samples between; an empty one when it was not looked into."""

    stamp: Stamp
    fingerprint: str = ""

    def is_like(self, other: Identity) -> bool:
        """Whether both are very likely the same bytes."""
        if self.stamp == other.stamp:
            return True
        return bool(self.fingerprint) and (self.stamp.size, self.fingerprint) == (other.stamp.size, other.fingerprint)

    def as_json(self) -> dict[str, Any]:
        stamp = self.stamp
        return {"stamp": [stamp.device, stamp.inode, stamp.size, stamp.mtime_ns], "print": self.fingerprint}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Identity:
        """Raises `ValueError` when it is none."""
        match value:
            case {"stamp": [int(device), int(inode), int(size), int(mtime_ns)], "print": str(fingerprint)}:
                return cls(Stamp(device, inode, size, mtime_ns), fingerprint)
        raise ValueError("no identity of a file")


def identity_of(path: Path) -> Identity | None:
    """The file's identity now, or None when it cannot be read. Reads 256 KB at most."""
    try:
        with path.open("rb", buffering=0) as file:
            stamp = Stamp.of(os.fstat(file.fileno()))
            digest = hashlib.blake2b(digest_size=16)
            for offset, size in _looked_at(stamp.size):
                file.seek(offset)
                digest.update(file.read(size))
    except (OSError, ValueError):
        return None
    return Identity(stamp, digest.hexdigest())


def _looked_at(size: int) -> list[tuple[int, int]]:
    """The parts of a file of that size that make its fingerprint."""
    if size <= 2 * _END + _SAMPLES * _SAMPLE:
        return [(0, size)]
    step = (size - 2 * _END) // _SAMPLES
    samples = [(_END + number * step, _SAMPLE) for number in range(_SAMPLES)]
    return [(0, _END), *samples, (size - _END, _END)]
