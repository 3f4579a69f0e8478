"""What the local server asks of an engine. No engine is named here, and no array library."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from fttui.core.errors import FttuiError

Method = Literal["supervised", "dpo"]
"""``supervised``: chat or prompt/completion examples. ``dpo``: preference pairs (Rafailov et al., arXiv:2305.18290)."""


class ContextExceededError(FttuiError):
    """A text is longer than the model's context can hold in any case; it was not encoded."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """How an adapter is trained."""

    epochs: int
    batch_size: int
    """Examples per step."""
    learning_rate: float
    """The highest: reached after the warm-up, then falling in a straight line."""
    seed: int
    """Of the new adapter and of the order of the examples: the same seed gives the same adapter, to the bit."""
    rank: int = 16
    alpha: float = 32.0
    warm_up: float = 0.05
    """Share of the steps in which the learning rate rises."""
    final_learning_rate: float = 0.1
    """What is left of the learning rate at the last step, as a share of the highest."""
    weight_decay: float = 0.0
    max_gradient_norm: float = 1.0
    max_tokens: int = 4096
    """Longer examples lose their end (never more than the model's context): long ones need time and memory."""
    method: Method = "supervised"
    beta: float = 0.1
    """Of DPO: how dear it is to leave the model that the training starts from."""


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """What one step of the optimizer did. Losses are means over trained tokens, in nats; accuracies are from 0 to 1."""

    step: int
    """From 1."""
    total_steps: int
    epoch: float
    """Epochs done after this step, e.g. 1.5."""
    train_loss: float
    train_mean_token_accuracy: float
    """Of DPO: on the preferred answers."""
    learning_rate: float
    tokens: int
    """Of the step's examples, trained and not."""
    seconds: float
    valid_loss: float | None = None
    """On a batch of the validation examples, now and then."""
    valid_mean_token_accuracy: float | None = None
    full_valid_loss: float | None = None
    """On all validation examples, at the end of an epoch."""
    full_valid_mean_token_accuracy: float | None = None
    train_reward_accuracy: float | None = None
    """Of DPO only: the share of the step's pairs whose preferred answer has the higher reward."""
    train_reward_margin: float | None = None
    """Of DPO only: how much higher that reward is, on average; a reward is β · log(p(answer) / p of the start's)."""
    full_valid_reward_accuracy: float | None = None
    checkpoint: bool = False
    """Whether an epoch ends here: the moment to save the adapter."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn."""

    max_tokens: int
    temperature: float = 1.0
    """0: always the likeliest token."""
    top_p: float = 1.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    presence_penalty: float = 0.0
    """Taken from the logits of each token that the answer has already; -2 to 2."""
    frequency_penalty: float = 0.0
    """Likewise, once for each time the answer has it."""
    logit_bias: Mapping[int, float] = field(default_factory=dict)
    """Token id → what is added to its logit."""
    top_logprobs: int | None = None
    """None: no log-probabilities are wanted. Else: of the tokens of the answer, and of so many of the likeliest."""
    json_object: bool = False
    """The answer is one JSON object, whatever the model would rather write."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A token that could have come, with its log-probability (natural, at temperature 1, before penalties)."""

    id: int
    bytes: bytes
    """UTF-8; perhaps a part of a character. A control token has its name here ("<|im_end|>")."""
    logprob: float
    is_control: bool = False
    """It is not in the text: nothing stands there for it."""


@dataclass(frozen=True, slots=True)
class ChosenToken:
    """A token of an answer, and the likeliest ones at its place."""

    token: Candidate
    top: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a step brought to an answer: new text (often "", when half a character or a stop text may be coming)."""

    text: str
    tokens: tuple[ChosenToken, ...] = ()
    """With `Sampling.top_logprobs`: the tokens that make up the text (the end token is not among them)."""


class Adapter(Protocol):
    """What was learnt over the base model. Only the engine that made it looks inside."""

    @property
    def rank(self) -> int: ...

    @property
    def alpha(self) -> float: ...


class Training(Protocol):
    """A training under way: iterating it trains, one step at a time, up to the last step or to `cancelled`."""

    @property
    def adapter(self) -> Adapter:
        """As it is after the step that came last; it goes on changing, so save it before the next one."""

    @property
    def total_steps(self) -> int: ...

    @property
    def steps_done(self) -> int:
        """More than 0 at first when the training goes on from a saved state."""

    @property
    def shortened_examples(self) -> int:
        """Examples longer than `TrainingOptions.max_tokens`, which lost their end."""

    @property
    def skipped_examples(self) -> int:
        """Examples in which nothing is left to train on."""

    def expected_seconds(self) -> float:
        """How long the steps that are left will take, by a short measurement on this machine (under a second)."""

    def save_state(self, path: Path) -> None:
        """Write all that is needed to go on after the last step, to the bit; the file is there in whole or not at all.

        Raises:
            FttuiError: It cannot be written.
        """

    def __iter__(self) -> Iterator[TrainingStep]: ...

    def __next__(self) -> TrainingStep: ...


@dataclass(frozen=True, slots=True)
class ExampleScore:
    """How well a model predicts the trained tokens of some examples."""

    mean_loss: float
    """In nats a token."""
    accuracy: float
    tokens: int


class Answer(Protocol):
    """One answer in the making."""

    @property
    def prompt_tokens(self) -> int: ...

    @property
    def cached_tokens(self) -> int:
        """Prompt tokens that did not have to be computed, because an earlier prompt began with them."""

    @property
    def completion_tokens(self) -> int:
        """Tokens made so far; the end token counts too."""

    @property
    def finish_reason(self) -> str | None:
        """None while there is more to come; "stop" (end token or stop text) or "length" afterwards."""


class Decoder(Protocol):
    """Answers in the making, computed together. Used by one thread at a time."""

    def add(self, prompt_ids: Sequence[int], sampling: Sampling, adapter: Adapter | None = None) -> Answer:
        """Begin an answer; the work is done by `step`.

        Raises:
            FttuiError: The prompt is empty or leaves no room in the context.
        """

    def step(self) -> Sequence[tuple[Answer, Fresh]]:
        """Do a bounded piece of work: a token for each answer that has its prompt behind it, a part of one prompt.

        Returns:
            What came, for each answer that moved; those that ended now are gone from the decoder.
        """

    def remove(self, answer: Answer) -> None:
        """End an answer that nobody wants any more; nothing happens when it is over."""


class Engine(Protocol):
    """A base model that can be trained and asked. Answers and training may run at once in different processes."""

    @property
    def model_id(self) -> str:
        """Has neither "/" nor ":"."""

    @property
    def context_length(self) -> int:
        """Tokens, prompt and answer together."""

    @property
    def longest_text(self) -> int:
        """Characters that a context of tokens can stand for at most; no longer text is encoded."""

    @property
    def vocabulary_size(self) -> int:
        """Token ids go from 0 to one less."""

    def encode_chat(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None = None
    ) -> list[int]:
        """The conversation as token ids, up to where the assistant is to speak.

        Raises:
            ContextExceededError: It has more characters than the tokens of a context can stand for.
            FttuiError: The model's chat template takes no such conversation.
        """

    def encode_text(self, text: str) -> list[int]:
        """A plain text, as prompt/completion examples have it, as token ids; special tokens written in it are found.

        Raises:
            ContextExceededError: It has more characters than the tokens of a context can stand for.
        """

    def decode(self, ids: Sequence[int]) -> str:
        """Token ids as text."""

    def new_adapter(self, *, rank: int = 16, alpha: float = 32.0, seed: int = 0) -> Adapter:
        """An adapter that changes nothing yet."""

    def load_adapter(self, path: Path) -> Adapter:
        """Read a PEFT adapter folder.

        Raises:
            FttuiError: The folder holds no adapter, or none of this model.
        """

    def save_adapter(self, adapter: Adapter, path: Path) -> None:
        """Write a PEFT adapter folder (adapter_config.json, adapter_model.safetensors); made when it is missing.

        Raises:
            FttuiError: It cannot be written.
        """

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
        """Train a new adapter, or a copy of ``start_from`` further. The first step comes when it is asked for.

        Args:
            examples: Chat or prompt/completion records, preference records for DPO; the validation records likewise,
                possibly none.
            resume_from: A file of `Training.save_state`, of a training with the same other arguments: go on from there.

        Raises:
            FttuiError: Nothing in the examples can be trained on, a record does not fit the chat template, or the state
                is none of this training.
        """

    def score(self, examples: Sequence[Mapping[str, Any]], adapter: Adapter | None = None) -> ExampleScore:
        """How well the model, with or without an adapter, predicts what is trained on in chat or completion records.

        Raises:
            FttuiError: Nothing in the examples is trained on.
        """

    def with_weights(self, path: Path) -> Engine:
        """The same model over other weights of it, e.g. the ones that its quantised file was made from.

        Adapters of the one work over the other. The weights are held in memory as long as the engine is.

        Args:
            path: A GGUF file, or a Hugging Face folder with ``model.safetensors``.

        Raises:
            FttuiError: It cannot be read, or is another model.
        """

    def decoder(self) -> Decoder:
        """A new decoder, without answers."""
