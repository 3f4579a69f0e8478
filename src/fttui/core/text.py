"""Strings from data and models, made fit for a terminal and for an editor.

Data comes from strangers: an escape sequence in it would reach the terminal (window title, clipboard), a bidi control
would reorder its neighbours, a lone surrogate would break the clipboard. Every such string passes `safe` before a
widget or standard output sees it.
"""

from __future__ import annotations

import re
from typing import Final

_UNSAFE_CLASS: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi controls
    "\u2028\u2029\ufeff\ufff9-\ufffb"  # separators, byte order mark, interlinear annotation
    "\ud800-\udfff"  # lone surrogates
)
_UNSAFE: Final = re.compile(f"[{_UNSAFE_CLASS}]")
_REPLACEMENT: Final = 0xFFFD


def _unsafe_table() -> dict[int, int]:
    table = {code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)}
    table[0x7F] = 0x2421
    others = (
        0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF,
        *range(0x80, 0xA0), *range(0x202A, 0x202F),
        *range(0x2066, 0x206A), *range(0xFFF9, 0xFFFC), *range(0xD800, 0xE000),
    )  # fmt: skip
    return table | dict.fromkeys(others, _REPLACEMENT)


_UNSAFE_TABLE: Final = _unsafe_table()


def safe(text: str) -> str:
    """Replace what a terminal would obey or misplace by a visible sign; tabs and newlines stay.

    C0 controls and DEL become their pictures (␛, ␀, ␡), C1, bidi controls, U+2028/2029 and lone surrogates U+FFFD.
    """
    return text.translate(_UNSAFE_TABLE) if _UNSAFE.search(text) else text


def one_line(text: str, limit: int = 400) -> str:
    """The first ``limit`` characters of ``text`` as a single safe line: each run of white space is one blank."""
    head = text[: limit * 4]
    return safe(" ".join(head.split())[:limit])


# --- editing ------------------------------------------------------------------------------------------------------
# A text widget splits lines as `str.splitlines` does and joins them with "\n", which changes some of these.
_ENCODE: Final = re.compile(rf"[\\{_UNSAFE_CLASS}]")
_DECODE: Final = re.compile(r"\\(?:\\|u([0-9a-fA-F]{4}))")


def needs_escaped_editing(text: str) -> bool:
    """Whether a text widget would change ``text`` (or the terminal would obey it): edit `escape_for_editing` of it."""
    return _UNSAFE.search(text) is not None


def escape_for_editing(text: str) -> str:
    r"""``text`` with each backslash doubled and each unsafe character as ``\uXXXX``; `unescape_edited` undoes it."""
    return _ENCODE.sub(lambda m: "\\\\" if m[0] == "\\" else f"\\u{ord(m[0]):04x}", text)


def unescape_edited(text: str) -> str:
    """The inverse of `escape_for_editing`; a backslash that begins no escape stays as it is."""
    return _DECODE.sub(lambda m: chr(int(m[1], 16)) if m[1] else "\\", text)
