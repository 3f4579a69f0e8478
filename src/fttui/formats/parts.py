"""What is no text in a message's content, each part as a line: an image with its size, a sound, a file, a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fttui.core.text import one_line
from fttui.formats.content import other_parts
from fttui.formats.images import base64_head, base64_size, image_of

_URL_SHOWN: Final = 120


def part_lines(content: Any) -> Iterator[tuple[str, str]]:
    """(name, text) of each part of ``content`` that is no text, or has more than its text. Nothing is made safe."""
    for name, part in other_parts(content):
        yield _line(part) or (name, json.dumps(part, ensure_ascii=False))


def _line(part: Any) -> tuple[str, str] | None:
    """How a part of a kind that is known is shown."""
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(kind, str) or not isinstance(part, Mapping):
        return None
    value = part.get(kind)
    if kind == "image_url":
        return _image(value)
    if kind == "input_audio" and isinstance(value, Mapping):
        return "audio", _facts(value.get("format"), _bytes_of(value.get("data")))
    if kind == "file" and isinstance(value, Mapping):
        return "file", _facts(value.get("filename"), value.get("file_id"), _bytes_of(value.get("file_data")))
    if kind == "refusal" and isinstance(value, str):
        return "refusal", value
    return None


def _image(value: Any) -> tuple[str, str] | None:
    url = value.get("url") if isinstance(value, Mapping) else value
    if not isinstance(url, str):
        return None
    detail = value.get("detail") if isinstance(value, Mapping) else None
    return "image", _facts(*_image_facts(url), f"detail {detail}" if isinstance(detail, str) else None)


def _image_facts(url: str) -> Iterator[str]:
    if not url.startswith("data:"):
        yield one_line(url, _URL_SHOWN) + ("…" if len(url) > _URL_SHOWN else "")
        return
    comma = url.find(",", 0, 200)
    start = comma + 1
    image = image_of(base64_head(url, start)) if comma != -1 else None
    if image is None:
        yield one_line(url[5 : max(5, comma)].split(";")[0], 40) or "data"
    else:
        yield f"{image[0]} {image[1]:,}×{image[2]:,}"
    yield f"{base64_size(url, start):,} bytes"


def _bytes_of(data: Any) -> str | None:
    if not isinstance(data, str) or not data:
        return None
    return f"{base64_size(data, data.find(',', 0, 200) + 1):,} bytes"


def _facts(*facts: Any) -> str:
    return ", ".join(one_line(fact, 200) for fact in facts if isinstance(fact, str) and fact)
