"""What the model of a GGUF file is called."""

from __future__ import annotations

import re

from fttui.local.engines.numpy_engine.gguf_file import GgufFile
from fttui.local.weights import MODEL_ID, is_known_model


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
