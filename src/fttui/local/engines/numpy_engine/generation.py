"""One answer in the making."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from fttui.local.engines.numpy_engine.answer_text import AnswerText
from fttui.local.engines.numpy_engine.json_tokens import JsonAnswer
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.logprobs import chosen_token
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.sampling import adjust, choose, finite
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.local.engines.protocol import Fresh, Sampling


class NumpyAnswer:
    """See `fttui.local.engines.protocol.Answer`. The decoder computes; here is what an answer makes of its logits.

    Args:
        prompt: Token ids, at least one.
        most: Tokens that the answer may have.
        json: Keeps the answer to a JSON object.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        prompt: Sequence[int],
        sampling: Sampling,
        adapter: LoraAdapter | None,
        most: int,
        json: JsonAnswer | None = None,
    ) -> None:
        self.ids = list(prompt)
        """The prompt and the answer so far."""
        self.prompt_tokens = len(prompt)
        self.adapter = adapter
        self.cached_tokens = 0
        self.completion_tokens = 0
        self.finish_reason: str | None = None
        self.most = most
        self.cache: KeyValueCache | None = None
        """None until its turn comes, and while it is parked."""
        self.was_parked = False
        self._tokenizer = tokenizer
        self._sampling = sampling
        self._random = np.random.default_rng(None if sampling.seed is None else sampling.seed % 2**64)
        self._text = AnswerText(tokenizer, sampling.stop)
        self._counts: Counter[int] = Counter()
        self._json = json

    @property
    def is_writing(self) -> bool:
        """Whether only the token that came last is to be computed."""
        return self.completion_tokens > 0 and self.cache is not None and self.cache.length == len(self.ids) - 1

    def park(self) -> KeyValueCache:
        """Make it wait: what is in its cache, which is returned, is to be computed again."""
        assert self.cache is not None
        cache, self.cache, self.was_parked = self.cache, None, True
        return cache

    def accept(self, logits: FloatArray) -> Fresh:
        """Choose the next token.

        Args:
            logits: (V,), of what follows the prompt and the answer so far.
        """
        logits = finite(logits)
        token = self._choose(adjust(logits, self._sampling, self._counts))
        if token is None:
            return self._finish("length")
        self.completion_tokens += 1
        self._counts[token] += 1
        if token in self._tokenizer.end_ids and self._json is None:
            return self._finish("stop")
        top = self._sampling.top_logprobs
        chosen = None if top is None else chosen_token(self._tokenizer, logits, token, top)
        fresh = self._text.add(token, chosen)
        if self._text.is_stopped:
            self.finish_reason = "stop"
        elif self._json is not None and self._json.is_done:
            return _joined(fresh, self._finish("stop"))
        elif self.completion_tokens >= self.most:
            return _joined(fresh, self._finish("length"))
        self.ids.append(token)
        return fresh

    def _choose(self, logits: FloatArray) -> int | None:
        """None when JSON cannot go on with any token."""
        if self._json is not None:
            return self._json.choose(logits, self._random, self._sampling, self.most - self.completion_tokens)
        return choose(logits, self._random, temperature=self._sampling.temperature, top_p=self._sampling.top_p)

    def _finish(self, reason: str) -> Fresh:
        self.finish_reason = reason
        return self._text.finish()


def _joined(first: Fresh, second: Fresh) -> Fresh:
    return Fresh(first.text + second.text, first.tokens + second.tokens)
