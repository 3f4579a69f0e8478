"""The kind and the size in pixels of an image, from its first bytes."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Final

HEAD: Final = 64 * 1024
"""Bytes that are looked at: a JPEG's size stands behind its Exif data."""


def image_of(head: bytes) -> tuple[str, int, int] | None:
    """(kind, width, height) of a PNG, JPEG, GIF or WebP image; None for others and for a head that is too short."""
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return ("PNG", *struct.unpack_from(">II", head, 16))
        if head.startswith((b"GIF87a", b"GIF89a")):
            return ("GIF", *struct.unpack_from("<HH", head, 6))
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _webp(head)
        if head.startswith(b"\xff\xd8"):
            return _jpeg(head)
    except (struct.error, IndexError):
        return None
    return None


def base64_head(text: str, start: int = 0) -> bytes:
    """The first bytes of what stands in base64 from ``start`` on; b"" when it is no base64."""
    end = start + HEAD * 4 // 3
    piece = "".join(text[start:end].split())
    piece = piece[: len(piece) // 4 * 4] if len(text) > end else piece
    try:
        return base64.b64decode(piece + "=" * (-len(piece) % 4))
    except (binascii.Error, ValueError):
        return b""


def base64_size(text: str, start: int = 0) -> int:
    """How many bytes stand in base64 from ``start`` on."""
    padding = 2 if text.endswith("==") else 1 if text.endswith("=") else 0
    return max(0, (len(text) - start - padding) * 3 // 4)


def _webp(head: bytes) -> tuple[str, int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return "WebP", 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return "WebP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", head, 26)
        return "WebP", width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg(head: bytes) -> tuple[str, int, int] | None:
    """Go from segment to segment until the one that begins a frame (SOF0 … SOF15 but three of other meaning)."""
    at = 2
    while head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:  # a byte of filling
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", head, at + 5)
            return "JPEG", width, height
        at += 2 + struct.unpack_from(">H", head, at + 2)[0]
    return None
