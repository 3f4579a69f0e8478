"""The facts of a file that is open: the hashes of a million rows take 16 MB, so they wait in files until asked for."""

from __future__ import annotations

import mmap
import tempfile
from array import array
from dataclasses import replace
from typing import IO, Final, cast

from fttui.checks.whole.facts import BlockFacts, FileFacts
from fttui.core.paths import cache_dir, make
from fttui.formats.kinds import Kind

_LARGE: Final = 20_000
"""Rows whose hashes are put aside together; those of fewer rows stay in memory."""


class KeptFacts:
    """Takes the facts of blocks in the file's order. The temporary files go with this object. Not thread-safe."""

    def __init__(self) -> None:
        self._block = BlockFacts()
        self._aside: tuple[_Hashes, _Hashes] | None = None
        self._is_refused = False

    def extend(self, other: BlockFacts) -> None:
        """Add the facts of the lines that follow."""
        self._block.extend(other)
        if len(self._block.wholes) >= _LARGE:
            self._put_aside()

    def of(self, size: int, *, has_bom: bool, kind: Kind) -> FileFacts:
        """All of them, as those of a file of ``size`` bytes. Raises `OSError` when the disk does."""
        if self._aside is not None:
            self._put_aside()
        block = self._block
        if self._aside is not None:
            wholes, questions = (hashes.view() for hashes in self._aside)
            block = replace(block, wholes=wholes, questions=questions)
        return FileFacts(block, size, has_bom, kind)

    def _put_aside(self) -> None:
        """Write the hashes in memory to the files; where that is not possible, memory is what is left."""
        if self._is_refused:
            return
        block = self._block
        try:
            self._aside = self._aside or (_Hashes(), _Hashes())
            for hashes, more in zip(self._aside, (block.wholes, block.questions), strict=True):
                hashes.write(more)
            new: tuple[array[int], array[int]] = array("Q"), array("Q")
        except OSError:
            self._is_refused = True
            rows = block.lines - len(block.wholes)
            new = block.wholes, block.questions
            if self._aside is not None and rows:
                new = (self._aside[0].read(rows) + block.wholes, self._aside[1].read(rows) + block.questions)
            self._aside = None
        block.wholes, block.questions = new


class _Hashes:
    """Eight bytes a row, in a temporary file."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=make(cache_dir()))  # noqa: SIM115  (as long as this lives)

    def write(self, hashes: array[int]) -> None:
        hashes.tofile(self._file)
        self._file.flush()

    def read(self, rows: int) -> array[int]:
        self._file.seek(0)
        found = array("Q")
        found.fromfile(self._file, rows)
        return found

    def view(self) -> array[int]:
        """All of them, read from the disk where somebody looks; as good as an array for who only reads."""
        mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return cast("array[int]", memoryview(mapped).cast("Q"))
