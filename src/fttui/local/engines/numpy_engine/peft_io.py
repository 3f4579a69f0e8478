"""Adapters as PEFT folders: what is trained here opens in peft and transformers, and the other way round.

Queries and keys need no reordering: `gguf_weights.split_halves` put the base model's into Hugging Face's order.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from fttui.core.atomic import write_atomic
from fttui.core.errors import FttuiError
from fttui.core.paths import make
from fttui.local.engines.numpy_engine.gguf_weights import FloatArray
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.lora import LoraAdapter, LoraParameters
from fttui.local.engines.numpy_engine.safetensors_file import read_safetensors, write_safetensors

_CONFIG: Final = "adapter_config.json"
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


def save_adapter(adapter: LoraAdapter, folder: Path, *, base_name: str) -> None:
    """Write an adapter; the configuration comes last, so a folder that has one is complete.

    Raises:
        FttuiError: The folder cannot be written.
    """
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "r": adapter.rank,
        "lora_alpha": adapter.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "target_modules": [module.split(".")[1] for module in _MODULES.values()],
    }
    try:
        make(folder)
        write_safetensors(folder / _WEIGHTS, _named(adapter.parameters))
        write_atomic(folder / _CONFIG, [json.dumps(config, indent=2).encode() + b"\n"])
    except OSError as error:
        raise FttuiError(f"The adapter cannot be written to {folder}: {error.strerror or error}.") from error


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
    except FileNotFoundError as error:
        raise FttuiError(f"{folder} holds no adapter: {error.filename} is missing.") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FttuiError(f"The adapter in {folder} cannot be read: {error}.") from error
    _refuse_other_kinds(config, folder)
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
    return LoraAdapter(parameters, alpha)


def _refuse_other_kinds(config: dict[str, Any], folder: Path) -> None:
    odd = [
        key for key in ("use_rslora", "use_dora", "fan_in_fan_out", "rank_pattern", "alpha_pattern") if config.get(key)
    ]
    if config.get("peft_type") != "LORA" or odd:
        what = f"uses {odd[0]}" if odd else f"is of the kind {config.get('peft_type')!r}"
        raise FttuiError(f"The adapter in {folder} {what}; the built-in engine runs plain LoRA.")


def _named(parameters: LoraParameters) -> dict[str, FloatArray]:
    """All matrices by the names PEFT gives them, as views."""
    named = {}
    for layer in range(parameters.shape.layers):
        for name, (a, b) in parameters.matrices(layer).items():
            module = f"base_model.model.model.layers.{layer}.{_MODULES[name]}"
            named[f"{module}.lora_A.weight"] = a
            named[f"{module}.lora_B.weight"] = b
    return named
