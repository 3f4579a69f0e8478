"""Several answers made together."""

from __future__ import annotations

from collections.abc import Sequence

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine.generation import NumpyGeneration
from fttui.local.engines.numpy_engine.gguf_weights import LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.local.engines.protocol import Adapter, Answer, Fresh, Sampling


class NumpyDecoder:
    """See `fttui.local.engines.protocol.Decoder`."""

    def __init__(self, weights: LlamaWeights, tokenizer: Tokenizer) -> None:
        self._weights = weights
        self._tokenizer = tokenizer
        self._open: list[NumpyGeneration] = []

    def add(self, prompt_ids: Sequence[int], sampling: Sampling, adapter: Adapter | None = None) -> NumpyGeneration:
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
        generation = NumpyGeneration(LlamaModel(self._weights, adapter), self._tokenizer, prompt_ids, sampling, context)
        self._open.append(generation)
        return generation

    def step(self) -> list[tuple[Answer, Fresh]]:
        came = [(generation, Fresh(generation.step())) for generation in self._open]
        self._open = [generation for generation in self._open if generation.finish_reason is None]
        return [(g, fresh) for g, fresh in came]

    def remove(self, answer: Answer) -> None:
        self._open = [generation for generation in self._open if generation is not answer]
