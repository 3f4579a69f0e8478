"""``system_fingerprint``: the same as long as the engine and the base model's weights are the same."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import fttui
from fttui.local.engines.protocol import Engine

_ENDS_BYTES: Final = 1 << 20


def fingerprint(engine: Engine, weights: Path) -> str:
    """``fp_`` and ten hexadecimal digits. Of the weights, only the first and the last megabyte are read."""
    mark = hashlib.sha256(f"{fttui.__version__} {type(engine).__module__} {engine.model_id}".encode())
    try:
        with weights.open("rb") as file:
            size = file.seek(0, 2)
            mark.update(str(size).encode())
            for start in (0, max(0, size - _ENDS_BYTES)):
                file.seek(start)
                mark.update(file.read(_ENDS_BYTES))
    except OSError:  # moved away since it was loaded: the model goes on answering
        mark.update(weights.name.encode("utf-8", "surrogatepass"))
    return f"fp_{mark.hexdigest()[:10]}"
