"""Matrix products with few rows, which is what answers are made of.

One row is a matrix-vector product: the matrix is read from memory once, as fast as that goes. For a handful of rows
BLAS first copies the matrix into another order, which takes longer than the product. It leaves that out for products
that are small enough, so the matrix is cut into blocks: eight rows then take hardly longer than two (measured with
OpenBLAS 0.3.31 on AVX-512: 46 ms instead of 84 for all matrices of SmolLM2; elsewhere it does no harm).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
from threadpoolctl import ThreadpoolController

from fttui.local.engines.numpy_engine.llama_weights import FloatArray

_SMALL: Final = 600_000
"""Multiplications of a block; OpenBLAS's own limit lies a little above."""
_LEAST_BLOCK: Final = 8
"""Rows of a block: where so many are too many, the plain product is faster."""
_WORTH_A_THREAD: Final = 500_000
"""Numbers in a matrix from which on a second thread is worth waking."""


class FewRows:
    """Multiplies matrices with few rows, on as many threads as BLAS was allowed when this was made.

    They sleep while they wait, as BLAS's own do not: on a machine that does something else too, eight rows with two
    threads of BLAS took five times as long as with these.
    """

    def __init__(self) -> None:
        allowed = [library["num_threads"] for library in ThreadpoolController().select(user_api="blas").info()]
        self._threads: int = max(1, min(allowed, default=1))
        self._helpers = ThreadPoolExecutor(max(1, self._threads - 1), thread_name_prefix="answers")

    def times(self, weight: FloatArray, h: FloatArray) -> FloatArray:
        """(outputs, inputs), (N, inputs) → (N, outputs)."""
        if len(h) == 1:
            alone: FloatArray = weight.dot(h[0])[None]
            return alone
        block = _SMALL // h.size // _LEAST_BLOCK * _LEAST_BLOCK
        if block < _LEAST_BLOCK:
            return np.ascontiguousarray((weight @ h.T).T)
        outputs = len(weight)
        result = np.empty((outputs, len(h)), h.dtype)
        if self._threads == 1 or weight.size < _WORTH_A_THREAD:
            _by_blocks(weight, h, block, result)
        else:
            share = -(-outputs // self._threads)
            parts = [slice(start, start + share) for start in range(0, outputs, share)]
            others = [self._helpers.submit(_by_blocks, weight[part], h, block, result[part]) for part in parts[1:]]
            _by_blocks(weight[parts[0]], h, block, result[parts[0]])
            for other in others:
                other.result()
        return np.ascontiguousarray(result.T)


def _by_blocks(weight: FloatArray, h: FloatArray, block: int, result: FloatArray) -> None:
    """weight (outputs, inputs) · h (N, inputs)ᵀ into result (outputs, N), so many outputs at a time."""
    outputs, inputs = weight.shape
    whole = outputs // block * block
    if whole:
        blocks = weight[:whole].reshape(-1, block, inputs)
        np.matmul(blocks, h.T, out=result[:whole].reshape(-1, block, len(h)))
    if whole < outputs:
        np.matmul(weight[whole:], h.T, out=result[whole:])
