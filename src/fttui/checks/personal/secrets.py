"""Keys of APIs in text, told by the beginnings that their makers give them."""

from __future__ import annotations

import re
from typing import Final

SECRET: Final = "secret-key"

# OpenAI, Anthropic and others; GitHub; GitLab; Slack; Google; Hugging Face; npm; Stripe; AWS
_KEY: Final = re.compile(
    rb"sk-[A-Za-z0-9_-]{20,}"
    rb"|gh[pousr]_[A-Za-z0-9]{36}"
    rb"|github_pat_[A-Za-z0-9_]{40,}"
    rb"|glpat-[A-Za-z0-9_-]{20,}"
    rb"|xox[abeoprs]-[A-Za-z0-9-]{16,}"
    rb"|AIza[A-Za-z0-9_-]{35}"
    rb"|hf_[A-Za-z0-9]{30,}"
    rb"|npm_[A-Za-z0-9]{36}"
    rb"|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"
    rb"|(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
)
_WEB_TOKEN: Final = re.compile(rb"eyJ[A-Za-z0-9_-]{12,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
_BEARER: Final = re.compile(rb"[Bb]earer $")
_LETTERS: Final = 8
"""A key has at least so many different characters; a placeholder (``sk-xxxxxxxx``) has fewer."""


def is_secret(raw: bytes, start: int, end: int) -> bool:
    """Whether a run of letters, digits, ``-`` and ``_`` is a key, or a token that stands after "Bearer"."""
    if start and raw[start - 1] == ord("\\"):
        start += 1  # the n of an escaped line break
    key = _KEY.match(raw, start, end)
    if key is not None:
        return _is_random(key[0])
    if raw.startswith(b"eyJ", start) and _WEB_TOKEN.match(raw, start):
        return True
    return _BEARER.search(raw, max(0, start - 7), start) is not None and _is_random(raw[start:end])


def _is_random(key: bytes) -> bool:
    return len(set(key)) >= _LETTERS and (any(48 <= byte < 58 for byte in key) or key.startswith(b"hf_"))
