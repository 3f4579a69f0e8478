"""Keys and values of a conversation: room, growth, copies, attention."""

from __future__ import annotations

import numpy as np

from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache, token_bytes
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape


def _fill(cache: KeyValueCache, shape: LlamaShape, tokens: int, seed: int, chunk: int) -> np.ndarray:
    """Attend with ``tokens`` random tokens in all layers, so many at a time; what the first layer gave."""
    random = np.random.default_rng(seed)
    queries = random.standard_normal((tokens, shape.heads, shape.head_size))
    keys, values = (random.standard_normal((tokens, shape.kv_heads, shape.head_size)) for _ in range(2))
    found = []
    for start in range(0, tokens, chunk):
        part = slice(start, start + chunk)
        count = len(queries[part])
        cache.reserve(count)
        for layer in range(shape.layers):
            attended = cache.attend(layer, queries[part], keys[part], values[part])
            if layer == 0:
                found.append(attended)
        cache.advance([seed] * count)
    return np.concatenate(found)


def _plain_attention(shape: LlamaShape, tokens: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    queries = random.standard_normal((tokens, shape.heads, shape.head_size))
    keys, values = (random.standard_normal((tokens, shape.kv_heads, shape.head_size)) for _ in range(2))
    out = np.empty_like(queries)
    for t in range(tokens):
        for head in range(shape.heads):
            shared = head // (shape.heads // shape.kv_heads)
            shares = np.exp(keys[: t + 1, shared] @ queries[t, head])
            out[t, head] = shares @ values[: t + 1, shared] / shares.sum()
    return out.reshape(tokens, -1)


def test_attention_is_that_of_a_plain_loop_however_the_tokens_come(engine: NumpyEngine) -> None:
    shape = engine.weights.shape
    expected = _plain_attention(shape, 11, seed=3)
    for chunk in (1, 4, 11):
        cache = KeyValueCache(shape, 2, np.float64)  # it grows on the way
        np.testing.assert_allclose(_fill(cache, shape, 11, 3, chunk), expected, rtol=1e-9)
        assert (cache.length, cache.ids) == (11, [3] * 11)


def test_a_copy_goes_on_like_its_source(engine: NumpyEngine) -> None:
    shape = engine.weights.shape
    source, copy = KeyValueCache(shape, 4, np.float64), KeyValueCache(shape, 1, np.float64)
    _fill(source, shape, 9, seed=1, chunk=9)
    copy.copy_from(source, 6)
    assert copy.ids == source.ids[:6]
    of_copy = _fill(copy, shape, 3, seed=2, chunk=3)
    other = KeyValueCache(shape, 20, np.float64)
    other.copy_from(source, 6)
    np.testing.assert_array_equal(of_copy, _fill(other, shape, 3, seed=2, chunk=3))
    assert source.length == 9


def test_room_grows_but_not_beyond_the_context(engine: NumpyEngine) -> None:
    shape = engine.weights.shape
    cache = KeyValueCache(shape, 10)
    for expected in (10, 138, 266):
        cache.advance([1] * (expected - cache.length))
        assert cache.capacity == expected
        cache.reserve(1)
    cache = KeyValueCache(shape, shape.context_length - 10)
    cache.advance([1] * (shape.context_length - 10))
    assert cache.capacity_with(1) == shape.context_length
    cache.reserve(10)
    assert cache.capacity == shape.context_length
    assert cache.used_bytes == cache.length * token_bytes(shape)
