"""What the model of a GGUF file is called, here and where its original weights are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fttui.local.engines.numpy_engine.gguf_file import GgufFile
from fttui.local.weights import HUB_ID, MODEL_ID, is_known_model

_REPOSITORY: Final = re.compile(
    r"(?:https?://(?:www\.)?huggingface\.co/|hf://)?([\w.-]{1,96}/[\w.-]{1,96})/?", re.ASCII
)
_REPOSITORY_KEYS: Final = (
    "general.source.huggingface.repository",
    "general.source.repo_url",
    "general.source.url",
    "general.repo_url",
    "general.url",
)
"""In the order in which they are believed. Of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"""


@dataclass(frozen=True, slots=True)
class Origin:
    """What an adapter is trained over."""

    model: str
    """The model's name here."""
    base_name: str
    """Its repository at Hugging Face, where that is known; else its name here."""
    file: str
    kind: int
    """Of most of its numbers, as ggml numbers quantisations."""
    sha256: str

    @property
    def quantization(self) -> str:
        """The name of the kind, e.g. "Q4_1"."""
        from gguf import GGMLQuantizationType

        return GGMLQuantizationType(self.kind).name


def origin_of(file: GgufFile) -> Origin:
    """All of a file's names.

    Raises:
        OSError: It cannot be read.
    """
    name = model_id(file)
    return Origin(name, base_name(file), file.path.name, _main_kind(file), file.sha256())


def model_id(file: GgufFile) -> str:
    """The model's own name, or the file's, without "/" and ":".

    Raises:
        OSError: The file cannot be read.
    """
    if is_known_model(file.path):
        return MODEL_ID
    name = file.metadata.get("general.name")
    text = name if isinstance(name, str) and name.strip() else file.path.stem
    return re.sub(r"[^\w.+-]+", "-", text).strip("-") or "model"


def base_name(file: GgufFile) -> str:
    """The repository of the original weights at Hugging Face, or the model's name where the file does not tell.

    What a file calls its base model may be what this one was fine-tuned from: it counts only where it has this one's
    name, as in files that somebody else quantised.

    Raises:
        OSError: The file cannot be read.
    """
    if is_known_model(file.path):
        return HUB_ID
    metadata = file.metadata
    values = [metadata.get(key) for key in _REPOSITORY_KEYS]
    if _plain(metadata.get("general.base_model.0.name")) == _plain(metadata.get("general.name")) != "":
        values += [metadata.get("general.base_model.0.repo_url"), _organisation_and_name(metadata)]
    for value in values:
        found = _REPOSITORY.fullmatch(value.strip()) if isinstance(value, str) else None
        if found is not None and not found[1].lower().endswith("gguf"):  # a repository of quantised files only
            return found[1]
    return model_id(file)


def _organisation_and_name(metadata: Mapping[str, Any]) -> str:
    organisation, name = (metadata.get(f"general.base_model.0.{key}") for key in ("organization", "name"))
    return f"{organisation}/{name}".replace(" ", "-") if isinstance(organisation, str) else ""


def _plain(name: object) -> str:
    return re.sub(r"[\W_]+", "", name).lower() if isinstance(name, str) else ""


def _main_kind(file: GgufFile) -> int:
    numbers: Counter[int] = Counter()
    for tensor in file.tensors.values():
        numbers[tensor.kind] += math.prod(tensor.shape)
    return max(numbers, key=lambda kind: numbers[kind])
