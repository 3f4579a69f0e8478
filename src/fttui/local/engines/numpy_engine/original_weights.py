"""The weights that a model's quantised file was made from: to see what an adapter gives on them.

Adapters are trained over dequantised weights, here of 4 bits perhaps. Where the original is to be had, as a GGUF file
of more bits or as a folder from Hugging Face, the loss on it tells what the adapter is worth there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.gguf_file import read_gguf
from fttui.local.engines.numpy_engine.gguf_tensors import read_tensor
from fttui.local.engines.numpy_engine.gguf_weights import gguf_places
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape, shape_of
from fttui.local.engines.numpy_engine.llama_weights import FloatArray, LlamaWeights, assemble
from fttui.local.engines.numpy_engine.safetensors_file import StoredTensor, stored_tensors
from fttui.local.engines.numpy_engine.tensor_layout import Place, places_of

_WEIGHTS: Final = "model.safetensors"
_INDEX: Final = "model.safetensors.index.json"
_CONFIG: Final = "config.json"
_HINT: Final = f"Give a GGUF file, or a Hugging Face folder with {_WEIGHTS}, of the same model."
_MODULES: Final[Mapping[str, str]] = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OTHERS: Final[Mapping[str, str]] = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_SIZES: Final[Mapping[str, str]] = {
    "num_hidden_layers": "layers",
    "hidden_size": "width",
    "num_attention_heads": "heads",
    "num_key_value_heads": "kv_heads",
    "intermediate_size": "hidden",
    "head_dim": "head_size",
}
"""What Hugging Face's config.json calls the sizes."""


@dataclass(frozen=True, slots=True)
class _Source:
    places: dict[str, Place]
    read: Callable[[str], FloatArray]
    """A tensor by its name in GGUF, as float32, in Hugging Face's order."""


def load_original(path: Path, like: LlamaWeights) -> LlamaWeights:
    """Read other weights of the model ``like`` into memory: what is not theirs (rotary embedding, sizes) stays.

    Args:
        path: A GGUF file (also the first of several parts), a folder with ``model.safetensors`` (also in several parts
            with an index), or that file itself.

    Raises:
        FttuiError: There is no such thing, it cannot be read, or it is another model.
    """
    try:
        source = _gguf(path, like.shape) if path.suffix.lower() == ".gguf" else _hugging_face(path, like.shape)
        numbers = np.empty(max(place.end for place in source.places.values()), np.float32)
        for place in source.places.values():
            numbers[place.start : place.end] = source.read(place.name).reshape(-1)
    except OSError as error:
        raise FttuiError(f"The original weights {path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise FttuiError(f"The original weights {path} cannot be read: {error}.", hint=_HINT) from error
    except MemoryError as error:
        raise FttuiError(f"There is not enough memory for the original weights {path}.") from error
    weights = assemble(like.shape, source.places, numbers)
    return LlamaWeights(**{**vars(weights), "rope_divisors": like.rope_divisors})


def _gguf(path: Path, shape: LlamaShape) -> _Source:
    file = read_gguf(path)
    theirs = shape_of(file)
    names = ("layers", "width", "heads", "kv_heads", "head_size", "hidden", "vocabulary")
    for name in names:
        _compare(path, name, getattr(theirs, name), getattr(shape, name))
    return _Source(gguf_places(file, shape), lambda name: read_tensor(file.tensors[name], shape))


def _hugging_face(path: Path, shape: LlamaShape) -> _Source:
    folder = path if path.is_dir() else path.parent
    tensors = _tensors_in(path)
    if not any(name in tensors for name in _OTHERS.values()):
        raise FttuiError(f"{path} holds no weights of a Llama model.", hint=_HINT)
    _check_sizes(folder / _CONFIG, shape)
    numbers = (re.match(r"model\.layers\.(\d{1,9})\.", name) for name in tensors)
    layers = {number[1] for number in numbers if number}
    _compare(path, "layers", len(layers), shape.layers)

    def sizes(name: str) -> tuple[int, ...] | None:
        tensor = tensors.get(_their_name(name))
        return tensor.shape if tensor is not None else None

    return _Source(places_of(shape, sizes, path), lambda name: tensors[_their_name(name)].read())


def _tensors_in(path: Path) -> dict[str, StoredTensor]:
    if not path.is_dir():
        return stored_tensors(path)
    if (path / _WEIGHTS).is_file():
        return stored_tensors(path / _WEIGHTS)
    if not (path / _INDEX).is_file():
        raise FttuiError(f"The folder {path} has neither {_WEIGHTS} nor {_INDEX}.", hint=_HINT)
    index = json.loads((path / _INDEX).read_text("utf-8"))
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(places, dict) or not all(isinstance(name, str) for name in places.values()):
        raise ValueError(f"{_INDEX} has no weight_map")
    tensors: dict[str, StoredTensor] = {}
    for name in sorted(set(places.values())):
        if not re.fullmatch(r"[\w-][\w.-]*\.safetensors", name):  # a file of this folder, never a path
            raise ValueError(f"{_INDEX} names a file that is none of the folder")
        tensors |= stored_tensors(path / name)
    return tensors


def _check_sizes(config_file: Path, shape: LlamaShape) -> None:
    """Sizes that the matrices do not show, above all the number of heads."""
    if not config_file.is_file():
        return
    config: Any = json.loads(config_file.read_text("utf-8"))
    if not isinstance(config, dict):
        raise ValueError(f"{_CONFIG} is no table")
    for theirs, ours in _SIZES.items():
        if config.get(theirs) is not None:
            _compare(config_file, theirs, config[theirs], getattr(shape, ours))


def _compare(path: Path, what: str, theirs: object, ours: object) -> None:
    if theirs != ours:
        raise FttuiError(f"{path} is another model: its {what} is {theirs!r}, not {ours!r}.", hint=_HINT)


def _their_name(name: str) -> str:
    """``blk.3.attn_q.weight`` → ``model.layers.3.self_attn.q_proj.weight``; as it is where Hugging Face has none."""
    block = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(\w+)", name)
    if block is None:
        return _OTHERS.get(name, name)
    return f"model.layers.{block[1]}.{_MODULES[block[2]]}.{block[3]}"
