"""Rules about images."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest

from checks.finding import chat, fixed, found, rules_for

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 3, 2) + bytes(40)).decode()
GIF = base64.b64encode(b"GIF89a" + struct.pack("<HH", 3, 2) + bytes(40)).decode()
URL = "https://example.com/cat.png"


def image(url: Any = URL, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def asked(*parts: Any) -> dict[str, Any]:
    return chat({"role": "user", "content": [{"type": "text", "text": "What?"}, *parts]}, "A cat")


def url_of(record: dict[str, Any]) -> Any:
    return record["messages"][0]["content"][1]["image_url"]["url"]


@pytest.mark.parametrize(
    "part",
    [
        image(), image("HTTP://example.com/cat"), image(f"data:image/png;base64,{PNG}"),
        image(f"data:image/jpg;base64,{PNG}"), image(detail="auto"), image("https://example.com/cat.webp?v=1.gif"),
    ],
)  # fmt: skip
def test_good_images(part: dict[str, Any]) -> None:
    assert rules_for(asked(part), "openai") == set()
    assert rules_for(asked(part), "nebius") == {"image-not-taken"}
    is_linked = not part["image_url"]["url"].startswith("data:")
    for target in ("together", "fireworks"):
        assert rules_for(asked(part), target) == ({"image-linked"} if is_linked else set())


def test_mistral_takes_a_bare_address() -> None:
    record = asked({"type": "image_url", "image_url": URL})
    assert rules_for(record, "mistral") == set()
    assert rules_for(record, "openai") == {"image-malformed"}


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        (image("cat.png"), "image-url"), (image(""), "image-url"), (image("gs://bucket/cat.png"), "image-url"),
        (image("https://example.com/cat.GIF?v=1"), "image-format"), (image("data:image/png,xyz"), "image-format"),
        (image(f"data:image/png;base64,{GIF}"), "image-format"),
        (image(f"data:image/gif;base64,{GIF}"), "image-format"),
        (image("data:image/png;base64,%%%"), "image-base64"), (image("data:image/png;base64,"), "image-base64"),
        (image(detail="medium"), "image-detail"), (image(detail=7), "image-detail"),
        (image(7), "image-malformed"), ({"type": "image_url"}, "image-malformed"),
        ({"type": "image_url", "image_url": URL}, "image-malformed"),
        ({"type": "image_url", "image_url": [URL]}, "image-malformed"),
    ],
)  # fmt: skip
def test_bad_images(part: dict[str, Any], broken: str) -> None:
    assert rules_for(asked(part), "openai") == {broken}


def test_addresses_are_mended() -> None:
    whole = f"data:image/png;base64,{PNG}"
    assert url_of(fixed("image-malformed", asked({"type": "image_url", "image_url": URL}))) == URL
    assert url_of(fixed("image-url", asked(image(PNG)))) == whole
    assert url_of(fixed("image-format", asked(image(f"data:image/bmp;charset=x;base64,{PNG}")))) == whole
    broken = PNG[:30] + "\r\n" + PNG[30:].rstrip("=")
    assert url_of(fixed("image-base64", asked(image(f"data:image/png;base64,{broken}")))) == whole


def test_details_are_mended() -> None:
    assert fixed("image-detail", asked(image(detail="High"))) == asked(image(detail="high"))
    assert fixed("image-detail", asked(image(detail="original"))) == asked(image())


def test_ten_images_are_taken() -> None:
    assert not found("image-count", asked(*[image()] * 10))
    (place,) = [place for place in found("image-count", asked(*[image()] * 12)) if place.targets == ("openai",)]
    assert place.message == "the example has 12 images; OpenAI takes 10"
    assert place.path == ("messages", 0, "content", 11)  # the first that is too many


def test_ten_megabytes_are_taken() -> None:
    most = 10 * 2**20
    for size, is_found in ((most, False), (most + 1, True)):
        data = base64.b64encode(bytes(size)).decode()
        places = found("image-size", asked(image(f"data:image/png;base64,{data}")))
        assert bool(places) == is_found
    assert f"{most + 1:,} bytes" in places[0].message and len(places[0].message) < 200


def test_only_users_show_images() -> None:
    record = chat("Draw!", {"role": "assistant", "content": [image()]})
    assert rules_for(record, "openai") == {"image-role"}
