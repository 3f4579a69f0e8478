"""A JSONL file whose rows can be read while it is indexed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fttui.core.errors import InputError
from fttui.dataset.cache import ParsedCache
from fttui.dataset.errors import reading_failed
from fttui.dataset.index import index_file
from fttui.dataset.pieces import Piece
from fttui.dataset.reader import FileReader
from fttui.dataset.rows import Rows
from fttui.dataset.snapshot import Snapshot
from fttui.dataset.sources import Source
from fttui.dataset.style import FileStyle, newline_of
from fttui.formats.lines import BOM, LineError, ParsedLine, parse_line


class OpenedFile:
    """The rows of a file as they are now, from any thread.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, reader: FileReader) -> None:
        self.path = path
        self._index_lock = threading.Lock()
        self._indexed = False
        self._closed = False
        self._cache = ParsedCache()
        head = reader.read(0, 1 << 16)
        bom = BOM if head.startswith(BOM) else b""
        self._rows = Rows(reader, bom=bom, newline=newline_of(head))
        self._style = FileStyle(self._sample_lines)

    @property
    def title(self) -> str:
        """What to call the file on the screen; it comes from a stranger."""
        return self._rows.file.reader.title

    @property
    def problem(self) -> str:
        """Why the file was not read to its end, as a sentence; "" when it was, or may yet be."""
        return self._rows.file.reader.problem

    @property
    def newline(self) -> bytes:
        """The line ending of new lines, the file's most frequent one."""
        return self._rows.newline

    @property
    def has_bom(self) -> bool:
        """Whether the file begins with a byte order mark; it stays."""
        return bool(self._rows.bom)

    def close(self) -> None:
        """Stop indexing. The file is let go of with the document and the last snapshot of it."""
        self._closed = True

    # --- indexing ---------------------------------------------------------------------------------------------------

    @property
    def is_indexed(self) -> bool:
        """Whether all rows of the file are known."""
        return self._indexed

    @property
    def size(self) -> int:
        """Bytes of the file when it was opened, or last saved; an estimate while it is unpacked."""
        return self._rows.file.reader.size

    @property
    def indexed_bytes(self) -> int:
        """How much of the file was searched for rows."""
        return self._rows.file.index.end

    def build_index(
        self, *, cancel: Callable[[], bool] = lambda: False, on_progress: Callable[[int], None] | None = None
    ) -> None:
        """Find all rows; they appear as they are found. Returns at once when they are known; goes on where it stopped.

        Args:
            cancel: Asked every few megabytes; True stops the work, which a later call takes up again.
            on_progress: Told the bytes done, in the calling thread.

        Raises:
            InputError: The disk failed.
        """
        self._index(cancel, on_progress or (lambda done: None), stop=None)

    def _index(self, cancel: Callable[[], bool], on_progress: Callable[[int], None], stop: int | None) -> None:
        with self._index_lock:
            if self._indexed:
                return
            rows = self._rows
            reader = rows.file.reader
            until = stop
            if reader.is_full:  # what is appended later is not ours
                until = reader.size if stop is None else min(stop, reader.size)
            is_stopped = False

            def stopped() -> bool:
                nonlocal is_stopped
                is_stopped = self._closed or cancel()
                return is_stopped

            try:
                for ends, position in index_file(reader, start=rows.file.index.end, stop=until, cancel=stopped):
                    rows.grow(ends, position)
                    on_progress(position)
            except OSError as error:
                raise reading_failed(self.path, error) from error
            at_end = reader.is_full and rows.file.index.end == reader.size
            is_cut_short = reader.is_full and (until is None or rows.file.index.end < until)  # by another program
            if at_end or (is_cut_short and not is_stopped):
                rows.finish()
                self._indexed = True

    # --- reading ----------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def revision(self) -> int:
        """Grows with each edit, undo and redo."""
        return self._rows.revision

    def raw(self, row: int) -> bytes:
        """The row's line without its line ending.

        Raises:
            IndexError: There is no such row.
            InputError: The disk failed.
        """
        return self._line(row).rstrip(b"\r\n")

    def parsed(self, row: int) -> ParsedLine:
        """The row's line, parsed; one that cannot be read has the reason in ``error``. Do not change its value.

        Raises:
            IndexError: There is no such row.
        """
        key = self._rows.locate(row)
        parsed = self._cache.get(key)
        if parsed is not None:
            return parsed
        try:
            raw = self.raw(row)
        except InputError as error:
            return ParsedLine(None, LineError(error.message.rstrip("."), None))
        parsed = parse_line(raw)
        self._cache.put(key, parsed, len(raw))
        return parsed

    def glance(self, key: tuple[int, int]) -> tuple[bytes, ParsedLine]:
        """The line of a key, and what it says, read anew and not kept: for who passes many lines and keeps little.

        Raises:
            IndexError: No row and no step of the history has that line any more.
        """
        source, number = self._rows.source(key[0]), key[1]
        if source is None:
            raise IndexError(f"line {number} of source {key[0]}")
        try:
            raw = source.line(number).rstrip(b"\r\n")
        except OSError as error:
            sentence = reading_failed(self.path, error).message
            return b"", ParsedLine(None, LineError(sentence.rstrip("."), None))
        return raw, parse_line(raw)

    def is_changed(self, row: int) -> bool:
        """Whether the row was changed or is new since the file was opened or saved."""
        return self.key(row)[0] != self.base

    @property
    def base(self) -> int:
        """The number of the source that is the file on disk; a save gives it a new one."""
        return self._rows.base

    def key(self, row: int) -> tuple[int, int]:
        """Which line a row is: the number of its source, and of the line in it. It stays while rows move around it.

        Raises:
            IndexError: There is no such row.
        """
        return self._rows.locate(row)

    def root(self, row: int) -> tuple[int, int]:
        """Which example a row is, for as long as the file is open: it survives edits, moves, undo and saves.

        Raises:
            IndexError: There is no such row.
        """
        return self._rows.root(row)

    def roots(self, piece: Piece) -> Iterator[tuple[Piece, Piece]]:
        """Runs of the lines of a snapshot's piece, in order, with the examples that they belong to (see `root`)."""
        return self._rows.origins.roots(piece)

    def source(self, number: int) -> Source | None:
        """The lines behind the keys of that number, as long as a row or the history needs them."""
        return self._rows.source(number)

    def snapshot(self) -> Snapshot:
        """The rows as they are now, to be read from another thread while editing goes on."""
        return self._rows.snapshot()

    def lines(self) -> Iterator[bytes]:
        """All rows' lines with their endings, as `save` would write them after the byte order mark, if there is one."""
        return self.snapshot().lines()

    def _line(self, row: int) -> bytes:
        with self._reading_errors():
            return self._rows.line(row)

    @contextmanager
    def _reading_errors(self) -> Iterator[None]:
        """Raise `InputError` when the disk fails."""
        try:
            yield
        except OSError as error:
            raise reading_failed(self.path, error) from error

    def _sample_lines(self) -> Iterable[bytes]:
        return (self.raw(row) for row in range(min(len(self), 64)))
