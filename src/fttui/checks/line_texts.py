"""The texts of a few lines of a file, to show issues in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.index import LineIndex, index_file
from fttui.formats.lines import BOM, decode_line


class LineTexts:
    """Reads lines of a file by their numbers, and no further than the last of them.

    Raises:
        InputError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = open_whole(path)
        try:
            start = len(BOM) if self._reader.read(0, len(BOM)) == BOM else 0
        except OSError as error:
            raise reading_failed(path, error) from error
        self._index = LineIndex(start)
        self._further = index_file(self._reader, start=start)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._reader.size

    def of(self, numbers: Iterable[int]) -> dict[int, str]:
        """The lines of these numbers (from 1) without their endings and byte order marks.

        Bytes that are no UTF-8 are lone surrogates, as `decode_line` makes them.

        Raises:
            InputError: The file cannot be read.
        """
        wanted = sorted(set(numbers))
        if not wanted:
            return {}
        try:
            self._read_to(wanted[-1])
            offsets = self._index.offsets
            spans = ((number, offsets[number - 1], offsets[number]) for number in wanted if number < len(offsets))
            lines = {number: self._reader.read(first, end - first) for number, first, end in spans}
        except OSError as error:
            raise reading_failed(self._path, error) from error
        return {number: decode_line(raw.removeprefix(BOM).rstrip(b"\r\n")) for number, raw in lines.items()}

    def _read_to(self, number: int) -> None:
        if len(self._index) >= number:
            return
        for ends, position in self._further:
            self._index.add(ends, position)
            if len(self._index) >= number:
                return
        self._index.finish()


def texts_of(path: Path, numbers: Iterable[int]) -> tuple[dict[int, str], int]:
    """The texts of lines as `LineTexts` reads them, and the file's bytes. Raises `InputError` as that does."""
    texts = LineTexts(path)
    return texts.of(numbers), texts.size
