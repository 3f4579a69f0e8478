"""How much and how long: what one request, one client and all of them together may take of the server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

UPLOAD_LIMIT: Final = 512 * 1024 * 1024
"""Bytes of a file that comes in one request; OpenAI's limit."""

PART_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of one part of an upload; OpenAI's limit."""

NAME_LIMIT: Final = 4096
"""Characters of a file's name."""

_FORM_ROOM: Final = 1024 * 1024
"""Bytes of a form beside its file."""

_BODY_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of any other body: JSON, which takes up to twenty times its size in memory."""

_PART_PATH: Final = re.compile(r"/v1/uploads/[^/]+/parts")


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may take. A server has these; tests have shorter ones."""

    silence_s: float = 60.0
    """Seconds in which the head of a request must be there, and without a byte of its body, or of its answer taken."""
    bytes_per_second: float = 500.0
    """A body may come this slowly, `silence_s` added: who sends a byte now and then does not stay for ever."""
    linger_s: float = 5.0
    """Seconds to go on taking a body that was answered before its end, so that its sender can read the answer."""
    connections: int = 256
    """Open at once, of all clients."""


def body_limit(path: str) -> int:
    """Bytes that the body of a request for ``path`` may have."""
    if path == "/v1/files":
        return UPLOAD_LIMIT + _FORM_ROOM
    return PART_LIMIT + _FORM_ROOM if _PART_PATH.fullmatch(path) else _BODY_LIMIT
