"""Byte-level BPE, as GPT-2 has it: vocabularies of the kind "gpt2"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fttui.local.engines.numpy_engine.text_ids import text_ids
from fttui.local.engines.numpy_engine.vocabulary import Vocabulary
from fttui.local.engines.numpy_engine.word_rules import word_rule


class ByteBpe:
    """Text to tokens and back.

    Raises:
        FttuiError: The vocabulary cuts words by a rule that is not known.
        ValueError: A merge does not fit the tokens.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        rule = word_rule(vocabulary.words)
        self.adds_begin = rule.adds_begin
        self._vocabulary = vocabulary
        self._encoder = _encoder(vocabulary, keeps_whole_words=rule.keeps_whole_words)
        self._encoder.pre_tokenizer = rule.cut
        self._byte_of = _bytes_of_signs()

    def encode(self, text: str, *, is_start: bool) -> list[int]:
        """Token ids; where a text starts makes no difference."""
        return text_ids(self._encoder, text)

    def bytes_of(self, token: int) -> bytes:
        """The UTF-8 bytes that a token without a special meaning stands for."""
        return bytes(self._byte_of[sign] for sign in self._vocabulary.tokens[token] if sign in self._byte_of)


def _encoder(vocabulary: Vocabulary, *, keeps_whole_words: bool) -> Any:
    from tokenizers import AddedToken, Tokenizer, models

    ids = {token: i for i, token in enumerate(vocabulary.tokens)}
    merges = []
    for merge in vocabulary.merges:
        left, _, right = merge.partition(" ")
        if left not in ids or right not in ids or left + right not in ids:
            raise ValueError(f"the merge {merge!r} is not one of tokens")
        merges.append((left, right))
    encoder = Tokenizer(models.BPE(vocab=ids, merges=merges, ignore_merges=keeps_whole_words))
    special = [vocabulary.tokens[i] for i in sorted(vocabulary.special)]
    encoder.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    return encoder


def _bytes_of_signs() -> Mapping[str, int]:
    """Byte-level BPE writes each byte as a printable sign: which byte each stands for.

    Source: `bytes_to_unicode` in OpenAI's gpt-2/src/encoder.py.
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    signs = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if byte not in printable)
    return signs | {chr(256 + n): byte for n, byte in enumerate(others)}
