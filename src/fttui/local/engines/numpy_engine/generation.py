"""Answers, a bounded piece of work at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.sampling import choose
from fttui.local.engines.numpy_engine.stop_texts import StopTexts
from fttui.local.engines.numpy_engine.tokenizer import StreamDecoder, Tokenizer
from fttui.local.engines.protocol import Sampling

PROMPT_CHUNK: Final = 128
"""Prompt tokens of one step at most: the other answers wait so long."""

_ROOM_FOR_ANSWER: Final = 128


def run_tokens(model: LlamaModel, ids: Sequence[int], cache: KeyValueCache) -> FloatArray:
    """Compute tokens that follow those in the cache.

    Args:
        ids: T tokens.

    Returns:
        The logits (V,) of what follows the last of them.
    """
    x = model.embed(np.array(ids))
    rotation = model.rotation(np.arange(cache.length, cache.length + len(ids)))
    cache.reserve(len(ids))
    for layer in range(model.shape.layers):
        x, _ = model.run_layer(layer, x, rotation, partial(cache.attention, layer))
    cache.advance(len(ids))
    normed, _ = model.final_norm(x[-1:])
    result: FloatArray = model.logits(normed)[0]
    return result


class NumpyGeneration:
    """One answer in the making; see `fttui.local.engines.protocol.Generation`.

    Args:
        prompt: Token ids, at least one.
        context_length: Tokens that prompt and answer may have together.
    """

    def __init__(
        self, model: LlamaModel, tokenizer: Tokenizer, prompt: Sequence[int], sampling: Sampling, context_length: int
    ) -> None:
        self.prompt_tokens = len(prompt)
        self.cached_tokens = 0
        self.completion_tokens = 0
        self.finish_reason: str | None = None
        self._model = model
        self._waiting = list(prompt)
        self._end_ids = tokenizer.end_ids
        self._sampling = sampling
        self._most = min(sampling.max_tokens, context_length - len(prompt))
        self._random = np.random.default_rng(None if sampling.seed is None else sampling.seed % 2**64)
        self._cache = KeyValueCache(model.shape, len(prompt) + min(self._most, _ROOM_FOR_ANSWER))
        self._decoder = StreamDecoder(tokenizer)
        self._stops = StopTexts(sampling.stop)

    def step(self) -> str:
        """At most `PROMPT_CHUNK` tokens of the prompt (with its last one: the first new token), or one new token."""
        if self.finish_reason is not None:
            return ""
        chunk, self._waiting = self._waiting[:PROMPT_CHUNK], self._waiting[PROMPT_CHUNK:]
        logits = run_tokens(self._model, chunk, self._cache)
        if self._waiting:
            return ""
        token = choose(logits, self._random, temperature=self._sampling.temperature, top_p=self._sampling.top_p)
        return self._accept(token)

    def _accept(self, token: int) -> str:
        """Count a new token and give out the text it completes."""
        self.completion_tokens += 1
        if token in self._end_ids:
            return self._finish("stop")
        text = self._stops.add(self._decoder.add(token))
        if self._stops.is_reached:
            self.finish_reason = "stop"
            return text
        if self.completion_tokens >= self._most:
            return text + self._finish("length")
        self._waiting = [token]
        return text

    def _finish(self, reason: str) -> str:
        """The last of the text, which was held back so far."""
        self.finish_reason = reason
        rest = self._stops.add(self._decoder.finish())
        return rest if self._stops.is_reached else rest + self._stops.finish()
