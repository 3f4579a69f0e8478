"""Tokens of several conversations in one pass, against each of them by the slow and plain model."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fttui.local.engines.numpy_engine import NumpyEngine
from fttui.local.engines.numpy_engine.forward import Forward, Span
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from reference_llama import ReferenceLlama


def _cache(engine: NumpyEngine) -> KeyValueCache:
    return KeyValueCache(engine.weights.shape, 1)


def _value_adapter(engine: NumpyEngine, seed: int, rank: int) -> LoraAdapter:
    """One that changes the values and the way back down: projections whose rows GGUF keeps in the same order."""
    adapter = engine.new_adapter(rank=rank, alpha=1.5 * rank)
    random = np.random.default_rng(seed)
    for layer in range(engine.weights.shape.layers):
        for name in ("v", "down"):
            b = adapter.parameters.matrices(layer)[name][1]
            b[...] = random.standard_normal(b.shape) * 0.3
    return adapter


def _expected(tiny_file: Path, ids: list[int], adapter: LoraAdapter | None) -> np.ndarray:
    lora = {}
    if adapter is not None:
        for layer in range(adapter.parameters.shape.layers):
            for name, gguf_name in (("v", "attn_v"), ("down", "ffn_down")):
                a, b = adapter.parameters.matrices(layer)[name]
                lora[layer, gguf_name] = adapter.scale * b @ a
    return ReferenceLlama(tiny_file).logits(ids, lora)[-1]


def test_mixed_adapters_and_lengths_in_one_pass(engine: NumpyEngine, tiny_file: Path) -> None:
    random = np.random.default_rng(0)
    one, two = _value_adapter(engine, 1, 4), _value_adapter(engine, 2, 6)
    adapters = [one, None, two, one, None]
    conversations = [random.integers(0, 280, length).tolist() for length in (1, 7, 12, 9, 5)]
    caches = [_cache(engine) for _ in conversations]
    forward = Forward(engine.weights)
    # all but the last token first, where there are any
    forward.run(
        [
            Span(ids[:-1], cache, adapter, wants_logits=False)
            for ids, cache, adapter in zip(conversations, caches, adapters, strict=True)
            if len(ids) > 1
        ]
    )
    logits = forward.run(
        [Span(ids[-1:], cache, adapter) for ids, cache, adapter in zip(conversations, caches, adapters, strict=True)]
    )
    for ids, adapter, found in zip(conversations, adapters, logits, strict=True):
        assert found is not None
        np.testing.assert_allclose(found, _expected(tiny_file, ids, adapter), atol=2e-4)


def test_only_what_is_wanted(engine: NumpyEngine) -> None:
    spans = [Span([1, 2], _cache(engine), wants_logits=False), Span([3], _cache(engine))]
    nothing, something = Forward(engine.weights).run(spans)
    assert nothing is None
    assert something is not None
    assert something.shape == (engine.weights.shape.vocabulary,)
    assert [span.cache.ids for span in spans] == [[1, 2], [3]]
