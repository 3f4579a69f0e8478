"""Compressed files: which kind a file is, unpacking it piece by piece in bounded memory, and packing by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_MOST: Final = 1 << 20
"""Bytes that are unpacked at a time, however much a few packed ones stand for."""
_PIECE: Final = 1 << 16
"""Bytes that bz2 and lzma are asked for at a time."""
_ZSTD_STEP: Final = 4096
"""Packed bytes given to zstd at a time: it bounds no output, and 4 bytes may stand for 128 KB."""
_ZSTD_WINDOW: Final = 1 << 31
"""The largest window taken, what ``zstd --long=31`` writes."""

Step = Callable[[Any, bytes], tuple[bytes, bytes]]
"""Give a decompressor some packed bytes: what it unpacked, and the packed bytes that it left."""


class UnpackingError(Exception):
    """The packed bytes are damaged, break off, or something else follows them; the text is a reason."""


@dataclass(frozen=True, slots=True)
class Packing:
    """One way to compress.

    Attributes:
        name: For sentences.
        magic: What such a file begins with.
        suffixes: Names of such files end so.
    """

    name: str
    magic: bytes
    suffixes: tuple[str, ...]
    _decompressor: Callable[[], Any]
    _step: Step
    _compressor: Callable[[], Any]

    def unpacker(self) -> Unpacker:
        """An unpacker for one file."""
        return Unpacker(self.name, self._decompressor, self._step)

    def packed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks as one compressed file."""
        compressor = self._compressor()
        for chunk in chunks:
            if data := compressor.compress(chunk):
                yield data
        yield compressor.flush()


class Unpacker:
    """Unpacks a file that is fed to it in pieces; it may consist of several packed one after the other."""

    def __init__(self, name: str, make: Callable[[], Any], step: Step) -> None:
        self._name = name
        self._make = make
        self._step = step
        self._member: Any = None
        self._is_first = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next packed bytes stand for, at most about a megabyte at a time.

        Raises:
            UnpackingError: The bytes are damaged, or are no packed ones.
        """
        out = b""
        while data or len(out) >= _MOST:
            if self._member is None:
                data = data if self._is_first else data.lstrip(b"\0")  # the padding of tapes and of xz
                if not data:
                    return
                self._member = self._make()
            out, data = self._stepped(data)
            if out:
                yield out
            if self._member.eof:
                data, out = self._member.unused_data + data, b""
                self._member, self._is_first = None, False

    def _stepped(self, data: bytes) -> tuple[bytes, bytes]:
        try:
            return self._step(self._member, data)
        except Exception as error:  # each library has errors of its own, and bz2 raises those of the disk
            raise UnpackingError(f"its {self._name} data is damaged") from error

    def finish(self) -> None:
        """There are no more bytes.

        Raises:
            UnpackingError: They break off.
        """
        if self._member is not None:
            self._stepped(b"")  # damage that is not told yet
            raise UnpackingError(f"its {self._name} data breaks off")


def packing_of(head: bytes) -> Packing | None:
    """How a file is compressed that begins so; None when it is not."""
    return next((packing for packing in PACKINGS if head.startswith(packing.magic)), None)


def may_be_packed(head: bytes) -> bool:
    """Whether these first bytes are too few to say how, or whether, a file is compressed."""
    return any(len(head) < len(packing.magic) and packing.magic.startswith(head) for packing in PACKINGS)


def packing_for(path: Path) -> Packing | None:
    """How a file of that name is to be compressed; None for not at all."""
    return next((packing for packing in PACKINGS if path.name.lower().endswith(packing.suffixes)), None)


def packed_for(path: Path, chunks: Iterable[bytes]) -> Iterable[bytes]:
    """The bytes to write to a file of that name: compressed when its name says so."""
    packing = packing_for(path)
    return chunks if packing is None else packing.packed(chunks)


def _gzip_step(member: Any, data: bytes) -> tuple[bytes, bytes]:
    return member.decompress(data, _MOST), member.unconsumed_tail


class _InPieces:
    """A decompressor of bz2 or lzma. Where these find damage they forget what they unpacked just before: it comes
    first here, and the damage is told at the next call.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._error: Exception | None = None

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes) -> bytes:
        """About a megabyte; the inner one keeps what it could not unpack yet, and is asked again without more."""
        if self._error is not None:
            raise self._error
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                parts.append(self._inner.decompress(data, _PIECE))
                size += len(parts[-1])
                data = b""
                if self._inner.eof or self._inner.needs_input or size >= _MOST:
                    break
        except Exception as error:
            if not size:
                raise
            self._error = error
        return b"".join(parts)


def _bounded_step(member: Any, data: bytes) -> tuple[bytes, bytes]:
    return member.decompress(data), b""


def _zstd_step(member: Any, data: bytes) -> tuple[bytes, bytes]:
    parts: list[bytes] = []
    size = at = 0
    while at < len(data) and size < _MOST and not member.eof:
        parts.append(member.decompress(data[at : at + _ZSTD_STEP]))
        size += len(parts[-1])
        at += _ZSTD_STEP
    return b"".join(parts), data[at:]


def _gzip_decompressor() -> Any:
    import zlib

    return zlib.decompressobj(31)


def _gzip_compressor() -> Any:
    import zlib

    return zlib.compressobj(6, zlib.DEFLATED, 31)


def _zstd_decompressor() -> Any:
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()


def _zstd_compressor() -> Any:
    import zstandard

    return zstandard.ZstdCompressor(write_checksum=True).compressobj()


def _bzip2_decompressor() -> Any:
    import bz2

    return _InPieces(bz2.BZ2Decompressor())


def _bzip2_compressor() -> Any:
    import bz2

    return bz2.BZ2Compressor()


def _xz_decompressor() -> Any:
    import lzma

    return _InPieces(lzma.LZMADecompressor(lzma.FORMAT_XZ))


def _xz_compressor() -> Any:
    import lzma

    return lzma.LZMACompressor(lzma.FORMAT_XZ)


PACKINGS: Final = (
    Packing("gzip", b"\x1f\x8b", (".gz", ".gzip"), _gzip_decompressor, _gzip_step, _gzip_compressor),
    Packing("zstd", b"\x28\xb5\x2f\xfd", (".zst", ".zstd"), _zstd_decompressor, _zstd_step, _zstd_compressor),
    Packing("bzip2", b"BZh", (".bz2",), _bzip2_decompressor, _bounded_step, _bzip2_compressor),
    Packing("xz", b"\xfd7zXZ\x00", (".xz",), _xz_decompressor, _bounded_step, _xz_compressor),
)
