"""Files for the lines of bulk edits: a million changed lines are on disk, not in memory."""

from __future__ import annotations

import os
import secrets
import weakref
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Final

from fttui.core.paths import cache_dir, make
from fttui.dataset.index import LineIndex
from fttui.dataset.reader import FileReader
from fttui.dataset.sources import SpoolSource

_BATCH: Final = 4096
_BUFFER: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """A file that does not exist yet, for the lines of one bulk edit.

    Attributes:
        path: Where it will be.
        is_ours: Whether it goes when the document needs it no longer; a recorder keeps its own.
    """

    path: Path
    is_ours: bool = False

    @property
    def name(self) -> str:
        """The file's name, by which a journal finds it again in its own folder."""
        return self.path.name

    @classmethod
    def temporary(cls) -> SpoolFile:
        """One that nobody finds again after this process. Raises `OSError` when its folder cannot be made."""
        return cls(make(cache_dir() / "spool") / f"{secrets.token_hex(8)}.lines", is_ours=True)


def write_spool(file: SpoolFile, lines: Iterable[bytes]) -> SpoolSource:
    """Write lines (each with a line feed at its end) and open the file for reading.

    Raises:
        OSError: Nothing is left of the file.
    """
    fd = os.open(file.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    index = LineIndex()
    try:
        with open(fd, "wb", buffering=_BUFFER) as out:  # noqa: PTH123 - a descriptor, not a path
            iterator = iter(lines)
            while batch := list(islice(iterator, _BATCH)):
                out.writelines(batch)
                ends = array("Q", accumulate(map(len, batch), initial=index.end))
                index.add(ends[1:], ends[-1])
        index.finish()
        return _opened(file, index)
    except BaseException:
        file.path.unlink(missing_ok=True)
        raise


def _opened(file: SpoolFile, index: LineIndex) -> SpoolSource:
    reader = FileReader(file.path)
    if file.is_ours:
        if os.name == "nt":  # an open file cannot be removed: it goes after its reader
            weakref.finalize(reader, file.path.unlink, missing_ok=True)
        else:
            file.path.unlink()
    return SpoolSource(reader, index, file.name)
