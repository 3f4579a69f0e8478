"""What a file's lines have in common, so that edited and new lines look like their neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from fttui.formats.lines import BOM, parse_line
from fttui.formats.style import PYTHON_STYLE, JsonStyle, shows_ascii_style, style_of

_LONGEST_SAMPLE: Final = 1 << 18


def newline_of(head: bytes) -> bytes:
    r"""The more frequent line ending: ``\r\n`` or ``\n``."""
    return b"\r\n" if head.count(b"\r\n") * 2 > head.count(b"\n") else b"\n"


def clean_line(raw: bytes) -> bytes:
    """The bytes as one line: a line break in the middle, which in JSON is only space, becomes a blank."""
    line = raw.removeprefix(BOM).rstrip(b"\r\n")
    if b"\n" not in line and b"\r" not in line:
        return line
    return line.replace(b"\r\n", b" ").replace(b"\n", b" ").replace(b"\r", b" ")


class FileStyle:
    """The JSON style of a file, learnt from its first lines when it is first needed."""

    def __init__(self, sample: Callable[[], Iterable[bytes]]) -> None:
        """``sample`` gives some lines of the file, first the first."""
        self._sample = sample
        self._style: JsonStyle | None = None

    def of_file(self) -> JsonStyle:
        """For a new line."""
        if self._style is None:
            self._style = _common_style(self._sample())
        return self._style or PYTHON_STYLE

    def of_line(self, raw: bytes) -> JsonStyle:
        """For a new version of the line ``raw``."""
        return style_of(raw, self.of_file()) if parse_line(raw).error is None else self.of_file()


def _common_style(lines: Iterable[bytes]) -> JsonStyle | None:
    """The style of the first line that is JSON, with its letters from the first line that has other than ASCII ones."""
    style: JsonStyle | None = None
    for raw in lines:
        if len(raw) > _LONGEST_SAMPLE or parse_line(raw).error is not None:
            continue
        if style is None:
            style = style_of(raw)
        if shows_ascii_style(raw):
            return JsonStyle(style.item_separator, style.key_separator, style_of(raw).ensure_ascii)
    return style
