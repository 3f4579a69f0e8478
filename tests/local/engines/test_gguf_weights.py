"""Weights as float32: dequantised once, shared, made again when the file is not whole."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFReader

from fttui.core.errors import FttuiError
from fttui.core.paths import data_dir
from fttui.local.engines.numpy_engine import engine as engine_module
from fttui.local.engines.numpy_engine import load_engine
from fttui.local.engines.numpy_engine.gguf_file import read_gguf
from fttui.local.engines.numpy_engine.gguf_tensors import read_tensor, split_halves
from fttui.local.engines.numpy_engine.llama_shape import shape_of
from tiny_gguf import write_tiny_gguf


def _cached() -> list[Path]:
    return list((data_dir() / "local" / "cache").glob("*.f32"))


def test_matrices_are_those_of_the_file(tiny_file: Path) -> None:
    weights = load_engine(tiny_file).weights
    tensors = {t.name: t.data for t in GGUFReader(tiny_file).tensors}
    np.testing.assert_array_equal(weights.embedding, tensors["token_embd.weight"])
    np.testing.assert_array_equal(weights.layers[1].down, tensors["blk.1.ffn_down.weight"])
    gate_up = np.vstack([tensors["blk.0.ffn_gate.weight"], tensors["blk.0.ffn_up.weight"]])
    np.testing.assert_array_equal(weights.layers[0].gate_up, gate_up)
    queries = split_halves(tensors["blk.0.attn_q.weight"], weights.shape.heads)
    np.testing.assert_array_equal(weights.layers[0].qkv[: len(queries)], queries)
    assert weights.output is weights.embedding


def test_rows_of_a_head_are_reordered_from_neighbours_to_halves() -> None:
    rows = np.array([[0], [1], [2], [3], [10], [11], [12], [13]])
    np.testing.assert_array_equal(split_halves(rows, 2)[:, 0], [0, 2, 1, 3, 10, 12, 11, 13])


@pytest.mark.parametrize(("kind", "error"), [("F16", 0.001), ("Q8_0", 0.01), ("Q4_1", 0.12)])
def test_quantised_files_are_dequantised(tmp_path: Path, tiny_file: Path, kind: str, error: float) -> None:
    exact = load_engine(tiny_file).weights
    quantised = load_engine(write_tiny_gguf(tmp_path / "q.gguf", quantization=kind)).weights
    for ours, true in [(quantised.embedding, exact.embedding), (quantised.layers[1].qkv, exact.layers[1].qkv)]:
        assert ours.dtype == np.float32
        difference = np.abs(ours - true).max() / np.abs(true).max()
        assert 0 < difference < error
    np.testing.assert_array_equal(quantised.output_norm, exact.output_norm)


def test_an_output_matrix_of_its_own(tmp_path: Path) -> None:
    weights = load_engine(write_tiny_gguf(tmp_path / "untied.gguf", tied=False)).weights
    assert weights.output.shape == weights.embedding.shape
    assert not np.array_equal(weights.output, weights.embedding)


def test_the_float32_file_is_made_once(tiny_file: Path) -> None:
    load_engine(tiny_file)
    [path] = _cached()
    before = path.stat().st_mtime_ns
    load_engine(tiny_file)
    assert [p.stat().st_mtime_ns for p in _cached()] == [before]


def test_a_float32_file_that_is_not_whole_is_made_again(tiny_file: Path) -> None:
    whole = load_engine(tiny_file).weights.embedding.copy()
    [path] = _cached()
    path.write_bytes(path.read_bytes()[:1000])
    np.testing.assert_array_equal(load_engine(tiny_file).weights.embedding, whole)


def test_other_weights_have_another_float32_file(tmp_path: Path, tiny_file: Path) -> None:
    load_engine(tiny_file)
    load_engine(write_tiny_gguf(tmp_path / "other.gguf", seed=5))
    assert len(_cached()) == 2


def test_no_room_for_the_float32_file_is_told(tiny_file: Path) -> None:
    folder = data_dir() / "local"
    folder.mkdir(parents=True)
    (folder / "cache").write_text("in the way")
    with pytest.raises(FttuiError, match="cannot be written"):
        load_engine(tiny_file)


def test_caches_say_whose_they_are(tmp_path: Path, tiny_file: Path) -> None:
    load_engine(tiny_file)
    name = {"general.name": "Ein Modell/mit: größe " + "ü" * 300}
    load_engine(write_tiny_gguf(tmp_path / "other.gguf", seed=5, changes=name))
    names = sorted(path.name for path in _cached())
    models = [name.split(".")[0] for name in names]
    assert models[1] == "tiny-random"
    assert models[0].startswith("Ein-Modell-mit-größe-üüü")
    assert len(models[0].encode()) <= 80


def test_a_cache_may_be_removed_while_it_is_used(tiny_file: Path) -> None:
    engine = load_engine(tiny_file)
    before = engine.weights.embedding.copy()
    for path in _cached():
        path.unlink()
    np.testing.assert_array_equal(engine.weights.embedding, before)
    np.testing.assert_array_equal(load_engine(tiny_file).weights.embedding, before)


@pytest.mark.parametrize("rows", [2**36, 2**62, 2**70])
def test_a_file_that_claims_more_rows_than_it_holds_is_refused(
    tiny_file: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    file = read_gguf(tiny_file)
    tensors = {**file.tensors}
    for name in ("token_embd.weight", "output.weight"):
        if name in tensors:
            tensors[name] = replace(tensors[name], shape=(rows, tensors[name].shape[1]))
    with pytest.raises(FttuiError, match=r"is cut off in token_embd\.weight"):
        read_tensor(tensors["token_embd.weight"], shape_of(file))
    monkeypatch.setattr(engine_module, "read_gguf", lambda _: replace(file, tensors=tensors))
    with pytest.raises(FttuiError):
        load_engine(tiny_file)
    assert _cached() == []


def test_a_machine_with_too_little_memory_is_told(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(engine_module, "load_weights", fails)
    with pytest.raises(FttuiError, match="not enough memory for the weights"):
        load_engine(tiny_file)


def test_a_file_that_cannot_be_read_is_not_told_as_one_that_cannot_be_written(
    tiny_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(np, "fromfile", fails)
    with pytest.raises(FttuiError, match=f"The weights file {tiny_file} cannot be read: Input/output error"):
        load_engine(tiny_file)
