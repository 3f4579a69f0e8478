"""Facts that are put aside until a fix of the whole file asks for them: those of a million rows take 16 MB."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from dataclasses import replace
from typing import IO, Final

from fttui.checks.facts import FileFacts
from fttui.core.paths import cache_dir, make

_LARGE: Final = 20_000
"""Rows from which on the facts are kept in a file."""


class KeptFacts:
    """Facts, in memory when they are few, or else in a temporary file, which goes with this object."""

    def __init__(self, facts: FileFacts) -> None:
        """Where no file can be written, memory is what is left."""
        self._facts: FileFacts | None = facts
        self._file: IO[bytes] | None = None
        if facts.block.lines < _LARGE:
            return
        block = facts.block
        try:
            file = tempfile.TemporaryFile(dir=make(cache_dir()))  # noqa: SIM115  (open as long as this object lives)
            # the hashes apart: pickle would copy them first
            pickle.dump(replace(facts, block=replace(block, wholes=array("Q"), questions=array("Q"))), file)
            for hashes in (block.wholes, block.questions):
                hashes.tofile(file)
            file.flush()
        except OSError:
            return
        self._facts, self._file = None, file

    def facts(self) -> FileFacts:
        """The facts. Raises `OSError` when the disk does."""
        if self._facts is not None:
            return self._facts
        assert self._file is not None
        self._file.seek(0)
        facts: FileFacts = pickle.load(self._file)
        for hashes in (facts.block.wholes, facts.block.questions):
            hashes.fromfile(self._file, facts.block.lines)
        return facts
