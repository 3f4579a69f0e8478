"""Gathering the facts of rows that have been edited: lines that are still the file's are read by the processes."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias

from fttui.checks.live.feed import some
from fttui.checks.live.kept_facts import KeptFacts
from fttui.checks.pool import CheckingPool
from fttui.checks.rows import BlockChecks
from fttui.checks.worker import Block, Lines
from fttui.core.errors import FttuiError
from fttui.dataset.pieces import Piece
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import FileSource, walk

_IN_FLIGHT: Final = 4
"""Requests that wait or are worked on."""
_LOOK_S: Final = 0.1
_FEW: Final = 100
"""Lines that are read sooner here than asked for."""
_BLOCK: Final = 1 << 20
"""Bytes of the file that are asked for at once."""

_Answers: TypeAlias = SimpleQueue[BlockChecks | FttuiError]


def facts_of(
    snapshot: Snapshot, base: int, pool: CheckingPool, is_closed: Callable[[], bool]
) -> tuple[KeptFacts, int] | None:
    """The facts of all rows together, and their bytes; None when ``is_closed`` says that nobody waits any more.

    Args:
        snapshot: The rows.
        base: The number of the source that is the file of the ``pool``.
        pool: Who gathers.
        is_closed: Asked now and then.

    Raises:
        FttuiError: Lines could not be checked.
        OSError: Lines could not be read.
    """
    facts = KeptFacts()
    size = 0
    rest = _requests(snapshot, base)
    waiting: deque[_Answers] = deque()
    while True:
        request = next(rest, None) if len(waiting) < _IN_FLIGHT else None
        if request is not None:
            what, length = request
            size += length
            answers: _Answers = SimpleQueue()
            pool.submit(what, answers.put)
            waiting.append(answers)
        elif waiting:
            answer = _get(waiting.popleft(), is_closed)
            if answer is None:
                return None
            facts.extend(answer.facts)
        else:
            return facts, size


def _requests(snapshot: Snapshot, base: int) -> Iterator[tuple[Block | Lines, int]]:
    """What to ask for, one after the other, and the bytes of each."""
    file = snapshot.sources.get(base)

    def is_long(piece: Piece) -> bool:
        return piece.source == base and piece.rows >= _FEW

    for are_long, pieces in groupby(snapshot.pieces, is_long):
        if are_long and isinstance(file, FileSource):
            for piece in pieces:
                yield from _blocks_of(file, piece)
            continue
        lines = walk(pieces, snapshot.sources)
        while batch := tuple(some(lines)):
            yield Lines(batch, facts_only=True), sum(map(len, batch)) + len(batch)


def _blocks_of(file: FileSource, piece: Piece) -> Iterator[tuple[Block, int]]:
    offsets = file.index.offsets
    start, stop = piece.start, piece.start + piece.rows
    while start < stop:
        until = max(bisect_right(offsets, offsets[start] + _BLOCK, start, stop + 1) - 1, start + 1)
        # the first line begins where the file does: before a byte order mark
        first = offsets[start] if start else 0
        yield Block(first, offsets[until], file.index.end, facts_only=True), offsets[until] - offsets[start]
        start = until


def _get(answers: _Answers, is_closed: Callable[[], bool]) -> BlockChecks | None:
    """An answer; None when there will be none. Raises `FttuiError` when it is one."""
    while not is_closed():
        try:
            answer = answers.get(timeout=_LOOK_S)
        except Empty:
            continue
        if isinstance(answer, FttuiError):
            raise answer
        return answer
    return None
