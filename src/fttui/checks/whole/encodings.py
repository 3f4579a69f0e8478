"""What the bytes of a file that is not UTF-8 look like."""

from __future__ import annotations

import re
from typing import Final

_JAPANESE: Final = (("cp932", "Shift JIS"), ("euc_jp", "EUC-JP"))
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fc]")


def looks_like(raw: bytes) -> str:
    """The name of the encoding that a piece of a file seems to have; "" when nothing speaks for any.

    A guess: byte order marks and NUL bytes show UTF-16 and UTF-32, kana show the Japanese ones, and any other bytes
    that make letters are taken for Windows-1252, which holds Latin-1.
    """
    wide = _wide(raw)
    if wide or b"\x00" in raw:
        return wide
    kana = {name: len(_KANA.findall(_decoded(raw, codec))) for codec, name in _JAPANESE}
    best = max(kana, key=lambda name: kana[name])
    if kana[best]:
        return best
    if _decoded(raw, "gb18030") and _is_mostly_pairs(raw):
        return "GB 18030"
    return "Windows-1252 or Latin-1" if _decoded(raw, "cp1252") else ""


def _wide(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "UTF-32"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16"
    zeros = raw.count(b"\x00")
    if zeros == len(raw.rstrip(b"\r\n")):
        return ""
    if zeros * 8 > len(raw) * 5:
        return "UTF-32"
    return "UTF-16" if zeros * 4 > len(raw) else ""


def _decoded(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return ""


def _is_mostly_pairs(raw: bytes) -> bool:
    """Whether bytes beyond ASCII come mostly in runs of even length, as in the Chinese encodings."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", raw)]
    return bool(runs) and max(runs) >= 4 and sum(1 for run in runs if run % 2 == 0) * 4 >= len(runs) * 3
