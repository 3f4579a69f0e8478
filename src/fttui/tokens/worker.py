"""A counting process: requests come in on standard input, counts go out on standard output, both pickled.

Why a process: loading a vocabulary stops all other threads of a process for 0.2 s and takes 60 MB, and short calls into
tiktoken from a thread fight with a busy one for the interpreter (117 s instead of 0.3 s). Standard input ends when the
parent does, however that happens, and the worker with it. Only our own processes are at the two ends of these pipes.
"""

from __future__ import annotations

import contextlib
import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fttui.dataset.index import Readable
from fttui.dataset.reader import FileReader, Stamp
from fttui.tokens.encodings import encoding
from fttui.tokens.rows import RowCounts, count_block, count_lines


@dataclass(frozen=True, slots=True)
class Start:
    """The first request.

    Attributes:
        encoding: What to count with.
        path: The file that `Block` requests are about.
        stamp: The state in which it was opened; another file that has taken its name since is not counted for it.
        descriptor: The open file itself, inherited, so that a save (a rename) does not matter. None where an open file
            cannot be renamed over (Windows): each block opens it by its path.
        in_background: Whether to leave the processor to others first.
    """

    encoding: str
    path: Path | None
    stamp: Stamp | None
    descriptor: int | None
    in_background: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Count the lines that begin in ``[start, end)`` of the file."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Count these lines."""

    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer when a request could not be done: a sentence."""

    message: str


Request = Block | Lines
Answer = RowCounts | Failure


def main() -> None:
    """Serve until standard input ends."""
    requests, answers = _take_over_standard_streams()
    with contextlib.suppress(EOFError, BrokenPipeError):
        start: Start = pickle.load(requests)
        if start.in_background and hasattr(os, "nice"):
            os.nice(10)
        encoding(start.encoding)
        while True:
            pickle.dump(_answer(pickle.load(requests), start), answers)
            answers.flush()


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


def _answer(request: Request, start: Start) -> Answer:
    if isinstance(request, Lines):
        return count_lines(request.lines, start.encoding)
    try:
        return count_block(_open(start), request.start, request.end, start.encoding)
    except OSError as error:
        return Failure(f"{start.path} cannot be counted: {error.strerror or error}.")


def _open(start: Start) -> Readable:
    if start.descriptor is not None:
        return _Inherited(start.descriptor)
    if start.path is None:
        raise OSError("no file was named")
    file = FileReader(start.path)
    if file.stamp != start.stamp:
        raise OSError("it was changed by another program meanwhile")
    return file


if __name__ == "__main__":
    # run under its real name, so that the classes pickled here and there are the same
    from fttui.tokens import worker

    worker.main()
    os._exit(0)  # taking the vocabulary apart would only cost time
