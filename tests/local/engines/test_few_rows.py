"""Products with few rows: the same numbers, however the matrix is cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fttui.local.engines.numpy_engine import few_rows
from fttui.local.engines.numpy_engine.few_rows import FewRows


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 70), st.integers(1, 90), st.integers(1, 9), st.integers(1, 20_000), st.integers(1, 3))
def test_as_numpy_multiplies(outputs: int, inputs: int, rows: int, small: int, threads: int) -> None:
    random = np.random.default_rng(outputs * 100 + inputs)
    weight, h = random.standard_normal((outputs, inputs)), random.standard_normal((rows, inputs))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(few_rows, "_SMALL", small)
        patch.setattr(few_rows, "_LEAST_BLOCK", 2)
        patch.setattr(few_rows, "_WORTH_A_THREAD", 10)
        products = FewRows()
        products._threads = threads
        result = products.times(weight, h)
    np.testing.assert_allclose(result, h @ weight.T, rtol=1e-9, atol=1e-9)
    assert result.flags.c_contiguous


def test_threads_are_those_of_blas() -> None:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(2, "blas"):
        assert FewRows()._threads == 2
    with threadpool_limits(1, "blas"):
        assert FewRows()._threads == 1
