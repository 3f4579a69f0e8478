"""Reading and writing float tensors in the safetensors format: https://github.com/huggingface/safetensors#format"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from fttui.core.atomic import write_atomic
from fttui.local.engines.numpy_engine.gguf_weights import FloatArray

_LENGTH: Final = struct.Struct("<Q")
_KINDS: Final[Mapping[str, Any]] = {"F64": np.float64, "F32": np.float32, "F16": np.float16}
_MOST_HEADER: Final = 100_000_000


def write_safetensors(path: Path, tensors: Mapping[str, FloatArray]) -> None:
    """Write tensors as float32.

    Raises:
        OSError: They could not be written; a file that was there before is as it was.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    for name, tensor in tensors.items():
        end = position + 4 * tensor.size
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [position, end]}
        position = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = (np.ascontiguousarray(tensor, dtype=np.float32).tobytes() for tensor in tensors.values())
    write_atomic(path, [_LENGTH.pack(len(text)), text, *data])


def read_safetensors(path: Path) -> dict[str, FloatArray]:
    """Read all float tensors as float32.

    Raises:
        ValueError: The file is not in the format, or holds tensors of another kind.
        OSError: It cannot be read.
    """
    data = path.read_bytes()
    if len(data) < 8:
        raise ValueError("it is too short")
    (length,) = _LENGTH.unpack_from(data)
    if length > min(_MOST_HEADER, len(data) - 8):
        raise ValueError("its header is cut off")
    header = json.loads(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise ValueError("its header is no table")
    body = memoryview(data)[8 + length :]
    return {name: _tensor(name, info, body) for name, info in header.items() if name != "__metadata__"}


def _tensor(name: str, info: Any, body: memoryview) -> FloatArray:
    try:
        kind = np.dtype(_KINDS[info["dtype"]]) if info["dtype"] != "BF16" else np.dtype(np.uint16)
        start, end = info["data_offsets"]
        raw = np.frombuffer(body[start:end], dtype=kind)
        if info["dtype"] == "BF16":  # the upper half of a float32
            raw = (raw.astype(np.uint32) << 16).view(np.float32)
        return raw.astype(np.float32).reshape(info["shape"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"the tensor {name} is of a kind that cannot be read") from error
