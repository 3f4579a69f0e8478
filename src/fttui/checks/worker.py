"""A checking process: blocks of a file, or lines, come in, what was found in them goes out."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fttui.checks.rows import BlockChecks, Look, check_block, gather_block
from fttui.dataset.index import Readable
from fttui.dataset.serving import Failure, HandedFile, leave_the_processor_to_others, serve
from fttui.formats.lines import BOM
from fttui.tokens.rows import lines_starting_in


@dataclass(frozen=True, slots=True)
class Start:
    """The first request.

    Attributes:
        file: The file that `Block` requests are about.
        in_background: Whether to leave the processor to others first.
    """

    file: HandedFile | None
    in_background: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Check the lines that begin in ``[start, end)`` of the file, which ends at ``size``.

    Attributes:
        facts_only: No rule looks at them; what the rules about the whole file need to know is gathered.
    """

    start: int
    end: int
    size: int
    facts_only: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Check these lines, without their line feeds, the first without the file's byte order mark.

    Attributes:
        facts_only: As in `Block`.
    """

    lines: tuple[bytes, ...]
    begins_file: bool = False
    ends_file: bool = False
    facts_only: bool = False


Request = Block | Lines
Answer = BlockChecks | Failure


def check_in(file: Readable, block: Block, look: Look) -> BlockChecks:
    """Check a block of a file. Raises `OSError` when the disk does."""
    lines = lines_starting_in(file, block.start, block.end)
    if not block.start and lines:
        lines[0] = lines[0].removeprefix(BOM)
    if block.facts_only:
        return gather_block(lines, look.kind)
    return check_block(lines, look, begins_file=not block.start, ends_file=block.end == block.size)


def main() -> None:
    """Serve until standard input ends."""
    serve(_begin)


def _begin(start: Start) -> Callable[[tuple[Request, Look]], Answer]:
    if start.in_background:
        leave_the_processor_to_others()
    return partial(_answer, start)


def _answer(start: Start, request: tuple[Request, Look]) -> Answer:
    what, look = request
    try:
        if isinstance(what, Lines) and what.facts_only:
            return gather_block(what.lines, look.kind)
        if isinstance(what, Lines):
            return check_block(what.lines, look, begins_file=what.begins_file, ends_file=what.ends_file)
        if start.file is None:
            return Failure("There is no file to be checked.")
        return check_in(start.file.open(), what, look)
    except OSError as error:
        return Failure(f"{start.file.path if start.file else 'The file'} cannot be checked: {error.strerror or error}.")
    except Exception as error:  # a fault of ours; standard error is the log
        traceback.print_exc()
        return Failure(f"Checking failed: a rule raised {type(error).__name__}; the log says more.")


if __name__ == "__main__":
    # run under its real name, so that the classes pickled here and there are the same
    from fttui.checks import worker

    worker.main()
    os._exit(0)
