"""Llama once more, as slowly and plainly as possible, straight from the tensors of a GGUF file.

Nothing is shared with the engine: heads and positions are loops, pairs of the rotary embedding are neighbours as GGUF
stores them. What both agree on is right, or wrong twice in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader

Lora = Mapping[tuple[int, str], np.ndarray]
"""What an adapter adds to a projection: (layer, "attn_q") → matrix of the projection's shape, in GGUF's order."""


class ReferenceLlama:
    def __init__(self, path: Path) -> None:
        reader = GGUFReader(path)
        self.tensors = {t.name: np.array(t.data, np.float64) for t in reader.tensors}
        self.fields: dict[str, Any] = {name: field.contents() for name, field in reader.fields.items()}

    def logits(self, ids: list[int], lora: Lora | None = None) -> np.ndarray:
        """(T,) → (T, V)."""
        x = self.tensors["token_embd.weight"][ids]
        for layer in range(self._number("block_count")):
            x = x + self._attention(layer, self._norm(x, f"blk.{layer}.attn_norm"), lora or {})
            x = x + self._feed_forward(layer, self._norm(x, f"blk.{layer}.ffn_norm"), lora or {})
        output = self.tensors.get("output.weight", self.tensors["token_embd.weight"])
        return self._norm(x, "output_norm") @ output.T

    def _attention(self, layer: int, h: np.ndarray, lora: Lora) -> np.ndarray:
        heads, kv_heads = self._number("attention.head_count"), self._number("attention.head_count_kv")
        size = self._number("embedding_length") // heads
        q, k, v = (self._apply(layer, f"attn_{name}", h, lora) for name in "qkv")
        out = np.zeros_like(q)
        for head in range(heads):
            mine = slice(head * size, (head + 1) * size)
            theirs = head // (heads // kv_heads)
            shared = slice(theirs * size, (theirs + 1) * size)
            for t in range(len(h)):
                turned = self._turn(q[t, mine], t)
                scores = [turned @ self._turn(k[s, shared], s) / math.sqrt(size) for s in range(t + 1)]
                shares = np.exp(np.array(scores) - max(scores))
                shares /= shares.sum()
                out[t, mine] = shares @ v[: t + 1, shared]
        return self._apply(layer, "attn_output", out, lora)

    def _feed_forward(self, layer: int, h: np.ndarray, lora: Lora) -> np.ndarray:
        gate, up = self._apply(layer, "ffn_gate", h, lora), self._apply(layer, "ffn_up", h, lora)
        return self._apply(layer, "ffn_down", gate / (1 + np.exp(-gate)) * up, lora)

    def _apply(self, layer: int, name: str, h: np.ndarray, lora: Lora) -> np.ndarray:
        weight = self.tensors[f"blk.{layer}.{name}.weight"]
        bias = self.tensors.get(f"blk.{layer}.{name}.bias", 0)
        return h @ (weight + lora.get((layer, name), 0)).T + bias

    def _norm(self, x: np.ndarray, name: str) -> np.ndarray:
        root = np.sqrt((x * x).mean(-1, keepdims=True) + self._number("attention.layer_norm_rms_epsilon"))
        return x / root * self.tensors[f"{name}.weight"]

    def _turn(self, vector: np.ndarray, position: int) -> np.ndarray:
        turned = np.empty_like(vector)
        for pair in range(0, len(vector), 2):
            angle = position / self._scale(pair // 2) / self._number("rope.freq_base") ** (pair / len(vector))
            a, b = vector[pair], vector[pair + 1]
            turned[pair] = a * math.cos(angle) - b * math.sin(angle)
            turned[pair + 1] = a * math.sin(angle) + b * math.cos(angle)
        return turned

    def _scale(self, pair: int) -> float:
        """By what positions are divided: by a factor for all, and in Llama 3 by one for each pair."""
        factor = self.fields.get("llama.rope.scaling.factor", 1.0)
        divisors = self.tensors.get("rope_freqs.weight")
        return float(factor if divisors is None else factor * divisors[pair])

    def _number(self, name: str) -> Any:
        return self.fields[f"llama.{name}"]
