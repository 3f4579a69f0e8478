"""The numpy engine: a GGUF file as an `Engine` of `fttui.local.engines.protocol`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any, Final

from fttui.core.errors import FttuiError
from fttui.local.engines.numpy_engine import peft_io
from fttui.local.engines.numpy_engine.backward import evaluate, most_tokens_kept
from fttui.local.engines.numpy_engine.batches import make_batch, micro_batches
from fttui.local.engines.numpy_engine.decoder import NumpyDecoder
from fttui.local.engines.numpy_engine.dpo import DpoObjective
from fttui.local.engines.numpy_engine.encoder import Encoder
from fttui.local.engines.numpy_engine.gguf_file import GgufFile, read_gguf
from fttui.local.engines.numpy_engine.gguf_weights import load_weights
from fttui.local.engines.numpy_engine.llama_shape import shape_of
from fttui.local.engines.numpy_engine.llama_weights import LlamaWeights
from fttui.local.engines.numpy_engine.lora import LoraAdapter
from fttui.local.engines.numpy_engine.loss import NOTHING, Score
from fttui.local.engines.numpy_engine.model import LlamaModel
from fttui.local.engines.numpy_engine.naming import Origin, origin_of
from fttui.local.engines.numpy_engine.objective import TokenObjective
from fttui.local.engines.numpy_engine.original_weights import load_original
from fttui.local.engines.numpy_engine.parallel import Workers
from fttui.local.engines.numpy_engine.tokenizer import Tokenizer
from fttui.local.engines.numpy_engine.training import NumpyTraining
from fttui.local.engines.protocol import Adapter, ContextExceededError, ExampleScore, Training, TrainingOptions
from fttui.templates.chat_template import ChatTemplate
from fttui.templates.conversation import plain_messages
from fttui.templates.tool_text import with_tools

_CHATML: Final = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
"""For a file without a chat template whose vocabulary has ChatML's tokens."""
_HEADINGS: Final = (
    "{% for message in messages %}{{ '### ' + message['role'] + '\\n' + message['content'] }}"
    "{{ eos_token if message['role'] == 'assistant' }}{{ '\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '### assistant\\n' }}{% endif %}"
)
"""For one whose vocabulary has not: an answer is over at the end token that every model has."""


def load_engine(weights: Path) -> NumpyEngine:
    """Load a model. The first time its float32 weights are written to the data folder, which takes some seconds.

    Raises:
        FttuiError: No such file, no GGUF file, another architecture than llama, or no room for the float32 weights.
    """
    file = read_gguf(weights)
    shape = shape_of(file)
    tokenizer = Tokenizer(file)
    if tokenizer.size > shape.vocabulary:
        raise FttuiError(f"{weights} has {tokenizer.size} tokens but weights for {shape.vocabulary} only.")
    try:
        origin = origin_of(file)
        return NumpyEngine(file, load_weights(file, shape, origin.model), tokenizer, origin)
    except OSError as error:
        raise FttuiError(f"The weights file {weights} cannot be read: {error.strerror or error}.") from error
    except MemoryError as error:
        raise FttuiError(f"There is not enough memory for the weights {weights}.") from error


class NumpyEngine:
    """A base model, trained and run with numpy."""

    def __init__(self, file: GgufFile, weights: LlamaWeights, tokenizer: Tokenizer, origin: Origin) -> None:
        self.model_id = origin.model
        self.origin = origin
        self.context_length = weights.shape.context_length
        self.longest_text = self.context_length * tokenizer.longest
        self.vocabulary_size = weights.shape.vocabulary
        self.weights = weights
        self.tokenizer = tokenizer
        fallback = _CHATML if tokenizer.knows("<|im_end|>") else _HEADINGS
        source = file.metadata.get("tokenizer.chat_template") or fallback
        self.template = ChatTemplate(str(source), bos=tokenizer.begin_token, eos=tokenizer.end_token)

    def encode_chat(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None = None
    ) -> list[int]:
        told, left = with_tools(plain_messages(messages, self.template), tools, self.template)
        return self.encode_text(self.template.render(told, add_generation_prompt=True, tools=left))

    def encode_text(self, text: str) -> list[int]:
        if len(text) > self.longest_text:
            most = self.context_length
            raise ContextExceededError(
                f"The text is {len(text)} characters long: more than the context of {most} tokens can hold."
            )
        return self.tokenizer.encode_start(text)

    def decode(self, ids: Sequence[int]) -> str:
        return self.tokenizer.decode(ids)

    def new_adapter(self, *, rank: int = 16, alpha: float = 32.0, seed: int = 0) -> LoraAdapter:
        return LoraAdapter.new(self.weights.shape, rank=rank, alpha=alpha, seed=seed)

    def load_adapter(self, path: Path) -> LoraAdapter:
        return peft_io.load_adapter(path, self.weights.shape)

    def save_adapter(self, adapter: Adapter, path: Path) -> None:
        peft_io.save_adapter(_own(adapter), path, self.origin)

    def train(
        self,
        examples: Sequence[Mapping[str, Any]],
        validation: Sequence[Mapping[str, Any]],
        options: TrainingOptions,
        *,
        start_from: Adapter | None = None,
        resume_from: Path | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Training:
        if start_from is not None:
            adapter = _own(start_from).copy()
        else:
            adapter = self.new_adapter(rank=options.rank, alpha=options.alpha, seed=options.seed)
        model, workers = LlamaModel(self.weights, adapter), Workers()
        encoder = self._encoder(options.max_tokens)
        if options.method == "dpo":
            reference = LlamaModel(self.weights, adapter.copy() if start_from is not None else None)
            return NumpyTraining(
                model,
                DpoObjective(reference, options.beta, workers),
                encoder.pairs(examples),
                encoder.pairs(validation),
                options,
                workers,
                cancelled=cancelled,
                resume_from=resume_from,
            )
        return NumpyTraining(
            model,
            TokenObjective(),
            encoder.examples(examples),
            encoder.examples(validation),
            options,
            workers,
            cancelled=cancelled,
            resume_from=resume_from,
        )

    def score(self, examples: Sequence[Mapping[str, Any]], adapter: Adapter | None = None) -> ExampleScore:
        kept = self._encoder(self.context_length).examples(examples).kept
        if not kept:
            raise FttuiError("There is nothing to score: no example has an answer.")
        model = LlamaModel(self.weights, _own(adapter) if adapter is not None else None)
        parts = micro_batches(kept, most_tokens_kept(model))
        total = sum((Score.of_tokens(evaluate(model, make_batch(part))) for part in parts), NOTHING)
        return ExampleScore(total.mean_loss, total.accuracy, total.tokens)

    def with_weights(self, path: Path) -> NumpyEngine:
        other = copy(self)  # tokenizer and chat template are the model's, whatever its weights
        other.weights = load_original(path, self.weights)
        return other

    def decoder(self) -> NumpyDecoder:
        return NumpyDecoder(self.weights, self.tokenizer)

    def _encoder(self, most: int) -> Encoder:
        return Encoder(self.tokenizer, self.template, min(most, self.context_length))


def _own(adapter: Adapter) -> LoraAdapter:
    if not isinstance(adapter, LoraAdapter):
        raise TypeError(f"an adapter of another engine: {adapter!r}")
    return adapter
