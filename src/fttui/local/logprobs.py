"""Log-probabilities in OpenAI's two shapes: of chat completions, and of the older completions."""

from __future__ import annotations

import codecs
import math
from collections.abc import Sequence
from typing import Any, Final

from fttui.local.engines.protocol import Candidate, ChosenToken

LEAST: Final = -9999.0
"""OpenAI's word for "very unlikely"; JSON has no infinity."""


def chat_logprobs(tokens: Sequence[ChosenToken]) -> dict[str, Any]:
    """The ``logprobs`` of a choice of a chat completion."""
    content = [
        {**_entry(chosen.token), "top_logprobs": [_entry(candidate) for candidate in chosen.top]} for chosen in tokens
    ]
    return {"content": content, "refusal": None}


class LegacyLogprobs:
    """The ``logprobs`` of a choice of a completion, which tell where in the text each token begins.

    Args:
        prompt_length: Characters of the prompt: offsets count from its start, whether it is echoed or not.
        top: Whether the likeliest tokens were asked for (``logprobs`` above 0).
    """

    def __init__(self, prompt_length: int, *, top: bool) -> None:
        self._length = prompt_length
        self._top = top

    def add(self, text: str, tokens: Sequence[ChosenToken]) -> dict[str, Any]:
        """Those of the next piece of the text, which ``tokens`` make up."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        offsets, characters = [], 0
        for chosen in tokens:
            offsets.append(self._length + min(characters, len(text)))
            characters += len(decoder.decode(chosen.token.bytes))
        self._length += len(text)
        return {
            "tokens": [_legacy_text(chosen.token) for chosen in tokens],
            "token_logprobs": [_finite(chosen.token.logprob) for chosen in tokens],
            "top_logprobs": [_legacy_top(chosen) for chosen in tokens] if self._top else None,
            "text_offset": offsets,
        }


def _entry(candidate: Candidate) -> dict[str, Any]:
    text = _text(candidate.bytes)
    return {
        "token": _escaped(candidate.bytes) if text is None else text,
        "bytes": list(candidate.bytes),
        "logprob": _finite(candidate.logprob),
    }


def _legacy_top(chosen: ChosenToken) -> dict[str, float]:
    """The likeliest tokens, and the chosen one; of two that read alike the likelier one."""
    top: dict[str, float] = {}
    for candidate in (*chosen.top, chosen.token):
        top.setdefault(_legacy_text(candidate), _finite(candidate.logprob))
    return top


def _legacy_text(candidate: Candidate) -> str:
    text = _text(candidate.bytes)
    return f"bytes:{_escaped(candidate.bytes)}" if text is None else text


def _text(token: bytes) -> str | None:
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:  # a part of a character
        return None


def _escaped(token: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in token)


def _finite(logprob: float) -> float:
    return max(logprob, LEAST) if math.isfinite(logprob) else LEAST
