"""The sizes of a Llama model, from the metadata of its GGUF file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.gguf_file import GgufFile


@dataclass(frozen=True, slots=True)
class LlamaShape:
    """Sizes and constants of the architecture. The docstrings of this package write them so:

    D width, H heads, K key-value heads, G = H/K heads that share one, E size of a head, F hidden width, V vocabulary,
    T tokens of one conversation, N tokens of all conversations of a batch, S tokens that are attended to, R rank.
    """

    layers: int
    width: int
    heads: int
    kv_heads: int
    head_size: int
    hidden: int
    vocabulary: int
    context_length: int
    norm_epsilon: float
    rope_base: float
    rope_factor: float = 1.0
    """Positions are divided by it before they turn anything: "linear" scaling to a longer context."""


def shape_of(file: GgufFile) -> LlamaShape:
    """Read and check the sizes.

    Raises:
        FttuiError: Another architecture, or a variant of Llama that this engine does not compute.
    """
    architecture = file.metadata.get("general.architecture")
    if architecture != "llama":
        raise FttuiError(
            f"{file.path} holds a model of the architecture {architecture!r}; the built-in engine runs 'llama' only.",
            hint="SmolLM2 and Llama 2 or 3 are of that kind.",
        )
    width, heads = _number(file, "embedding_length"), _number(file, "attention.head_count")
    shape = LlamaShape(
        layers=_number(file, "block_count"),
        width=width,
        heads=heads,
        kv_heads=_number(file, "attention.head_count_kv", heads),
        head_size=_number(file, "attention.key_length", width // max(1, heads)),
        hidden=_number(file, "feed_forward_length"),
        vocabulary=_vocabulary(file),
        context_length=_number(file, "context_length"),
        norm_epsilon=_number(file, "attention.layer_norm_rms_epsilon", kind=float),
        rope_base=_number(file, "rope.freq_base", 10_000.0, kind=float),
        rope_factor=_rope_factor(file),
    )
    _check(file, shape)
    return shape


def _check(file: GgufFile, shape: LlamaShape) -> None:
    sizes = (
        shape.layers,
        shape.width,
        shape.heads,
        shape.kv_heads,
        shape.head_size,
        shape.hidden,
        shape.context_length,
    )
    constants = (shape.norm_epsilon, shape.rope_base, shape.rope_factor)
    is_odd = min(sizes) < 1 or shape.heads % shape.kv_heads or shape.head_size % 2
    if is_odd or not all(0 < constant < math.inf for constant in constants):
        raise FttuiError(f"The sizes in {file.path} make no sense.")
    unsupported = {
        "a mixture of experts": _number(file, "expert_count", 0) > 0,
        "rotary embeddings of a part of each head": _number(file, "rope.dimension_count", shape.head_size)
        != shape.head_size,
        "rotary embeddings scaled in a way other than 'linear'": _rope_scaling(file) not in ("none", "linear"),
        "values of another size than keys": _number(file, "attention.value_length", shape.head_size) != shape.head_size,
        "attention that looks ahead": file.metadata.get("llama.attention.causal", True) is False,
    }
    found = [what for what, is_there in unsupported.items() if is_there]
    if found:
        raise FttuiError(
            f"The model in {file.path} has {' and '.join(found)}, which the built-in engine does not compute."
        )


def _vocabulary(file: GgufFile) -> int:
    embedding = file.tensors.get("token_embd.weight")
    if embedding is None or len(embedding.shape) != 2:
        raise FttuiError(f"{file.path} holds no weights of a language model (token_embd.weight is missing).")
    return embedding.shape[0]


def _rope_scaling(file: GgufFile) -> object:
    """How positions beyond the first training's are dealt with; a factor alone means "linear", as in llama.cpp."""
    return file.metadata.get("llama.rope.scaling.type") or "linear"


def _rope_factor(file: GgufFile) -> float:
    if _rope_scaling(file) != "linear":
        return 1.0
    older = _number(file, "rope.scale_linear", 1.0, kind=float)
    factor: float = _number(file, "rope.scaling.factor", older, kind=float)
    return factor or 1.0


def _number(file: GgufFile, name: str, default: float | None = None, *, kind: type[int] | type[float] = int) -> Any:
    value = file.metadata.get(f"llama.{name}", default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FttuiError(f"{file.path} does not say its llama.{name}.")
    return kind(value)
