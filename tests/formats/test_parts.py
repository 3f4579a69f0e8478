"""Images, sounds and files are told by a line with what is known about them."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fttui.formats.images import image_of
from fttui.formats.parts import part_lines

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 1024, 768) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 320, 200) + b"\0" * 8
EXIF = b"\xff\xe1" + struct.pack(">H", 20_002) + b"x" * 20_000
JPEG = b"\xff\xd8" + EXIF + b"\xff\xff\xc2" + struct.pack(">HBHH", 17, 8, 480, 640) + b"\0" * 12
WEBP_X = b"RIFF\0\0\0\0WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + b"\x1f\x03\0" + b"\x57\x02\0"
WEBP_L = b"RIFF\0\0\0\0WEBPVP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", 99 | 49 << 14)
WEBP = b"RIFF\0\0\0\0WEBPVP8 " + struct.pack("<I", 10) + b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 176, 144)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (PNG, ("PNG", 1024, 768)),
        (GIF, ("GIF", 320, 200)),
        (JPEG, ("JPEG", 640, 480)),
        (WEBP_X, ("WebP", 800, 600)),
        (WEBP_L, ("WebP", 100, 50)),
        (WEBP, ("WebP", 176, 144)),
        (b"", None),
        (b"BM123", None),
    ],
)
def test_sizes_are_read_from_headers(head: bytes, expected: tuple[str, int, int] | None) -> None:
    assert image_of(head) == expected


@given(st.sampled_from([PNG, GIF, JPEG, WEBP, WEBP_L, WEBP_X]), st.integers(0, 60), st.binary(max_size=30))
def test_no_header_is_too_short_or_too_odd(head: bytes, cut: int, rest: bytes) -> None:
    image_of(head[:cut] + rest)


def lines(*parts: Any) -> list[tuple[str, str]]:
    return list(part_lines([*parts]))


def data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def test_an_image_is_a_line() -> None:
    url = data("image/png", PNG)
    assert lines({"type": "image_url", "image_url": {"url": url, "detail": "high"}}) == [
        ("image", f"PNG 1,024×768, {len(PNG)} bytes, detail high")
    ]
    assert lines({"type": "image_url", "image_url": "https://example.com/cat.png"}) == [
        ("image", "https://example.com/cat.png")
    ]
    assert lines({"type": "image_url", "image_url": {"url": "data:image/tiff;base64,AAAA"}}) == [
        ("image", "image/tiff, 3 bytes")
    ]
    big = data("image/jpeg", JPEG + b"\0" * 200_000)
    assert lines({"type": "image_url", "image_url": {"url": big}}) == [
        ("image", f"JPEG 640×480, {len(JPEG) + 200_000:,} bytes")
    ]


def test_other_parts_are_lines_too() -> None:
    sound = base64.b64encode(b"x" * 1000).decode()
    assert lines({"type": "input_audio", "input_audio": {"data": sound, "format": "wav"}}) == [
        ("audio", "wav, 1,000 bytes")
    ]
    assert lines({"type": "file", "file": {"filename": "a\x1b.pdf", "file_id": "file-1"}}) == [
        ("file", "a␛.pdf, file-1")
    ]
    assert lines({"type": "refusal", "refusal": "No."}) == [("refusal", "No.")]


@pytest.mark.parametrize("part", [7, None, {}, {"type": 7}, {"type": "image_url"}, {"type": "file", "file": 3}])
def test_what_is_unknown_is_shown_as_it_is(part: Any) -> None:
    assert [name for name, _ in lines(part)] == ["content[0]"]


@pytest.mark.parametrize(
    "url", ["data:", "data:,", "data:image/png;base64,!!!!", "data:image/png;base64,é", "", "\x1b["]
)
def test_odd_urls_do_no_harm(url: str) -> None:
    ((name, text),) = lines({"type": "image_url", "image_url": {"url": url}})
    assert name == "image"
    assert "\x1b" not in text
