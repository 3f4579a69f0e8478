"""Work on several cores: a part of the batch in each of a few plain threads, with one BLAS thread each.

numpy lets go of the interpreter lock in matrix products, and plain threads sleep while they wait. Threads inside BLAS
spin instead, which makes steps many times slower on a machine that does something else too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import ThreadpoolController

from fttui.local.engines.numpy_engine.batches import EncodedExample

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
                return [work(parts[0])]
            with ThreadPoolExecutor(self.count, thread_name_prefix="training") as pool:
                return list(pool.map(work, parts))

    @contextmanager
    def _one_blas_thread(self) -> Iterator[None]:
        if self.count == 1:
            yield
            return
        with self._blas.limit(limits=1):
            yield


def shares(examples: Sequence[EncodedExample], count: int) -> list[list[EncodedExample]]:
    """Divide examples into at most ``count`` parts with about as many tokens in each; none is empty."""
    parts: list[list[EncodedExample]] = [[] for _ in range(min(count, len(examples)))]
    sizes = [0] * len(parts)
    for example in sorted(examples, key=lambda e: len(e.ids), reverse=True):
        smallest = sizes.index(min(sizes))
        parts[smallest].append(example)
        sizes[smallest] += len(example.ids)
    return parts
