"""Counting a whole file at once, for the command line; `fttui.tokens.live` is for a file that is being edited."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError
from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.reader import FileReader
from fttui.tokens.models import TokenRule
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import RowCounts, count_lines, lines_starting_in
from fttui.tokens.totals import FileTotals, totals_of
from fttui.tokens.worker import Block

PROCESSES: Final = 2
BLOCK: Final = 512 << 10
"""Bytes of one request: about 35 ms of counting."""
_SMALL: Final = 256 << 10
"""Files up to this size are counted sooner than a process starts."""
_LOOK_S: Final = 0.1

OnProgress = Callable[[int, int], None]


class CountingCancelled(FttuiError):
    """Counting was stopped because it was asked to."""

    exit_code = 130


def count_file(
    path: Path,
    rule: TokenRule,
    *,
    on_progress: OnProgress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> FileTotals:
    """Count every example of ``path``, also a compressed one; large files in processes, gone when this returns.

    Args:
        on_progress: Called with the bytes done and the bytes of the file.
        cancel: Asked now and then whether to stop.

    Raises:
        InputError: The file cannot be read.
        CountingCancelled: ``cancel`` said so.
    """
    whole = open_whole(path, cancel or (lambda: False))
    if not whole.is_full:
        raise _cancelled()
    file = whole.for_processes()
    size = file.size
    if size <= _SMALL:
        try:
            rows = count_lines(lines_starting_in(file, 0, size), rule.encoding)
        except OSError as error:
            raise reading_failed(path, error) from error
    else:
        rows = _count_in_processes(file, rule, on_progress, cancel)
    if on_progress is not None:
        on_progress(size, size)
    return totals_of(rows, rule.limit)


def _cancelled() -> CountingCancelled:
    return CountingCancelled("Counting was cancelled.")


def blocks_of(size: int) -> Iterator[Block]:
    """The blocks of a file of ``size`` bytes, in order."""
    return (Block(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK))


def _count_in_processes(
    file: FileReader, rule: TokenRule, on_progress: OnProgress | None, cancel: Callable[[], bool] | None
) -> RowCounts:
    size = file.size
    blocks = list(blocks_of(size))
    answers: list[RowCounts | FttuiError | None] = [None] * len(blocks)
    news = threading.Condition()
    done = 0

    def taker(number: int, block: Block) -> Callable[[RowCounts | FttuiError], None]:
        def take(answer: RowCounts | FttuiError) -> None:
            nonlocal done
            with news:
                answers[number] = answer
                done += block.end - block.start
                news.notify()

        return take

    pool = CountingPool(rule.encoding, file, processes=PROCESSES, in_background=False)
    try:
        for number, block in enumerate(blocks):
            pool.submit(block, taker(number, block))
        while done < size:
            with news:
                news.wait(_LOOK_S)
                failure = next((answer for answer in answers if isinstance(answer, FttuiError)), None)
            if failure is not None:
                raise failure
            if cancel is not None and cancel():
                raise _cancelled()
            if on_progress is not None:
                on_progress(done, size)
    finally:
        pool.close()
    rows = RowCounts()
    for answer in answers:
        assert isinstance(answer, RowCounts)
        rows.tokens.extend(answer.tokens)
        rows.trainable.extend(answer.trainable)
    return rows
