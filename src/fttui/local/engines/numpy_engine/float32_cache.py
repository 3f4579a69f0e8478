"""Models as float32 files in the data folder: dequantised once, mapped by all processes, so that they share the pages.

A file is named ``MODEL.SHA256.LAYOUT.f32``: whose it is, the hash of the weights it was made from, and the order of its
numbers, so that a file of other weights or of another order is never read.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from filelock import FileLock

from fttui.core.atomic import write_atomic
from fttui.core.errors import FttuiError
from fttui.core.paths import data_dir, make
from fttui.local.engines.numpy_engine.llama_weights import FloatArray

_LAYOUT: Final = 2
_MOST_NAME: Final = 80
"""Bytes of a model's name that are kept: a file's name has room for 255."""


def mapped(model: str, sha256: str, count: int, parts: Iterable[bytes]) -> FloatArray:
    """Map a model's numbers, (count,), making the file first when it is not there or not whole.

    Args:
        parts: What the file is to hold; read only when it has to be made.

    Raises:
        FttuiError: It cannot be written.
    """
    name = f"{_short(model)}.{sha256}.{_LAYOUT}.f32"
    path = _folder() / name
    try:
        make(path.parent)
        with FileLock(path.with_name(f"{sha256}.lock")):  # a server and a worker may start together
            if not path.exists() or path.stat().st_size != count * 4:
                write_atomic(path, parts, mode=0o600)
        return np.asarray(np.memmap(path, dtype=np.float32, mode="r", shape=(count,)))  # a plain array: cheaper to cut
    except OSError as error:
        raise FttuiError(
            f"The weights, {count * 4 / 1e6:.0f} MB as float32, cannot be written to {path}: "
            f"{error.strerror or error}.",
            hint="FTTUI_HOME moves all of fttui's data.",
        ) from error


def _folder() -> Path:
    return data_dir() / "local" / "cache"


def _short(model: str) -> str:
    return model.encode()[:_MOST_NAME].decode("utf-8", "ignore")
