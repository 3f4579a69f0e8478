"""Other texts for the messages of a line, put into its bytes where the old ones stand; nothing else is written anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson


def with_texts_spliced(raw: bytes, texts: Mapping[int, str], writes_ascii: Callable[[], bool]) -> bytes | None:
    """The line of a chat example with other texts in some messages, or None when that is not plainly possible.

    It is not where a text is spelt in an unusual way, stands in the line twice, or is made of parts. What is done is
    read again and compared, so a line is right or not returned.

    Args:
        raw: The line.
        texts: The new texts by the numbers of their messages.
        writes_ascii: Asked whether to write other letters as escapes, if there are any.
    """
    try:
        record = orjson.loads(raw)
        line = raw
        for number, text in texts.items():
            message = record["messages"][number]
            line = _spliced(line, message["content"], text, raw.isascii(), writes_ascii)
            message["content"] = text
        return line if orjson.loads(line) == record else None
    except (KeyError, IndexError, TypeError, ValueError):  # not a chat, or not as simple
        return None


def _spliced(line: bytes, old: Any, new: str, is_ascii: bool, writes_ascii: Callable[[], bool]) -> bytes:
    if not isinstance(old, str):
        raise TypeError("the content is no text")
    token = json.dumps(old, ensure_ascii=is_ascii).encode()
    if line.count(token) != 1:
        raise ValueError("it is not plain where the text stands")
    return line.replace(token, json.dumps(new, ensure_ascii=not new.isascii() and writes_ascii()).encode())
