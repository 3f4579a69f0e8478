"""Having a whole file counted in processes, but for what is known of it from before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from fttui.core.errors import FttuiError
from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import STANDARD_INPUT
from fttui.dataset.fingerprint import Identity, identity_of
from fttui.dataset.reader import FileReader
from fttui.tokens.kept import LEAST, Kept, changed_ns_of, find_kept, keep
from fttui.tokens.known import blocks_of, parts_of, whole_of
from fttui.tokens.pool import CountingPool
from fttui.tokens.rows import BlockCounts, RowCounts, Stretch
from fttui.tokens.worker import Block

OnBlock = Callable[[int, RowCounts | FttuiError], None]


class WholeFile:
    """Has each line of a file counted once; the answers come in any order, numbered in the order of the file."""

    def __init__(
        self, pool: CountingPool, file: FileReader, encoding: str, on_block: OnBlock, cancel: Callable[[], bool]
    ) -> None:
        """For a file that is full.

        Args:
            pool: What counts; it reads the same file.
            file: The file.
            encoding: What to count with.
            on_block: Gets each answer with its number, from any thread.
            cancel: Asked now and then whether to stop.
        """
        self._pool = pool
        self._file = file
        self._encoding = encoding
        self._on_block = on_block
        self._cancel = cancel
        self._changed_ns = self._changed_ns_now()  # before the first byte is read
        self._identity = self._identity_if_as_opened()
        self._is_as_kept = False
        self._stretches: list[Stretch] = []

    def begin(self) -> int:
        """Hand on what is known, have the rest counted, and say how many answers there will be. Reads the file."""
        number = 0
        try:
            for part in self._parts():
                if isinstance(part, Block):
                    self._pool.submit(part, partial(self._on_block, number))
                else:
                    self._on_block(number, part)
                number += 1
        except OSError as error:
            self._on_block(number, reading_failed(self._file.path, error))
        return number

    def take(self, counts: RowCounts) -> None:
        """Note what lines these are the counts of; in the order of the file."""
        if isinstance(counts, BlockCounts):
            self._stretches.extend(counts.stretches)

    def keep(self, rows: RowCounts) -> None:
        """Keep the counts of all lines, now that all were taken, if the file is still as it was when it was opened."""
        is_whole = sum(stretch.size for stretch in self._stretches) == self._file.size
        identity = self._identity_if_as_opened()
        is_as_begun = identity is not None and identity == self._identity and self._changed_ns_now() == self._changed_ns
        if identity is not None and is_as_begun and is_whole and not self._is_as_kept:
            keep(self._file.path, identity, self._encoding, rows, self._stretches, self._changed_ns)

    def _changed_ns_now(self) -> int | None:
        try:
            return changed_ns_of(self._file.path.stat())
        except (OSError, ValueError):
            return None

    def _identity_if_as_opened(self) -> Identity | None:
        """What to know the file by; None when it is small, has no name or was not read to its end, or was changed."""
        file = self._file
        if file.size <= LEAST or file.path == STANDARD_INPUT or file.problem:
            return None
        identity = identity_of(file.path)
        return identity if identity is not None and identity.stamp == file.stamp else None

    def _parts(self) -> Iterator[BlockCounts | Block]:
        kept = self._kept()
        if kept is None:
            return blocks_of(self._file.size)
        is_same_time = kept.changed_ns is not None and kept.changed_ns == self._changed_ns
        self._is_as_kept = is_same_time and kept.identity == self._identity
        if self._is_as_kept:
            return iter((whole_of(kept.counts),))
        return parts_of(self._file, self._file.size, kept.counts, self._cancel)

    def _kept(self) -> Kept | None:
        if self._identity is None:
            return None
        return find_kept(self._file.path, self._identity, self._encoding)
