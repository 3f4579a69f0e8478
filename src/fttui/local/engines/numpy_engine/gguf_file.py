"""Reading a GGUF file: its metadata, and where its tensors lie.

The gguf package has a reader too, which takes 3 s over the vocabulary of SmolLM2; this one takes 0.1 s. Format:
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Iterator, Mapping
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
_PART: Final = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
_SPLIT_COUNT: Final = "split.count"
_MOST_PARTS: Final = 1_000
_AHEAD: Final = 1 << 16
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
    parts: tuple[Path, ...] = ()
    """Of a model in several files: all of them in order, ``path`` being the first."""

    def sha256(self) -> str:
        """The SHA-256 of the file in hex; of a model in parts, that of their hashes.

        Raises:
            OSError: It cannot be read.
        """
        hashes = [sha256_of(part) for part in self.parts]
        return hashlib.sha256("".join(hashes).encode()).hexdigest() if hashes else sha256_of(self.path)


def read_gguf(path: Path) -> GgufFile:
    """Read metadata and tensor table; of a model in parts (``NAME-00001-of-00003.gguf``) those of all.

    Raises:
        FttuiError: No such file, no GGUF file, or a broken one, or a part is missing.
    """
    named = _PART.fullmatch(path.name)
    count = int(named[3]) if named else 1
    if named is None or not 1 < count <= _MOST_PARTS:
        file = _read_file(path)
        if file.metadata.get(_SPLIT_COUNT, 1) not in (0, 1):
            raise FttuiError(
                f"{path} is one of the {file.metadata[_SPLIT_COUNT]} files of a model, but not named like one.",
                hint="Parts are named NAME-00001-of-00003.gguf.",
            )
        return file
    names = [f"{named[1]}-{number:05d}-of-{count:05d}.gguf" for number in range(1, count + 1)]
    files = [_read_file(path.with_name(name)) for name in names]
    tensors: dict[str, TensorInfo] = {}
    for file in files:
        tensors |= file.tensors
    expected = files[0].metadata.get("split.tensors.count", len(tensors))
    if expected != len(tensors) or any(file.metadata.get(_SPLIT_COUNT, count) != count for file in files):
        raise FttuiError(f"The {count} files of {path.name} do not belong together.", hint="Get all of them again.")
    return GgufFile(files[0].path, files[0].metadata, tensors, tuple(file.path for file in files))


def _read_file(path: Path) -> GgufFile:
    try:
        with path.open("rb") as file:
            return _Reader(path, file).read()
    except FileNotFoundError as error:
        raise FttuiError(f"There is no weights file {path}.", hint="Set FTTUI_WEIGHTS to a GGUF file.") from error
    except IsADirectoryError as error:
        raise FttuiError(f"{path} is a folder, not a GGUF file.", hint="Set FTTUI_WEIGHTS to a GGUF file.") from error
    except (OSError, ValueError) as error:  # ValueError: a name with NUL in it
        raise FttuiError(
            f"The weights file {path} cannot be read: {getattr(error, 'strerror', None) or error}."
        ) from error


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
            return list(self._strings(count))
        if kind not in _NUMBERS:  # an array of arrays too: the format has them, no model uses them
            raise self._broken()
        number = _NUMBERS[kind]
        return [value for (value,) in number.iter_unpack(self._bytes(number.size * count))]

    def _strings(self, count: int) -> Iterator[str]:
        """A whole vocabulary: read ahead, because one at a time takes three times as long."""
        data, at = b"", 0
        for _ in range(count):
            if len(data) - at < _COUNT.size:
                data, at = self._more(data[at:], _COUNT.size), 0
            (length,) = _COUNT.unpack_from(data, at)
            at += _COUNT.size
            if len(data) - at < length:
                data, at = self._more(data[at:], length), 0
            yield data[at : at + length].decode("utf-8", "replace")
            at += length
        self._file.seek(at - len(data), os.SEEK_CUR)

    def _more(self, data: bytes, wanted: int) -> bytes:
        """``data`` and what follows it in the file, ``wanted`` bytes at least."""
        if wanted <= self._size:
            data += self._file.read(max(_AHEAD, wanted - len(data)))
        if len(data) < wanted:
            raise self._broken()
        return data

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
