"""Reading and writing float tensors in the safetensors format: https://github.com/huggingface/safetensors#format"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from fttui.core.atomic import write_atomic
from fttui.local.engines.numpy_engine.llama_weights import FloatArray

_LENGTH: Final = struct.Struct("<Q")
_KINDS: Final[Mapping[str, Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}
_MOST_HEADER: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor's place in a safetensors file."""

    path: Path
    name: str
    kind: str
    shape: tuple[int, ...]
    offset: int
    """Of its first byte, from the start of the file."""

    def read(self) -> FloatArray:
        """The tensor as float32.

        Raises:
            ValueError: It is not of floating-point numbers, or cut off.
            OSError: The file cannot be read.
        """
        if self.kind not in _KINDS:
            raise ValueError(f"the tensor {self.name} is of a kind that cannot be read ({self.kind})")
        count = math.prod(self.shape)
        raw = np.fromfile(self.path, _KINDS[self.kind], count, offset=self.offset)
        if raw.size < count:
            raise ValueError(f"it is cut off in {self.name}")
        if self.kind == "BF16":  # the upper half of a float32
            raw = (raw.astype(np.uint32) << 16).view(np.float32)
        return raw.astype(np.float32, copy=False).reshape(self.shape)


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
    """Read all tensors as float32.

    Raises:
        ValueError: The file is not in the format, or holds tensors of another kind.
        OSError: It cannot be read.
    """
    return {name: tensor.read() for name, tensor in stored_tensors(path).items()}


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of a file, without reading them.

    Raises:
        ValueError: The file is not in the format, or shorter than it says.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_LENGTH.size)
        if len(start) < _LENGTH.size:
            raise ValueError("it is too short")
        (length,) = _LENGTH.unpack(start)
        if length > min(_MOST_HEADER, size - _LENGTH.size):
            raise ValueError("its header is cut off")
        text = file.read(length)
    try:
        header = json.loads(text)
    except RecursionError as error:
        raise ValueError("its header is nested too deeply") from error
    if not isinstance(header, dict):
        raise ValueError("its header is no table")
    first = _LENGTH.size + length
    return {name: _stored(path, name, info, first, size) for name, info in header.items() if name != "__metadata__"}


def _stored(path: Path, name: str, info: Any, first: int, size: int) -> StoredTensor:
    try:
        kind, shape, (start, end) = info["dtype"], info["shape"], info["data_offsets"]
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"its header does not say where {name} is") from error
    numbers = [*shape, start, end] if isinstance(shape, list) else [None]
    if not isinstance(kind, str) or not all(type(number) is int and number >= 0 for number in numbers):
        raise ValueError(f"its header does not say what {name} is")
    if first + end > size:
        raise ValueError(f"it is cut off in {name}")
    if kind in _KINDS and end - start != math.prod(shape) * _KINDS[kind].itemsize:
        raise ValueError(f"{name} has another size than its shape")
    return StoredTensor(path, name, kind, tuple(shape), first + start)
