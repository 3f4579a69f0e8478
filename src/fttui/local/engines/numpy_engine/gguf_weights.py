"""The weights of a model as float32 matrices, dequantised once into a file that all processes map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from filelock import FileLock

from fttui.core.atomic import write_atomic
from fttui.core.errors import FttuiError
from fttui.core.paths import data_dir, make
from fttui.local.engines.numpy_engine.gguf_file import GgufFile, TensorInfo
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.file_hash import sha256_of

FloatArray = np.ndarray[Any, np.dtype[np.floating[Any]]]

_LAYOUT: Final = 1
"""Of the float32 file; a number in its name, so that a file of another layout is never read."""


@dataclass(frozen=True)
class LayerWeights:
    """One layer. Matrices that read the same vector are one: rows of queries, keys and values, of gate and up."""

    attention_norm: FloatArray  # (D,)
    qkv: FloatArray  # (H·E + 2·K·E, D)
    attention_out: FloatArray  # (D, H·E)
    ffn_norm: FloatArray  # (D,)
    gate_up: FloatArray  # (2·F, D)
    down: FloatArray  # (D, F)


@dataclass(frozen=True)
class LlamaWeights:
    """All weights of a model."""

    shape: LlamaShape
    embedding: FloatArray  # (V, D)
    layers: tuple[LayerWeights, ...]
    output_norm: FloatArray  # (D,)
    output: FloatArray  # (V, D); the embedding itself where the model ties them
    rope_divisors: FloatArray  # (E/2,): ones, but for models with Llama 3's long contexts

    @cached_property
    def rope_frequencies(self) -> FloatArray:
        """Radians per position of each pair of a head, (E/2,), float64."""
        size = self.shape.head_size
        frequencies: FloatArray = self.shape.rope_base ** (-np.arange(0, size, 2) / size) / self.rope_divisors
        return frequencies

    def astype(self, kind: type[np.floating[Any]]) -> LlamaWeights:
        """A copy in another precision (float64 for checks)."""
        layers = tuple(
            LayerWeights(**{name: value.astype(kind) for name, value in vars(layer).items()}) for layer in self.layers
        )
        return replace(
            self,
            embedding=self.embedding.astype(kind),
            layers=layers,
            output_norm=self.output_norm.astype(kind),
            output=self.output.astype(kind),
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A tensor's place in the float32 file, in numbers of 4 bytes."""

    name: str
    shape: tuple[int, ...]
    start: int

    @property
    def end(self) -> int:
        return self.start + int(np.prod(self.shape))


def load_weights(file: GgufFile, shape: LlamaShape) -> LlamaWeights:
    """Map the float32 weights, making the file first when it is not there.

    Raises:
        FttuiError: Tensors are missing or of a kind that cannot be dequantised, or there is no room on the disk.
    """
    places = _places(file, shape)
    end = max(place.end for place in places.values())
    numbers = _map(_float32_file(file, shape, places, end), end)
    return _assemble(file, shape, places, numbers)


def _assemble(file: GgufFile, shape: LlamaShape, places: dict[str, _Place], numbers: FloatArray) -> LlamaWeights:
    def stacked(*names: str) -> FloatArray:
        """Neighbours in the file as one matrix."""
        first, last = places[names[0]], places[names[-1]]
        rows = sum(places[name].shape[0] for name in names)
        return numbers[first.start : last.end].reshape(rows, *first.shape[1:])

    layers = []
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        layers.append(
            LayerWeights(
                attention_norm=stacked(f"{block}attn_norm.weight"),
                qkv=stacked(*(f"{block}attn_{part}.weight" for part in "qkv")),
                attention_out=stacked(f"{block}attn_output.weight"),
                ffn_norm=stacked(f"{block}ffn_norm.weight"),
                gate_up=stacked(f"{block}ffn_gate.weight", f"{block}ffn_up.weight"),
                down=stacked(f"{block}ffn_down.weight"),
            )
        )
    embedding = stacked("token_embd.weight")
    return LlamaWeights(
        shape,
        embedding,
        tuple(layers),
        stacked("output_norm.weight"),
        stacked("output.weight") if "output.weight" in file.tensors else embedding,
        stacked("rope_freqs.weight") if "rope_freqs.weight" in file.tensors else np.ones(shape.head_size // 2),
    )


def _places(file: GgufFile, shape: LlamaShape) -> dict[str, _Place]:
    """The order of the tensors in the float32 file: those that are multiplied together are neighbours."""
    places: dict[str, _Place] = {}
    start = 0
    for name, wanted in _expected(file, shape):
        info = file.tensors.get(name)
        if info is None or info.shape != wanted:
            found = "is missing" if info is None else f"has the shape {info.shape}, not {wanted}"
            raise FttuiError(f"{file.path} is no complete Llama model: {name} {found}.")
        places[name] = _Place(name, wanted, start)
        start = places[name].end
    return places


def _expected(file: GgufFile, shape: LlamaShape) -> Iterator[tuple[str, tuple[int, ...]]]:
    width, queries, keys = shape.width, shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    yield "token_embd.weight", (shape.vocabulary, width)
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield f"{block}attn_norm.weight", (width,)
        yield f"{block}attn_q.weight", (queries, width)
        yield f"{block}attn_k.weight", (keys, width)
        yield f"{block}attn_v.weight", (keys, width)
        yield f"{block}attn_output.weight", (width, queries)
        yield f"{block}ffn_norm.weight", (width,)
        yield f"{block}ffn_gate.weight", (shape.hidden, width)
        yield f"{block}ffn_up.weight", (shape.hidden, width)
        yield f"{block}ffn_down.weight", (width, shape.hidden)
    yield "output_norm.weight", (width,)
    if "output.weight" in file.tensors:
        yield "output.weight", (shape.vocabulary, width)
    if "rope_freqs.weight" in file.tensors:
        yield "rope_freqs.weight", (shape.head_size // 2,)


def _float32_file(file: GgufFile, shape: LlamaShape, places: dict[str, _Place], end: int) -> Path:
    """The file with the float32 weights, made when it is not there or not whole; named by the hash of the GGUF file."""
    name = sha256_of(file.path)
    folder = data_dir() / "local" / "cache"
    path = folder / f"{name}-{_LAYOUT}.f32"
    try:
        make(folder)
        with FileLock(folder / f"{name}.lock"):  # a server and a worker may start together
            if not path.exists() or path.stat().st_size != end * 4:
                write_atomic(path, (_float32_bytes(file, shape, file.tensors[name]) for name in places), mode=0o600)
    except OSError as error:
        raise FttuiError(
            f"The weights, {end * 4 / 1e6:.0f} MB as float32, cannot be written to {path}: {error.strerror or error}.",
            hint="FTTUI_HOME moves all of fttui's data.",
        ) from error
    return path


def _map(path: Path, count: int) -> FloatArray:
    """The file's numbers, (count,), read as they are used, and shared by all processes that map it."""
    return np.asarray(np.memmap(path, dtype=np.float32, mode="r", shape=(count,)))  # a plain array: cheaper to slice


def _float32_bytes(file: GgufFile, shape: LlamaShape, info: TensorInfo) -> bytes:
    values = _dequantise(file.path, info)
    if info.name.endswith("attn_q.weight"):
        values = split_halves(values, shape.heads)
    elif info.name.endswith("attn_k.weight"):
        values = split_halves(values, shape.kv_heads)
    return values.tobytes()


def split_halves(rows: FloatArray, heads: int) -> FloatArray:
    """Reorder the rows (heads·E, D) of a query or key matrix from GGUF's order to Hugging Face's.

    The rotary embedding turns pairs of numbers. In GGUF's Llama a pair are neighbours, in Hugging Face's (and in PEFT
    adapters) they are half a head apart, which is also the faster one here.
    """
    pairs = rows.shape[0] // heads // 2
    reordered: FloatArray = rows.reshape(heads, pairs, 2, -1).swapaxes(1, 2).reshape(rows.shape)
    return reordered


def _dequantise(path: Path, info: TensorInfo) -> FloatArray:
    """A tensor as float32 in its own shape."""
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize, quant_shape_to_byte_shape

    try:
        kind = GGMLQuantizationType(info.kind)
        shape = quant_shape_to_byte_shape(info.shape, kind)
        size = int(np.prod(shape))
        data = np.fromfile(path, dtype=np.uint8, count=size, offset=info.offset)
        if data.size < size:
            raise FttuiError(f"{path} is cut off in {info.name}.", hint="Get the file again.")
        values: FloatArray = dequantize(data.reshape(shape), kind)
    except (ValueError, KeyError, NotImplementedError) as error:
        raise FttuiError(f"{path}: {info.name} is of a kind that cannot be read: {error}.") from error
    return np.ascontiguousarray(values, dtype=np.float32).reshape(info.shape)
