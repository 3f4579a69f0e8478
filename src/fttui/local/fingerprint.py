"""``system_fingerprint``: the same as long as the engine and the base model's weights are the same."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

import fttui
from fttui.local.host import LoadedBase

_ENDS_BYTES: Final = 1 << 20


def fingerprint(base: LoadedBase) -> str:
    """``fp_`` and ten hexadecimal digits. The weights are read once, and only their first and last megabyte."""
    return _fingerprint(type(base.engine).__module__, base.id, base.weights)


@lru_cache(maxsize=8)
def _fingerprint(engine: str, model: str, weights: Path) -> str:
    mark = hashlib.sha256(f"{fttui.__version__} {engine} {model}".encode())
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
