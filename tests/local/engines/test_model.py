"""The forward pass against a slow and plain one, and the cache against the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decoding import run_tokens
from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from fttui.local.engines.numpy_engine.backward import hidden
from fttui.local.engines.numpy_engine.batches import EncodedExample, make_batch
from fttui.local.engines.numpy_engine.forward import Forward, Span
from fttui.local.engines.numpy_engine.gguf_tensors import split_halves
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.lanes import Lane
from fttui.local.engines.numpy_engine.layer_pass import final_norm
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.model import LlamaModel
from reference_llama import ReferenceLlama
from tiny_gguf import write_tiny_gguf

IDS = np.random.default_rng(3).integers(0, 280, 23).tolist()
GGUF_NAMES = {
    "q": "attn_q", "k": "attn_k", "v": "attn_v", "o": "attn_output",
    "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}  # fmt: skip


def _full(model: LlamaModel, ids: list[int]) -> np.ndarray:
    """Logits at all positions (T, V), as training computes them."""
    batch = make_batch([EncodedExample(tuple(ids), (False,) * len(ids))])
    normed, _ = final_norm(model, hidden(model, Lane(batch, slice(0, batch.tokens))))
    return normed.T @ model.weights.output.T


def _adapter(engine: NumpyEngine, seed: int = 1) -> LoraAdapter:
    """An adapter that changes a lot."""
    adapter = engine.new_adapter(rank=4, alpha=8.0, seed=seed)
    random = np.random.default_rng(seed)
    adapter.parameters.flat[...] = random.standard_normal(adapter.parameters.flat.shape) * 0.1
    return adapter


@pytest.mark.parametrize("tied", [True, False])
def test_logits_are_those_of_the_reference(tmp_path: Path, tied: bool) -> None:
    path = write_tiny_gguf(tmp_path / "model.gguf", tied=tied)
    ours = _full(LlamaModel(load_engine(path).weights.astype(np.float64)), IDS)
    np.testing.assert_allclose(ours, ReferenceLlama(path).logits(IDS), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    "options",
    [
        {"biases": True},
        {"changes": {"llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 4.0}},
        {"changes": {"llama.rope.scaling.factor": 2.0}},
        {"rope_divisors": True},
    ],
    ids=["biases", "linear rope", "linear rope by the factor alone", "llama 3 rope"],
)
def test_variants_are_those_of_the_reference(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write_tiny_gguf(tmp_path / "model.gguf", **options)
    weights = load_engine(path).weights
    expected = ReferenceLlama(path).logits(IDS)
    np.testing.assert_allclose(_full(LlamaModel(weights.astype(np.float64)), IDS), expected, rtol=1e-7, atol=1e-8)
    plain = ReferenceLlama(write_tiny_gguf(tmp_path / "plain.gguf")).logits(IDS)
    assert np.abs(plain - expected).max() > 0.1
    answers = Forward(weights).run([Span(IDS, KeyValueCache(weights.shape, 32))])[0]
    assert answers is not None
    np.testing.assert_allclose(answers, expected[-1], rtol=1e-3, atol=2e-3)


def test_logits_with_an_adapter_are_those_of_the_reference(engine: NumpyEngine, tiny_file: Path) -> None:
    adapter = _adapter(engine)
    shape = engine.weights.shape
    added = {}
    for layer in range(shape.layers):
        for name, (a, b) in adapter.parameters.matrices(layer).items():
            product = adapter.scale * b.astype(np.float64) @ a.astype(np.float64)
            heads = {"q": shape.heads, "k": shape.kv_heads}.get(name)
            added[layer, GGUF_NAMES[name]] = _join_halves(product, heads) if heads else product
    ours = _full(LlamaModel(engine.weights, adapter), IDS)
    np.testing.assert_allclose(ours, ReferenceLlama(tiny_file).logits(IDS, added), rtol=1e-3, atol=2e-3)


def _join_halves(rows: np.ndarray, heads: int) -> np.ndarray:
    """From Hugging Face's order of rows, which adapters have, back to GGUF's."""
    size = len(rows) // heads
    joined = rows.reshape(heads, 2, size // 2, -1).swapaxes(1, 2).reshape(rows.shape)
    np.testing.assert_array_equal(split_halves(joined, heads), rows)
    return joined


@pytest.mark.parametrize("with_adapter", [False, True])
def test_one_token_at_a_time_equals_the_whole(engine: NumpyEngine, with_adapter: bool) -> None:
    model = LlamaModel(engine.weights, _adapter(engine) if with_adapter else None)
    expected = _full(model, IDS)
    cache = KeyValueCache(engine.weights.shape, 2)  # it grows on the way
    for position, token in enumerate(IDS):
        logits = run_tokens(model, [token], cache)
        np.testing.assert_allclose(logits, expected[position], rtol=1e-3, atol=1e-3)
    assert cache.length == len(IDS)


@pytest.mark.parametrize("chunk", [2, 7, 22])
def test_a_prompt_in_chunks_equals_the_whole(engine: NumpyEngine, chunk: int) -> None:
    model = LlamaModel(engine.weights, _adapter(engine))
    cache = KeyValueCache(engine.weights.shape, 1)
    for start in range(0, len(IDS), chunk):
        logits = run_tokens(model, IDS[start : start + chunk], cache)
    np.testing.assert_allclose(logits, _full(model, IDS)[-1], rtol=1e-3, atol=1e-3)


def test_a_new_adapter_changes_nothing(engine: NumpyEngine) -> None:
    with_it = _full(LlamaModel(engine.weights, engine.new_adapter(seed=4)), IDS)
    np.testing.assert_array_equal(with_it, _full(LlamaModel(engine.weights), IDS))
