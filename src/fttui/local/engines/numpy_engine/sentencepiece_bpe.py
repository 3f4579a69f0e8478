"""BPE as SentencePiece does it: vocabularies of the kind "llama" (Llama 2, TinyLlama, Mistral …).

No words are cut: a blank is the sign "▁" and is merged like any other. Of all neighbours, those are put together first
whose token has the highest score. A character without a token becomes its bytes, "<0x0A>" for one. A text starts with
a blank that nobody wrote, and so does one behind a special token (llama.cpp does it so, and so did Hugging Face's first
Llama tokenizer: the models saw it in training).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fttui.local.engines.numpy_engine.text_ids import text_ids
from fttui.local.engines.numpy_engine.vocabulary import BYTE, UNKNOWN, Vocabulary

_BLANK: Final = "▁"
_LONGEST: Final = 256
"""Characters of a token that others are put together to; SentencePiece makes none of more than 16 by itself."""
_LOST: Final = "\ufffd".encode()
"""For the token of all that the vocabulary has no token for."""


class SentencePieceBpe:
    """Text to tokens and back.

    Raises:
        ValueError: A byte token does not say which byte it is.
    """

    adds_begin = True

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._space = " " if vocabulary.adds_space else ""
        self._special = {vocabulary.tokens[i].replace(_BLANK, " "): i for i in vocabulary.special}
        by_length = sorted(self._special, key=len, reverse=True)  # the longest that fits is meant
        self._marks = re.compile("|".join(map(re.escape, by_length))) if by_length else None
        self._bytes = {i: _byte(vocabulary.tokens[i]) for i, kind in enumerate(vocabulary.types) if kind == BYTE}
        self._encoder = _encoder(vocabulary)

    def encode(self, text: str, *, is_start: bool) -> list[int]:
        """Token ids of a text, or of one that follows another."""
        ids: list[int] = []
        position = 0
        space = self._space if is_start else ""
        for mark in self._marks.finditer(text) if self._marks else ():
            ids += self._plain(text[position : mark.start()], space)
            ids.append(self._special[mark[0]])
            position, space = mark.end(), self._space
        return ids + self._plain(text[position:], space)

    def bytes_of(self, token: int) -> bytes:
        """The UTF-8 bytes that a token without a special meaning stands for."""
        if token in self._bytes:
            return self._bytes[token]
        if self._vocabulary.types[token] == UNKNOWN:
            return _LOST
        return self._vocabulary.tokens[token].replace(_BLANK, " ").encode("utf-8", "replace")

    def _plain(self, text: str, space: str) -> list[int]:
        return text_ids(self._encoder, (space + text).replace(" ", _BLANK)) if text else []


def _encoder(vocabulary: Vocabulary) -> Any:
    from tokenizers import Tokenizer, models

    ids: dict[str, int] = {}
    for i, token in enumerate(vocabulary.tokens):
        ids.setdefault(token, i)
    unknown = next((vocabulary.tokens[i] for i, kind in enumerate(vocabulary.types) if kind == UNKNOWN), None)
    merges = [pair for *_, pair in sorted(_merges(vocabulary, ids))]
    return Tokenizer(models.BPE(vocab=ids, merges=merges, unk_token=unknown, fuse_unk=True, byte_fallback=True))


def _merges(vocabulary: Vocabulary, ids: dict[str, int]) -> Iterator[tuple[float, int, int, tuple[str, str]]]:
    """Each way to put two tokens together, with what it is sorted by: the score, then the token's number."""
    for token, i in ids.items():
        if i in vocabulary.special or vocabulary.types[i] == BYTE or len(token) > _LONGEST:
            continue
        for cut in range(1, len(token)):
            left, right = token[:cut], token[cut:]
            if left in ids and right in ids:
                yield -vocabulary.scores[i], i, cut, (left, right)


def _byte(token: str) -> bytes:
    found = re.fullmatch(r"<0x([0-9A-Fa-f]{2})>", token)
    if found is None:
        raise ValueError(f"{token!r} is no byte")
    return bytes.fromhex(found[1])
