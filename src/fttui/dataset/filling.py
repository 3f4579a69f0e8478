"""Compressed files and standard input: unpacked, or just kept, in a nameless file while they are read."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from fttui.core.errors import InputError
from fttui.core.paths import cache_dir, make
from fttui.dataset.errors import name_of, reading_failed
from fttui.dataset.packed import Packing, UnpackingError, may_be_packed, packing_of
from fttui.dataset.reader import LOOKED_AT, FileReader, open_with_head, refuse_binary

STANDARD_INPUT: Final = Path("-")
"""The name by which standard input is opened; a file of that name is opened by its absolute path."""

_RAW: Final = 1 << 16
_SLICE_S: Final = 0.05
"""How long a producer is waited for before the reader asks whether it should go on."""
_FIRST_LOOK_S: Final = 0.2
"""How long the first paint waits for the first rows."""
_MOST_RATIO: Final = 250
"""How many times its packed bytes a file may unpack to, beyond `_RATIO_COUNTS_FROM`; examples shrink 3 to 50 times."""
_RATIO_COUNTS_FROM: Final = 256 << 20
_KEPT_FREE: Final = 256 << 20
"""Bytes of the disk that unpacking leaves to others."""
_LOOK_AT_DISK: Final = 64 << 20
_ALL: Final = 1 << 62

_KEPT: Final = " What came before that is here."

_adopted: list[int] = []
"""The descriptor that was standard input, until it is opened."""


def adopt_standard_input(descriptor: int) -> None:
    """From now on `STANDARD_INPUT` can be opened, once: it is read from ``descriptor``, which is ours now."""
    _adopted[:] = [descriptor]


class FillingReader(FileReader):
    """Reads what was taken in so far of a stream of bytes, by position like a file; `fill` takes in more.

    The bytes go to a file in the cache folder that has no name (on Windows: none that stays), so they need no memory,
    and stay readable whatever becomes of the original.
    """

    def __init__(self, path: Path, raw: int | None) -> None:
        """Take bytes from the descriptor ``raw``, closed at their end; None: the bytes are given to `append`.

        Raises:
            OSError: There is no room for the file.
        """
        self._raw = raw
        self.is_standard_input: Final = path == STANDARD_INPUT
        self._fill_lock = threading.Lock()
        self._filled = 0
        self._taken = 0
        self._packed_size = 0
        self._checked = 0
        self._is_full = False
        self._waiting: list[Callable[[], None]] = []
        self._look_until = time.monotonic() + _FIRST_LOOK_S
        self._was_seen_empty = False
        self._packing: Packing | None = None
        self._chunks = self._content()
        self._close_raw = weakref.finalize(self, os.close, raw) if raw is not None else None
        super().__init__(path)
        if self.is_standard_input:
            self.mode = None

    def _open(self) -> None:
        self._fd, leftover = _nameless_file()
        self._close = weakref.finalize(self, partial(_close_and_remove, leftover), self._fd)
        self._spool = leftover

    def _status(self) -> os.stat_result:
        status = os.fstat(self._raw) if self._raw is not None else self.path.stat()
        self._packed_size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        return status

    # --- what it is -------------------------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return "standard input" if self.is_standard_input else self.path.name

    @property
    def why_new_name(self) -> str:
        if self.is_standard_input:
            return "What came from standard input has no file yet."
        kind = f" ({self._packing.name})" if self._packing else ""
        return f"{name_of(self.path)} is compressed{kind}; it is left as it is."

    @property
    def is_full(self) -> bool:
        return self._is_full

    @property
    def size(self) -> int:
        """Bytes of text: exact when `is_full`, before that what can be told from the packed bytes read so far."""
        if self._is_full or not self._packed_size or not self._taken:
            return self._filled
        return max(self._filled, self._filled * self._packed_size // self._taken)

    def for_processes(self) -> FileReader:
        return self if self._spool is None else FileReader(self._spool)

    def close_now(self) -> None:
        """Nothing to do: the file that is read has no name that a save could want."""

    # --- taking in --------------------------------------------------------------------------------------------------

    def first_look(self) -> Callable[[], bool]:
        return lambda: time.monotonic() > self._look_until

    def fill(self, position: int, cancel: Callable[[], bool]) -> None:
        """Take in more until there is something after ``position``, or nothing is left, or ``cancel`` says so."""
        with self._fill_lock:
            while not self._is_full and self._filled <= position and not cancel():
                self._take_in(next(self._chunks, None))

    def was_seen(self, head: bytes) -> None:
        """A document begins with ``head``: where that is nothing yet, a byte order mark that comes later is none."""
        self._was_seen_empty = not head

    def append(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            OSError: There is no room for them.
        """
        with self._lock:
            view = memoryview(data)
            if not hasattr(os, "pread"):  # the position is a reader's otherwise
                os.lseek(self._fd, 0, os.SEEK_END)
            while view:
                view = view[os.write(self._fd, view) :]
        self._filled += len(data)

    def end(self) -> None:
        """There are no more bytes."""
        self._is_full = True
        self._chunks = iter(())
        if self._close_raw is not None:
            self._close_raw()
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def when_full(self, call: Callable[[], None]) -> None:
        with self._lock:
            if not self._is_full:
                self._waiting.append(call)
                return
        call()

    def _take_in(self, chunk: bytes | None) -> None:
        if chunk is None:
            self.end()
            return
        if self._was_seen_empty and chunk:  # too late for a byte order mark to be one: the document has begun
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            self._was_seen_empty = False
        try:
            self._look_at_disk(len(chunk))
            self.append(chunk)
        except OSError as error:
            said = error.strerror or str(error)
            self._break_off(f"there is no room to unpack the rest ({said.lower()})")
            return
        if self._packing and self._filled > max(_RATIO_COUNTS_FROM, self._taken * _MOST_RATIO):
            self._break_off(f"it unpacks to more than {_MOST_RATIO} times its size")

    def _break_off(self, reason: str) -> None:
        self.problem = self.problem or (
            f"{'Standard input' if self.is_standard_input else name_of(self.path)} was not read to its end: {reason}."
            + _KEPT
        )
        self.end()

    def _look_at_disk(self, coming: int) -> None:
        """Raise `OSError` when the disk is about to be full."""
        if self._filled + coming < self._checked + _LOOK_AT_DISK:
            return
        self._checked = self._filled
        from shutil import disk_usage

        free = disk_usage(self._spool.parent if self._spool else _spool_folder()).free
        if free < _KEPT_FREE + coming:
            raise OSError(0, "The disk is nearly full")

    def _content(self) -> Iterator[bytes]:
        """The text, in pieces of about a megabyte; an empty one where nothing has come yet."""
        head = b""
        for data in self._raw_blocks():
            head += data
            if data and not may_be_packed(head):
                break
            yield b""
        self._packing = packing_of(head)
        if self._packing is None:
            yield head
            yield from self._raw_blocks()
            return
        unpacker = self._packing.unpacker()
        try:
            yield from unpacker.feed(head)
            for data in self._raw_blocks():
                yield from unpacker.feed(data) if data else (b"",)
            unpacker.finish()
        except UnpackingError as error:
            self._break_off(str(error))

    def _raw_blocks(self) -> Iterator[bytes]:
        """What comes from the descriptor, an empty block where nothing came for a moment; ends where it does."""
        raw = self._raw
        if raw is None:
            return
        while True:
            try:
                if os.name != "nt" and not _has_news(raw, _SLICE_S):  # there, only sockets wait
                    yield b""
                    continue
                data = os.read(raw, _RAW)
            except OSError as error:
                self._break_off(error.strerror or str(error))
                return
            if not data:
                return
            self._taken += len(data)
            yield data


def _has_news(descriptor: int, seconds: float) -> bool:
    """Whether something came from a descriptor, or its end, waiting that long for it.

    Not `select.select`: that knows descriptors below 1,024 only, and others may be open.
    """
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(seconds * 1_000))


def open_reader(path: Path) -> FileReader:
    """Open a file that may be JSONL, also a compressed one, or standard input where it was adopted.

    Raises:
        InputError: No such file, a directory or a device, no permission, or bytes that are no text.
    """
    if path == STANDARD_INPUT and _adopted:
        return _open_stream(path, _adopted.pop(), "Standard input")
    file, head = open_with_head(path)
    if packing_of(head) is None:
        refuse_binary(head, name_of(path))
        return file
    raw = os.dup(file.fileno())
    os.lseek(raw, 0, os.SEEK_SET)
    return _open_stream(path, raw, f"What {name_of(path)} holds")


def open_whole(path: Path, cancel: Callable[[], bool] = lambda: False) -> FileReader:
    """Open a file and unpack all of it, if it is a compressed one.

    Raises:
        InputError: As `open_reader`; or it cannot be unpacked to its end.
    """
    reader = open_reader(path)
    reader.fill(_ALL, cancel)
    if reader.problem:
        raise InputError(reader.problem.removesuffix(_KEPT))
    return reader


def _open_stream(path: Path, raw: int, name: str) -> FillingReader:
    try:
        reader = FillingReader(path, raw)
        reader.fill(0, reader.first_look())
        head = reader.read(0, LOOKED_AT)
    except OSError as error:
        raise reading_failed(path, error) from error
    if not head and reader.problem:
        raise InputError(reader.problem.removesuffix(_KEPT))
    refuse_binary(head, name)
    reader.was_seen(head)
    return reader


def _spool_folder() -> Path:
    with contextlib.suppress(OSError):
        folder = make(cache_dir() / "unpacked")
        if os.access(folder, os.W_OK):
            return folder
    from tempfile import gettempdir

    return Path(gettempdir())


def _nameless_file() -> tuple[int, Path | None]:
    """A new file to read and write; its name where an open file cannot be nameless (Windows)."""
    from tempfile import mkstemp

    descriptor, name = mkstemp(prefix="fttui-", dir=_spool_folder())
    path = Path(name)
    if os.name == "nt":
        return descriptor, path
    path.unlink()
    return descriptor, None


def _close_and_remove(path: Path | None, descriptor: int) -> None:
    os.close(descriptor)
    if path is not None:
        with contextlib.suppress(OSError):
            path.unlink()
