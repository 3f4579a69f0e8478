"""A counting process.

Why a process: loading a vocabulary stops all other threads of a process for 0.2 s and takes 60 MB, and short calls into
tiktoken from a thread fight with a busy one for the interpreter (117 s instead of 0.3 s).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial

from fttui.core.errors import InputError
from fttui.dataset.serving import Failure, HandedFile, leave_the_processor_to_others, serve
from fttui.formats.lines import parse_line
from fttui.tokens.encodings import make_ready
from fttui.tokens.models import TokenRule
from fttui.tokens.rows import RowCounts, count_block, count_lines
from fttui.tokens.seen import Seen, seen_of


@dataclass(frozen=True, slots=True)
class Start:
    """The first request.

    Attributes:
        encoding: What to count with.
        file: The file that `Block` requests are about.
        in_background: Whether to leave the processor to others first.
    """

    encoding: str
    file: HandedFile | None
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
class See:
    """Show a line as the model of ``rule`` sees it."""

    line: bytes
    rule: TokenRule


Request = Block | Lines | See
Answer = RowCounts | Seen | Failure


def main() -> None:
    """Serve until standard input ends."""
    serve(_begin)


def _begin(start: Start) -> partial[Answer]:
    if start.in_background:
        leave_the_processor_to_others()
    make_ready(start.encoding)
    return partial(_answer, start)


def _answer(start: Start, request: Request) -> Answer:
    if isinstance(request, Lines):
        return count_lines(request.lines, start.encoding)
    if isinstance(request, See):
        return _see(request)
    if start.file is None:
        return Failure("There is no file to be counted.")
    try:
        return count_block(start.file.open(), request.start, request.end, start.encoding)
    except OSError as error:
        return Failure(f"{start.file.path} cannot be counted: {error.strerror or error}.")


def _see(request: See) -> Seen | Failure:
    parsed = parse_line(request.line)
    if parsed.error is not None or not isinstance(parsed.value, dict):
        return Failure(f"This line is no example: {parsed.error.reason if parsed.error else 'no object'}.")
    try:
        return seen_of(parsed.value, request.rule)
    except InputError as error:
        return Failure(str(error))


if __name__ == "__main__":
    # run under its real name, so that the classes pickled here and there are the same
    from fttui.tokens import worker

    worker.main()
    os._exit(0)  # taking the vocabulary apart would only cost time
