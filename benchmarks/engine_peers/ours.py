"""fttui's engine, through its protocol; and what the machine's memory lets a matrix-vector product do at best."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from typing import Any

import numpy as np
from serving import serve, timed

from fttui.local.engines.numpy_engine.encoder import Encoder
from fttui.local.engines.protocol import Sampling, TrainingOptions
from fttui.local.engines.registry import load_engine

engine: Any = load_engine(Path(sys.argv[1]))
_CEILING_PASSES = 15


def ceiling() -> float:
    """Tokens a second if a token took nothing but reading each matrix once: the median of some passes."""
    layers = engine.weights.layers
    matrices = [m for w in layers for m in (w.qkv, w.attention_out, w.gate_up, w.down)] + [engine.weights.output]
    vectors = [np.ones(matrix.shape[1], np.float32) for matrix in matrices]

    def read() -> None:
        for matrix, vector in zip(matrices, vectors, strict=True):
            matrix @ vector

    return 1 / statistics.median(timed(read) for _ in range(_CEILING_PASSES))


def encode(examples: list[dict[str, Any]]) -> list[dict[str, list[int]]]:
    """Token ids and labels (-100: not trained on), for the others."""
    encoded = Encoder(engine.tokenizer, engine.template, engine.context_length).examples(examples).kept
    return [
        {"ids": [*e.ids], "labels": [i if t else -100 for i, t in zip(e.ids, e.trained, strict=True)]} for e in encoded
    ]


def decode(prompt: list[int], tokens: int, streams: int = 1, adapted: bool = False) -> float:
    """Seconds for ``tokens`` tokens of each stream behind the first; the end token is never chosen."""
    adapter = engine.new_adapter(seed=0) if adapted else None
    ends = dict.fromkeys(engine.tokenizer.end_ids, -100.0)
    decoder = engine.decoder()
    sampling = Sampling(max_tokens=tokens + 1, temperature=0.0, logit_bias=ends)
    answers = [decoder.add([*prompt, 100 + n], sampling, adapter) for n in range(streams)]
    while any(answer.completion_tokens == 0 for answer in answers):
        decoder.step()
    before = sum(answer.completion_tokens for answer in answers)

    def finish() -> None:
        while any(answer.finish_reason is None for answer in answers):
            decoder.step()

    seconds = timed(finish)
    made = sum(answer.completion_tokens for answer in answers) - before
    return seconds * tokens * streams / max(made, 1)


def train(examples: list[dict[str, Any]], steps: int) -> list[float]:
    """Seconds of each step over all examples as one batch; the first, which warms up, is left out."""
    options = TrainingOptions(epochs=steps + 1, batch_size=len(examples), learning_rate=1e-4, seed=0, warm_up=0.0)
    return [step.seconds for step in engine.train(examples, [], options)][1:]


serve({"ceiling": ceiling, "encode": encode, "decode": decode, "train": train})
