"""The keys and values of a conversation so far, so that each token is computed once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.llama_weights import FloatArray

_MORE_ROOM: Final = 128
"""Tokens that room is made for at a time, at least; an eighth of what is there, where that is more."""


def token_bytes(shape: LlamaShape, item: int = 4) -> int:
    """What one token takes in a cache, with numbers of ``item`` bytes."""
    return 2 * shape.layers * shape.kv_heads * shape.head_size * item


class KeyValueCache:
    """Keys and values of all layers, in arrays that grow when they are full.

    Args:
        shape: Of the model.
        capacity: Tokens to make room for at first.
        kind: The model's precision.
    """

    def __init__(self, shape: LlamaShape, capacity: int, kind: Any = np.float32) -> None:
        self._shape = shape
        self._kind = kind
        self.ids: list[int] = []
        """The tokens whose keys and values are here."""
        self._keys = self._room(capacity)
        self._values = self._room(capacity)

    @property
    def length(self) -> int:
        return len(self.ids)

    @property
    def used_bytes(self) -> int:
        """Of memory, when there is no more room than is used."""
        return token_bytes(self._shape, self._keys.itemsize) * self.length

    @property
    def capacity(self) -> int:
        """Tokens that there is room for; all of it is memory in use (huge pages are taken whole)."""
        return int(self._keys.shape[2])

    def capacity_with(self, tokens: int) -> int:
        """What `capacity` will be when ``tokens`` more have come."""
        needed = self.length + tokens
        if needed <= self.capacity:
            return self.capacity
        return max(min(self.capacity + max(_MORE_ROOM, self.capacity // 8), self._shape.context_length), needed)

    def reserve(self, tokens: int) -> None:
        """Make room for ``tokens`` more."""
        self.resize(self.capacity_with(tokens))

    def resize(self, capacity: int) -> None:
        """Have room for ``capacity`` tokens, no more; at least for those that are here."""
        if capacity == self.capacity:
            return
        for name in ("_keys", "_values"):
            room = self._room(capacity)
            room[:, :, : self.length] = getattr(self, name)[:, :, : self.length]
            setattr(self, name, room)

    def clear(self) -> None:
        """Forget everything, and give back all memory."""
        self.ids = []
        self.resize(0)

    def copy_from(self, other: KeyValueCache, tokens: int) -> None:
        """Begin with the first ``tokens`` tokens of another conversation; nothing is here yet."""
        self.reserve(tokens)
        self._keys[:, :, :tokens] = other._keys[:, :, :tokens]
        self._values[:, :, :tokens] = other._values[:, :, :tokens]
        self.ids = other.ids[:tokens]

    def attend(self, layer: int, queries: FloatArray, keys: FloatArray, values: FloatArray) -> FloatArray:
        """Add T tokens' keys and values (T, K, E) to a layer, and let their queries look at all up to each of them.

        `reserve` made room before; `advance` counts the tokens when all layers have them.

        Args:
            queries: (T, H, E), rotated as the keys are, and divided by √E.

        Returns:
            (T, H·E).
        """
        tokens, heads, size = queries.shape
        kv_heads = self._shape.kv_heads
        seen = self.length + tokens
        all_keys, all_values = self._keys[layer, :, :seen], self._values[layer, :, :seen]
        all_keys[:, self.length :] = keys.swapaxes(0, 1)
        all_values[:, self.length :] = values.swapaxes(0, 1)

        by_kv_head = queries.reshape(tokens, kv_heads, -1, size).transpose(1, 2, 0, 3).reshape(kv_heads, -1, size)
        scores = by_kv_head @ all_keys.swapaxes(1, 2)
        if tokens > 1:
            future = np.triu(np.ones((tokens, tokens), dtype=bool), 1)
            scores.reshape(-1, tokens, seen)[:, :, self.length :][:, future] = -np.inf
        scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        attended = scores @ all_values
        attended /= np.add.reduce(scores, axis=-1, keepdims=True)
        return attended.reshape(kv_heads, -1, tokens, size).transpose(2, 0, 1, 3).reshape(tokens, heads * size)

    def advance(self, ids: Sequence[int]) -> None:
        """These tokens are computed, in all layers."""
        self.ids.extend(ids)

    def _room(self, capacity: int) -> FloatArray:
        """(layers, K, capacity, E)."""
        shape = self._shape
        return np.empty((shape.layers, shape.kv_heads, capacity, shape.head_size), self._kind)
