"""The same model over other weights of it: GGUF files and Hugging Face folders."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from fttui.local.engines.numpy_engine.lora import GROUPS
from tiny_gguf import write_tiny_gguf

EXAMPLES = [
    {"messages": [{"role": "user", "content": "Say it."}, {"role": "assistant", "content": "the assistant is on"}]}
]
_NAMES = {
    "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj",
    "gate": "mlp.gate_proj", "up": "mlp.up_proj",
}  # fmt: skip


def _tensors(engine: NumpyEngine) -> dict[str, np.ndarray]:
    """The weights by the names Hugging Face gives them."""
    weights = engine.weights
    shape = weights.shape
    tensors = {"model.embed_tokens.weight": weights.embedding, "model.norm.weight": weights.output_norm}
    if weights.output is not weights.embedding:
        tensors["lm_head.weight"] = weights.output
    keys = shape.kv_heads * shape.head_size
    for number, layer in enumerate(weights.layers):
        prefix = f"model.layers.{number}."
        tensors[f"{prefix}input_layernorm.weight"] = layer.attention_norm
        tensors[f"{prefix}post_attention_layernorm.weight"] = layer.ffn_norm
        tensors[f"{prefix}self_attn.o_proj.weight"] = layer.attention_out
        tensors[f"{prefix}mlp.down_proj.weight"] = layer.down
        qkv = np.split(layer.qkv, [shape.heads * shape.head_size, shape.heads * shape.head_size + keys])
        parts = {"qkv": qkv, "gate_up": np.split(layer.gate_up, 2)}
        for group, matrices in parts.items():
            for name, matrix in zip(GROUPS[group], matrices, strict=True):
                tensors[f"{prefix}{_NAMES[name]}.weight"] = matrix
    return tensors


def _safetensors(path: Path, tensors: dict[str, np.ndarray], kind: str = "F32") -> None:
    """By the description of the format, with nothing of ours."""
    header, blocks, end = {}, [], 0
    for name, tensor in tensors.items():
        if kind == "BF16":
            block = (tensor.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes()
        else:
            block = tensor.astype({"F32": "<f4", "F16": "<f2"}[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [end, end + len(block)]}
        end += len(block)
        blocks.append(block)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def _folder(path: Path, engine: NumpyEngine, *, kind: str = "F32", parts: int = 1, **config: Any) -> Path:
    path.mkdir()
    shape = engine.weights.shape
    sizes = {"num_hidden_layers": shape.layers, "num_attention_heads": shape.heads, "hidden_size": shape.width}
    (path / "config.json").write_text(json.dumps({**sizes, **config}))
    tensors = _tensors(engine)
    if parts == 1:
        _safetensors(path / "model.safetensors", tensors, kind)
        return path
    names = list(tensors)
    files = {name: f"model-{i % parts + 1:05d}-of-{parts:05d}.safetensors" for i, name in enumerate(names)}
    for file in set(files.values()):
        _safetensors(path / file, {n: tensors[n] for n in names if files[n] == file}, kind)
    (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    return path


def _other(path: Path, **options: Any) -> NumpyEngine:
    return load_engine(write_tiny_gguf(path, seed=3, **options))


@pytest.mark.parametrize("tied", [True, False])
def test_a_gguf_file_of_more_bits(tmp_path: Path, tied: bool) -> None:
    exact = _other(tmp_path / "exact.gguf", tied=tied)
    quantised = _other(tmp_path / "small.gguf", tied=tied, quantization="Q4_1")
    adapter = quantised.new_adapter(seed=1)
    adapter.parameters.flat += 0.02
    over = quantised.with_weights(tmp_path / "exact.gguf")
    assert over.score(EXAMPLES, adapter) == exact.score(EXAMPLES, adapter)
    assert over.score(EXAMPLES) == exact.score(EXAMPLES) != quantised.score(EXAMPLES)
    assert over.model_id == quantised.model_id
    assert quantised.weights.shape == over.weights.shape


@pytest.mark.parametrize(("kind", "parts"), [("F32", 1), ("F32", 3), ("F16", 1), ("BF16", 2)])
@pytest.mark.parametrize("tied", [True, False])
def test_a_hugging_face_folder(tmp_path: Path, engine: NumpyEngine, kind: str, parts: int, tied: bool) -> None:
    exact = _other(tmp_path / "exact.gguf", tied=tied)
    over = engine.with_weights(_folder(tmp_path / "hub", exact, kind=kind, parts=parts))
    ours, theirs = over.score(EXAMPLES), exact.score(EXAMPLES)
    assert ours.mean_loss == pytest.approx(theirs.mean_loss, rel={"F32": 0, "F16": 1e-3, "BF16": 1e-2}[kind])
    assert (over.weights.output is over.weights.embedding) == tied


def test_the_weights_file_itself_may_be_named(tmp_path: Path, engine: NumpyEngine) -> None:
    folder = _folder(tmp_path / "hub", engine)
    assert engine.with_weights(folder / "model.safetensors").score(EXAMPLES) == engine.score(EXAMPLES)


def test_other_models_are_refused(tmp_path: Path, engine: NumpyEngine) -> None:
    folder = _folder(tmp_path / "heads", engine, num_attention_heads=8)
    with pytest.raises(FttuiError, match=r"is another model: its num_attention_heads is 8, not 4\. Give a GGUF file"):
        engine.with_weights(folder)
    deeper = {**_tensors(engine), "model.layers.2.input_layernorm.weight": np.ones(192)}
    (tmp_path / "deep").mkdir()
    _safetensors(tmp_path / "deep" / "model.safetensors", deeper)
    with pytest.raises(FttuiError, match="its layers is 3, not 2"):
        engine.with_weights(tmp_path / "deep")
    (tmp_path / "wide").mkdir()
    wide = {name: np.zeros((7, 7)) if "down" in name else value for name, value in _tensors(engine).items()}
    _safetensors(tmp_path / "wide" / "model.safetensors", wide)
    with pytest.raises(FttuiError, match=r"no complete Llama model: blk\.0\.ffn_down\.weight has the shape \(7, 7\)"):
        engine.with_weights(tmp_path / "wide")
    with pytest.raises(FttuiError, match="architecture 'gemma3'"):
        engine.with_weights(write_tiny_gguf(tmp_path / "other.gguf", architecture="gemma3"))


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "has neither model.safetensors nor"),
        ({"model.safetensors": b""}, "too short"),
        ({"model.safetensors": struct.pack("<Q", 2) + b"{}"}, "holds no weights of a Llama model"),
        ({"model.safetensors.index.json": b"[]"}, "has no weight_map"),
        ({"model.safetensors.index.json": b"[" * 100_000}, "cannot be read"),
        ({"model.safetensors.index.json": b'{"weight_map": {"a": "../x.safetensors"}}'}, "none of the folder"),
        ({"model.safetensors.index.json": b'{"weight_map": {"a": 3}}'}, "has no weight_map"),
        ({"model.safetensors.index.json": b'{"weight_map": {"a": "x.safetensors"}}'}, "cannot be read: No such file"),
    ],
)
def test_folders_that_are_none(tmp_path: Path, engine: NumpyEngine, files: dict[str, bytes], sentence: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(FttuiError, match=sentence):
        engine.with_weights(tmp_path)


@pytest.mark.parametrize(
    "info",
    [
        3, {}, {"dtype": "F32", "shape": [2], "data_offsets": [0]},
        {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}, {"dtype": "F32", "shape": [2], "data_offsets": [0, 9]},
        {"dtype": "F32", "shape": [1e400], "data_offsets": [0, 8]}, {"dtype": [], "shape": [2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [10**30], "data_offsets": [0, 8]},
        {"dtype": "I64", "shape": [49], "data_offsets": [0, 8]},
    ],
)  # fmt: skip
def test_headers_that_lie(tmp_path: Path, engine: NumpyEngine, info: Any) -> None:
    tensors = {name: value.shape for name, value in _tensors(engine).items()}
    whole = {
        name: {"dtype": "F32", "shape": list(s), "data_offsets": [0, 4 * int(np.prod(s))]}
        for name, s in tensors.items()
    }
    text = json.dumps({**whole, "model.norm.weight": info}).encode()
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + bytes(2_000_000))
    with pytest.raises(FttuiError):
        engine.with_weights(tmp_path)


def test_weights_that_are_not_there(tmp_path: Path, engine: NumpyEngine) -> None:
    with pytest.raises(FttuiError, match="There is no weights file"):
        engine.with_weights(tmp_path / "no.gguf")
    with pytest.raises(FttuiError, match="cannot be read: No such file"):
        engine.with_weights(tmp_path / "nothing")
