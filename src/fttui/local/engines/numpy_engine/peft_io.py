"""Adapters as PEFT folders: what is trained here opens in peft and transformers, and the other way round.

Queries and keys need no reordering: `gguf_weights.split_halves` put the base model's into Hugging Face's order.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from fttui.core.atomic import write_atomic
from fttui.core.errors import FttuiError
from fttui.core.paths import make
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.naming import Origin
from fttui.local.engines.numpy_engine.safetensors_file import read_safetensors, write_safetensors

_CONFIG: Final = "adapter_config.json"
_ORIGIN: Final = "fttui.json"
"""What the adapter was trained over; peft and vLLM do not look at it."""
_WEIGHTS: Final = "adapter_model.safetensors"
_MODULES: Final = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
_OTHER_KINDS: Final = (
    "use_dora",
    "fan_in_fan_out",
    "rank_pattern",
    "alpha_pattern",
    "modules_to_save",
    "layer_replication",
    "trainable_token_indices",
    "target_parameters",
    "lora_bias",
    "use_qalora",
    "alora_invocation_tokens",
)
"""Settings of PEFT that make an adapter more than A and B matrices of one rank."""


def save_adapter(adapter: LoraAdapter, folder: Path, origin: Origin) -> None:
    """Write an adapter; the configuration comes last, so a folder that has one is complete.

    Raises:
        FttuiError: The folder cannot be written.
    """
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": origin.base_name,
        "r": adapter.rank,
        "lora_alpha": adapter.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "target_modules": [module.split(".")[1] for module in _MODULES.values()],
    }
    over = {name: getattr(origin, name) for name in ("model", "file", "quantization", "sha256")}
    try:
        make(folder)
        write_safetensors(folder / _WEIGHTS, _named(adapter.parameters))
        write_atomic(folder / _ORIGIN, [_json({"trained_over": over})])
        write_atomic(folder / _CONFIG, [_json(config)])
    except OSError as error:
        raise FttuiError(f"The adapter cannot be written to {folder}: {error.strerror or error}.") from error


def _json(table: Mapping[str, Any]) -> bytes:
    return json.dumps(table, indent=2).encode() + b"\n"


def load_adapter(folder: Path, shape: LlamaShape) -> LoraAdapter:
    """Read an adapter for a model of the given shape. Projections that it leaves out stay as they are in the base.

    Raises:
        FttuiError: The folder holds no LoRA adapter, or one for another model.
    """
    try:
        config = json.loads((folder / _CONFIG).read_text("utf-8"))
        tensors = read_safetensors(folder / _WEIGHTS)
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
        if rank < 1:
            raise ValueError("its rank is not positive")
        if not math.isfinite(alpha):
            raise ValueError("its lora_alpha is not a number")
    except FileNotFoundError as error:
        raise FttuiError(f"{folder} holds no adapter: {error.filename} is missing.", hint=_hint(folder)) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise FttuiError(f"The adapter in {folder} cannot be read: {error}.") from error
    _refuse_other_kinds(config, folder)
    if config.get("use_rslora") is True:  # it is applied with alpha / √rank
        alpha *= math.sqrt(rank)
    return LoraAdapter(_parameters(tensors, shape, rank, folder), alpha)


def _parameters(tensors: dict[str, FloatArray], shape: LlamaShape, rank: int, folder: Path) -> LoraParameters:
    ranks = {tensor.shape[:1] for name, tensor in tensors.items() if name.endswith("lora_A.weight")}
    if ranks != {(rank,)}:  # known before there is room for so many parameters
        raise FttuiError(f"The adapter in {folder} is not what it says: its matrices are not of rank {rank}.")
    parameters = LoraParameters(shape, rank)
    for name, view in _named(parameters).items():
        tensor = tensors.pop(name, None)
        if tensor is None:
            continue
        if tensor.shape != view.shape:
            raise FttuiError(f"The adapter in {folder} is for another model: {name} has the shape {tensor.shape}.")
        view[...] = tensor
    if tensors:
        raise FttuiError(
            f"The adapter in {folder} is for another model: there is no {next(iter(tensors))} in this one."
        )
    if not np.isfinite(parameters.flat).all():
        raise FttuiError(f"The adapter in {folder} is broken: it holds numbers that are not finite.")
    return parameters


def _refuse_other_kinds(config: Mapping[str, Any], folder: Path) -> None:
    odd = [key for key in _OTHER_KINDS if config.get(key)]
    if config.get("bias", "none") != "none":
        odd.append("bias")
    if config.get("peft_type") != "LORA" or odd:
        what = f"uses {odd[0]}" if odd else f"is of the kind {config.get('peft_type')!r}"
        raise FttuiError(f"The adapter in {folder} {what}; the built-in engine runs plain LoRA.")


def _hint(folder: Path) -> str:
    is_older = (folder / "adapter_model.bin").is_file()
    return "It has an adapter_model.bin: save it as safetensors with peft." if is_older else ""


def _named(parameters: LoraParameters) -> dict[str, FloatArray]:
    """All matrices by the names PEFT gives them, as views."""
    named = {}
    for layer in range(parameters.shape.layers):
        for name, (a, b) in parameters.matrices(layer).items():
            module = f"base_model.model.model.layers.{layer}.{_MODULES[name]}"
            named[f"{module}.lora_A.weight"] = a
            named[f"{module}.lora_B.weight"] = b
    return named
