"""Several answers made together: each step is one pass through the weights for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.forward import Forward, Span
from fttui.local.engines.numpy_engine.generation import NumpyAnswer
from fttui.local.engines.numpy_engine.json_tokens import JsonAnswer, TokenTexts
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache, token_bytes
from fttui.local.engines.numpy_engine.llama_weights import LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.prefix_reuse import KeptCaches, common_prefix, longest_prefix
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.local.engines.protocol import Adapter, Answer, Fresh, Sampling

PROMPT_CHUNK: Final = 128
"""Prompt tokens of one step at most."""
PROMPT_CHUNK_BESIDE: Final = 32
"""Likewise when answers are being written: about as long as two steps without a prompt, so that nothing stutters."""

OPEN_BYTES: Final = 600 * 2**20
"""Of keys and values in use (13,600 tokens of SmolLM2). A prompt that would need more waits for an answer to end; when
answers grow beyond it together, the youngest is parked and computed again later. A single one may have more."""

_ROOM_FOR_ANSWER: Final = 128
"""Tokens that an answer's cache has room for at first, beside the prompt."""
_WORTH_WAITING: Final = 8
"""Tokens that a prompt can save by letting another one go first."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What is computed for an answer in one step: its last token, or a part of what is before it."""

    answer: NumpyAnswer
    cache: KeyValueCache
    ids: Sequence[int]

    @property
    def gives_a_token(self) -> bool:
        return self.cache.length + len(self.ids) == len(self.answer.ids)


class NumpyDecoder:
    """See `fttui.local.engines.protocol.Decoder`."""

    def __init__(self, weights: LlamaWeights, tokenizer: Tokenizer) -> None:
        self._weights = weights
        self._tokenizer = tokenizer
        self._forward = Forward(weights)
        self._open: list[NumpyAnswer] = []
        """In order of arrival."""
        self._kept = KeptCaches()
        self._texts: TokenTexts | None = None

    def add(self, prompt_ids: Sequence[int], sampling: Sampling, adapter: Adapter | None = None) -> NumpyAnswer:
        context = self._weights.shape.context_length
        if not prompt_ids:
            raise FttuiError("The prompt is empty.")
        if len(prompt_ids) >= context:
            raise FttuiError(
                f"The prompt has {len(prompt_ids)} tokens; the model's context of {context} tokens "
                "leaves no room for an answer."
            )
        if adapter is not None and not isinstance(adapter, LoraAdapter):
            raise TypeError(f"an adapter of another engine: {adapter!r}")
        most = min(sampling.max_tokens, context - len(prompt_ids))
        json = JsonAnswer(self._token_texts()) if sampling.json_object else None
        answer = NumpyAnswer(self._tokenizer, prompt_ids, sampling, adapter, most, json)
        self._open.append(answer)
        return answer

    def step(self) -> list[tuple[Answer, Fresh]]:
        self._park()
        work = self._next_work()
        spans = [Span(item.ids, item.cache, item.answer.adapter, item.gives_a_token) for item in work]
        came: list[tuple[Answer, Fresh]] = []
        for item, logits in zip(work, self._forward.run(spans) if spans else [], strict=True):
            fresh = item.answer.accept(logits) if logits is not None else Fresh("")
            if item.answer.finish_reason is not None:
                self.remove(item.answer)
            came.append((item.answer, fresh))
        return came

    def remove(self, answer: Answer) -> None:
        if isinstance(answer, NumpyAnswer) and answer in self._open:
            self._open.remove(answer)
            if answer.cache is not None:
                self._kept.keep(answer.cache, answer.adapter)

    def _next_work(self) -> list[_Work]:
        """The last token of each answer that has its prompt behind it, and as much of the prompts as is wanted now."""
        work = [
            _Work(answer, answer.cache, answer.ids[-1:])
            for answer in self._open
            if answer.cache is not None and answer.is_writing
        ]
        return work + self._prompts(PROMPT_CHUNK_BESIDE if work else PROMPT_CHUNK)

    def _prompts(self, room: int) -> list[_Work]:
        """Parts of prompts, ``room`` tokens in all: of the oldest, and of those that have the least left to read.

        So a long prompt does not keep a short one waiting, and short ones do not keep it waiting for ever.
        """
        reading = self._may_be_read()
        shares: dict[NumpyAnswer, int] = {}
        for answer in [*reading[:1], *sorted(reading[1:], key=_left_to_read)]:
            if room == 0:
                break
            if answer.cache is None and not (self._has_memory_for(answer) and self._begin(answer)):
                continue
            is_oldest_of_many = not shares and len(reading) > 1
            shares[answer] = min(_left_to_read(answer), room // 2 if is_oldest_of_many else room)
            room -= shares[answer]
        if shares and room:
            oldest = next(iter(shares))
            shares[oldest] = min(_left_to_read(oldest), shares[oldest] + room)
        work = []
        for answer, count in shares.items():
            assert answer.cache is not None
            work.append(_Work(answer, answer.cache, answer.ids[answer.cache.length :][:count]))
        return work

    def _may_be_read(self) -> list[NumpyAnswer]:
        """Answers whose prompts are not read yet, in order of arrival; none overtakes one that memory keeps waiting."""
        found = []
        is_full = False
        for answer in self._open:
            if answer.cache is None:
                is_full = is_full or not self._has_memory_for(answer)
            if not answer.is_writing and not (answer.cache is None and is_full):
                found.append(answer)
        return found

    def _has_memory_for(self, answer: NumpyAnswer) -> bool:
        """Whether another conversation can be held beside those in the making; a single one always can."""
        caches = self._caches()
        return not caches or self._fits(caches, _room(answer))

    def _park(self) -> None:
        """Take the youngest conversations out of memory, until the others have room for what comes now."""
        while len(caches := self._caches()) > 1 and not self._fits(caches):
            youngest = [answer for answer in self._open if answer.cache is not None][-1]
            room, cache = _room(youngest), caches[-1]
            if cache.capacity_with(1) > room and self._fits(caches[:-1], room):
                cache.resize(room)  # it has more room than it would begin with again
                continue
            self._kept.keep(youngest.park(), youngest.adapter)

    def _fits(self, caches: Sequence[KeyValueCache], more: int = 0) -> bool:
        """Whether there is memory for a token more of each, and ``more`` tokens of another."""
        tokens = sum(cache.capacity_with(1) for cache in caches) + more
        return tokens * token_bytes(self._weights.shape, self._weights.embedding.itemsize) <= OPEN_BYTES

    def _caches(self) -> list[KeyValueCache]:
        """In the order of their answers' arrival."""
        return [answer.cache for answer in self._open if answer.cache is not None]

    def _begin(self, answer: NumpyAnswer) -> bool:
        """Give an answer whose turn has come a cache, with what others have computed of it already.

        Returns:
            False when it is better to wait: a prompt that is being read begins like it, and can be copied from soon.
        """
        kept = self._kept.of(answer.adapter)
        akin = [other for other in self._open if other.cache is not None and other.adapter is answer.adapter]
        source, saved = longest_prefix([*kept, *(other.cache for other in akin if other.cache is not None)], answer.ids)
        for other in akin:
            if not other.is_writing:
                later = min(common_prefix(other.ids, answer.ids), len(answer.ids) - 1)
                if later >= saved + _WORTH_WAITING:
                    return False
        if not answer.was_parked:
            answer.cached_tokens = saved
        answer.cache = self._cache(answer, source, saved, is_free=any(source is cache for cache in kept))
        return True

    def _cache(self, answer: NumpyAnswer, source: KeyValueCache | None, saved: int, *, is_free: bool) -> KeyValueCache:
        if source is not None and is_free:
            if saved == source.length:  # a conversation that goes on
                self._kept.take(source)
                source.resize(_room(answer))
                return source
            self._kept.touch(source)
        cache = KeyValueCache(self._weights.shape, _room(answer), self._weights.embedding.dtype)
        if source is not None:
            cache.copy_from(source, saved)
        return cache

    def _token_texts(self) -> TokenTexts:
        if self._texts is None:
            self._texts = TokenTexts(self._tokenizer, self._weights.shape.vocabulary)
        return self._texts


def _room(answer: NumpyAnswer) -> int:
    """Tokens that an answer's cache has room for at first."""
    return len(answer.ids) + min(answer.most - answer.completion_tokens, _ROOM_FOR_ANSWER)


def _left_to_read(answer: NumpyAnswer) -> int:
    """Tokens before the next one that is made."""
    return len(answer.ids) - (answer.cache.length if answer.cache is not None else 0)
