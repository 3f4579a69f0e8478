"""Reading GGUF files: the same as the gguf package reads, and one sentence for each file that is none."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFReader

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import NumpyEngine, load_engine
from fttui.local.engines.numpy_engine.gguf_file import read_gguf
from tiny_gguf import write_tiny_gguf


def test_metadata_and_tensors_are_those_the_gguf_package_reads(tiny_file: Path) -> None:
    ours, theirs = read_gguf(tiny_file), GGUFReader(tiny_file)
    expected = {name: field.contents() for name, field in theirs.fields.items() if not name.startswith("GGUF.")}
    assert ours.metadata == expected
    assert len(ours.metadata["tokenizer.ggml.tokens"]) > 256
    for tensor in theirs.tensors:
        info = ours.tensors[tensor.name]
        assert info.shape == tuple(int(n) for n in reversed(tensor.shape))
        assert (info.offset, info.kind) == (tensor.data_offset, tensor.tensor_type)
    assert len(ours.tensors) == len(theirs.tensors)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FttuiError, match=r"There is no weights file .*nothing\.gguf\. .*FTTUI_WEIGHTS"):
        load_engine(tmp_path / "nothing.gguf")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FttuiError, match="is a folder"):
        load_engine(tmp_path)


@pytest.mark.parametrize("content", [b"", b"GG", b"{}", b"PK\x03\x04" + bytes(500), b"\x00" * 64])
def test_a_file_of_another_format(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(content)
    with pytest.raises(FttuiError, match="is not a GGUF file"):
        load_engine(path)


def test_a_version_from_the_future(tmp_path: Path, tiny_file: Path) -> None:
    path = tmp_path / "future.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<I", 9) + tiny_file.read_bytes()[8:])
    with pytest.raises(FttuiError, match="version 9; versions 2 and 3"):
        load_engine(path)


def test_a_file_cut_off_anywhere_is_refused(tmp_path: Path, tiny_file: Path) -> None:
    whole = tiny_file.read_bytes()
    path = tmp_path / "cut.gguf"
    for length in [*range(4, 2_000, 97), *range(2_000, len(whole), len(whole) // 12), len(whole) - 4]:
        path.write_bytes(whole[:length])
        with pytest.raises(FttuiError):
            load_engine(path)


def test_damage_in_the_header_never_ends_in_another_error(tmp_path: Path, tiny_file: Path) -> None:
    chance = random.Random(7)
    whole = tiny_file.read_bytes()
    path = tmp_path / "damaged.gguf"
    refused = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[chance.randrange(4, 1_200)] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            load_engine(path)
        except FttuiError:
            refused += 1
    assert refused > 30


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"architecture": "gemma3"}, "architecture 'gemma3'; the built-in engine runs 'llama' only"),
        ({"changes": {"tokenizer.ggml.model": "bert"}}, "of the kind 'bert'; the built-in engine reads 'gpt2'"),
        ({"changes": {"tokenizer.ggml.model": "llama"}}, r"not complete \(tokenizer\.ggml\.scores is missing\)"),
        ({"changes": {"tokenizer.ggml.pre": "klingon"}}, "rule 'klingon'"),
        ({"changes": {"tokenizer.ggml.merges": None}}, "vocabulary .* is not complete"),
        ({"changes": {"tokenizer.ggml.eos_token_id": None}}, "vocabulary .* is not complete"),
        ({"changes": {"llama.block_count": None}}, r"does not say its llama\.block_count"),
        ({"changes": {"llama.embedding_length": "wide"}}, r"does not say its llama\.embedding_length"),
        ({"changes": {"llama.rope.scaling.type": "yarn"}}, "rotary embeddings scaled in a way other than 'linear'"),
        ({"changes": {"llama.rope.scaling.factor": -1.0}}, "make no sense"),
        ({"changes": {"llama.rope.freq_base": float("nan")}}, r"does not say its llama\.rope\.freq_base"),
        ({"changes": {"llama.rope.dimension_count": 24}}, "rotary embeddings of a part of each head"),
        ({"changes": {"llama.expert_count": 8}}, "a mixture of experts"),
        ({"changes": {"llama.attention.causal": False}}, "attention that looks ahead"),
        ({"changes": {"tokenizer.chat_template": "{% for %}"}}, "chat template is broken"),
    ],
)
def test_models_beyond_this_engine_are_refused_with_a_reason(tmp_path: Path, changes: dict, sentence: str) -> None:
    path = write_tiny_gguf(tmp_path / "model.gguf", **changes)
    with pytest.raises(FttuiError, match=sentence):
        load_engine(path)


def test_a_model_in_parts_is_the_model(tmp_path: Path, engine: NumpyEngine) -> None:
    first = write_tiny_gguf(tmp_path / "parts.gguf", tensors_a_file=8)
    parts = sorted(tmp_path.glob("*.gguf"))
    assert len(parts) == 3
    for part in (first, parts[2]):
        whole = load_engine(part)
        np.testing.assert_array_equal(whole.weights.layers[1].down, engine.weights.layers[1].down)
        np.testing.assert_array_equal(whole.weights.output_norm, engine.weights.output_norm)
        assert whole.encode_text("the system") == engine.encode_text("the system")


def test_parts_that_do_not_belong_together(tmp_path: Path) -> None:
    first = write_tiny_gguf(tmp_path / "parts.gguf", tensors_a_file=8)
    _, second, third = sorted(tmp_path.glob("*.gguf"))
    alone = tmp_path / "alone.gguf"
    alone.write_bytes(first.read_bytes())
    with pytest.raises(FttuiError, match=r"one of the 3 files of a model, but not named like one\. Parts are named"):
        load_engine(alone)
    content = third.read_bytes()
    third.write_bytes(second.read_bytes())
    with pytest.raises(FttuiError, match="do not belong together"):
        load_engine(first)
    third.write_bytes(content[:300])
    with pytest.raises(FttuiError, match=r"00003-of-00003\.gguf is broken"):
        load_engine(first)
    third.unlink()
    with pytest.raises(FttuiError, match=r"There is no weights file .*00003-of-00003"):
        load_engine(first)


@pytest.mark.parametrize("offset", [2**40, 2**63, 2**64 - 64])
def test_a_tensor_far_behind_the_end(tmp_path: Path, tiny_file: Path, offset: int) -> None:
    whole = bytearray(tiny_file.read_bytes())
    name = b"blk.1.ffn_down.weight"
    at = whole.index(name) + len(name) + 4 + 2 * 8 + 4  # behind the number of sizes, two sizes and the kind
    struct.pack_into("<Q", whole, at, offset)
    (tmp_path / "far.gguf").write_bytes(whole)
    with pytest.raises(FttuiError, match=r"cut off|cannot be read"):
        load_engine(tmp_path / "far.gguf")
