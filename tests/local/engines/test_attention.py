"""Attention in blocks against the formula written down plainly, and its gradient against finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from fttui.local.engines.numpy_engine.attention import attend, attend_gradient

HEADS, KV_HEADS, SIZE = 4, 2, 3
Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def _drawn(tokens: int, seen: int, kind: type = np.float64) -> Arrays:
    random = np.random.default_rng(tokens)
    queries = random.standard_normal((HEADS, SIZE, tokens))
    keys, values = random.standard_normal((2, KV_HEADS, SIZE, seen))
    return queries.astype(kind), keys.astype(kind), values.astype(kind)


def _plain(queries: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Query by query."""
    result = np.empty_like(queries)
    before = keys.shape[2] - queries.shape[2]
    for head in range(HEADS):
        kv_head = head // (HEADS // KV_HEADS)
        for token in range(queries.shape[2]):
            seen = slice(0, before + token + 1)
            shares = np.exp(queries[head, :, token] @ keys[kv_head, :, seen])
            result[head, :, token] = values[kv_head, :, seen] @ (shares / shares.sum())
    return result


@pytest.mark.parametrize(("tokens", "seen"), [(1, 1), (1, 9), (7, 7), (128, 128), (129, 140), (300, 700)])
def test_attention_is_that_of_the_formula(tokens: int, seen: int) -> None:
    arrays = _drawn(tokens, seen)
    np.testing.assert_allclose(attend(*arrays)[0], _plain(*arrays), rtol=1e-10, atol=1e-12)


def test_large_scores_are_no_trouble() -> None:
    queries, keys, values = _drawn(5, 5, np.float32)
    attended, logarithms = attend(queries * 1e4, keys, values)
    assert np.isfinite(attended).all()
    assert np.isfinite(logarithms).all()


@pytest.mark.parametrize(("tokens", "seen"), [(5, 8), (131, 520)])
def test_the_gradient_is_that_of_attention(tokens: int, seen: int) -> None:
    arrays = _drawn(tokens, seen)
    attended, logarithms = attend(*arrays)
    direction = np.random.default_rng(1).standard_normal(attended.shape)
    gradients = attend_gradient(direction, attended, logarithms, *arrays)
    random = np.random.default_rng(2)
    for array, gradient in zip(arrays, gradients, strict=True):
        way = random.standard_normal(array.shape)
        kept = array.copy()
        array += 1e-6 * way
        above = (attend(*arrays)[0] * direction).sum()
        array[...] = kept - 1e-6 * way
        below = (attend(*arrays)[0] * direction).sum()
        array[...] = kept
        assert (gradient * way).sum() == pytest.approx((above - below) / 2e-6, rel=1e-6)
