"""A process that works on lines for its parent: requests come in on standard input, answers go out on standard output,
both pickled.

Standard input ends when the parent does, however that happens, and the process with it. Only our own processes are at
the two ends of these pipes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from fttui.dataset.index import Readable
from fttui.dataset.reader import FileReader, Stamp


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file that a process is given to read.

    Attributes:
        path: Its name.
        stamp: The state in which it was opened; another file that has taken its name since is not read for it.
        descriptor: The open file itself, inherited, so that a save (a rename) does not matter. None where an open file
            cannot be renamed over (Windows): it is opened by its path each time.
    """

    path: Path
    stamp: Stamp
    descriptor: int | None

    def open(self) -> Readable:
        """The file, to be read by position.

        Raises:
            OSError: There is another file of that name by now, or none.
        """
        if self.descriptor is not None:
            return _Inherited(self.descriptor)
        file = FileReader(self.path)
        if file.stamp != self.stamp:
            raise OSError("it was changed by another program meanwhile")
        return file


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer when a request could not be done: a sentence."""

    message: str


def serve(begin: Callable[[Any], Callable[[Any], object]]) -> None:
    """Serve until standard input ends. ``begin`` gets the first value that comes, and gives what answers the others."""
    requests, answers = _take_over_standard_streams()
    with contextlib.suppress(EOFError, BrokenPipeError):
        answer = begin(pickle.load(requests))
        while True:
            pickle.dump(answer(pickle.load(requests)), answers)
            answers.flush()


def leave_the_processor_to_others() -> None:
    """Work only when nobody else does."""
    if hasattr(os, "nice"):
        os.nice(10)


def _take_over_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """The pipes under other numbers; what a library prints goes where standard error goes (the log), not into them."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


class _Inherited:
    """An inherited descriptor, read by position."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def read(self, offset: int, size: int) -> bytes:
        """``size`` bytes from ``offset``, fewer only where the file ends."""
        data = os.pread(self._descriptor, size, offset)
        while data and len(data) < size and (more := os.pread(self._descriptor, size - len(data), offset + len(data))):
            data += more
        return data
