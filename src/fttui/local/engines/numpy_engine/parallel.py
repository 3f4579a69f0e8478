"""Work on several cores: a part of it in each of a few plain threads, with one BLAS thread each.

numpy lets go of the interpreter lock in matrix products, and plain threads sleep while they wait. Threads inside BLAS
spin instead, which makes steps many times slower on a machine that does something else too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from threading import Event
from typing import TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """Threads that wait for work; they are started at once, so that none is missing in the middle of it.

    Args:
        count: How many; None: as BLAS is allowed now (``OPENBLAS_NUM_THREADS`` and the like).

    Attributes:
        count: Perhaps fewer, where the system gives no more threads.
    """

    def __init__(self, count: int | None = None) -> None:
        self._blas = ThreadpoolController().select(user_api="blas")
        allowed = [library["num_threads"] for library in self._blas.info()]
        wanted = count or max(1, min(allowed, default=1))  # no library known (Accelerate): it threads by itself
        self._pool, self.count = _started_pool(wanted)

    def map(self, work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
        """``work`` on each part at the same time; the results in the order of the parts."""
        with self._one_blas_thread():
            if len(parts) == 1:
                return [_quietly(work, parts[0])]
            futures = [self._pool.submit(_quietly, work, part) for part in parts]
            wait(futures)
            return [future.result() for future in futures]

    @contextmanager
    def _one_blas_thread(self) -> Iterator[None]:
        if self.count == 1:
            yield
            return
        with self._blas.limit(limits=1):
            yield


def _started_pool(count: int) -> tuple[ThreadPoolExecutor, int]:
    """A pool of so many threads or, where the system does not give them, of fewer; and how many, at least one."""
    pool = ThreadPoolExecutor(count, thread_name_prefix="training")
    if count == 1:  # who asks does a single part itself
        return pool, 1
    gate = Event()
    waiting: list[Future[bool]] = []
    with suppress(RuntimeError):  # "can't start new thread"
        while len(waiting) < count:
            waiting.append(pool.submit(gate.wait))  # none that was started is free for it
    gate.set()
    if len(waiting) == count:
        return pool, count
    pool.shutdown()
    return _started_pool(max(1, len(waiting)))


def _quietly(work: Callable[[T], R], part: T) -> R:
    """``work(part)`` without warnings on standard error; who asked looks at the result for what is no number."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return work(part)
