"""Reading a GGUF file: its metadata, and where its tensors lie.

The gguf package has a reader too, which takes 3 s over the vocabulary of SmolLM2; this one takes 0.1 s. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from fttui.core.errors import FttuiError
from fttui.local.file_hash import sha256_of

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_NUMBERS: Final[Mapping[int, struct.Struct]] = {
    kind: struct.Struct(f"<{code}")
    for kind, code in {
        0: "B",
        1: "b",
        2: "H",
        3: "h",
        4: "I",
        5: "i",
        6: "f",
        7: "?",
        10: "Q",
        11: "q",
        12: "d",
    }.items()
}
_STRING: Final = 8
_ARRAY: Final = 9
_COUNT: Final = struct.Struct("<Q")
_KIND: Final = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor of the file: ``shape`` as numpy has it (rows first), ``kind`` as ggml numbers quantisations."""

    name: str
    shape: tuple[int, ...]
    kind: int
    offset: int
    """Of its first byte, from the start of the file."""
    file: Path


@dataclass(frozen=True, slots=True)
class GgufFile:
    """What a GGUF file says about itself."""

    path: Path
    metadata: Mapping[str, Any]
    tensors: Mapping[str, TensorInfo]

    def sha256(self) -> str:
        """The SHA-256 of the file in hex.

        Raises:
            OSError: It cannot be read.
        """
        return sha256_of(self.path)


def read_gguf(path: Path) -> GgufFile:
    """Read metadata and tensor table.

    Raises:
        FttuiError: No such file, no GGUF file, or a broken one.
    """
    try:
        with path.open("rb") as file:
            return _Reader(path, file).read()
    except FileNotFoundError as error:
        raise FttuiError(f"There is no weights file {path}.", hint="Set FTTUI_WEIGHTS to a GGUF file.") from error
    except IsADirectoryError as error:
        raise FttuiError(f"{path} is a folder, not a GGUF file.", hint="Set FTTUI_WEIGHTS to a GGUF file.") from error
    except OSError as error:
        raise FttuiError(f"The weights file {path} cannot be read: {error.strerror or error}.") from error


class _Reader:
    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file
        self._size = path.stat().st_size

    def read(self) -> GgufFile:
        if self._file.read(4) != _MAGIC:
            raise FttuiError(f"{self._path} is not a GGUF file.", hint="Weights must be a model in the GGUF format.")
        version = self._number(_KIND)
        if version not in _VERSIONS:
            known = " and ".join(map(str, _VERSIONS))
            raise FttuiError(f"{self._path} is a GGUF file of version {version}; versions {known} can be read.")
        tensor_count, key_count = self._count(), self._count()
        metadata = {}
        for _ in range(key_count):
            key = self._string()
            metadata[key] = self._value(self._number(_KIND))
        infos = [self._tensor() for _ in range(tensor_count)]
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment < 1:
            raise self._broken()
        start = -(-self._file.tell() // alignment) * alignment
        tensors = {t.name: replace(t, offset=start + t.offset) for t in infos}
        return GgufFile(self._path, metadata, tensors)

    def _tensor(self) -> TensorInfo:
        name = self._string()
        dimensions = self._number(_KIND)
        if dimensions > 4:
            raise self._broken()
        shape = tuple(_COUNT.unpack(self._bytes(8))[0] for _ in range(dimensions))
        kind, offset = self._number(_KIND), _COUNT.unpack(self._bytes(8))[0]
        return TensorInfo(name, shape[::-1], kind, offset, self._path)

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            item = self._number(_KIND)
            return self._array(item, self._count())
        if kind not in _NUMBERS:
            raise self._broken()
        return _NUMBERS[kind].unpack(self._bytes(_NUMBERS[kind].size))[0]

    def _array(self, kind: int, count: int) -> list[Any]:
        if kind == _STRING:
            return [self._string() for _ in range(count)]
        if kind not in _NUMBERS:  # an array of arrays too: the format has them, no model uses them
            raise self._broken()
        number = _NUMBERS[kind]
        return [value for (value,) in number.iter_unpack(self._bytes(number.size * count))]

    def _string(self) -> str:
        return self._bytes(self._count()).decode("utf-8", "replace")

    def _number(self, number: struct.Struct) -> int:
        value: int = number.unpack(self._bytes(number.size))[0]
        return value

    def _count(self) -> int:
        """A length: of a string, an array or a table. None is longer than the file."""
        count: int = _COUNT.unpack(self._bytes(8))[0]
        if count > self._size:
            raise self._broken()
        return count

    def _bytes(self, count: int) -> bytes:
        if count > self._size:
            raise self._broken()
        data = self._file.read(count)
        if len(data) < count:
            raise self._broken()
        return data

    def _broken(self) -> FttuiError:
        return FttuiError(
            f"The GGUF file {self._path} is broken near byte {self._file.tell()} of {self._size}.",
            hint="Get it again: the download may have been cut off.",
        )
