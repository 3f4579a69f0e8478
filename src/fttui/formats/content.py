"""The content of a message: a string, or a list of parts of which some are text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

_BETWEEN: Final = "\n"


def text_of(content: Any) -> str:
    """The text in it: the string, or the text parts with a line break between; empty when there is none."""
    if isinstance(content, str):
        return content
    return _BETWEEN.join(content[index]["text"] for index in _text_parts(content))


def other_parts(content: Any) -> Iterator[tuple[str, Any]]:
    """What is no text, each with a name: ``content[1]``, or ``content`` as a whole."""
    if isinstance(content, list):
        texts = set(_text_parts(content))
        for index, part in enumerate(content):
            if index not in texts:
                yield f"content[{index}]", part
            elif len(part) > 2:
                yield f"content[{index}]", {key: value for key, value in part.items() if key not in ("type", "text")}
    elif content is not None and not isinstance(content, str):
        yield "content", content


def with_text(content: Any, text: str) -> Any:
    """The content with another text: parts that are no text stay where they are.

    Of several text parts each gets its own lines back when the text still has as many as the parts had; otherwise
    the first takes all of it and the other text parts go.
    """
    if text_of(content) == text and (isinstance(content, list | str) or content is None):
        return content
    if not isinstance(content, list):
        return text
    indices = _text_parts(content)
    if not indices:
        return [{"type": "text", "text": text}, *content]
    texts = _shared_out([content[index]["text"] for index in indices], text)
    renewed = dict(zip(indices, texts, strict=False))
    dropped = set(indices[len(texts) :])
    return [
        {**part, "text": renewed[index]} if index in renewed else part
        for index, part in enumerate(content)
        if index not in dropped
    ]


def split_content(content: Any, at: int) -> tuple[Any, Any]:
    """The content up to character ``at`` of its text, and the rest; a list of parts is parted into two lists."""
    if not isinstance(content, list):
        text = text_of(content)
        return text[:at], text[at:]
    texts = set(_text_parts(content))
    before: list[Any] = []
    after: list[Any] = []
    left = at
    for index, part in enumerate(content):
        length = len(part["text"]) if index in texts else 0
        if index not in texts:
            (before if left >= 0 else after).append(part)
        elif 0 < left < length:
            before.append({**part, "text": part["text"][:left]})
            after.append({**part, "text": part["text"][left:]})
        else:
            (before if left > 0 else after).append(part)
        left -= length + len(_BETWEEN) if index in texts else 0
    return before, after


def _text_parts(content: Any) -> list[int]:
    """The indices of the text parts."""
    if not isinstance(content, list):
        return []
    return [
        index
        for index, part in enumerate(content)
        if isinstance(part, Mapping) and part.get("type") == "text" and isinstance(part.get("text"), str)
    ]


def _shared_out(old: list[str], text: str) -> list[str]:
    """The new text over the old parts, or all of it in one."""
    lines = text.split(_BETWEEN)
    counts = [part.count(_BETWEEN) + 1 for part in old]
    if len(lines) != sum(counts):
        return [text]
    shares = []
    for count in counts:
        shares.append(_BETWEEN.join(lines[:count]))
        lines = lines[count:]
    return shares
