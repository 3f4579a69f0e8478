"""One pass over a batch in several threads: each has some of the tokens, and they meet where tokens see one another.

Every lane computes the layers for its own tokens. Only attention (and the output, which is divided anew) needs those of
other lanes: there each lane puts down what it has and takes what it needs. Waiting threads sleep.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, TypeVar

import numpy as np

from fttui.local.engines.numpy_engine.batches import Batch
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.parallel import Workers

R = TypeVar("R")

_LEAST_TOKENS: Final = 16
"""In a lane: with fewer, each thread would mostly wait for the weights to come from memory."""


class _Meeting:
    """Where the lanes of a pass exchange things. Two tables in turn: nobody clears one that another still reads."""

    def __init__(self, count: int) -> None:
        self.barrier = threading.Barrier(count)
        self.tables: tuple[list[Any], list[Any]] = ([None] * count, [None] * count)


class Lane:
    """A thread's part of a batch.

    Args:
        batch: All of it.
        columns: Its tokens.
        number: Which lane it is, from 0.
        meeting: Shared with the others; None when it is alone.
        is_cut: Whether a conversation, of these or others, is divided among lanes: then all of them meet in attention.
    """

    def __init__(
        self,
        batch: Batch,
        columns: slice,
        number: int = 0,
        meeting: _Meeting | None = None,
        *,
        is_cut: bool = False,
    ) -> None:
        self.ids = batch.ids[columns]
        self.positions = batch.positions[columns]
        self.start: int = columns.start
        self.conversations = [
            (conversation.start, max(conversation.start, columns.start), min(conversation.stop, columns.stop))
            for conversation in batch.conversations
            if conversation.start < columns.stop and conversation.stop > columns.start
        ]
        """Of each conversation with tokens here: its first token, the first one here, and the end of those here."""
        first, end = np.searchsorted(batch.predicting, (columns.start, columns.stop)).tolist()
        self.predicted = slice(first, end)
        """Which of the batch's predicting tokens are here."""
        self.predicting = batch.predicting[self.predicted] - columns.start
        self.is_cut = is_cut
        self._number = number
        self._meeting = meeting
        self._turn = 0

    @property
    def count(self) -> int:
        """Lanes in all."""
        return self._meeting.barrier.parties if self._meeting is not None else 1

    def swap(self, thing: R) -> list[R]:
        """Put something down; get what each lane has put down, in their order, when all have."""
        if self._meeting is None:
            return [thing]
        table = self._meeting.tables[self._turn % 2]
        self._turn += 1
        table[self._number] = thing
        self._meeting.barrier.wait()
        return list(table)

    def share(self, count: int) -> slice:
        """This lane's part of ``count`` things that are divided evenly."""
        return slice(count * self._number // self.count, count * (self._number + 1) // self.count)


def run_lanes(workers: Workers | None, batch: Batch, costs: FloatArray, work: Callable[[int, Lane], R]) -> list[R]:
    """``work`` on each lane at the same time, with its number; the results in their order.

    Args:
        workers: The threads; None: this one.
        costs: Of each of the batch's tokens, (N,): lanes are cut so that the sums are about the same.
    """
    if workers is None:
        return [work(0, Lane(batch, slice(0, batch.tokens)))]
    cuts = _cuts(np.cumsum(costs), min(workers.count, max(1, batch.tokens // _LEAST_TOKENS)))
    count = len(cuts) - 1
    meeting = _Meeting(count)
    is_cut = not {*cuts} <= {batch.tokens, *(conversation.start for conversation in batch.conversations)}
    lanes = [Lane(batch, slice(cuts[i], cuts[i + 1]), i, meeting, is_cut=is_cut) for i in range(count)]

    def guarded(number: int) -> R | threading.BrokenBarrierError:
        try:
            return work(number, lanes[number])
        except threading.BrokenBarrierError as error:
            return error  # another lane failed, and that one tells why
        except BaseException:
            meeting.barrier.abort()
            raise

    results = workers.map(guarded, range(count))
    return [result for result in results if not isinstance(result, threading.BrokenBarrierError)]


def _cuts(sums: FloatArray, count: int) -> list[int]:
    """Where lanes begin and end, so that each has about the same share of the last of ``sums``."""
    wanted = sums[-1] * np.arange(1, count) / count
    inner = (np.searchsorted(sums, wanted) + 1).tolist()
    return sorted({0, *inner, len(sums)})
