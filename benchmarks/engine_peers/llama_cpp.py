"""llama.cpp over the 4-bit file itself, through the package xllamacpp."""

from __future__ import annotations

import os
import sys

import xllamacpp
from serving import serve

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx, parameters.n_parallel, parameters.warmup = 512, 1, False
parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = int(os.environ["OMP_NUM_THREADS"])
server = xllamacpp.Server(parameters)


def decode(prompt: list[int], tokens: int) -> float:
    """Seconds for ``tokens`` tokens behind the prompt, by its own clock."""
    told = server.handle_completions({"prompt": prompt, "max_tokens": tokens, "temperature": 0, "ignore_eos": True})
    return float(told["timings"]["predicted_per_token_ms"]) * tokens / 1000


serve({"decode": decode})
