"""Work on several cores: a part of it in each of a few plain threads, with one BLAS thread each.

numpy lets go of the interpreter lock in matrix products, and plain threads sleep while they wait. Threads inside BLAS
spin instead, which makes steps many times slower on a machine that does something else too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """As many threads as BLAS was allowed when this was made (``OPENBLAS_NUM_THREADS`` and the like)."""

    def __init__(self) -> None:
        self._blas = ThreadpoolController().select(user_api="blas")
        allowed = [library["num_threads"] for library in self._blas.info()]
        self.count: int = max(1, min(allowed, default=1))  # no library known (Accelerate): it threads by itself

    def map(self, work: Callable[[T], R], parts: Sequence[T]) -> list[R]:
        """``work`` on each part at the same time; the results in the order of the parts."""
        with self._one_blas_thread():
            if len(parts) == 1:
                return [_quietly(work, parts[0])]
            with ThreadPoolExecutor(self.count, thread_name_prefix="training") as pool:
                return list(pool.map(partial(_quietly, work), parts))

    @contextmanager
    def _one_blas_thread(self) -> Iterator[None]:
        if self.count == 1:
            yield
            return
        with self._blas.limit(limits=1):
            yield


def _quietly(work: Callable[[T], R], part: T) -> R:
    """``work(part)`` without warnings on standard error; who asked looks at the result for what is no number."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return work(part)
