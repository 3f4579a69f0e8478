"""Rules about images: how many, where, and whether their bytes can be read."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from fttui.checks.model import Example, Found, Path, Target
from fttui.checks.roles import role_of
from fttui.checks.table import check, fix
from fttui.checks.targets import targets
from fttui.checks.traits import IMAGES
from fttui.checks.words import holder_of, meant_by, names_of, quoted, takers, takers_that, type_name
from fttui.formats.images import base64_head, base64_size, image_of

_DETAILS: Final = ("auto", "low", "high")
_TYPES: Final = ("image/jpeg", "image/jpg", "image/png", "image/webp")
_TYPE_OF: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WebP": "image/webp"}
_OTHER_ENDINGS: Final = (".gif", ".bmp", ".tif", ".tiff", ".svg", ".heic", ".heif", ".avif", ".ico", ".pdf")
_HEADER: Final = re.compile(r"data:([^;,]{0,100})(?:;[^;,]{0,100}){0,5};base64,", re.IGNORECASE)


class _Image(NamedTuple):
    """An image of an example: the path of its part, its message, what stands as `image_url`."""

    path: Path
    message: dict[str, Any]
    value: Any

    @property
    def url(self) -> str | None:
        """Its address, or None when there is none that is text."""
        url = self.value.get("url") if isinstance(self.value, dict) else None
        return url if isinstance(url, str) else None

    @property
    def url_path(self) -> Path:
        return (*self.path, "image_url", "url")


def _images(example: Example) -> list[_Image]:
    return [
        _Image(path, message, part.get("image_url"))
        for path, message, part in example.parts()
        if isinstance(part, dict) and part.get("type") == "image_url"
    ]


def _seeing(example: Example) -> tuple[Target, ...]:
    """The targets that take images: for others, how an image is written does not matter."""
    return takers_that(example.kind, lambda limits: limits.images != 0)


@check("image-not-taken", needs=IMAGES)
def image_not_taken(example: Example) -> Iterator[Found]:
    for image in _images(example)[:1]:
        blind = takers_that(example.kind, lambda limits: limits.images == 0)
        if blind:
            yield Found(f"images are not taken by {names_of(blind)}", image.path, blind)


@check("image-role", needs=IMAGES)
def image_of_another_role(example: Example) -> Iterator[Found]:
    for image in _images(example):
        role = role_of(image.message)
        if role not in ("user", None):
            yield Found(f"an image stands in a user's message, not in the {role}'s", image.path, _seeing(example))


@check("image-count", needs=IMAGES)
def too_many_images(example: Example) -> Iterator[Found]:
    images = _images(example)
    for limits in takers(example.kind) if images else ():
        if limits.images and limits.images < len(images):
            said = f"the example has {len(images):,} images; {limits.title} takes {limits.images}"
            yield Found(said, images[limits.images].path, (limits.name,))


@check("image-malformed", needs=IMAGES)
def malformed_image(example: Example) -> Iterator[Found]:
    for image in _images(example):
        if image.url is not None:
            continue
        path = (*image.path, "image_url")
        is_fixable = isinstance(image.value, str) and bool(image.value)
        if isinstance(image.value, dict):
            yield Found("this image has no url that is a string", path, _seeing(example), is_fixable=False)
        elif image.value is None:
            said = "an image needs `image_url` with its url"
            yield Found(said, image.path, _seeing(example), is_fixable=False)
        else:
            said = f"`image_url` is {type_name(image.value)}; it is an object with the url in it"
            strict = _seeing(example)
            if is_fixable:  # Mistral's own form
                strict = tuple(target for target in strict if target != "mistral")
            yield Found(said, path, strict, is_fixable=is_fixable)


@fix("image-malformed")
def put_the_url_into_an_object(record: dict[str, Any], path: Path) -> None:
    part = holder_of(record, path)
    part["image_url"] = {"url": part["image_url"]}


@check("image-url", needs=IMAGES)
def url_of_another_kind(example: Example) -> Iterator[Found]:
    for image in _images(example):
        url = image.url
        if url is None or url[:8].lower().startswith(("http://", "https://", "data:")):
            continue
        is_fixable = _bare_type(url) is not None
        if is_fixable:
            said = "the image is bare base64; it needs `data:`, its type and `;base64,` in front"
        elif not url:
            said = "the url of the image is empty"
        else:
            said = f"{quoted(url)} is no address that can be read from afar: write http(s):// or data:"
        yield Found(said, image.url_path, _seeing(example), is_fixable=is_fixable)


@fix("image-url")
def write_the_header(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    kind = _bare_type(holder["url"])
    if kind is not None:
        holder["url"] = f"data:{kind};base64,{holder['url']}"


def _bare_type(url: str) -> str | None:
    """The type of an image that stands in base64 without a header."""
    known = image_of(base64_head(url)) if len(url) > 40 else None
    return _TYPE_OF.get(known[0]) if known else None


@check("image-linked", needs=IMAGES)
def image_to_be_fetched(example: Example) -> Iterator[Found]:
    for image in _images(example):
        if (image.url or "")[:8].lower().startswith(("http://", "https://")):
            still = takers_that(example.kind, lambda limits: limits.images != 0 and not limits.image_urls)
            said = f"{names_of(still)} fetches no images: write the image itself, as data:image/…;base64,…"
            yield Found(said, image.url_path, still)


@check("image-format", needs=IMAGES)
def image_of_another_format(example: Example) -> Iterator[Found]:
    for image in _images(example):
        url = image.url or ""
        header = _HEADER.match(url)
        if header:
            real = image_of(base64_head(url, header.end()))
            kind = f"image/{real[0].lower()}" if real else header[1].lower()
            if kind in _TYPES and header[1].lower() in _TYPES:
                continue
            said = f"the image is {quoted(kind)}; JPEG, PNG and WebP can be trained on"
            if kind in _TYPES:
                said = f"the image is said to be {quoted(header[1])}, but is {quoted(kind)}"
            yield Found(said, image.url_path, _seeing(example), is_fixable=kind in _TYPES)
        elif url[:5].lower() == "data:":
            said = "a data: url of an image needs its type and `;base64,` before the bytes"
            yield Found(said, image.url_path, _seeing(example), is_fixable=False)
        elif (ending := _ending(url)) in _OTHER_ENDINGS:
            said = f"an image that ends in {ending!r} is skipped; JPEG, PNG and WebP can be trained on"
            yield Found(said, image.url_path, _seeing(example), is_fixable=False)


@fix("image-format")
def write_the_real_type(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    header = _HEADER.match(holder["url"])
    real = image_of(base64_head(holder["url"], header.end())) if header else None
    if header and real and real[0] in _TYPE_OF:
        holder["url"] = f"data:{_TYPE_OF[real[0]]};base64,{holder['url'][header.end() :]}"


def _ending(url: str) -> str:
    """``.gif`` of an address, without what is asked of it; "" when it has none."""
    name = url[:2000].split("?")[0].split("#")[0].rpartition("/")[2]
    return f".{name.rpartition('.')[2].lower()}" if "." in name else ""


@check("image-base64", needs=IMAGES)
def broken_base64(example: Example) -> Iterator[Found]:
    for image in _images(example):
        header = _HEADER.match(image.url or "")
        if image.url is None or header is None or _is_base64(image.url[header.end() :]):
            continue
        is_fixable = _mended_base64(image.url[header.end() :]) is not None
        yield Found("the bytes of the image are no base64", image.url_path, _seeing(example), is_fixable=is_fixable)


@fix("image-base64")
def write_plain_base64(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    header = _HEADER.match(holder["url"])
    mended = _mended_base64(holder["url"][header.end() :]) if header else None
    if header and mended is not None:
        holder["url"] = holder["url"][: header.end()] + mended


def _is_base64(data: str) -> bool:
    try:
        return bool(binascii.a2b_base64(data, strict_mode=True))
    except ValueError:
        return False


def _mended_base64(data: str) -> str | None:
    """The base64 without line breaks, in the plain alphabet, with its padding; None when that does not help."""
    plain = "".join(data.split()).replace("-", "+").replace("_", "/").rstrip("=")
    mended = plain + "=" * (-len(plain) % 4)
    return mended if _is_base64(mended) else None


@check("image-size", needs=IMAGES)
def image_too_large(example: Example) -> Iterator[Found]:
    for image in _images(example):
        header = _HEADER.match(image.url or "")
        if image.url is None or header is None:
            continue
        size = base64_size(image.url, header.end())
        too_small = tuple(name for name in _seeing(example) if (targets()[name].image_bytes or size) < size)
        if too_small:
            most = min(targets()[name].image_bytes or size for name in too_small)
            said = f"the image has {size:,} bytes; {names_of(too_small)} takes {most:,} and skips it"
            yield Found(said, image.url_path, too_small)


@check("image-detail", needs=IMAGES)
def wrong_detail(example: Example) -> Iterator[Found]:
    for image in _images(example):
        if isinstance(image.value, dict) and "detail" in image.value and image.value["detail"] not in _DETAILS:
            detail = image.value["detail"]
            shown = quoted(detail) if isinstance(detail, str) else type_name(detail)
            said = f"the detail is {shown}; it is auto, low or high"
            yield Found(said, (*image.path, "image_url", "detail"), _seeing(example))


@fix("image-detail")
def write_known_detail(record: dict[str, Any], path: Path) -> None:
    holder = holder_of(record, path)
    detail = holder["detail"]
    meant = meant_by(detail, _DETAILS, 0.75) if isinstance(detail, str) else None
    if meant:
        holder["detail"] = meant
    else:  # auto, which is what is taken without one
        del holder["detail"]
