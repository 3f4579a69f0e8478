"""Adapter folders in PEFT's format."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from decoding import run_tokens
from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.safetensors_file import read_safetensors, write_safetensors
from tiny_gguf import MODEL_ID, write_tiny_gguf


@pytest.fixture
def adapter(engine: NumpyEngine) -> LoraAdapter:
    adapter = engine.new_adapter(rank=5, alpha=20.0, seed=2)
    random = np.random.default_rng(9)
    adapter.parameters.flat[...] += random.standard_normal(adapter.parameters.flat.shape).astype(np.float32) * 0.05
    return adapter


def _logits(engine: NumpyEngine, adapter: LoraAdapter | None) -> np.ndarray:
    return run_tokens(LlamaModel(engine.weights, adapter), [1, 40, 90, 7], KeyValueCache(engine.weights.shape, 8))


def _config(folder: Path, **changes: Any) -> None:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_saved_adapter_gives_the_same_logits(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    engine.save_adapter(adapter, tmp_path / "new" / "adapter")
    loaded = engine.load_adapter(tmp_path / "new" / "adapter")
    assert (loaded.rank, loaded.alpha) == (5, 20.0)
    np.testing.assert_array_equal(_logits(engine, loaded), _logits(engine, adapter))
    assert np.abs(_logits(engine, loaded) - _logits(engine, None)).max() > 0.1


def test_the_folder_is_as_peft_expects_it(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    engine.save_adapter(adapter, tmp_path)
    config = json.loads((tmp_path / "adapter_config.json").read_text())
    assert config["peft_type"] == "LORA"
    assert (config["r"], config["lora_alpha"], config["bias"]) == (5, 20.0, "none")
    assert sorted(config["target_modules"]) == [
        "down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj",
    ]  # fmt: skip
    header, tensors = _parse_safetensors(tmp_path / "adapter_model.safetensors")
    shape = engine.weights.shape
    assert len(tensors) == shape.layers * 7 * 2
    module = "base_model.model.model.layers.1.self_attn.k_proj"
    assert header[f"{module}.lora_A.weight"]["shape"] == [5, shape.width]
    assert header[f"{module}.lora_B.weight"]["shape"] == [shape.kv_heads * shape.head_size, 5]
    a, b = adapter.parameters.matrices(1)["k"]
    np.testing.assert_array_equal(tensors[f"{module}.lora_A.weight"], a)
    np.testing.assert_array_equal(tensors[f"{module}.lora_B.weight"], b)


def test_the_folder_says_what_it_was_trained_over(tmp_path: Path) -> None:
    changes = {"general.source.huggingface.repository": "maker/tiny"}
    path = write_tiny_gguf(tmp_path / "tiny.Q8_0.gguf", quantization="Q8_0", changes=changes)
    engine = load_engine(path)
    engine.save_adapter(engine.new_adapter(), tmp_path / "adapter")
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "maker/tiny"
    assert json.loads((tmp_path / "adapter" / "fttui.json").read_text()) == {
        "trained_over": {
            "model": MODEL_ID,
            "file": "tiny.Q8_0.gguf",
            "quantization": "Q8_0",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
    }


def test_an_adapter_with_another_scaling(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    engine.save_adapter(adapter, tmp_path)
    _config(tmp_path, use_rslora=True)
    assert engine.load_adapter(tmp_path).scale == pytest.approx(20.0 / 5**0.5)


def _parse_safetensors(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """By the description of the format, with nothing of ours."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    assert length % 8 == 0
    header = json.loads(data[8 : 8 + length])
    assert header.pop("__metadata__") == {"format": "pt"}
    tensors = {}
    for name, info in header.items():
        assert info["dtype"] == "F32"
        start, end = info["data_offsets"]
        tensors[name] = np.frombuffer(data[8 + length + start : 8 + length + end], "<f4").reshape(info["shape"])
    return header, tensors


def test_an_adapter_of_some_projections_leaves_the_others_alone(
    engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path
) -> None:
    engine.save_adapter(adapter, tmp_path)
    path = tmp_path / "adapter_model.safetensors"
    write_safetensors(path, {name: value for name, value in read_safetensors(path).items() if "q_proj" in name})
    loaded = engine.load_adapter(tmp_path).parameters.matrices(0)
    np.testing.assert_array_equal(loaded["q"][1], adapter.parameters.matrices(0)["q"][1])
    assert not loaded["down"][1].any()


def test_half_precision_tensors_are_read(tmp_path: Path) -> None:
    values = np.array([1.5, -2.0, 0.25], np.float32)
    halves = values.astype(np.float16).tobytes()
    brain = (values.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    header = {
        "half": {"dtype": "F16", "shape": [3], "data_offsets": [0, 6]},
        "brain": {"dtype": "BF16", "shape": [3], "data_offsets": [6, 12]},
    }
    text = json.dumps(header).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + halves + brain)
    read = read_safetensors(path)
    np.testing.assert_array_equal(read["half"], values)
    np.testing.assert_array_equal(read["brain"], values)


def test_no_adapter_there(engine: NumpyEngine, tmp_path: Path) -> None:
    with pytest.raises(FttuiError, match=r"holds no adapter: .*adapter_config\.json is missing"):
        engine.load_adapter(tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"peft_type": "IA3"}, "of the kind 'IA3'"),
        ({"use_dora": True}, "uses use_dora"),
        ({"r": 0}, "rank is not positive"),
        ({"bias": "all"}, "uses bias"),
        ({"rank_pattern": {"q_proj": 8}}, "uses rank_pattern"),
        ({"modules_to_save": ["lm_head"]}, "uses modules_to_save"),
        ({"r": 6}, "not of rank 6"),
        ({"r": 10**12}, "not of rank 1000000000000"),
        ({"r": 1e400}, "cannot be read"),
        ({"r": "many"}, "cannot be read"),
        ({"lora_alpha": float("nan")}, "lora_alpha is not a number"),
    ],
)
def test_configurations_beyond_this_engine(
    engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    engine.save_adapter(adapter, tmp_path)
    _config(tmp_path, **changes)
    with pytest.raises(FttuiError, match=sentence):
        engine.load_adapter(tmp_path)


@pytest.mark.parametrize("content", [b"", b"1234567", struct.pack("<Q", 2**60) + b"{}", struct.pack("<Q", 2) + b"[]"])
def test_broken_tensors(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path, content: bytes) -> None:
    engine.save_adapter(adapter, tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(content)
    with pytest.raises(FttuiError, match="cannot be read"):
        engine.load_adapter(tmp_path)


def test_tensors_cut_off(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    engine.save_adapter(adapter, tmp_path)
    path = tmp_path / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FttuiError, match="cannot be read"):
        engine.load_adapter(tmp_path)


def test_numbers_that_are_not_finite(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    adapter.parameters.flat[3] = np.nan
    engine.save_adapter(adapter, tmp_path)
    with pytest.raises(FttuiError, match="not finite"):
        engine.load_adapter(tmp_path)


@pytest.mark.parametrize("content", [b"", b"[]", b"3", b"\xff", b"[" * 100_000, b"{}"])
def test_broken_configurations(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path, content: bytes) -> None:
    engine.save_adapter(adapter, tmp_path)
    (tmp_path / "adapter_config.json").write_bytes(content)
    with pytest.raises(FttuiError, match="cannot be read"):
        engine.load_adapter(tmp_path)


def test_an_adapter_in_the_older_format(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    engine.save_adapter(adapter, tmp_path)
    (tmp_path / "adapter_model.safetensors").rename(tmp_path / "adapter_model.bin")
    with pytest.raises(FttuiError, match=r"is missing\. It has an adapter_model\.bin: save it as safetensors"):
        engine.load_adapter(tmp_path)


def test_an_adapter_of_a_deeper_model(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    engine.save_adapter(adapter, tmp_path)
    path = tmp_path / "adapter_model.safetensors"
    name = "base_model.model.model.layers.7.self_attn.q_proj.lora_A.weight"
    write_safetensors(path, {**read_safetensors(path), name: np.zeros((5, 4))})
    with pytest.raises(FttuiError, match="for another model"):
        engine.load_adapter(tmp_path)


def test_a_place_that_cannot_be_written(engine: NumpyEngine, adapter: LoraAdapter, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FttuiError, match="cannot be written"):
        engine.save_adapter(adapter, tmp_path / "file" / "adapter")
