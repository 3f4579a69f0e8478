"""Which tensors a Llama model has, by their names in GGUF, and in which order they lie in memory here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor's place among all numbers of a model, counted in numbers of 4 bytes."""

    name: str
    shape: Sizes
    start: int

    @property
    def end(self) -> int:
        return self.start + math.prod(self.shape)


def places_of(shape: LlamaShape, found: Callable[[str], Sizes | None], where: object) -> dict[str, Place]:
    """Where each tensor goes: those that are multiplied together are neighbours.

    Args:
        found: The shape of a tensor in the file, None where it has none of that name.
        where: The file, as errors name it.

    Raises:
        FttuiError: A tensor is missing, or has another shape than the model's sizes ask for.
    """
    places: dict[str, Place] = {}
    start = 0
    for name, wanted, is_optional in _tensors(shape):
        sizes = found(name)
        if sizes is None and is_optional:
            continue
        if sizes != wanted:
            problem = "is missing" if sizes is None else f"has the shape {sizes}, not {wanted}"
            raise FttuiError(f"{where} is no complete Llama model: {name} {problem}.")
        places[name] = Place(name, wanted, start)
        start = places[name].end
    return places


def _tensors(shape: LlamaShape) -> Iterator[tuple[str, Sizes, bool]]:
    """Name, shape, and whether a model can be without it."""
    width, hidden = shape.width, shape.hidden
    queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    yield "token_embd.weight", (shape.vocabulary, width), False
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        yield f"{block}attn_norm.weight", (width,), False
        yield f"{block}attn_q.weight", (queries, width), False
        yield f"{block}attn_k.weight", (keys, width), False
        yield f"{block}attn_v.weight", (keys, width), False
        yield f"{block}attn_output.weight", (width, queries), False
        yield f"{block}ffn_norm.weight", (width,), False
        yield f"{block}ffn_gate.weight", (hidden, width), False
        yield f"{block}ffn_up.weight", (hidden, width), False
        yield f"{block}ffn_down.weight", (width, hidden), False
        for name, size in (("attn_q", queries), ("attn_k", keys), ("attn_v", keys), ("attn_output", width)):
            yield f"{block}{name}.bias", (size,), True
        for name, size in (("ffn_gate", hidden), ("ffn_up", hidden), ("ffn_down", width)):
            yield f"{block}{name}.bias", (size,), True
    yield "output_norm.weight", (width,), False
    yield "output.weight", (shape.vocabulary, width), True
    yield "rope_freqs.weight", (shape.head_size // 2,), True
