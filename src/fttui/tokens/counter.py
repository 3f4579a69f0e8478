"""Counting a whole file at once, for the command line; `fttui.tokens.live` is for a file that is being edited."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fttui.core.errors import FttuiError
from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.reader import FileReader
from fttui.tokens.file_blocks import FileBlocks
from fttui.tokens.kept import LEAST
from fttui.tokens.models import TokenRule
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import RowCounts, count_lines, lines_starting_in
from fttui.tokens.totals import FileTotals, totals_of
from fttui.tokens.whole_file import WholeFile

PROCESSES: Final = 2
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
    in_background: bool = False,
) -> FileTotals:
    """Count every example of ``path``, also a compressed one; large files in processes, gone when this returns.

    Files up to `fttui.tokens.kept.LEAST` are counted sooner than a process starts.

    Args:
        on_progress: Called with the bytes done and the bytes of the file.
        cancel: Asked now and then whether to stop.
        in_background: Whether the processes leave the processor to others first.

    Raises:
        InputError: The file cannot be read.
        CountingCancelled: ``cancel`` said so.
    """
    whole = open_whole(path, cancel or (lambda: False))
    if not whole.is_full:
        raise _cancelled()
    size = whole.size
    if size <= LEAST:
        try:
            rows = count_lines(lines_starting_in(whole, 0, size), rule.encoding)
        except OSError as error:
            raise reading_failed(path, error) from error
    else:
        rows = _count_in_processes(whole, rule, on_progress, cancel, in_background)
    if on_progress is not None:
        on_progress(size, size)
    return totals_of(rows, rule.limit)


def _cancelled() -> CountingCancelled:
    return CountingCancelled("Counting was cancelled.")


def _count_in_processes(
    file: FileReader,
    rule: TokenRule,
    on_progress: OnProgress | None,
    cancel: Callable[[], bool] | None,
    in_background: bool,
) -> RowCounts:
    rows = RowCounts()
    blocks = FileBlocks()
    failures: list[FttuiError] = []
    news = threading.Condition()

    def take(number: int, answer: RowCounts | FttuiError) -> None:
        with news:
            if isinstance(answer, FttuiError):
                failures.append(answer)
            else:
                for counts in blocks.in_order(number, answer):
                    rows.extend(counts)
                    whole.take(counts)
            news.notify()

    pool = CountingPool(rule.encoding, file.for_processes(), processes=PROCESSES, in_background=in_background)
    whole = WholeFile(pool, file, rule.encoding, take, cancel or (lambda: False))
    try:
        blocks.expect(whole.begin())
        if cancel is not None and cancel():
            raise _cancelled()
        while not blocks.are_all_taken:
            with news:
                news.wait(_LOOK_S)
            if failures:
                raise failures[0]
            if cancel is not None and cancel():
                raise _cancelled()
            if on_progress is not None:
                on_progress(int(blocks.share * file.size), file.size)
    finally:
        pool.close()
    whole.keep(rows)
    return rows
