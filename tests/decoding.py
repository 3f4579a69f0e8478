"""For tests of the decoder: answers driven to their end, and tokens computed one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fttui.local.engines.numpy_engine.decoder import NumpyDecoder
from fttui.local.engines.numpy_engine.forward import Forward, Span
from fttui.local.engines.numpy_engine.kv_cache import KeyValueCache
from fttui.local.engines.numpy_engine.llama_weights import FloatArray
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.protocol import Adapter, Answer, ChosenToken, Sampling


@dataclass
class Outcome:
    """What an answer gave out."""

    answer: Answer
    pieces: list[str] = field(default_factory=list)
    tokens: list[ChosenToken] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def reason(self) -> str | None:
        return self.answer.finish_reason


def run(decoder: NumpyDecoder, *answers: Answer) -> list[Outcome]:
    """Step until these answers are over."""
    outcomes = {answer: Outcome(answer) for answer in answers}
    for _ in range(5000):
        if all(answer.finish_reason is not None for answer in answers):
            return list(outcomes.values())
        for answer, fresh in decoder.step():
            if answer in outcomes:
                outcomes[answer].pieces.append(fresh.text)
                outcomes[answer].tokens.extend(fresh.tokens)
    raise AssertionError("an answer does not end")


def ask(decoder: NumpyDecoder, prompt: Sequence[int], adapter: Adapter | None = None, **sampling: object) -> Outcome:
    """One answer, at temperature 0 unless told otherwise."""
    options = Sampling(**{"max_tokens": 150, "temperature": 0.0, **sampling})  # type: ignore[arg-type]
    return run(decoder, decoder.add(prompt, options, adapter))[0]


def run_tokens(model: LlamaModel, ids: Sequence[int], cache: KeyValueCache) -> FloatArray:
    """Compute tokens that follow those in the cache.

    Args:
        ids: T tokens.

    Returns:
        The logits (V,) of what follows the last of them.
    """
    logits = Forward(model.weights).run([Span(ids, cache, model.adapter)])[0]
    assert logits is not None
    return logits
