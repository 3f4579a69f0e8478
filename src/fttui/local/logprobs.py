"""Log-probabilities in OpenAI's two shapes: of chat completions, and of the older completions."""

from __future__ import annotations

import codecs
import math
from collections.abc import Mapping, Sequence
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
        self._prompt_length = prompt_length
        self._places = _Places()
        self._top = top

    def add(self, text: str, tokens: Sequence[ChosenToken]) -> dict[str, Any]:
        """Those of the next piece of the text, and of the tokens that came with it (or after their text)."""
        self._places.text += text
        offsets = [self._prompt_length + self._places.begin_of(chosen.token.bytes) for chosen in tokens]
        return {
            "tokens": [_legacy_text(chosen.token) for chosen in tokens],
            "token_logprobs": [_finite(chosen.token.logprob) for chosen in tokens],
            "top_logprobs": [_legacy_top(chosen) for chosen in tokens] if self._top else None,
            "text_offset": offsets,
        }


class _Places:
    """Finds tokens in the text that they make up, each broken character being one sign in it."""

    def __init__(self) -> None:
        self.text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._next = 0

    def begin_of(self, token: bytes) -> int:
        """The number of the character in which ``token`` begins, whose bytes come next."""
        whole = _text(token)
        first = self._begin_of_part(token) if whole is None else self._begin_of_whole(whole)
        return min(first, len(self.text))  # a stop text may have cut it off

    def _begin_of_whole(self, token: str) -> int:
        if token and self._decoder.getstate()[0]:  # what had begun was broken off
            self._decoder.reset()
            self._next += 1
        first = self._next
        if self.text.startswith(token, first):  # special tokens are not in the text
            self._next += len(token)
        return first

    def _begin_of_part(self, token: bytes) -> int:
        first = self._next
        for position in range(len(token)):
            byte = token[position : position + 1]
            had_begun = bool(self._decoder.getstate()[0])
            made = len(self._decoder.decode(byte))
            if position == 0 and had_begun and (made == 2 or self._decoder.getstate()[0] == byte):
                first += 1  # what had begun was broken off: the byte is of the next character
            self._next += made
        return first


def joined(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The pieces of `LegacyLogprobs`, one or more, as one."""
    return {
        key: None if first is None else [item for part in parts for item in part[key]]
        for key, first in parts[0].items()
    }


def _entry(candidate: Candidate) -> dict[str, Any]:
    text = _text(candidate.bytes)
    return {
        "token": _escaped(candidate.bytes) if text is None else text,
        "bytes": None if candidate.is_control else list(candidate.bytes),  # those of all tokens make up the text
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
