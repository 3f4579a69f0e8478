"""JSON mode for tokens: which token may come next, so that the answer becomes one JSON object and ends there."""

from __future__ import annotations

from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.json_mode import START, JsonProgress
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.sampling import choose_among
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.local.engines.protocol import Sampling

_NO_TEXT: Final = 256
"""Stands for the first byte of tokens without text: control tokens."""


class TokenTexts:
    """The bytes of each token, made once for a vocabulary.

    Args:
        vocabulary: Numbers in a row of logits; perhaps more than there are tokens.
    """

    def __init__(self, tokenizer: Tokenizer, vocabulary: int) -> None:
        self.texts = [tokenizer.bytes_of(token) for token in range(vocabulary)]
        self.first_bytes = np.array([text[0] if text else _NO_TEXT for text in self.texts])


class JsonAnswer:
    """One answer on its way to be a JSON object."""

    def __init__(self, texts: TokenTexts) -> None:
        self._texts = texts
        self._progress = START

    @property
    def is_done(self) -> bool:
        return self._progress.is_done

    def choose(self, logits: FloatArray, random: np.random.Generator, sampling: Sampling, left: int) -> int | None:
        """Draw a token that the object can go on with, and go on with it.

        A token may be the shortest end's first byte, and each further one too: so as long as every byte is a token
        by itself, an object that can be closed in time is, whatever the model prefers.

        Args:
            logits: (V,).
            left: Tokens that the answer may still have, this one included; none is taken after which the object could
                not be closed with them.

        Returns:
            None when the vocabulary has no such token.
        """
        possible = np.array([self._progress.after_byte(byte) is not None for byte in range(256)] + [False])
        logits = np.where(possible[self._texts.first_bytes], logits, -np.inf)
        return_to: dict[int, JsonProgress] = {}

        def is_possible(token: int) -> bool:
            then = self._progress.after(self._texts.texts[token])
            if then is None or len(then.shortest_end()) > max(0, left - 1):
                return False
            return_to[token] = then
            return True

        token = choose_among(logits, random, is_possible, temperature=sampling.temperature, top_p=sampling.top_p)
        if token is not None:
            self._progress = return_to[token]
        return token
