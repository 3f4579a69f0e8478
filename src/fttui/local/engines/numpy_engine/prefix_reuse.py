"""Keys and values of earlier conversations, for prompts that begin like them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.lora import LoraAdapter

KEPT_BYTES: Final = 96 * 2**20
"""For caches of answers that wait or are over: about 2,100 tokens of SmolLM2."""


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens both begin with."""
    for i, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return i
    return min(len(left), len(right))


def longest_prefix(caches: Iterable[KeyValueCache], prompt: Sequence[int]) -> tuple[KeyValueCache | None, int]:
    """The cache that saves most of a prompt, and how many tokens. Its last one is never saved: an answer begins there.

    Returns:
        None and 0 when no cache begins like the prompt.
    """
    best, most = None, 0
    for cache in caches:
        same = min(common_prefix(cache.ids, prompt), len(prompt) - 1)
        if same > most:
            best, most = cache, same
    return best, most


@dataclass(frozen=True, slots=True)
class _Kept:
    adapter: Callable[[], LoraAdapter | None] | None
    """A weak reference, so that a deleted model's memory is freed at once; None: the base model."""
    cache: KeyValueCache

    def belongs_to(self, adapter: LoraAdapter | None) -> bool:
        if self.adapter is None:
            return adapter is None
        return adapter is not None and self.adapter() is adapter

    @property
    def is_dead(self) -> bool:
        return self.adapter is not None and self.adapter() is None


class KeptCaches:
    """Caches of answers that are over, the one that was used last at the end; the first go when there are too many.

    Args:
        most_bytes: For all of them.
    """

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: list[_Kept] = []

    def of(self, adapter: LoraAdapter | None) -> list[KeyValueCache]:
        return [kept.cache for kept in self._kept if kept.belongs_to(adapter)]

    def keep(self, cache: KeyValueCache, adapter: LoraAdapter | None) -> None:
        """Keep what an answer leaves, unless a kept one says it all; those that it continues go."""
        if not 0 < cache.used_bytes <= self._most_bytes:
            return
        same = self.of(adapter)
        for other in same:
            if common_prefix(other.ids, cache.ids) == cache.length:
                self.touch(other)
                return
        followed = [other for other in same if common_prefix(other.ids, cache.ids) == other.length]
        self._kept = [k for k in self._kept if not k.is_dead and not any(k.cache is gone for gone in followed)]
        cache.resize(cache.length)
        self._kept.append(_Kept(weakref.ref(adapter, lambda _: cache.clear()) if adapter is not None else None, cache))
        while sum(kept.cache.used_bytes for kept in self._kept) > self._most_bytes:
            del self._kept[0]

    def touch(self, cache: KeyValueCache) -> None:
        """It was of use: it goes last."""
        used = [kept for kept in self._kept if kept.cache is cache]
        self._kept = [kept for kept in self._kept if kept.cache is not cache] + used

    def take(self, cache: KeyValueCache) -> None:
        """It is not kept any more: a new answer goes on in it."""
        self._kept = [kept for kept in self._kept if kept.cache is not cache]
