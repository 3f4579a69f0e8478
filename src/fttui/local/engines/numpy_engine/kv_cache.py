"""The keys and values of a conversation so far, so that each token is computed once."""

from __future__ import annotations

from typing import Any

import numpy as np

from fttui.local.engines.numpy_engine.gguf_weights import FloatArray
from fttui.local.engines.numpy_engine.llama_shape import LlamaShape
from fttui.local.engines.numpy_engine.operations import attend


class KeyValueCache:
    """Keys and values of all layers, in arrays that double when they are full.

    Args:
        shape: Of the model.
        capacity: Tokens to make room for at first.
        kind: The model's precision.
    """

    def __init__(self, shape: LlamaShape, capacity: int, kind: Any = np.float32) -> None:
        self._shape = shape
        self._kind = kind
        self.length = 0
        self._keys = self._room(capacity)
        self._values = self._room(capacity)

    def reserve(self, tokens: int) -> None:
        """Make room for ``tokens`` more."""
        capacity = self._keys.shape[2]
        if self.length + tokens <= capacity:
            return
        wider = max(2 * capacity, self.length + tokens)
        for name in ("_keys", "_values"):
            room = self._room(wider)
            room[:, :, : self.length] = getattr(self, name)[:, :, : self.length]
            setattr(self, name, room)

    def attention(
        self, layer: int, queries: FloatArray, keys: FloatArray, values: FloatArray
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Add T tokens' keys and values (T, K, E) to a layer and attend to all: (T, H, E) → (T, H·E).

        `reserve` made room before; `advance` counts the tokens when all layers have them.
        """
        seen = self.length + len(keys)
        self._keys[layer, :, self.length : seen] = keys.swapaxes(0, 1)
        self._values[layer, :, self.length : seen] = values.swapaxes(0, 1)
        attended, probabilities = attend(queries, self._keys[layer, :, :seen], self._values[layer, :, :seen])
        return attended, (probabilities,)

    def advance(self, tokens: int) -> None:
        self.length += tokens

    def _room(self, capacity: int) -> FloatArray:
        """(layers, K, capacity, E), not touched before it is used."""
        shape = self._shape
        return np.empty((shape.layers, shape.kv_heads, capacity, shape.head_size), self._kind)
