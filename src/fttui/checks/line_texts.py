"""The texts of a few lines of a file, to show issues in them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fttui.dataset.errors import reading_failed
from fttui.dataset.filling import open_whole
from fttui.dataset.index import LineIndex, index_file
from fttui.formats.lines import BOM, decode_line


def texts_of(path: Path, numbers: Iterable[int]) -> tuple[dict[int, str], int]:
    """The lines of these numbers (from 1) without their endings and byte order marks, and the file's bytes.

    Nothing is read beyond the last of them. Bytes that are no UTF-8 are lone surrogates, as `decode_line` makes them.

    Raises:
        InputError: The file cannot be read.
    """
    wanted = sorted(set(numbers))
    reader = open_whole(path)
    if not wanted:
        return {}, reader.size
    try:
        start = len(BOM) if reader.read(0, len(BOM)) == BOM else 0
        index = LineIndex(start)
        for ends, position in index_file(reader, start=start):
            index.add(ends, position)
            if len(index) >= wanted[-1]:
                break
        if len(index) < wanted[-1]:
            index.finish()
        offsets = index.offsets
        spans = ((number, offsets[number - 1], offsets[number]) for number in wanted if number < len(offsets))
        lines = {number: reader.read(first, end - first) for number, first, end in spans}
        return {
            number: decode_line(raw.removeprefix(BOM).rstrip(b"\r\n")) for number, raw in lines.items()
        }, reader.size
    except OSError as error:
        raise reading_failed(path, error) from error
